"""Joining ranked lists of several recall legs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

RANK_CONSTANT = 60
"""Of reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009): how little the first ranks stand out."""


def reciprocal_ranks(legs: Iterable[Mapping[T, float]]) -> dict[T, float]:
    """The fused score of everything that some leg found; each leg is in its order, best first."""
    scores: dict[T, float] = defaultdict(float)
    for leg in legs:
        for rank, found in enumerate(leg, 1):
            scores[found] += 1 / (RANK_CONSTANT + rank)
    return scores
