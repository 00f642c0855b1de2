"""How alike a message is to each example: by words, and by the encoder's vectors where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nlu.intent.features import Row, Vocabulary

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Matrix = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

_BLOCK = 1024


@dataclass(frozen=True, slots=True)
class Likeness:
    """With n examples, 0 where nothing is shared. ``starts`` (features + 1) tells where in ``examples`` and ``values`` stands
    who has a feature."""

    vocabulary: Vocabulary
    starts: Places
    examples: npt.NDArray[np.int32]
    values: Matrix
    vectors: Matrix
    """(n, dims), of unit length around ``centre``; dims is 0 without an encoder."""
    centre: Matrix
    share: float
    """Of the vectors; the rest is the words'."""

    @classmethod
    def of(cls, documents: Sequence[Sequence[str]], vectors: Matrix, share: float) -> Likeness:
        vocabulary = Vocabulary.of(documents)
        columns = sparse_rows(vocabulary, documents).tocsc()
        centre = vectors.mean(axis=0) if vectors.shape[1] else np.zeros(0, dtype=np.float32)
        return cls(
            vocabulary=vocabulary,
            starts=columns.indptr.astype(np.int64),
            examples=columns.indices.astype(np.int32),
            values=columns.data.astype(np.float32),
            vectors=around(vectors, centre),
            centre=centre,
            share=share if vectors.shape[1] else 0.0,
        )

    def of_message(self, row: Row, vector: Matrix | None) -> Matrix:
        """(n,) likenesses in -1..1."""
        words = self._words(row)
        if vector is None or not self.share:
            return words
        found: Matrix = self.share * (self.vectors @ around(vector[None], self.centre)[0]) + (1 - self.share) * words
        return found

    def _words(self, row: Row) -> Matrix:
        count = len(self.vectors)
        if not len(row.columns):
            return np.zeros(count, dtype=np.float32)
        spans = [slice(self.starts[column], self.starts[column + 1]) for column in row.columns]
        sizes = [span.stop - span.start for span in spans]
        weights = np.concatenate([self.values[span] for span in spans]) * np.repeat(row.values, sizes)
        places = np.concatenate([self.examples[span] for span in spans])
        return np.bincount(places, weights, minlength=count).astype(np.float32)


def sparse_rows(vocabulary: Vocabulary, documents: Sequence[Sequence[str]]) -> csr_matrix:
    """(documents, features), a row of the vocabulary each."""
    from scipy.sparse import csr_matrix

    rows = [vocabulary.row(document) for document in documents]
    starts = np.cumsum([0, *(len(row.columns) for row in rows)])
    shape = (len(rows), len(vocabulary.columns))
    if not rows:
        return csr_matrix(shape, dtype=np.float32)
    values = np.concatenate([row.values for row in rows])
    return csr_matrix((values, np.concatenate([row.columns for row in rows]), starts), shape=shape)


def around(vectors: Matrix, centre: Matrix) -> Matrix:
    """Unit vectors seen from ``centre``: all vectors of an encoder share a direction that tells nothing."""
    moved = vectors - centre
    lengths = np.linalg.norm(moved, axis=1, keepdims=True) if moved.shape[1] else np.ones((len(moved), 1))
    result: Matrix = (moved / np.maximum(lengths, 1e-9)).astype(np.float32)
    return result


def some_pairs(words: csr_matrix, vectors: Matrix, share: float, rows: Places) -> Matrix:
    """(rows, n) likenesses of some examples with all of them."""
    found: Matrix = (words[rows] @ words.T).toarray().astype(np.float32, copy=False)
    if vectors.shape[1]:
        found *= 1 - share
        found += share * (vectors[rows] @ vectors.T)
    return found


def all_pairs(words: csr_matrix, vectors: Matrix, share: float) -> Matrix:
    """(n, n) likenesses of examples with each other."""
    count = words.shape[0]
    found = np.empty((count, count), dtype=np.float32)
    for start in range(0, count, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, count))
        found[rows] = some_pairs(words, vectors, share, rows)
    return found
