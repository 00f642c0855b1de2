"""What the models say of a question and an entry, as numbers beside those of :mod:`nlu.features`.

Cosines come scaled: 0 is what two unrelated questions have, 1 what two ways to ask the same have, so that one ranker
serves several encoders (:class:`Scale`). What is not known is nan: an answer without a vector, a pair that the
cross-encoder has not read.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

NAN = math.nan

DENSE_SIGNS: dict[str, int] = {
    "dense": 1,
    "dense_question": 1,
    "dense_second": 1,
    "dense_answer": 1,
    "dense_both": 1,
    "dense_lead": 1,
    "dense_behind": -1,
    "dense_place": 1,
    "dense_crowd": -1,
    "dense_top": 1,
    "dense_negative": -1,
}
"""Features from vectors, with the direction in which each can speak (as :data:`nlu.features.SIGNS`)."""

CROSS_SIGNS: dict[str, int] = {
    "cross": 1,
    "cross_lead": 1,
    "cross_behind": -1,
    "cross_place": 1,
}
"""Features from the cross-encoder."""

READ = 5
"""Entries that the cross-encoder reads, the best ones by the other features."""
SURE = 0.97
"""From this probability on, with ``CLEAR`` between it and the next, nothing is left to read."""
CLEAR = 0.6
HOPELESS = 0.02
"""Below it no entry has anything to do with the question."""

ANSWER_SHARE = 0.5
"""Weight of the likeness to the answer beside that to the question."""
_CROWD = 0.15


@dataclass(frozen=True, slots=True)
class Scale:
    """How an encoder's cosines spread: the mean of unrelated questions, and of questions that ask the same."""

    unrelated: float = 0.0
    same: float = 1.0

    def of(self, cosine: float) -> float:
        return (cosine - self.unrelated) / (self.same - self.unrelated)


UNSCALED = Scale()
"""Cosines that spread from 0 to 1 already."""


@dataclass(frozen=True, slots=True)
class DenseMatch:
    """Cosines of a question with the texts of one entry; nan where there is no such text or it has no vector yet."""

    question: float
    """With the standard question."""
    best: float
    """With the nearest positive text."""
    best_text: int
    """The number of that text; 0 where ``best`` is nan."""
    second: float
    """With the second nearest positive text."""
    answer: float
    negative: float
    """With the nearest negative question."""


def dense_rows(matches: Sequence[DenseMatch], scale: Scale) -> list[list[float]]:
    """One row of ``DENSE_SIGNS`` for each entry, in the order given; the rows depend on each other."""
    best = [scale.of(match.best) for match in matches]
    answers = [scale.of(match.answer) for match in matches]
    both = _both(best, answers)
    order = sorted((value for value in both if not math.isnan(value)), reverse=True)
    return [
        [
            best[place],
            scale.of(match.question),
            scale.of(match.second),
            answers[place],
            both[place],
            *_standing(both[place], order),
            max(-1.0, scale.of(match.negative) - best[place]) if not math.isnan(match.negative) else -1.0,
        ]
        for place, match in enumerate(matches)
    ]


def _both(best: Sequence[float], answers: Sequence[float]) -> list[float]:
    """Likeness to the question and half of that to the answer; an entry without an answer's vector gets the mean one."""
    known = [value for value in answers if not math.isnan(value)]
    mean = sum(known) / len(known) if known else 0.0
    return [b + ANSWER_SHARE * (mean if math.isnan(a) else a) for b, a in zip(best, answers, strict=True)]


def _standing(value: float, order: Sequence[float]) -> tuple[float, float, float, float, float]:
    """Lead over the next, distance to the first, place, company near the first, and the first itself."""
    if math.isnan(value):
        return NAN, NAN, NAN, NAN, order[0] if order else NAN
    top = order[0]
    rival = top if value < top else order[1] if len(order) > 1 else 0.0
    return (
        max(0.0, value - rival),
        max(0.0, top - value),
        1.0 / (1 + sum(other > value for other in order)),
        math.log1p(sum(other > top - _CROWD for other in order)),
        top,
    )


def in_doubt(probabilities: Sequence[float]) -> bool:
    """Whether reading could change what is done: probabilities of the entries, best first."""
    if not probabilities or probabilities[0] < HOPELESS:
        return False
    second = probabilities[1] if len(probabilities) > 1 else 0.0
    return probabilities[0] < SURE or probabilities[0] - second < CLEAR


READ_ANSWER = 40
"""Characters of an answer that the cross-encoder reads with the text: what it is about stands at its start."""


def reading_text(text: str, answer: str) -> str:
    """What the cross-encoder reads of an entry: its nearest text, and how its answer begins."""
    return text if not answer or answer == text else f"{text} {answer[:READ_ANSWER]}"


def cross_rows(logits: Sequence[float]) -> list[list[float]]:
    """One row of ``CROSS_SIGNS`` for each entry from its logit."""
    order = sorted((logit for logit in logits if not math.isnan(logit)), reverse=True)
    return [[logit, *_cross_standing(logit, order)] for logit in logits]


def _cross_standing(logit: float, order: Sequence[float]) -> tuple[float, float, float]:
    if math.isnan(logit):
        return NAN, NAN, NAN
    top = order[0]
    rival = top if logit < top else order[1] if len(order) > 1 else top - _ALONE
    return max(0.0, logit - rival), max(0.0, top - logit), 1.0 / (1 + sum(other > logit for other in order))


_ALONE = 4.0
"""Lead, in logits, of the only text that was read."""
