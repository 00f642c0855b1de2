"""One publication prepared for the KB-bot. Immutable after it is built, shared by all threads."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from dialog.kb.dense import DenseIndex, EntryTexts
from dialog.kb.models import NO_MODELS, Models
from dialog.kb.question import QueryVector
from dialog.kb.recall import RecallRow, TantivyRecall
from dialog.kb.vectors import ENCODE_LIMIT, NO_VECTORS, Progress, TextVectors, entry_texts, gather, texts_to_load
from dialog.ports import Recall
from dialog.types import Entry, Publication
from nlu.compare import EntryViews
from nlu.features import Weights
from nlu.matching import PhraseSet
from nlu.normalize import normalise
from nlu.synonyms import base_groups
from nlu.view import Analyzer, TextView

if TYPE_CHECKING:
    from dialog.ports import StoredVector


@dataclass(frozen=True, slots=True)
class KnowledgeIndex:
    """Entries in the order of the publication with everything that a question is compared against."""

    version: int
    entries: tuple[Entry, ...]
    texts: tuple[EntryViews, ...]
    written: tuple[tuple[str, ...], ...]
    """The positive texts of each entry as the editor wrote them, in the order of its views."""
    analyzer: Analyzer
    weights: Weights
    recall: Recall
    views: Mapping[str, TextView]
    """Prepared views by raw text; the next build takes over what has not changed."""

    models: Models = NO_MODELS
    vectors: TextVectors = NO_VECTORS

    @classmethod
    def build(
        cls,
        publication: Publication,
        previous: KnowledgeIndex | None = None,
        models: Models = NO_MODELS,
        stored: Mapping[str, StoredVector] = MappingProxyType({}),
        *,
        encode_limit: int | None = ENCODE_LIMIT,
        progress: Progress | None = None,
    ) -> KnowledgeIndex:
        """Prepares a publication; with ``previous`` only texts that it does not know are prepared anew.

        ``stored`` holds vectors of the models' encoder by text, see :func:`vectors_wanted`. Texts that neither it nor
        ``previous`` has one of are encoded here, if they are no more than ``encode_limit`` (None: however many).

        Raises:
            RecallUnavailable: the recall engine refuses the texts.
        """
        with _collector_paused():
            analyzer = Analyzer((*base_groups(), *publication.synonyms))
            views = _Views(analyzer, _reusable(analyzer, previous))
            written = tuple(_positive(entry) for entry in publication.entries)
            texts = tuple(
                EntryViews(views.of(positive), views.of(entry.negative))
                for entry, positive in zip(publication.entries, written, strict=True)
            )
            vectors = gather(
                _with_vectors(publication),
                previous.vectors if previous else None,
                models,
                stored,
                encode_limit=encode_limit,
                progress=progress,
            )
            return cls(
                version=publication.version,
                entries=publication.entries,
                texts=texts,
                written=written,
                analyzer=analyzer,
                weights=_weights(texts, previous),
                recall=TantivyRecall.build(_rows(texts), vectors.dense),
                views=views.used,
                models=models,
                vectors=vectors,
            )

    @property
    def dense(self) -> DenseIndex | None:
        """The vectors of the texts; None where there are none."""
        return self.vectors.dense

    @property
    def unencoded(self) -> int:
        """How many texts have no vector yet, though there is an encoder."""
        return len(self.vectors.missing)

    def query_vector(self, text: str) -> QueryVector | None:
        """Begins to encode a question, as it was written; None where there is nothing to compare it with."""
        encoder = self.models.questions or self.models.encoder
        if encoder is None or self.vectors.dense is None:
            return None
        return QueryVector(text, encoder, self.vectors.fingerprint, self.models)


def vectors_wanted(publication: Publication, previous: KnowledgeIndex | None, fingerprint: str) -> list[str]:
    """The texts of a publication, each once, that ``previous`` has no vector of: what a store should be asked for."""
    return texts_to_load(_with_vectors(publication), previous.vectors if previous else None, fingerprint)


def _with_vectors(publication: Publication) -> list[EntryTexts]:
    return [entry_texts(entry, _positive(entry)) for entry in publication.entries]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Half the time of a large build would go into walks over containers that all stay alive."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _positive(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys((entry.question, *entry.similar)))


class _Views:
    def __init__(self, analyzer: Analyzer, known: Mapping[str, TextView]) -> None:
        self._analyzer = analyzer
        self._known = known
        self.used: dict[str, TextView] = {}

    def of(self, raws: Iterable[str]) -> tuple[TextView, ...]:
        return tuple(self._view(raw) for raw in raws)

    def _view(self, raw: str) -> TextView:
        view = self.used.get(raw) or self._known.get(raw) or self._analyzer.raw_view(raw)
        self.used[raw] = view
        return view


def _reusable(analyzer: Analyzer, previous: KnowledgeIndex | None) -> Mapping[str, TextView]:
    """Views of the previous build that the change of synonyms cannot have touched."""
    if previous is None:
        return {}
    old, new = previous.analyzer.synonyms.mapping, analyzer.synonyms.mapping
    changed = {word for word, _ in old.items() ^ new.items()}
    changed.update(form for _, form in old.items() ^ new.items())
    if not changed:
        return previous.views
    touched = PhraseSet(changed, whole_words=False)
    return {raw: view for raw, view in previous.views.items() if not touched.find_all(normalise(raw).text)}


def _weights(texts: tuple[EntryViews, ...], previous: KnowledgeIndex | None) -> Weights:
    if previous is None:
        return Weights(view for entry in texts for view in entry.positive)
    old = {id(view): view for entry in previous.texts for view in entry.positive}
    counts = Counter(id(view) for entry in texts for view in entry.positive)
    counts.subtract(id(view) for entry in previous.texts for view in entry.positive)
    new = {id(view): view for entry in texts for view in entry.positive}
    return Weights(
        added=[new[key] for key, count in counts.items() for _ in range(count)],
        removed=[old[key] for key, count in counts.items() for _ in range(-count)],
        previous=previous.weights,
    )


def _rows(texts: tuple[EntryViews, ...]) -> Iterator[RecallRow]:
    for entry, prepared in enumerate(texts):
        for number, view in enumerate(prepared.positive):
            yield RecallRow(entry, number, view.words, view.bigrams)
