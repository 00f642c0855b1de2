"""Figures of retrieval with a right to refuse. A query without gold is one that nothing in the knowledge answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranked:
    """What was proposed for one query, best first, and the entries that answer it (none: unanswerable)."""

    ranking: tuple[str, ...]
    gold: frozenset[str]
    probability: float = 0.0
    """Of the first entry of the ranking."""

    @property
    def answerable(self) -> bool:
        return bool(self.gold)

    @property
    def correct(self) -> bool:
        """Whether answering with the first entry is right; never for an unanswerable query."""
        return bool(self.ranking) and self.ranking[0] in self.gold

    def rank(self) -> int | None:
        """1-based place of the first right entry."""
        return next((place for place, entry in enumerate(self.ranking, 1) if entry in self.gold), None)


def recall_at(rows: Sequence[Ranked], k: int) -> float:
    """Share of answerable queries with a right entry among the first ``k``."""
    answerable = [row for row in rows if row.answerable]
    return _share(sum((row.rank() or k + 1) <= k for row in answerable), len(answerable))


def top1(rows: Sequence[Ranked]) -> float:
    """Share of answerable queries whose first entry is right."""
    return recall_at(rows, 1)


def list_recall3(rows: Sequence[Ranked]) -> float:
    """Share of answerable queries with a right entry in a list of three."""
    return recall_at(rows, 3)


def mrr(rows: Sequence[Ranked], k: int = 10) -> float:
    """Mean over answerable queries of one over the place of the first right entry, 0 beyond ``k``."""
    answerable = [row for row in rows if row.answerable]
    places = [row.rank() for row in answerable]
    return _share(sum(1.0 / place for place in places if place is not None and place <= k), len(answerable))


def auroc(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Chance that a positive scores above a negative, ties counted half; 0.5 where one kind is missing."""
    positives = sum(labels)
    negatives = len(labels) - positives
    if not positives or not negatives:
        return 0.5
    ordered = sorted(zip(scores, labels, strict=True))
    rank_sum, start = 0.0, 0
    while start < len(ordered):
        end = start
        while end < len(ordered) and ordered[end][0] == ordered[start][0]:
            end += 1
        rank_sum += (start + 1 + end) / 2 * sum(label for _, label in ordered[start:end])
        start = end
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


@dataclass(frozen=True, slots=True)
class Operating:
    """Answering directly at ``threshold``. ``coverage`` is answered over all queries, ``precision`` right over answered."""

    threshold: float
    coverage: float
    precision: float
    refusal_recall: float
    """Share of unanswerable queries not answered directly; 1 where there are none."""


def operate(rows: Sequence[Ranked], threshold: float) -> Operating:
    """The figures at a given threshold; precision is 1 where nothing is answered."""
    answered = [row for row in rows if row.ranking and row.probability >= threshold]
    unanswerable = sum(not row.answerable for row in rows)
    wrongly = sum(not row.answerable for row in answered)
    return Operating(
        threshold=threshold,
        coverage=_share(len(answered), len(rows)),
        precision=_share(sum(row.correct for row in answered), len(answered)) if answered else 1.0,
        refusal_recall=1.0 - _share(wrongly, unanswerable),
    )


def coverage_at_precision(rows: Sequence[Ranked], precision: float) -> Operating:
    """The threshold of most coverage whose precision on these rows is at least ``precision``; above 1 where none is.

    Read off the very rows it is reported on, so an upper bound of what a threshold chosen beforehand reaches.
    """
    ordered = sorted((row for row in rows if row.ranking), key=lambda row: -row.probability)
    best, right = 1.0 + 1e-9, 0
    for count, row in enumerate(ordered, 1):
        right += row.correct
        last_of_ties = count == len(ordered) or ordered[count].probability < row.probability
        if last_of_ties and right >= precision * count:
            best = row.probability
    return operate(rows, best)


def percentile(values: Sequence[float], q: float) -> float:
    """The ``q``-th percentile (0..100), linear between neighbours; 0 of nothing."""
    if not values:
        return 0.0
    ordered = sorted(values)
    position = (len(ordered) - 1) * q / 100
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def _share(part: float, whole: int) -> float:
    return part / whole if whole else 0.0
