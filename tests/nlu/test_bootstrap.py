from __future__ import annotations

import random

import pytest

from nlu.bootstrap import paired_gain


def test_a_clear_gain_is_proven_and_a_lucky_one_is_not() -> None:
    rng = random.Random(5)
    old = [rng.random() for _ in range(200)]
    clear = paired_gain(old, [value + 0.1 + rng.gauss(0, 0.1) for value in old], seed=1)
    lucky = paired_gain(old, [value + rng.gauss(0.005, 0.3) for value in old], seed=1)
    assert clear.proven
    assert clear.lower < clear.mean == pytest.approx(0.1, abs=0.03)
    assert not lucky.proven


def test_the_same_seed_gives_the_same_bound() -> None:
    old, new = [0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 0.0, 1.0]
    assert paired_gain(old, new, seed=3) == paired_gain(old, new, seed=3)


def test_nothing_to_compare_proves_nothing() -> None:
    assert not paired_gain([], [], seed=1).proven
    with pytest.raises(ValueError, match="argument 2 is"):
        paired_gain([1.0], [], seed=1)
