"""Thresholds from labels: the lowest one whose precision is proven, not merely seen.

Thresholds are tried from 1 downwards, and the first that fails ends the search (a fixed-sequence test), so that no
correction for many tries is needed. What proves a threshold is the one-sided Clopper–Pearson bound.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

NEVER = 1.01
"""A threshold that no probability reaches: nothing is answered directly."""
_STEPS = 200
_START_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What happens at one threshold. ``bound`` is the proven lower limit of ``precision``."""

    threshold: float
    answered: int
    right: int
    precision: float
    bound: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """Thresholds for one bot. ``t_answer`` is ``NEVER`` where no threshold could be proven."""

    t_answer: float
    t_list: float
    margin: float
    n_answered: int
    """Labelled queries answered directly at ``t_answer``."""
    curve: tuple[CurvePoint, ...]
    needed: int
    """Estimate of the further labels needed before a threshold can be proven; 0 where one is."""


def clopper_pearson_lower(k: int, n: int, confidence: float = 0.95) -> float:
    """The one-sided lower bound of a share of which ``k`` out of ``n`` were seen.

    Raises:
        ValueError: not ``0 <= k <= n`` or not ``0 < confidence < 1``.
    """
    if not 0 <= k <= n or not 0 < confidence < 1:
        raise ValueError(f"no bound for {k} of {n} at confidence {confidence}")
    if k == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(45):
        middle = (low + high) / 2
        if _at_least(k, n, middle) < 1 - confidence:
            low = middle
        else:
            high = middle
    return low


def _at_least(k: int, n: int, p: float) -> float:
    """P(at least ``k`` of ``n``) where each has chance ``p``, 0 < k; the shorter tail is summed."""
    if not 0.0 < p < 1.0:
        return p
    if n - k < k:
        return _tail(n - k, n, 1.0 - p)
    return 1.0 - _tail(k - 1, n, p)


def _tail(k: int, n: int, p: float) -> float:
    """P(at most ``k`` of ``n``): from the largest term downwards, each from its neighbour."""
    choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    term = math.exp(choose + k * math.log(p) + (n - k) * math.log1p(-p))
    total, odds = term, (1.0 - p) / p
    for i in range(k, 0, -1):
        term *= odds * i / (n - i + 1)
        total += term
    return min(1.0, total)


def answers_needed(errors: int, target: float, confidence: float = 0.95) -> int:
    """The smallest number of answers that proves ``target`` although ``errors`` of them are wrong."""
    low, high = errors, errors + 1
    while clopper_pearson_lower(high - errors, high, confidence) < target:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if clopper_pearson_lower(middle - errors, middle, confidence) < target:
            low = middle
        else:
            high = middle
    return high


def calibrate(
    probabilities: Sequence[float],
    margins: Sequence[float],
    correct: Sequence[bool],
    target: float,
    *,
    in_list: Sequence[bool] | None = None,
    margin: float = 0.10,
    list_target: float = 0.60,
    default_list: float = 0.35,
    confidence: float = 0.95,
) -> Calibration:
    """Thresholds such that direct answers are right with at least ``target``.

    One item a labelled query: the best candidate's probability, its lead over the second, whether it is right (False
    for an unanswerable query), and with ``in_list`` whether the list that would be shown holds a right entry. Without
    it ``t_list`` is ``default_list``.

    Raises:
        ValueError: the sequences differ in length, or ``target`` is not within 0..1.
    """
    if not 0 < target < 1:
        raise ValueError(f"a target precision must lie between 0 and 1, not {target}")
    items = list(zip(probabilities, margins, correct, strict=True))
    certain = [(p, right) for p, lead, right in items if lead >= margin]
    curve = tuple(_point(step / _STEPS, certain, len(items), confidence) for step in range(_STEPS, -1, -1))
    start = _start(len(items), target, confidence)
    chosen = _lowest_proven(curve, start, target)
    t_answer = chosen.threshold if chosen else NEVER
    t_list = default_list if in_list is None else _list_threshold(probabilities, in_list, list_target)
    return Calibration(
        t_answer=t_answer,
        t_list=min(t_list, t_answer),
        margin=margin,
        n_answered=chosen.answered if chosen else 0,
        curve=curve,
        needed=0 if chosen else _labels_missing(curve, len(items), target, confidence),
    )


def _point(threshold: float, certain: Sequence[tuple[float, bool]], total: int, confidence: float) -> CurvePoint:
    answered = [right for p, right in certain if p >= threshold]
    right = sum(answered)
    return CurvePoint(
        threshold=threshold,
        answered=len(answered),
        right=right,
        precision=right / len(answered) if answered else 1.0,
        bound=clopper_pearson_lower(right, len(answered), confidence) if answered else 0.0,
        coverage=len(answered) / total if total else 0.0,
    )


def _start(total: int, target: float, confidence: float) -> int:
    """Answers at which the search starts. It must not depend on the labels; with many labels it starts later, so that
    one error among the first answers does not end it."""
    start, errors = answers_needed(0, target, confidence), 1
    while (longer := answers_needed(errors, target, confidence)) <= total * _START_SHARE:
        start, errors = longer, errors + 1
    return start


def _lowest_proven(curve: Sequence[CurvePoint], start: int, target: float) -> CurvePoint | None:
    chosen = None
    for point in curve:
        if point.answered < start:
            continue
        if point.bound < target:
            break
        chosen = point
    return chosen


def _labels_missing(curve: Sequence[CurvePoint], total: int, target: float, confidence: float) -> int:
    """Labels to add if the share of answers and of errors stays as seen: the cheapest point of the curve."""
    estimates = []
    for point in curve:
        if point.answered and point.precision > target:
            wanted = answers_needed(point.answered - point.right, target, confidence)
            estimates.append(math.ceil((wanted - point.answered) * total / point.answered))
    fresh = answers_needed(0, target, confidence)
    return max(1, min(estimates)) if estimates else max(1, 2 * fresh, total)


def _list_threshold(probabilities: Sequence[float], in_list: Sequence[bool], target: float) -> float:
    """The lowest step at which the lists shown from it upwards hold a right entry with ``target``."""
    best = 1.0
    for step in range(_STEPS, -1, -1):
        shown = [held for p, held in zip(probabilities, in_list, strict=True) if p >= step / _STEPS]
        if shown and sum(shown) >= target * len(shown):
            best = step / _STEPS
    return best
