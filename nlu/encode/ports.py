"""What an encoder and a reranker must do. Implementations: onnx (shipped), static, remote, hub."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.float32]
Matrix: TypeAlias = npt.NDArray[np.float32]


class ModelUnavailable(Exception):
    """The model cannot be reached, is too busy or did not answer in time; the turn goes on without it."""


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their likeness. Safe to call from several threads."""

    @property
    def fingerprint(self) -> str:
        """Equal exactly where the vectors are equal; vectors of different fingerprints are never compared."""
        ...

    @property
    def dims(self) -> int: ...

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        """Unit vectors, (len(texts), dims), in the order of the texts, which are taken as written.

        Raises:
            ModelUnavailable: no answer within ``timeout`` seconds, or none at all.
        """
        ...


class Reranker(Protocol):
    """Reads a question and a text together. Safe to call from several threads."""

    @property
    def fingerprint(self) -> str: ...

    def score(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Vector:
        """One logit a text, (len(texts),): the higher, the more surely it means what the query means.

        Raises:
            ModelUnavailable: no answer within ``timeout`` seconds, or none at all.
        """
        ...
