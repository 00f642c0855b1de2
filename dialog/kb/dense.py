"""The dense leg of recall: the vectors of one publication, searched exactly.

Rows are laid out entry by entry: its positive texts in their order, then its answer; its negative questions lie apart,
because they are compared and never found. All vectors are of one encoder, unit length, kept as float16.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from dialog.ports import ANSWER
from nlu.semantic import DenseMatch

if TYPE_CHECKING:
    from dialog.ports import StoredVector
    from nlu.encode import Vector

Halves = npt.NDArray[np.float16]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]

_NAN = math.nan
_DIGITS = 5


@dataclass(frozen=True, slots=True)
class EntryTexts:
    """The texts of one entry that have a vector each. ``answer`` is empty where it says no more than a question."""

    positive: tuple[str, ...]
    answer: str = ""
    negative: tuple[str, ...] = ()

    def found(self) -> tuple[str, ...]:
        """What a search may find, in the order of the rows."""
        return (*self.positive, self.answer) if self.answer else self.positive


@dataclass(frozen=True, slots=True)
class DenseHit:
    """A text near to the question: the entry's position, the text's number (or ``ANSWER``), the cosine."""

    entry: int
    text: int
    score: float


class DenseIndex(Protocol):
    """The vectors of one publication. Immutable; safe to read from several threads."""

    def search(self, query: Vector, *, limit: int) -> list[DenseHit]:
        """The nearest positive texts and answers, best first, ties by entry and text."""
        ...

    def similarities(self, query: Vector, entry: int) -> DenseMatch:
        """The question against all texts of the entry at this position."""
        ...


class Layout:
    """Which row belongs to which text of which entry. Immutable."""

    def __init__(self, entries: Iterable[EntryTexts]) -> None:
        kept = tuple(entries)
        self.found = tuple(text for entry in kept for text in entry.found())
        """The texts of the searched rows, in order."""
        self.negative = tuple(text for entry in kept for text in entry.negative)
        self.entry_of = np.repeat(np.arange(len(kept), dtype=np.int32), [len(entry.found()) for entry in kept])
        self.text_of: Numbers = np.fromiter(_text_numbers(kept), dtype=np.int32, count=len(self.found))
        self._starts = _starts(len(entry.found()) for entry in kept)
        self._negative_starts = _starts(len(entry.negative) for entry in kept)

    def rows(self, entry: int) -> slice:
        """The searched rows of an entry."""
        return slice(self._starts[entry], self._starts[entry + 1])

    def negatives(self, entry: int) -> slice:
        """The rows of an entry's negative questions, counted by themselves."""
        return slice(self._negative_starts[entry], self._negative_starts[entry + 1])


def _text_numbers(entries: Sequence[EntryTexts]) -> Iterator[int]:
    for entry in entries:
        yield from range(len(entry.positive))
        if entry.answer:
            yield ANSWER


def _starts(lengths: Iterable[int]) -> list[int]:
    starts = [0]
    for length in lengths:
        starts.append(starts[-1] + length)
    return starts


@dataclass(frozen=True, slots=True)
class Rows:
    """Vectors in the order of their texts, (n, dims); a row that is not ``there`` is zero."""

    vectors: Halves
    there: Flags

    @classmethod
    def of(cls, texts: Sequence[str], vectors: Mapping[str, StoredVector], dims: int) -> Rows:
        matrix = np.zeros((len(texts), dims), dtype=np.float16)
        there = np.zeros(len(texts), dtype=np.bool_)
        for row, text in enumerate(texts):
            vector = vectors.get(text)
            if vector is not None:
                matrix[row], there[row] = vector, True
        return cls(matrix, there)

    def cosines(self, query: Vector, part: slice) -> Vector:
        """With the rows of ``part``; nan for those that are not there."""
        cosines: Vector = self.vectors[part].astype(np.float32) @ query
        cosines[~self.there[part]] = _NAN
        return cosines


