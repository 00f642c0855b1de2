"""The figures, counted by hand."""

from __future__ import annotations

import pytest

from nlu.intent.measure import calibration_error, measure, slot_f1
from nlu.intent.types import OUT_OF_SCOPE, Example, IntentScore, Parse, SlotMark, SlotSpan


def meant(intent: str, *slots: tuple[str, int, int]) -> Example:
    return Example("从北京到上海", intent, tuple(SlotMark(*slot) for slot in slots))


def said(intent: str, *slots: tuple[str, int, int], in_scope: float = 1.0, chance: float = 1.0) -> Parse:
    return Parse((IntentScore(intent, chance),), in_scope, tuple(SlotSpan(*slot, text="") for slot in slots))


def test_out_of_scope_is_an_intent_of_its_own() -> None:
    examples = [meant("a"), meant("a"), meant("b"), meant(OUT_OF_SCOPE), meant(OUT_OF_SCOPE)]
    parses = [said("a"), said("a", in_scope=0.1), said("a"), said("b", in_scope=0.1), said("b")]
    scores = measure(examples, parses, refusing=True)
    assert scores.intent_accuracy == 2 / 5
    assert scores.intent_macro_f1 == pytest.approx((2 * 1 / 4 + 0 + 2 * 1 / 4) / 3)
    assert (scores.oos_recall, scores.oos_precision) == (1 / 2, 1 / 2)
    assert (scores.in_scope_accuracy, scores.in_scope_recall) == (2 / 3, 2 / 3)
    assert scores.oos_recall_at_97 == 1 / 2
    assert scores.auroc_oos == pytest.approx((0.5 + 2 + 0.5 + 0.5) / 6)


def test_where_nothing_is_refused_the_best_intent_counts() -> None:
    scores = measure([meant("a"), meant("b")], [said("a", in_scope=0.1), said("b")], refusing=False)
    assert scores.intent_accuracy == 1.0
    assert (scores.in_scope_recall, scores.oos_recall, scores.oos_precision, scores.auroc_oos) == (
        0.5,
        None,
        None,
        None,
    )


def test_a_slot_counts_by_name_and_exact_place() -> None:
    examples = [meant("a", ("from", 1, 3), ("to", 4, 6)), meant("a", ("to", 4, 6))]
    parses = [said("a", ("from", 1, 3), ("to", 4, 5)), said("a", ("from", 4, 6))]
    assert slot_f1(examples, parses) == 2 * 1 / (3 + 3)


def test_a_frame_is_right_as_a_whole() -> None:
    examples = [meant("a", ("to", 4, 6)), meant("a", ("to", 4, 6)), meant("a"), meant(OUT_OF_SCOPE)]
    parses = [said("a", ("to", 4, 6)), said("b", ("to", 4, 6)), said("a", ("to", 4, 6)), said("a", in_scope=0.0)]
    assert measure(examples, parses, refusing=True).frame_accuracy == 2 / 4


def test_without_slots_in_the_test_there_is_no_figure() -> None:
    assert measure([meant("a")], [said("a")], refusing=False).slot_f1 is None


def test_calibration_compares_chances_with_shares() -> None:
    assert calibration_error([0.9, 0.9], [True, False]) == pytest.approx(0.4)
    assert calibration_error([1.0, 0.0], [True, False]) == 0.0
    assert calibration_error([], []) is None
