from __future__ import annotations

import time
import uuid

import pytest

from apps.core import ids
from apps.core.ids import uuid7


def test_version_and_variant() -> None:
    for _ in range(100):
        value = uuid7()
        assert value.version == 7
        assert value.variant == uuid.RFC_4122


def test_the_first_48_bits_are_the_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    stamp = uuid7().int >> 80
    assert before <= stamp <= time.time_ns() // 1_000_000


def test_later_ids_are_greater(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(1_700_000_000_000_000_000, 1_700_000_001_000_000_000, 1_000_000))
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(times))
    made = [uuid7() for _ in range(1_000)]
    assert made == sorted(made)
    assert [str(value) for value in made] == sorted(str(value) for value in made)


def test_ids_of_one_millisecond_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids.time, "time_ns", lambda: 1_700_000_000_000_000_000)
    assert len({uuid7() for _ in range(5_000)}) == 5_000


def test_every_random_bit_is_used() -> None:
    seen_one = seen_zero = 0
    for _ in range(400):
        value = uuid7().int & (2**80 - 1)
        seen_one |= value
        seen_zero |= ~value
    fixed = 0xF << 76 | 0b11 << 62  # version and variant
    mask = (2**80 - 1) & ~fixed
    assert seen_one & mask == mask
    assert seen_zero & mask == mask
