"""Features from vectors and from the cross-encoder: what speaks for an entry grows with it, and what is unknown stays so."""

from __future__ import annotations

import math

import pytest

from nlu.fusion import fused, reciprocal_ranks
from nlu.semantic import CROSS_SIGNS, DENSE_SIGNS, NAN, UNSCALED, DenseMatch, Scale, cross_rows, dense_rows, in_doubt

DENSE = list(DENSE_SIGNS)
CROSS = list(CROSS_SIGNS)


def match(best: float, answer: float = NAN, second: float = NAN, negative: float = NAN) -> DenseMatch:
    return DenseMatch(best, best, 0, second, answer, negative)


def dense(matches: list[DenseMatch], name: str, scale: Scale = UNSCALED) -> list[float]:
    return [row[DENSE.index(name)] for row in dense_rows(matches, scale)]


def test_a_scale_puts_unrelated_at_zero_and_the_same_at_one() -> None:
    scale = Scale(unrelated=0.7, same=0.9)
    assert [scale.of(value) for value in (0.7, 0.8, 0.9)] == pytest.approx([0.0, 0.5, 1.0])


def test_two_encoders_of_different_spread_give_the_same_features() -> None:
    narrow = [match(0.80 + 0.1 * x, 0.80 + 0.05 * x) for x in (0.9, 0.4, 0.1)]
    wide = [match(x, 0.5 * x) for x in (0.9, 0.4, 0.1)]
    both = zip(dense_rows(narrow, Scale(0.8, 0.9)), dense_rows(wide, Scale()), strict=True)
    assert all(first == pytest.approx(second, nan_ok=True) for first, second in both)


def test_the_nearest_leads_and_the_others_are_behind() -> None:
    matches = [match(0.9), match(0.6), match(0.5)]
    assert dense(matches, "dense_lead") == pytest.approx([0.3, 0.0, 0.0])
    assert dense(matches, "dense_behind") == pytest.approx([0.0, 0.3, 0.4])
    assert dense(matches, "dense_place") == pytest.approx([1.0, 1 / 2, 1 / 3])


def test_an_answer_that_fits_breaks_a_tie() -> None:
    first, second = dense_rows([match(0.7, answer=0.6), match(0.7, answer=0.2)], Scale())
    assert first[DENSE.index("dense_both")] > second[DENSE.index("dense_both")]
    assert first[DENSE.index("dense_place")] > second[DENSE.index("dense_place")]


def test_an_entry_without_an_answers_vector_is_not_punished_for_it() -> None:
    known, unknown = dense_rows([match(0.7, answer=0.4), match(0.7)], Scale())
    assert known[DENSE.index("dense_both")] == pytest.approx(unknown[DENSE.index("dense_both")])
    assert math.isnan(unknown[DENSE.index("dense_answer")])


def test_an_entry_without_vectors_has_no_standing() -> None:
    row = dense_rows([match(0.8), match(NAN)], Scale())[1]
    assert all(math.isnan(row[DENSE.index(name)]) for name in ("dense", "dense_both", "dense_lead", "dense_behind"))
    assert row[DENSE.index("dense_top")] == pytest.approx(0.8)


def test_a_negative_question_counts_only_where_there_is_one() -> None:
    assert dense([match(0.6), match(0.6, negative=0.9)], "dense_negative") == pytest.approx([-1.0, 0.3])


def test_rows_are_as_wide_as_their_names() -> None:
    assert {len(row) for row in dense_rows([match(0.5), match(NAN)], Scale())} == {len(DENSE)}
    assert {len(row) for row in cross_rows([1.0, NAN])} == {len(CROSS)}
    assert dense_rows([], Scale()) == cross_rows([]) == []


def test_the_cross_encoders_first_leads() -> None:
    rows = cross_rows([-1.0, 3.0, NAN])
    assert rows[1] == pytest.approx([3.0, 4.0, 0.0, 1.0])
    assert rows[0] == pytest.approx([-1.0, 0.0, 4.0, 0.5])
    assert all(math.isnan(value) for value in rows[2])


@pytest.mark.parametrize(
    ("probabilities", "doubt"),
    [
        ([], False),
        ([0.01, 0.005], False),
        ([0.99, 0.1], False),
        ([0.99], False),
        ([0.99, 0.9], True),
        ([0.6, 0.1], True),
        ([0.05], True),
    ],
)
def test_reading_is_for_doubts(probabilities: list[float], doubt: bool) -> None:
    assert in_doubt(probabilities) is doubt


def test_fused_ranks_reward_what_two_legs_found() -> None:
    scores = reciprocal_ranks([({"a": 9.0, "b": 5.0}, 1.0), ({"c": 0.9, "b": 0.8}, 1.0)])
    assert max(scores, key=lambda found: scores[found]) == "b"
    assert scores["a"] == scores["c"]


def test_what_only_the_meaning_finds_stands_beside_what_the_words_find() -> None:
    scores = fused({"words": 9.0, "x": 1.0}, {"words": 9.0, "x": 1.0}, {"meaning": 0.8})
    assert scores["meaning"] == scores["words"] > scores["x"]
