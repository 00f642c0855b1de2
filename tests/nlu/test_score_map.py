"""Scores become probabilities that hold on fresh data, and never change places."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlu.score_map import FEW, MANY, Points, fit_points, mapped

Truth = Callable[[float], float]
TRUTHS: dict[str, Truth] = {
    "too sure": lambda score: 0.5 * score,
    "too shy": lambda score: score**0.4,
    "s-shaped": lambda score: 0.9 if score > 0.6 else 0.1 + 0.2 * score,
}


def sample(truth: Truth, size: int, seed: int) -> tuple[list[float], list[bool]]:
    rng = random.Random(seed)
    scores = [round(rng.random(), 4) for _ in range(size)]
    return scores, [rng.random() < truth(score) for score in scores]


def error(points: Points, scores: list[float], correct: list[bool]) -> float:
    """Brier score."""
    pairs = zip(scores, correct, strict=True)
    return sum((mapped(points, score) - right) ** 2 for score, right in pairs) / len(scores)


@pytest.mark.parametrize("size", [MANY // 3, 3 * MANY])
@pytest.mark.parametrize("name", TRUTHS)
def test_probabilities_are_nearer_to_the_truth_than_scores(name: str, size: int) -> None:
    points = fit_points(*sample(TRUTHS[name], size, seed=1))
    fresh = sample(TRUTHS[name], 4_000, seed=2)
    assert error(points, *fresh) < error((), *fresh)


@settings(deadline=None, max_examples=30)
@example(109, FEW, "s-shaped")
@given(st.integers(0, 1_000), st.sampled_from([FEW, 400, MANY]), st.sampled_from(sorted(TRUTHS)))
def test_a_higher_score_is_a_higher_probability(seed: int, size: int, name: str) -> None:
    points = fit_points(*sample(TRUTHS[name], size, seed))
    steps = [mapped(points, step / 500) for step in range(501)]
    assert all(low < high for low, high in pairwise(steps))
    assert 0 <= steps[0] < steps[-1] <= 1


@pytest.mark.parametrize(
    ("scores", "correct"),
    [
        ([0.5] * (FEW - 1), [True, False] * (FEW // 2) + [True] * (FEW % 2 - 1)),
        ([step / 100 for step in range(100)], [True] * 100),
        ([step / 100 for step in range(100)], [False] * 95 + [True] * 5),
    ],
    ids=["too few", "never wrong", "hardly ever right"],
)
def test_too_little_data_leaves_scores_as_they_are(scores: list[float], correct: list[bool]) -> None:
    assert fit_points(scores, correct[: len(scores)]) == ()
    assert mapped((), 0.37) == 0.37


def test_scores_that_mislead_make_no_map() -> None:
    scores, correct = sample(lambda score: 1.0 - score, 300, seed=3)
    assert fit_points(scores, correct) == ()


def test_many_equal_scores_keep_one_probability() -> None:
    scores = [0.3] * 600 + [0.8] * 600
    correct = [True] * 150 + [False] * 450 + [True] * 480 + [False] * 120
    points = fit_points(scores, correct)
    assert mapped(points, 0.3) == pytest.approx(0.25, abs=0.01)
    assert mapped(points, 0.8) == pytest.approx(0.8, abs=0.01)


def test_outside_the_points_the_ends_hold() -> None:
    points = ((0.2, 0.1), (0.6, 0.9))
    assert [mapped(points, score) for score in (0.0, 0.2, 0.4, 0.6, 1.0)] == pytest.approx([0.1, 0.1, 0.5, 0.9, 0.9])
