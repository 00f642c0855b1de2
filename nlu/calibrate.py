"""Thresholds from labels: the lowest one whose precision is proven, not merely seen.

Thresholds are tried from 1 downwards, and the first that fails ends the search (a fixed-sequence test), so that no
correction for many tries is needed. What proves a threshold is the one-sided Clopper–Pearson bound. The steps of the
search are fixed scores, whatever map turns scores into probabilities: a map that was fitted to the same labels moves no
step to where it suits them.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from nlu.score_map import Points, fit_points, mapped

NEVER = 1.01
"""A threshold that no probability reaches: nothing is answered directly."""
MARGINS = (0.10, 0.20, 0.05)
"""Margins that are tried; of equals the first is taken."""
_STEPS = 200
_START_SHARE = 0.2
_FOLDS = 5
_CHOOSE_FROM = 300
"""Labelled questions below which the first margin is taken without a choice."""
_LOWEST_LIST = 10
"""Step (of 200) below which no list is shown, whatever the labels say: they are few where nothing is found."""
_LISTS = 10
"""Lists that the threshold of lists rests on at least."""


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
        if term < total * 1e-17:
            break
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


@dataclass(frozen=True, slots=True)
class Scored:
    """What the bot would do with one labelled question; all that thresholds are chosen from."""

    score: float
    """The best candidate's, before any map."""
    rival: float
    """The best score of a candidate with another answer, 0 where there is none."""
    free: bool
    """Nothing but thresholds speaks against answering with the best candidate."""
    right: bool
    """The best candidate answers the question; never for an unanswerable one."""
    in_list: bool
    """A list of the usual length would hold a right entry."""

    def lead(self, points: Points) -> float:
        """By how much the best is more probable than its rival; -1 where something else speaks against it."""
        return mapped(points, self.score) - mapped(points, self.rival) if self.free else -1.0


def calibrate_scored(
    rows: Sequence[Scored],
    target: float,
    *,
    margin: float,
    points: Points = (),
    curve: Sequence[CurvePoint] = (),
    default_list: float = 0.35,
) -> Calibration:
    """:func:`calibrate` on labelled questions; ``curve`` spares counting where the same rows were counted before."""
    return calibrate(
        [row.score for row in rows],
        [row.lead(points) for row in rows],
        [row.right for row in rows],
        target,
        in_list=[row.in_list for row in rows],
        margin=margin,
        default_list=default_list,
        points=points,
        curve=curve,
    )


def fit_scored(rows: Sequence[Scored]) -> Points:
    """The map from scores to probabilities for these questions."""
    return fit_points([row.score for row in rows], [row.right for row in rows])


def choose_margin(rows: Sequence[Scored], target: float, points: Points) -> float:
    """The margin of :data:`MARGINS` that answers most at the target precision, on questions it was not chosen on.

    Five-fold: the threshold is proven on four parts and counted on the fifth. The first margin is left only for one that
    answers more and holds the target there.
    """
    if len(rows) < _CHOOSE_FROM:
        return MARGINS[0]
    best, most = MARGINS[0], -1
    for margin in MARGINS:
        answered, right = _held_out(rows, target, points, margin)
        if answered > most and right >= target * answered:
            best, most = margin, answered
    return best


def _held_out(rows: Sequence[Scored], target: float, points: Points, margin: float) -> tuple[int, int]:
    """Answered and right over the folds, each at the threshold that the others prove."""
    answered = right = 0
    for fold in range(_FOLDS):
        others = [row for place, row in enumerate(rows) if place % _FOLDS != fold]
        tally = _Tally.count([(row.score, row.right) for row in others if row.lead(points) >= margin], len(others))
        chosen = _lowest_proven(tally.points(0.95, points), _start(len(others), target, 0.95), target)
        if chosen is None:
            continue
        for row in rows[fold::_FOLDS]:
            if row.lead(points) >= margin and mapped(points, row.score) >= chosen.threshold:
                answered, right = answered + 1, right + row.right
    return answered, right


