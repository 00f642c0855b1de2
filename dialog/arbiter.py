"""One outcome out of what the bots propose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dialog.types import Candidate, Proposal, Thresholds
from nlu.score_map import mapped

VETOES = frozenset({"negative_question", "negation", "antonym", "number", "entity"})
"""Conflicts that a probability may underrate: the best candidate is then offered, not answered."""

RUNNER_UP = 0.25
"""Share of the list threshold that is enough beside a better candidate: one more line costs a reader little, and the
right entry is often there."""

LIKELY_TASK = 0.5
"""A message begins a task from this probability on."""
SURE_TASK = 0.95
"""A question begins a task from this probability on, where the knowledge has something too."""
CLOSE_BOTS = 0.1
"""Probabilities of two meanings that are nearer than this are asked about."""


@dataclass(frozen=True, slots=True)
class Decision:
    outcome: Literal["answer", "list", "none"]
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""
    """``sure`` · ``close_second`` · ``conflict`` · ``unsure`` · ``unlikely`` · ``nothing_found``."""


def calibrated(proposal: Proposal, thresholds: Thresholds) -> Proposal:
    """The proposal with the bot's own calibration: same order, honest probabilities, the scores kept for the trace."""
    if not thresholds.points:
        return proposal
    return replace(proposal, candidates=tuple(_calibrated(c, thresholds) for c in proposal.candidates))


def _calibrated(candidate: Candidate, thresholds: Thresholds) -> Candidate:
    return replace(
        candidate,
        probability=mapped(thresholds.points, candidate.probability),
        features={**candidate.features, "uncalibrated": candidate.probability},
    )


def decide(proposal: Proposal, thresholds: Thresholds, list_size: int, answers: Mapping[str, str]) -> Decision:
    """Answer, offer a list, or give up (two thresholds and a margin).

    ``answers`` maps entry ids to their answer texts: a runner-up with the same answer is no rival.
    """
    if not proposal.candidates:
        return Decision("none", reason="nothing_found")
    best, *rest = proposal.candidates
    listed = _listed(proposal, thresholds.list)[:list_size]
    if best.probability >= thresholds.answer:
        reason = _doubt(best, rest, thresholds, answers)
        if not reason:
            return Decision("answer", (best,), "sure")
        return Decision("list", listed or (best,), reason)
    if listed:
        return Decision("list", listed, "unsure")
    return Decision("none", reason="unlikely")


def weigh(starts: Sequence[float], knowledge: Decision, *, asks: bool = False) -> Literal["task", "ask", "kb"]:
    """Whether a message begins a task or is a question, or has to be asked about.

    ``starts`` are the probabilities of the flows it may begin, best first. A sure answer of the knowledge wins over a
    less probable task; two that are about as probable are asked about, and so are two flows. What has the form of a
    question (``asks``) has to be surely a wish, if the knowledge has anything to say about it.
    """
    if not starts or starts[0] < LIKELY_TASK:
        return "kb"
    if asks and starts[0] < SURE_TASK and knowledge.outcome != "none":
        return "kb"
    if knowledge.outcome == "answer":
        gap = starts[0] - knowledge.candidates[0].probability
        if abs(gap) < CLOSE_BOTS:
            return "ask"
        if gap < 0:
            return "kb"
    if len(starts) > 1 and starts[0] - starts[1] < CLOSE_BOTS and starts[1] >= LIKELY_TASK / 2:
        return "ask"
    return "task"


def _listed(proposal: Proposal, threshold: float) -> tuple[Candidate, ...]:
    """What a list shows: nothing unless the best reaches the threshold, then the runners-up too."""
    if proposal.probability < threshold:
        return ()
    return tuple(c for c in proposal.candidates if c.probability >= threshold * RUNNER_UP)


def _doubt(best: Candidate, rest: Sequence[Candidate], thresholds: Thresholds, answers: Mapping[str, str]) -> str:
    if conflicts(best):
        return "conflict"
    second = rival(best, rest, answers)
    if second is not None and best.probability - second.probability < thresholds.margin:
        return "close_second"
    return ""


def conflicts(best: Candidate) -> bool:
    """Whether something speaks against answering with it, however probable it is."""
    return bool(VETOES.intersection(best.flags))


def rival(best: Candidate, rest: Sequence[Candidate], answers: Mapping[str, str]) -> Candidate | None:
    """The most probable of the others that would be answered otherwise."""
    return next((c for c in rest if answers.get(c.entry_id) != answers.get(best.entry_id)), None)
