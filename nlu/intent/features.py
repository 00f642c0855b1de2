"""Sparse features of a text: runs of characters, words and pairs of words, weighted by rarity.

They carry a long way without any pre-trained vector (Bunk et al. 2020, "DIET: Lightweight Language Understanding for
Dialogue Systems").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from nlu.normalize import normalise
from nlu.segment import cut, stem

LONGEST = 400
"""Characters; the rest of a text is not read."""

SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Where entities stand and of what kind they are does not depend on the day."""

_GRAMS = (1, 2, 3, 4)
_FEW = 200
_COMMON = 0.2
"""Share of the documents; a feature of more of them says little and costs the most time."""


def grams(text: str) -> Iterator[str]:
    """Features of a normalised text: ``c`` runs of 1 to 4 characters, ``w`` words by their stem, ``p`` pairs of them."""
    edged = f" {text} "
    for size in _GRAMS:
        for at in range(len(edged) - size + 1):
            yield "c" + edged[at : at + size]
    words = [stem(word) for word in cut(text) if not word.isspace()]
    yield from ("w" + word for word in words)
    yield from (f"p{left} {right}" for left, right in pairwise(words))


def document(text: str, asked: str = "", history: Sequence[str] = ()) -> list[str]:
    """All features of a normalised text and of what stood before it: the slot that was asked for, the last turn."""
    found = list(grams(text))
    if asked:
        found.append(f"a{asked}")
    if history:
        found.extend("h" + word for word in cut(readable(history[-1])) if not word.isspace())
    return found


def readable(text: str) -> str:
    """The form for matching of the first ``LONGEST`` characters."""
    return normalise(text[:LONGEST]).text


@dataclass(frozen=True, slots=True)
class Row:
    """A sparse vector: ``values[i]`` stands in column ``columns[i]``."""

    columns: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The features that training saw, with their columns and weights.

    ``common`` are those that say too little to have a column; all others without one were new, or as good as new, and
    make a document longer: half of it unknown is half as like anything.
    """

    columns: Mapping[str, int]
    weights: npt.NDArray[np.float32]
    """Inverse document frequency, one a column."""
    common: frozenset[str]
    unseen: float
    """Weight of a feature that is new."""

    @classmethod
    def of(cls, documents: Sequence[Sequence[str]]) -> Vocabulary:
        """Of all features that tell documents apart: neither seen once only nor in a great part of them."""
        counts = Counter(feature for document in documents for feature in set(document))
        seen = 2 if len(documents) >= _FEW else 1
        most = max(_COMMON * len(documents), _FEW)
        kept = sorted(feature for feature, count in counts.items() if seen <= count <= most)
        frequency = np.array([counts[feature] for feature in kept], dtype=np.float32)
        return cls(
            columns={feature: column for column, feature in enumerate(kept)},
            weights=_rarity(frequency, len(documents)),
            common=frozenset(feature for feature, count in counts.items() if count > most),
            unseen=float(_rarity(np.ones(1, dtype=np.float32), len(documents))[0]),
        )

    def row(self, document: Sequence[str]) -> Row:
        """The vector of a document: logarithm of the count times rarity, at most of unit length."""
        counts = Counter(document)
        known = {column: count for name, count in counts.items() if (column := self.columns.get(name)) is not None}
        new = sum(name not in self.columns and name not in self.common for name in counts)
        columns = np.fromiter(known.keys(), dtype=np.int64, count=len(known))
        values = 1 + np.log(np.fromiter(known.values(), dtype=np.float32, count=len(known)))
        values *= self.weights[columns]
        length = float(np.sqrt(values @ values + new * self.unseen**2))
        return Row(columns, (values / length if length else values).astype(np.float32))


def _rarity(frequency: npt.NDArray[np.float32], documents: int) -> npt.NDArray[np.float32]:
    return np.log((1 + documents) / (1 + frequency)).astype(np.float32) + 1
