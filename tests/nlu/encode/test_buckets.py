from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlu.encode.buckets import buckets

LENGTHS = st.lists(st.integers(1, 60), max_size=60)


@given(LENGTHS)
def test_every_place_comes_once_and_groups_keep_their_limits(lengths: list[int]) -> None:
    groups = list(buckets(lengths, tokens=120, items=8))
    assert sorted(place for group in groups for place in group) == list(range(len(lengths)))
    assert all(len(group) <= 8 for group in groups)
    assert all(len(group) * max(lengths[place] for place in group) <= 120 for group in groups if len(group) > 1)


def test_short_ones_do_not_share_a_pass_with_long_ones() -> None:
    assert list(buckets([50, 5, 50, 5], tokens=100)) == [[1, 3], [0, 2]]


def test_one_that_is_too_long_by_itself_goes_alone() -> None:
    assert list(buckets([3, 999, 3], tokens=100)) == [[0, 2], [1]]
