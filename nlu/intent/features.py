"""Sparse features of a text: runs of characters, words and pairs of words, weighted by rarity.

They carry a long way without any pre-trained vector (Bunk et al. 2020, "DIET: Lightweight Language Understanding for
Dialogue Systems").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from nlu.normalize import normalise
from nlu.segment import cut, stem

LONGEST = 400
"""Characters; the rest of a text is not read."""

_GRAMS = (1, 2, 3, 4)


def grams(text: str) -> Iterator[str]:
    """Features of a normalised text: ``c`` runs of 1 to 4 characters, ``w`` words by their stem, ``p`` pairs of them."""
    edged = f" {text} "
    for size in _GRAMS:
        for at in range(len(edged) - size + 1):
            yield "c" + edged[at : at + size]
    words = [stem(word) for word in cut(text) if not word.isspace()]
    yield from ("w" + word for word in words)
    yield from (f"p{left} {right}" for left, right in pairwise(words))


def context(asked: str, history: Sequence[str]) -> Iterator[str]:
    """Features of what stood before a message."""
    if asked:
        yield f"a{asked}"
    if history:
        yield from ("h" + word for word in cut(readable(history[-1])) if not word.isspace())


def readable(text: str) -> str:
    return normalise(text[:LONGEST]).text


@dataclass(frozen=True, slots=True)
class Row:
    """A sparse vector: ``values[i]`` stands in column ``columns[i]``."""

    columns: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that training saw, with their columns and weights."""

    columns: Mapping[str, int]
    weights: npt.NDArray[np.float32]
    """Inverse document frequency, one a column."""

    @classmethod
    def of(cls, documents: Sequence[Sequence[str]], *, seen: int) -> Vocabulary:
        """Of all features that at least ``seen`` documents have."""
        counts = Counter(feature for document in documents for feature in set(document))
        kept = sorted(feature for feature, count in counts.items() if count >= seen)
        columns = {feature: column for column, feature in enumerate(kept)}
        frequency = np.array([counts[feature] for feature in kept], dtype=np.float32)
        return cls(columns, np.log((1 + len(documents)) / (1 + frequency)).astype(np.float32) + 1)

    def row(self, document: Sequence[str]) -> Row:
        """The unit vector of a document: logarithm of the count times rarity."""
        counts = Counter(column for feature in document if (column := self.columns.get(feature)) is not None)
        columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        values = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))
        values *= self.weights[columns]
        length = float(np.linalg.norm(values))
        return Row(columns, (values / length if length else values).astype(np.float32))
