"""The vectors that a publication needs: taken over, read from the store, or encoded; never of two encoders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dialog.kb.dense import EntryTexts, FaissDense, Layout, Rows
from dialog.kb.models import Models, fingerprint_of
from dialog.types import Entry
from nlu.encode import ModelUnavailable

if TYPE_CHECKING:
    from dialog.ports import StoredVector
    from nlu.encode import Encoder

CHUNK = 16
"""Texts that are encoded at once: a question that comes meanwhile waits for no more than these."""
ENCODE_LIMIT = 400
"""Texts that a build encodes itself; more are left for later, so that a publish is visible at once."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many texts are encoded, and of how many."""


class MemoryVectors:
    """A :class:`dialog.ports.VectorStore` that lasts as long as the process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], StoredVector] = {}

    def load(self, fingerprint: str, texts: Sequence[str]) -> dict[str, StoredVector]:
        """As :class:`dialog.ports.VectorStore`."""
        return {text: self._kept[fingerprint, text] for text in texts if (fingerprint, text) in self._kept}

    def save(self, fingerprint: str, vectors: Mapping[str, StoredVector]) -> None:
        """As :class:`dialog.ports.VectorStore`."""
        for text, vector in vectors.items():
            self._kept.setdefault((fingerprint, text), vector)


def entry_texts(entry: Entry, positive: tuple[str, ...]) -> EntryTexts:
    """What of an entry has a vector; an answer that only repeats a question adds nothing."""
    answer = entry.answer if entry.answer.strip() and entry.answer not in positive else ""
    return EntryTexts(positive, answer, tuple(dict.fromkeys(entry.negative)))


def encode_chunks(
    encoder: Encoder, texts: Sequence[str], progress: Progress | None = None
) -> Iterator[dict[str, StoredVector]]:
    """The vectors of ``texts``, chunk by chunk.

    Raises:
        ModelUnavailable: what came before holds.
    """
    for at in range(0, len(texts), CHUNK):
        chunk = texts[at : at + CHUNK]
        yield dict(zip(chunk, encoder.encode(chunk).astype(np.float16), strict=True))
        if progress:
            progress(at + len(chunk), len(texts))


@dataclass(frozen=True, slots=True)
class TextVectors:
    """The vectors of a publication, and what its build has to say of them."""

    fingerprint: str = ""
    """Of the encoder; empty where there is none or it could not be asked."""
    dense: FaissDense | None = None
    """None where no text has a vector."""
    encoded: tuple[str, ...] = ()
    """The texts that were encoded by this build: they are new to the store."""
    missing: tuple[str, ...] = ()
    """The texts that still have none."""
    weaker: tuple[str, ...] = ()
    """``vectors_incomplete`` or ``encoder_unavailable``, where a turn has to do with less."""

    def of(self, texts: Iterable[str]) -> dict[str, StoredVector]:
        """Copies of the vectors of those ``texts`` that have one."""
        wanted = frozenset(texts)
        return {text: vector.copy() for text, vector in self._all() if text in wanted}

    def _all(self) -> Iterator[tuple[str, StoredVector]]:
        if self.dense is None:
            return
        layout = self.dense.layout
        for names, rows in ((layout.found, self.dense.found), (layout.negative, self.dense.negative)):
            for text, vector, there in zip(names, rows.vectors, rows.there, strict=True):
                if there:
                    yield text, vector


NO_VECTORS = TextVectors()


def texts_to_load(entries: Sequence[EntryTexts], previous: TextVectors | None, fingerprint: str) -> list[str]:
    """The texts, each once and in order, that ``previous`` has no vector of by this encoder."""
    wanted = dict.fromkeys(text for entry in entries for text in (*entry.found(), *entry.negative))
    for text in _known(wanted, previous, fingerprint):
        del wanted[text]
    return list(wanted)


def _known(wanted: Mapping[str, object], previous: TextVectors | None, fingerprint: str) -> dict[str, StoredVector]:
    """Views into the rows of ``previous``; its vectors of another encoder are as good as none."""
    if previous is None or not fingerprint or previous.fingerprint != fingerprint:
        return {}
    return {text: vector for text, vector in previous._all() if text in wanted}


def gather(
    entries: Sequence[EntryTexts],
    previous: TextVectors | None,
    models: Models,
    stored: Mapping[str, StoredVector],
    *,
    encode_limit: int | None = ENCODE_LIMIT,
    progress: Progress | None = None,
) -> TextVectors:
    """All vectors that can be had now. ``stored`` are of the models' encoder; ``encode_limit`` None: encode them all."""
    if models.encoder is None:
        return NO_VECTORS
    fingerprint = fingerprint_of(models.encoder)
    missing = texts_to_load(entries, previous, fingerprint)
    vectors = {text: stored[text] for text in missing if text in stored}
    missing = [text for text in missing if text not in vectors]
    weaker: tuple[str, ...] = ()
    encoded: list[str] = []
    if not fingerprint:
        weaker = ("encoder_unavailable",)
    elif encode_limit is not None and len(missing) > encode_limit:
        weaker = ("vectors_incomplete",)
    else:
        try:
            for chunk in encode_chunks(models.encoder, missing, progress):
                vectors |= chunk
                encoded += chunk
        except ModelUnavailable:
            weaker = ("encoder_unavailable",)
    return TextVectors(
        fingerprint=fingerprint,
        dense=_dense(entries, vectors, previous, fingerprint),
        encoded=tuple(encoded),
        missing=tuple(missing[len(encoded) :]),
        weaker=weaker,
    )


def _dense(
    entries: Sequence[EntryTexts],
    vectors: Mapping[str, StoredVector],
    previous: TextVectors | None,
    fingerprint: str,
) -> FaissDense | None:
    layout = Layout(entries)
    vectors = {**_known(dict.fromkeys((*layout.found, *layout.negative)), previous, fingerprint), **vectors}
    if not vectors:
        return None
    dims = len(next(iter(vectors.values())))
    found, negative = (Rows.of(texts, vectors, dims) for texts in (layout.found, layout.negative))
    return FaissDense(layout, found, negative)
