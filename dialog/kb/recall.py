"""The lexical legs of recall, embedded: tantivy over our own tokens, and a plain twin for tests and small bots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from dialog.ports import RecallHit, RecallUnavailable
from nlu.bm25 import Bm25

_HEAP_BYTES = 64 << 20
_LEGS = ("words", "bigrams")


@dataclass(frozen=True, slots=True)
class RecallRow:
    """One text to index. Tokens hold no white space."""

    entry: int
    text: int
    words: tuple[str, ...]
    bigrams: tuple[str, ...]


def merge(rows: Sequence[RecallRow], legs: Sequence[Iterable[tuple[int, float]]]) -> list[RecallHit]:
    """Hits of the legs (row number, score), joined by row: best sum first, then by entry and text."""
    words, bigrams = (dict(leg) for leg in legs)
    hits = [
        RecallHit(rows[number].entry, rows[number].text, words.get(number, 0.0), bigrams.get(number, 0.0))
        for number in words.keys() | bigrams.keys()
    ]
    return sorted(hits, key=lambda hit: (-(hit.words + hit.bigrams), hit.entry, hit.text))


class TantivyRecall:
    """BM25 in memory. Built once, never changed; reads are safe from several threads."""

    def __init__(self, rows: tuple[RecallRow, ...], index: Any) -> None:
        self._rows = rows
        self._index = index
        self._searcher = index.searcher()

    @classmethod
    def build(cls, rows: Iterable[RecallRow]) -> TantivyRecall:
        """
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
        return cls(kept, index)

    def search(self, words: Sequence[str], bigrams: Sequence[str], *, limit: int) -> list[RecallHit]:
        """As :class:`dialog.ports.Recall`."""
        try:
            legs = [self._leg(field, tokens, limit) for field, tokens in zip(_LEGS, (words, bigrams), strict=True)]
        except ValueError as error:
            raise RecallUnavailable(str(error)) from error
        return merge(self._rows, legs)

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

    def __init__(self, rows: Iterable[RecallRow]) -> None:
        self._rows = tuple(rows)
        self._legs = (Bm25(row.words for row in self._rows), Bm25(row.bigrams for row in self._rows))

    def search(self, words: Sequence[str], bigrams: Sequence[str], *, limit: int) -> list[RecallHit]:
        """As :class:`dialog.ports.Recall`."""
        found = [leg.search(tokens, limit) for leg, tokens in zip(self._legs, (words, bigrams), strict=True)]
        return merge(self._rows, found)