def calibrate(
    scores: Sequence[float],
    margins: Sequence[float],
    correct: Sequence[bool],
    target: float,
    *,
    in_list: Sequence[bool] | None = None,
    margin: float = 0.10,
    list_target: float = 0.60,
    default_list: float = 0.35,
    confidence: float = 0.95,
    points: Points = (),
    curve: Sequence[CurvePoint] = (),
) -> Calibration:
    """Thresholds such that direct answers are right with at least ``target``.

    One item a labelled query: the best candidate's score, its lead over the second, whether it is right (False for an
    unanswerable query), and with ``in_list`` whether the list that would be shown holds a right entry. Without it
    ``t_list`` is ``default_list``. Thresholds are probabilities: scores mapped by ``points``. ``curve`` is that of an
    earlier call for other targets on the same items with the same margin.

    Raises:
        ValueError: the sequences differ in length, or ``target`` is not within 0..1.
    """
    if not 0 < target < 1:
        raise ValueError(f"a target precision must lie between 0 and 1, not {target}")
    items = list(zip(scores, margins, correct, strict=True))
    counted = tuple(curve)
    if not counted:
        tally = _Tally.count([(score, right) for score, lead, right in items if lead >= margin], len(items))
        counted = tuple(tally.points(confidence, points))
    chosen = _lowest_proven(counted, _start(len(items), target, confidence), target)
    t_answer = chosen.threshold if chosen else NEVER
    t_list = mapped(points, default_list)
    if in_list is not None:
        listed = [
            (score, held)
            for (score, lead, _right), held in zip(items, in_list, strict=True)
            if lead < margin or mapped(points, score) < t_answer
        ]
        t_list = _list_threshold(listed, list_target, default_list, points)
    return Calibration(
        t_answer=t_answer,
        t_list=min(t_list, t_answer),
        margin=margin,
        n_answered=chosen.answered if chosen else 0,
        curve=counted,
        needed=0 if chosen else _labels_missing(counted, len(items), target, confidence),
    )


@dataclass(frozen=True, slots=True)
class _Tally:
    """Scores in rising order, and how many right ones stand from each place on."""

    scores: tuple[float, ...]
    right_from: tuple[int, ...]
    total: int

    @classmethod
    def count(cls, certain: Sequence[tuple[float, bool]], total: int) -> _Tally:
        ordered = sorted(certain)
        from_the_end = accumulate((right for _score, right in reversed(ordered)), initial=0)
        return cls(tuple(score for score, _right in ordered), tuple(reversed(list(from_the_end))), total)

    def points(self, confidence: float, mapping: Points) -> Iterator[CurvePoint]:
        """What happens from each step on, the highest first."""
        for step in range(_STEPS, -1, -1):
            place = bisect_left(self.scores, step / _STEPS)
            answered, right = len(self.scores) - place, self.right_from[place]
            yield CurvePoint(
                threshold=mapped(mapping, step / _STEPS),
                answered=answered,
                right=right,
                precision=right / answered if answered else 1.0,
                bound=clopper_pearson_lower(right, answered, confidence) if answered else 0.0,
                coverage=answered / self.total if self.total else 0.0,
            )


def _start(total: int, target: float, confidence: float) -> int:
    """Answers at which the search starts. It must not depend on the labels; with many labels it starts later, so that
    one error among the first answers does not end it."""
    start, errors = answers_needed(0, target, confidence), 1
    while (longer := answers_needed(errors, target, confidence)) <= total * _START_SHARE:
        start, errors = longer, errors + 1
    return start


def _lowest_proven(curve: Iterable[CurvePoint], start: int, target: float) -> CurvePoint | None:
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


def _list_threshold(listed: Sequence[tuple[float, bool]], target: float, default: float, points: Points) -> float:
    """The lowest step at which the lists shown from it upwards hold a right entry with ``target``.

    ``listed`` are the scores of what is not answered directly; with too few of them ``default`` stays.
    """
    if len(listed) < _LISTS:
        return mapped(points, default)
    best = 1.0
    for step in range(_STEPS, _LOWEST_LIST - 1, -1):
        shown = [held for score, held in listed if score >= step / _STEPS]
        if shown and sum(shown) >= target * len(shown):
            best = step / _STEPS
    return mapped(points, best)
