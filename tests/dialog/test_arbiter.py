"""One outcome out of probabilities, thresholds, a margin and conflicts."""

from __future__ import annotations

from itertools import product

import pytest

from dialog.arbiter import VETOES, decide
from dialog.types import Candidate, Proposal, Route, Thresholds

LIMITS = Thresholds(answer=0.9, list=0.4, margin=0.1)
ANSWERS = {"a": "A", "b": "B", "c": "C", "d": "D", "a2": "A"}


def candidate(entry: str, probability: float, *flags: str) -> Candidate:
    return Candidate(entry, f"question {entry}", f"question {entry}", 1.0, probability, flags=flags)


def decided(*candidates: Candidate, limits: Thresholds = LIMITS, size: int = 3) -> tuple[str, str, tuple[str, ...]]:
    decision = decide(Proposal(Route.KB, candidates), limits, size, ANSWERS)
    return decision.outcome, decision.reason, tuple(c.entry_id for c in decision.candidates)


@pytest.mark.parametrize(
    ("probabilities", "outcome", "reason", "shown"),
    [
        ((), "none", "nothing_found", ""),
        ((0.1,), "none", "unlikely", ""),
        ((0.399,), "none", "unlikely", ""),
        ((0.4,), "list", "unsure", "a"),
        ((0.899,), "list", "unsure", "a"),
        ((0.9,), "answer", "sure", "a"),
        ((0.95, 0.84), "answer", "sure", "a"),
        ((0.95, 0.86), "list", "close_second", "ab"),
        ((0.95, 0.95, 0.95, 0.95), "list", "close_second", "abc"),
        ((0.8, 0.5, 0.41, 0.4), "list", "unsure", "abc"),
        ((0.8, 0.39), "list", "unsure", "ab"),
        ((0.8, 0.1, 0.099), "list", "unsure", "ab"),
        ((0.8, 0.099), "list", "unsure", "a"),
        ((0.3, 0.2), "none", "unlikely", ""),
    ],
)
def test_probabilities(probabilities: tuple[float, ...], outcome: str, reason: str, shown: str) -> None:
    candidates = [candidate(entry, p) for entry, p in zip("abcd", probabilities, strict=False)]
    assert decided(*candidates) == (outcome, reason, tuple(shown))


@pytest.mark.parametrize("flag", sorted(VETOES))
def test_a_conflict_is_offered_and_not_answered(flag: str) -> None:
    assert decided(candidate("a", 0.99, flag), candidate("b", 0.05)) == ("list", "conflict", ("a",))


def test_another_kind_of_question_alone_is_left_to_the_probability() -> None:
    assert decided(candidate("a", 0.99, "question_type"))[0] == "answer"


def test_a_conflict_of_the_second_does_not_matter() -> None:
    assert decided(candidate("a", 0.99), candidate("b", 0.2, "negation"))[0] == "answer"


def test_a_second_with_the_same_answer_is_no_rival() -> None:
    assert decided(candidate("a", 0.95), candidate("a2", 0.94)) == ("answer", "sure", ("a",))


def test_behind_it_the_first_with_another_answer_is_the_rival() -> None:
    assert decided(candidate("a", 0.95), candidate("a2", 0.94), candidate("b", 0.93))[:2] == ("list", "close_second")


def test_a_threshold_above_one_answers_nothing_directly() -> None:
    limits = Thresholds(answer=1.01, list=0.4, margin=0.0)
    assert decided(candidate("a", 1.0), limits=limits) == ("list", "unsure", ("a",))


def test_a_list_is_never_empty_and_never_too_long() -> None:
    steps = (0.0, 0.35, 0.5, 0.9, 1.0)
    for answer, listed, margin, *ps in product((0.5, 0.9, 1.1), (0.2, 0.95), (0.0, 0.2), steps, steps, steps):
        candidates = [candidate(e, p) for e, p in zip("abc", sorted(ps, reverse=True), strict=True)]
        outcome, _, shown = decided(*candidates, limits=Thresholds(answer, listed, margin), size=2)
        sizes = {"answer": {1}, "list": {1, 2}, "none": {0}}
        assert len(shown) in sizes[outcome]
        assert outcome != "answer" or candidates[0].probability >= answer
