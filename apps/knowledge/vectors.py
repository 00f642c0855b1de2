"""The database behind :class:`dialog.ports.VectorStore`."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from apps.knowledge.models import TextVector

if TYPE_CHECKING:
    from dialog.ports import StoredVector

BATCH = 1_000


class DatabaseVectors:
    """Rows of :class:`TextVector`, float16, found by the hash of the text as it was written."""

    def load(self, fingerprint: str, texts: Sequence[str]) -> dict[str, StoredVector]:
        """As :class:`dialog.ports.VectorStore`."""
        found: dict[str, StoredVector] = {}
        for at in range(0, len(texts), BATCH):
            found |= _load(fingerprint, {_key(text): text for text in texts[at : at + BATCH]})
        return found

    def save(self, fingerprint: str, vectors: Mapping[str, StoredVector]) -> None:
        """As :class:`dialog.ports.VectorStore`."""
        rows = [
            TextVector(fingerprint=fingerprint, key=_key(text), vector=vector.astype("<f2").tobytes())
            for text, vector in vectors.items()
        ]
        TextVector.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def _load(fingerprint: str, texts: Mapping[str, str]) -> dict[str, StoredVector]:
    """``texts`` by key. The vectors are rows of one matrix: a publication's would be many small objects."""
    import numpy as np

    rows = list(TextVector.objects.filter(fingerprint=fingerprint, key__in=texts).values_list("key", "vector"))
    if not rows:
        return {}
    matrix = np.frombuffer(b"".join(bytes(vector) for _key, vector in rows), dtype="<f2").reshape(len(rows), -1)
    return {texts[key]: vector for (key, _vector), vector in zip(rows, matrix, strict=True)}


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def vectors_forget(*, keep: Collection[str]) -> int:
    """Delete the vectors of encoders that are not in ``keep``; how many."""
    deleted, _by_table = TextVector.objects.exclude(fingerprint__in=keep).delete()
    return deleted
