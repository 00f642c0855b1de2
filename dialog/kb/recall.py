"""Recall, embedded: tantivy over our own tokens beside the vectors, and a plain twin for tests and small bots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from dialog.ports import RecallHit, RecallUnavailable
from nlu.bm25 import Bm25
from nlu.fusion import fused

if TYPE_CHECKING:
    from dialog.kb.dense import DenseIndex
    from nlu.encode import Vector

_HEAP_BYTES = 64 << 20
_LEGS = ("words", "bigrams")
_Place: TypeAlias = tuple[int, int]
"""Entry and text."""
_Leg: TypeAlias = dict[_Place, float]
"""Score by place, best first."""


@dataclass(frozen=True, slots=True)
class RecallRow:
    """One text to index. Tokens hold no white space."""

    entry: int
    text: int
    words: tuple[str, ...]
    bigrams: tuple[str, ...]


def _places(rows: Sequence[RecallRow], found: Iterable[tuple[int, float]]) -> _Leg:
    """What a leg found by row number, by place; equal scores in the order of the places."""
    placed = [((rows[number].entry, rows[number].text), score) for number, score in found]
    return dict(sorted(placed, key=lambda pair: (-pair[1], pair[0])))


def _dense_leg(dense: DenseIndex | None, vector: Callable[[], Vector | None] | None, limit: int) -> _Leg | None:
    """None: there is no such leg, or the vector did not come."""
    query = vector() if dense is not None and vector is not None else None
    if dense is None or query is None:
        return None
    return {(hit.entry, hit.text): hit.score for hit in dense.search(query, limit=limit)}


def merge(words: _Leg, bigrams: _Leg, dense: _Leg | None = None) -> list[RecallHit]:
    """The hits of all legs, joined by place: best sum of BM25 first, with a dense leg by fused rank; then by place."""
    near = dense or {}
    hits = [
        RecallHit(*place, words.get(place, 0.0), bigrams.get(place, 0.0), near.get(place, 0.0))
        for place in {*words, *bigrams, *near}
    ]
    if dense is None:
        return sorted(hits, key=lambda hit: (-(hit.words + hit.bigrams), hit.entry, hit.text))
    scores = fused(words, bigrams, dense)
    return sorted(hits, key=lambda hit: (-scores[hit.entry, hit.text], hit.entry, hit.text))


class TantivyRecall:
    """BM25 in memory, with the vectors as a third leg. Built once, never changed; safe to read from several threads."""

    def __init__(self, rows: tuple[RecallRow, ...], index: Any, dense: DenseIndex | None = None) -> None:
        self._rows = rows
        self._index = index
        self._dense = dense
        self._searcher = index.searcher()

    @classmethod
    def build(cls, rows: Iterable[RecallRow], dense: DenseIndex | None = None) -> TantivyRecall:
        """Index ``rows``; the entries and texts of ``dense`` are numbered as theirs.

        Raises:
            RecallUnavailable: the index cannot be built.
        """
        import tantivy

        kept = tuple(rows)
        index = tantivy.Index(_schema())
        try:
            writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
            for number, row in enumerate(kept):
                writer.add_document(
                    tantivy.Document(row=number, words=" ".join(row.words), bigrams=" ".join(row.bigrams))
                )
            writer.commit()
            writer.wait_merging_threads()
        except ValueError as error:
            raise RecallUnavailable(str(error)) from error
        index.reload()
        return cls(kept, index, dense)

    def search(
        self,
        words: Sequence[str],
        bigrams: Sequence[str],
        *,
        limit: int,
        vector: Callable[[], Vector | None] | None = None,
    ) -> list[RecallHit]:
        """As :class:`dialog.ports.Recall`."""
        try:
            legs = [self._leg(field, tokens, limit) for field, tokens in zip(_LEGS, (words, bigrams), strict=True)]
        except ValueError as error:
            raise RecallUnavailable(str(error)) from error
        in_words, in_bigrams = (_places(self._rows, leg) for leg in legs)
        return merge(in_words, in_bigrams, _dense_leg(self._dense, vector, limit))

    def _leg(self, field: str, tokens: Sequence[str], limit: int) -> list[tuple[int, float]]:
        import tantivy

        if not tokens or limit < 1:
            return []
        schema = self._index.schema
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, field, token, index_option="freq"))
            for token in dict.fromkeys(tokens)
        ]
        hits = self._searcher.search(tantivy.Query.boolean_query(terms), limit, count=False).hits
        numbers = self._searcher.fast_field_values("row", [address for _, address in hits])
        return [(int(number), float(score)) for number, (score, _) in zip(numbers, hits, strict=True)]


def _schema() -> Any:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("row", stored=False, indexed=False, fast=True)
    for leg in _LEGS:
        builder.add_text_field(leg, stored=False, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class MemoryRecall:
    """The same BM25 in plain Python: exact, no package, fit for some thousand texts."""

    def __init__(self, rows: Iterable[RecallRow], dense: DenseIndex | None = None) -> None:
        self._rows = tuple(rows)
        self._legs = (Bm25(row.words for row in self._rows), Bm25(row.bigrams for row in self._rows))
        self._dense = dense

    def search(
        self,
        words: Sequence[str],
        bigrams: Sequence[str],
        *,
        limit: int,
        vector: Callable[[], Vector | None] | None = None,
    ) -> list[RecallHit]:
        """As :class:`dialog.ports.Recall`."""
        legs = [leg.search(tokens, limit) for leg, tokens in zip(self._legs, (words, bigrams), strict=True)]
        in_words, in_bigrams = (_places(self._rows, leg) for leg in legs)
        return merge(in_words, in_bigrams, _dense_leg(self._dense, vector, limit))
