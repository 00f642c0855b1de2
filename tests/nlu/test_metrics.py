"""Figures checked by hand-made rankings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.metrics import Ranked, auroc, coverage_at_precision, list_recall3, mrr, operate, percentile, recall_at, top1


def row(ranking: str, gold: str, probability: float = 0.5) -> Ranked:
    return Ranked(tuple(ranking), frozenset(gold), probability)


ROWS = [row("abc", "a", 0.9), row("abc", "c", 0.8), row("abcd", "d", 0.7), row("ab", "", 0.95), row("", "z", 0.0)]


def test_ranking_figures_are_over_answerable_queries() -> None:
    assert top1(ROWS) == 1 / 4
    assert list_recall3(ROWS) == 2 / 4
    assert recall_at(ROWS, 10) == 3 / 4
    assert mrr(ROWS) == pytest.approx((1 + 1 / 3 + 1 / 4) / 4)
    assert mrr(ROWS, k=3) == pytest.approx((1 + 1 / 3) / 4)


def test_operating_point() -> None:
    point = operate(ROWS, 0.8)
    assert point.coverage == 3 / 5
    assert point.precision == pytest.approx(1 / 3)
    assert point.refusal_recall == 0.0
    assert operate(ROWS, 0.96).refusal_recall == 1.0
    assert operate(ROWS, 0.96).precision == 1.0


def test_the_most_coverage_at_a_precision() -> None:
    rows = [row("a", "a", 0.9), row("a", "b", 0.8), row("a", "a", 0.7), row("a", "a", 0.6), row("a", "", 0.1)]
    best = coverage_at_precision(rows, 0.75)
    assert (best.threshold, best.coverage, best.precision, best.refusal_recall) == (0.6, 4 / 5, 3 / 4, 1.0)
    assert coverage_at_precision(rows, 0.9).threshold == 0.9


def test_ties_are_answered_together_or_not_at_all() -> None:
    rows = [row("a", "a", 0.9), row("a", "b", 0.9)]
    assert coverage_at_precision(rows, 0.9).coverage == 0.0
    assert coverage_at_precision(rows, 0.9).threshold > 0.9


def test_auroc() -> None:
    assert auroc([0.1, 0.4, 0.35, 0.8], [False, False, True, True]) == 0.75
    assert auroc([0.5, 0.5], [True, False]) == 0.5
    assert auroc([0.5], [True]) == 0.5


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=40))
def test_auroc_is_the_share_of_ordered_pairs(items: list[tuple[float, bool]]) -> None:
    pairs = [(p > n) + (p == n) / 2 for p, right in items if right for n, other in items if not other]
    expected = sum(pairs) / len(pairs) if pairs else 0.5
    assert auroc([p for p, _ in items], [right for _, right in items]) == pytest.approx(expected)


def test_percentiles() -> None:
    assert percentile([3, 1, 2], 50) == 2
    assert percentile([1, 2], 50) == 1.5
    assert percentile([1, 2, 3, 4, 5], 99) == pytest.approx(4.96)
    assert percentile([], 50) == 0.0
    assert percentile([7], 99) == 7


def test_nothing_measured_is_zero() -> None:
    assert (top1([]), mrr([]), list_recall3([row("a", "")])) == (0.0, 0.0, 0.0)
