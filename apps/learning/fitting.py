"""Thresholds out of what was seen on known questions: a choice for each precision that may be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from apps.learning.replay import Observed, is_right
from dialog.arbiter import calibrated, decide
from dialog.types import Proposal, Thresholds
from nlu.calibrate import (
    NEVER,
    Calibration,
    CurvePoint,
    answers_needed,
    calibrate_scored,
    choose_margin,
    fit_scored,
)

PRECISIONS = tuple(percent / 100 for percent in range(80, 100))
"""What may be asked for."""
CURVE_POINTS = 60


@dataclass(frozen=True, slots=True)
class Figures:
    """What becomes of the known questions under some thresholds; shares of all of them."""

    answered: float
    listed: float
    refused: float
    precision: float | None
    """Right among the answered; None where nothing is answered."""
    list_right: float | None
    """Lists that hold a right entry among the lists."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The thresholds for one precision, their figures, and how far the precision is proven.

    ``needed``: labels missing until a threshold can be proven, 0 where one is.
    """

    precision: float
    answer: float
    list: float
    margin: float
    figures: Figures
    n_answered: int
    bound: float
    needed: int

    @property
    def proven(self) -> bool:
        return self.answer < NEVER


@dataclass(frozen=True, slots=True)
class Fitted:
    """All that a calibration found. ``before`` is what the thresholds of that moment make of the same questions."""

    points: tuple[tuple[float, float], ...]
    curve: tuple[CurvePoint, ...]
    choices: tuple[Choice, ...]
    before: Figures

    def choice(self, precision: float) -> Choice:
        """The one nearest to this precision."""
        return min(self.choices, key=lambda choice: abs(choice.precision - precision))

    def thresholds(self, precision: float) -> Thresholds:
        found = self.choice(precision)
        return Thresholds(found.answer, found.list, found.margin, self.points)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fitted:
        return cls(
            points=tuple((x, y) for x, y in data["points"]),
            curve=tuple(CurvePoint(**point) for point in data["curve"]),
            choices=tuple(Choice(**{**row, "figures": Figures(**row["figures"])}) for row in data["choices"]),
            before=Figures(**data["before"]),
        )


def fit(
    rows: Sequence[Observed],
    precision: float,
    current: Thresholds,
    answers: Mapping[str, str],
    list_size: int,
) -> Fitted:
    """Thresholds for ``precision`` and for every one of :data:`PRECISIONS`.

    The margin is chosen once, at the precision that was asked for, so that the choices form one curve.
    """
    scored = [row.scored for row in rows]
    points = fit_scored(scored)
    margin = choose_margin(scored, precision, points)
    first_day = Thresholds().list
    asked = calibrate_scored(scored, precision, margin=margin, points=points, default_list=first_day)
    proposals = [calibrated(row.proposal, Thresholds(points=points)) for row in rows]
    choices = []
    for target in sorted({*PRECISIONS, precision}):
        found = calibrate_scored(
            scored, target, margin=margin, points=points, curve=asked.curve, default_list=first_day
        )
        thresholds = Thresholds(found.t_answer, found.t_list, margin, points)
        figures = _figures(rows, proposals, thresholds, answers, list_size)
        choices.append(_choice(target, found, figures))
    now = [calibrated(row.proposal, current) for row in rows]
    return Fitted(points, _thin(asked.curve), tuple(choices), _figures(rows, now, current, answers, list_size))


def least_labels(precision: float) -> int:
    """Fewer answers than this prove nothing, however right they are."""
    return answers_needed(0, precision)


def _choice(target: float, found: Calibration, figures: Figures) -> Choice:
    bound = next((p.bound for p in found.curve if p.threshold == found.t_answer), 0.0)
    return Choice(target, found.t_answer, found.t_list, found.margin, figures, found.n_answered, bound, found.needed)


def _figures(
    rows: Sequence[Observed],
    proposals: Sequence[Proposal],
    thresholds: Thresholds,
    answers: Mapping[str, str],
    list_size: int,
) -> Figures:
    """Counted by the arbiter itself."""
    seen: dict[str, list[bool]] = {"answer": [], "list": [], "none": []}
    for row, proposal in zip(rows, proposals, strict=True):
        decision = decide(proposal, thresholds, list_size, answers)
        held = any(is_right(candidate.entry_id, row.question, answers) for candidate in decision.candidates)
        seen[decision.outcome].append(held)
    total = max(1, len(rows))
    return Figures(
        answered=len(seen["answer"]) / total,
        listed=len(seen["list"]) / total,
        refused=len(seen["none"]) / total,
        precision=_share(seen["answer"]),
        list_right=_share(seen["list"]),
    )


def _share(held: Sequence[bool]) -> float | None:
    return sum(held) / len(held) if held else None


def _thin(curve: Sequence[CurvePoint]) -> tuple[CurvePoint, ...]:
    """The points where the number of answers changes, at most :data:`CURVE_POINTS`, evenly over the coverage."""
    changed = [p for p, before in zip(curve[1:], curve, strict=False) if p.answered > before.answered]
    if curve and curve[0].answered:
        changed.insert(0, curve[0])
    step = max(1, -(-len(changed) // CURVE_POINTS))
    return tuple(reversed(changed[::-1][::step]))
