"""Vectors of questions asked a moment ago."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from nlu.encode.ports import Encoder, Matrix, Vector

SIZE = 4_096


class VectorCache:
    """The ``size`` vectors used last, by encoder and text. Safe to use from several threads; give each process its own."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._kept: OrderedDict[tuple[str, str], Vector] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, fingerprint: str, text: str) -> Vector | None:
        with self._lock:
            vector = self._kept.get((fingerprint, text))
            if vector is not None:
                self._kept.move_to_end((fingerprint, text))
            return vector

    def put(self, fingerprint: str, text: str, vector: Vector) -> None:
        kept = vector.copy()  # a row would keep the whole batch in memory
        kept.flags.writeable = False
        with self._lock:
            self._kept[fingerprint, text] = kept
            self._kept.move_to_end((fingerprint, text))
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)


class CachedEncoder:
    """An :class:`Encoder` that asks another one for what the cache does not hold. For questions, not for publications."""

    def __init__(self, encoder: Encoder, cache: VectorCache) -> None:
        self._encoder = encoder
        self._cache = cache

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dims(self) -> int:
        return self._encoder.dims

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        fingerprint = self._encoder.fingerprint
        known = {text: vector for text in texts if (vector := self._cache.get(fingerprint, text)) is not None}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            for text, vector in zip(missing, self._encoder.encode(missing, timeout=timeout), strict=True):
                self._cache.put(fingerprint, text, vector)
                known[text] = vector
        return np.stack([known[text] for text in texts]) if texts else np.empty((0, self.dims), dtype=np.float32)
