"""Joining ranked lists of several recall legs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

T = TypeVar("T", bound=Hashable)

RANK_CONSTANT = 60
"""Of reciprocal rank fusion (Cormack, Clarke and Buettcher, SIGIR 2009): how little the first ranks stand out."""


VECTORS_WEIGHT = 2.0
"""Of the vectors beside words and bigrams, which see the same text twice: what only the meaning finds must not drown."""


def reciprocal_ranks(legs: Iterable[tuple[Mapping[T, float], float]]) -> dict[T, float]:
    """The fused score of everything that some leg found; a leg is in its order, best first, and comes with its weight."""
    scores: dict[T, float] = defaultdict(float)
    for leg, weight in legs:
        for rank, found in enumerate(leg, 1):
            scores[found] += weight / (RANK_CONSTANT + rank)
    return scores


def fused(words: Mapping[T, float], bigrams: Mapping[T, float], vectors: Mapping[T, float]) -> dict[T, float]:
    """The three legs of recall as one score."""
    return reciprocal_ranks(((words, 1.0), (bigrams, 1.0), (vectors, VECTORS_WEIGHT)))
