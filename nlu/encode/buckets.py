"""Which texts share one pass of a model: those of similar length, so that short ones do not pay for padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

TOKENS = 1_600
"""Padded tokens of one pass. More gain nothing on a CPU; they cost memory and keep a waiting question waiting."""
ITEMS = 32


def buckets(lengths: Sequence[int], *, tokens: int = TOKENS, items: int = ITEMS) -> Iterator[list[int]]:
    """Places of ``lengths`` in groups, shortest first: at most ``items`` each, and ``tokens`` once padded to the longest.

    Every place comes exactly once; one that is too long by itself has a group of its own.
    """
    group: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if group and (len(group) == items or (len(group) + 1) * lengths[place] > tokens):
            yield group
            group = []
        group.append(place)
    if group:
        yield group
