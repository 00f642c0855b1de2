"""Bounds against published numbers, thresholds against their promise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.calibrate import NEVER, answers_needed, calibrate, clopper_pearson_lower


@pytest.mark.parametrize(
    ("k", "n", "confidence", "bound"),
    [
        (10, 10, 0.95, 0.741134),  # 0.05 ** (1 / 10)
        (0, 10, 0.95, 0.0),
        (5, 10, 0.975, 0.187086),  # the lower end of the two-sided 95 % interval for 5 of 10
        (81, 263, 0.975, 0.252711),  # of 81 of 263, a common worked example of the exact interval
        (95, 100, 0.95, 0.897747),
    ],
)
def test_exact_bounds(k: int, n: int, confidence: float, bound: float) -> None:
    assert clopper_pearson_lower(k, n, confidence) == pytest.approx(bound, abs=1e-3)


@pytest.mark.parametrize(
    ("target", "counts"),
    [
        (0.90, [29, 46, 61, 76, 103, 167]),
        (0.95, [59, 93, 124, 153, 208, 336]),
        (0.98, [149, 236, 313, 386, 523, 845]),
        (0.99, [299, 473, 628, 773, 1049, 1693]),
    ],
)
def test_answers_needed_for_a_number_of_errors(target: float, counts: list[int]) -> None:
    assert [answers_needed(errors, target) for errors in (0, 1, 2, 3, 5, 10)] == counts


@settings(deadline=None)
@given(st.integers(1, 300), st.data())
def test_the_bound_lies_below_the_share_and_grows_with_it(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n - 1))
    low = clopper_pearson_lower(k, n)
    assert 0 <= low <= k / n
    assert low < clopper_pearson_lower(k + 1, n)


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="no bound"):
        clopper_pearson_lower(k, n)


def sample(seed: int, size: int) -> tuple[list[float], list[bool]]:
    """Honest probabilities: each is right with exactly its own chance."""
    rng = random.Random(seed)
    probabilities = [rng.random() ** 0.3 for _ in range(size)]
    return probabilities, [rng.random() < p for p in probabilities]


def test_the_proven_precision_holds_on_fresh_data() -> None:
    kept = 0
    for seed in range(12):
        found = calibrate(*pad(*sample(seed, 1500)), target=0.9)
        fresh_p, fresh_right = sample(1000 + seed, 20_000)
        answered = [right for p, right in zip(fresh_p, fresh_right, strict=True) if p >= found.t_answer]
        kept += found.t_answer == NEVER or sum(answered) >= 0.9 * len(answered)
    assert kept >= 11


def pad(probabilities: list[float], correct: list[bool]) -> tuple[list[float], list[float], list[bool]]:
    return probabilities, [1.0] * len(probabilities), correct


def test_too_few_labels_prove_nothing_and_say_how_many_are_missing() -> None:
    found = calibrate([0.99] * 30, [1.0] * 30, [True] * 30, target=0.95)
    assert found.t_answer == NEVER
    assert found.n_answered == 0
    assert found.needed == 59 - 30


def test_enough_right_answers_prove_a_threshold() -> None:
    found = calibrate([0.99] * 60 + [0.4] * 60, [1.0] * 120, [True] * 60 + [False] * 60, target=0.95)
    assert 0.4 < found.t_answer <= 0.99
    assert (found.n_answered, found.needed) == (60, 0)


def test_answers_without_a_margin_do_not_count() -> None:
    found = calibrate([0.99] * 120, [0.0] * 60 + [0.5] * 60, [False] * 60 + [True] * 60, target=0.95, margin=0.1)
    assert found.t_answer <= 0.99
    assert found.n_answered == 60


def test_the_list_threshold_is_the_lowest_whose_lists_are_good_enough() -> None:
    probabilities = [0.8] * 10 + [0.5] * 10 + [0.2] * 20
    held = [True] * 10 + [True] * 5 + [False] * 5 + [False] * 20
    found = calibrate(probabilities, [1.0] * 40, [False] * 40, target=0.95, in_list=held, list_target=0.7)
    assert 0.2 < found.t_list <= 0.5


def test_the_curve_falls_from_one_to_zero_and_counts_everything() -> None:
    probabilities, correct = sample(1, 200)
    curve = calibrate(*pad(probabilities, correct), target=0.9).curve
    assert [point.threshold for point in curve] == sorted((point.threshold for point in curve), reverse=True)
    assert (curve[0].threshold, curve[-1].threshold, curve[-1].answered) == (1.0, 0.0, 200)
    assert curve[-1].right == sum(correct)
    assert all(point.bound <= point.precision for point in curve)


def test_input_that_cannot_be_calibrated_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibrate([0.5], [0.5], [True], target=1.0)
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        calibrate([0.5, 0.6], [0.5], [True, True], target=0.9)