def _match(layout: Layout, found: Rows, negative: Rows, query: Vector, entry: int) -> DenseMatch:
    part = layout.rows(entry)
    cosines = found.cosines(query, part)
    has_answer = len(cosines) > 0 and layout.text_of[part][-1] == ANSWER
    positive = cosines[:-1] if has_answer else cosines
    order = [int(text) for text in np.argsort(-positive, kind="stable") if not np.isnan(positive[text])]
    against = negative.cosines(query, layout.negatives(entry))
    return DenseMatch(
        question=float(positive[0]) if len(positive) else _NAN,
        best=float(positive[order[0]]) if order else _NAN,
        best_text=order[0] if order else 0,
        second=float(positive[order[1]]) if len(order) > 1 else _NAN,
        answer=float(cosines[-1]) if has_answer else _NAN,
        negative=_NAN if np.isnan(against).all() else float(np.nanmax(against)),
    )


def _hits(layout: Layout, there: Flags, rows: Iterable[int], scores: Iterable[float]) -> list[DenseHit]:
    """Without the rows that are not there, and without what points away from the question."""
    hits = [
        # Rounded, because the last bits of equal texts may differ by where their rows lie.
        DenseHit(int(layout.entry_of[row]), int(layout.text_of[row]), round(float(score), _DIGITS))
        for row, score in zip(rows, scores, strict=True)
        if row >= 0 and there[row] and score > 0
    ]
    return sorted(hits, key=lambda hit: (-hit.score, hit.entry, hit.text))


class FaissDense:
    """Exact search by faiss over float16, a thread for each search and no more."""

    def __init__(self, layout: Layout, found: Rows, negative: Rows) -> None:
        self.layout = layout
        self._index = _faiss_index(found.vectors)
        # The rows are read where faiss keeps them: a publication's vectors lie in memory once.
        self.found = Rows(_codes_of(self._index, found.vectors.shape), found.there)
        self.negative = negative

    def search(self, query: Vector, *, limit: int) -> list[DenseHit]:
        """As :class:`DenseIndex`."""
        if limit < 1 or not self.layout.found:
            return []
        _one_thread()
        scores, rows = self._index.search(query.reshape(1, -1), min(limit, len(self.layout.found)))
        return _hits(self.layout, self.found.there, rows[0], scores[0])

    def similarities(self, query: Vector, entry: int) -> DenseMatch:
        """As :class:`DenseIndex`."""
        return _match(self.layout, self.found, self.negative, query, entry)


def _faiss_index(vectors: Halves) -> Any:
    import faiss

    _one_thread()
    index = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    if len(vectors):
        index.add_sa_codes(vectors.view(np.uint8))
    return index


def _codes_of(index: Any, shape: tuple[int, ...]) -> Halves:
    """The rows inside the index, without a copy; good for as long as the index lives."""
    import faiss

    if not shape[0]:
        return np.zeros(shape, dtype=np.float16)
    codes: npt.NDArray[np.uint8] = faiss.rev_swig_ptr(index.codes.data(), index.codes.size())
    return codes.view(np.float16).reshape(shape)


def _one_thread() -> None:
    """For the calling thread, which is all that OpenMP remembers it for: turns run beside each other already."""
    import faiss

    faiss.omp_set_num_threads(1)


class MemoryDense:
    """The same by numpy alone, fit for some thousand texts."""

    def __init__(self, layout: Layout, found: Rows, negative: Rows) -> None:
        self.layout = layout
        self.found = found
        self.negative = negative

    def search(self, query: Vector, *, limit: int) -> list[DenseHit]:
        """As :class:`DenseIndex`."""
        scores = self.found.cosines(query, slice(None))
        rows = np.argsort(-scores, kind="stable")  # nan comes last
        kept = [int(row) for row in rows if self.found.there[row]][: max(0, limit)]
        return _hits(self.layout, self.found.there, kept, scores[kept])

    def similarities(self, query: Vector, entry: int) -> DenseMatch:
        """As :class:`DenseIndex`."""
        return _match(self.layout, self.found, self.negative, query, entry)
