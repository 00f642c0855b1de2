"""An encoder without a model: texts that share characters are near to each other, the same text always the same."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from nlu.encode import Matrix, ModelUnavailable


class NgramEncoder:
    """Hashed characters and pairs of characters. Counts what it is asked, and can be made to fail or to be slow."""

    def __init__(self, name: str = "ngrams", dims: int = 64) -> None:
        self.name = name
        self.dims = dims
        self.seen: list[str] = []
        """Every text that it encoded, in order."""
        self.down = False
        self.survives: int | None = None
        """Texts that it encodes before it goes down; None: it stays up."""
        self.slow = threading.Event()
        self.slow.set()
        """While it is cleared nothing is answered."""

    @property
    def fingerprint(self) -> str:
        return f"fake-{self.name}"

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        if not self.slow.wait(timeout):
            raise ModelUnavailable("too slow")
        if self.survives is not None:
            self.survives -= len(texts)
            self.down = self.survives < 0
        if self.down:
            raise ModelUnavailable("down")
        self.seen += texts
        return np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, self.dims), np.float32)

    def _vector(self, text: str) -> Matrix:
        vector = np.full(self.dims, 1e-3, dtype=np.float32)
        lowered = text.lower()
        for size in (1, 2):
            for at in range(len(lowered) - size + 1):
                vector[
                    crc32(f"{self.name} {lowered[at : at + size]}".encode("utf-8", "surrogatepass")) % self.dims
                ] += 1
        return vector / np.linalg.norm(vector)
