"""Bounds against published numbers, thresholds against their promise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.calibrate import (
    MARGINS,
    NEVER,
    Scored,
    answers_needed,
    calibrate,
    calibrate_scored,
    choose_margin,
    clopper_pearson_lower,
    fit_scored,
)
from nlu.score_map import mapped


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


# --- with a map and a margin that are fitted to the same labels -----------------------------------------------------


def asked(seed: int, size: int) -> list[Scored]:
    """Scores that are too sure of themselves; where a rival is near, the best is right only half as often."""
    rng, rows = random.Random(seed), []
    for _ in range(size):
        score = rng.random() ** 0.3
        rival = score * rng.random()
        chance = score**2 * (0.5 if score - rival < 0.15 else 1.0)
        rows.append(Scored(score, rival, rng.random() < 0.95, rng.random() < chance, rng.random() < 0.9))
    return rows


def test_the_proven_precision_holds_on_fresh_data_with_map_and_margin() -> None:
    fresh, kept, proven = asked(999, 5_000), 0, 0
    for seed in range(12):
        rows = asked(seed, 900)
        points = fit_scored(rows)
        margin = choose_margin(rows, 0.85, points)
        found = calibrate_scored(rows, 0.85, margin=margin, points=points)
        proven += found.t_answer < NEVER
        answered = [
            row.right for row in fresh if row.lead(points) >= margin and mapped(points, row.score) >= found.t_answer
        ]
        kept += sum(answered) >= 0.85 * len(answered)
    assert proven >= 5
    assert kept >= 11


def test_a_map_moves_the_threshold_and_not_the_answers() -> None:
    rows = [Scored(0.99, 0.0, True, True, True)] * 60 + [Scored(0.4, 0.0, True, False, False)] * 60
    plain = calibrate_scored(rows, 0.95, margin=0.1)
    moved = calibrate_scored(rows, 0.95, margin=0.1, points=((0.0, 0.0), (1.0, 0.5)))
    assert moved.t_answer == pytest.approx(plain.t_answer / 2)
    assert moved.n_answered == plain.n_answered == 60


def test_a_curve_that_was_counted_serves_other_targets() -> None:
    rows = asked(7, 500)
    first = calibrate_scored(rows, 0.9, margin=0.1)
    again = calibrate_scored(rows, 0.8, margin=0.1, curve=first.curve)
    assert again == calibrate_scored(rows, 0.8, margin=0.1)


def test_a_margin_is_chosen_where_close_seconds_are_wrong() -> None:
    near = [Scored(0.9, 0.75, True, place % 2 == 0, True) for place in range(200)]
    clear = [Scored(0.9, 0.1, True, True, True) for _ in range(400)]
    mixed = [row for pair in zip(clear, near + near, strict=True) for row in pair]
    assert choose_margin(mixed, 0.95, ()) == 0.20
    assert choose_margin(mixed[:100], 0.95, ()) == MARGINS[0]


def test_a_list_threshold_never_falls_to_nothing() -> None:
    rows = [Scored(0.3 + place % 7 / 10, 0.0, False, False, True) for place in range(100)]
    assert calibrate_scored(rows, 0.95, margin=0.1).t_list == 0.05
