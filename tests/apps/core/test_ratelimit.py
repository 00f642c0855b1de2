"""A token bucket with a clock that only the test moves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from apps.core.ratelimit import Limiter, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_burst_then_a_steady_rate(clock: Clock) -> None:
    limiter = Limiter(Rate(per_minute=60, burst=3), clock)
    assert [limiter.take("a") for _ in range(5)] == [0, 0, 0, 1, 1]
    clock.now += 1
    assert [limiter.take("a") for _ in range(2)] == [0, 1]


def test_the_wait_that_is_told_is_enough_and_no_longer(clock: Clock) -> None:
    limiter = Limiter(Rate(per_minute=7, burst=1), clock)
    assert limiter.take("a") == 0
    wait = limiter.take("a")
    assert wait == 9  # 60 / 7 = 8.57
    clock.now += wait - 1
    assert limiter.take("a") > 0
    clock.now += 1
    assert limiter.take("a") == 0


def test_a_refused_call_costs_nothing(clock: Clock) -> None:
    limiter = Limiter(Rate(per_minute=60, burst=1), clock)
    limiter.take("a")
    for _ in range(50):
        limiter.take("a")
    clock.now += 1
    assert limiter.take("a") == 0


def test_a_long_rest_saves_up_no_more_than_the_burst(clock: Clock) -> None:
    limiter = Limiter(Rate(per_minute=60, burst=2), clock)
    limiter.take("a")
    clock.now += 86_400
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 1]


def test_keys_do_not_share(clock: Clock) -> None:
    limiter = Limiter(Rate(per_minute=1, burst=1), clock)
    assert [limiter.take(key) for key in ("a", "b", "a", "b")] == [0, 0, 60, 60]


def test_the_longest_unused_key_is_forgotten_first(clock: Clock) -> None:
    limiter = Limiter(Rate(per_minute=1, burst=1), clock, keys=2)
    for key in ("a", "b", "a", "c"):  # a is used again, so b goes
        limiter.take(key)
    assert limiter.take("a") > 0
    assert limiter.take("b") == 0


def test_threads_get_the_burst_once_between_them(clock: Clock) -> None:
    limiter = Limiter(Rate(per_minute=1, burst=50), clock)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.take("a"), range(400)))
    assert waits.count(0) == 50
