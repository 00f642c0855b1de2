"""What the dialogue needs from outside, as Protocols. In-memory twins live beside the code that uses them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from dialog.types import Event

if TYPE_CHECKING:  # numpy is not loaded for the sake of a name
    import numpy as np
    import numpy.typing as npt

    from nlu.encode import Vector

    StoredVector: TypeAlias = npt.NDArray[np.float16]
    """A unit vector as it is kept, (dims,): half the memory, and no ranking changes by it."""

Emit: TypeAlias = Callable[[Event], None]

ANSWER = -1
"""Stands in the place of a text's number for the entry's answer."""


@dataclass(frozen=True, slots=True)
class RecallHit:
    """One indexed text found for a query; an entry may be found by several of its texts."""

    entry: int
    """Position of the entry in the publication's ``entries``."""
    text: int
    """0 is the standard question, k the k-th similar question, ``ANSWER`` the answer (found by the dense leg only)."""
    words: float
    """BM25 over words, 0.0 when this leg did not find it."""
    bigrams: float
    """BM25 over character bigrams, 0.0 when this leg did not find it."""
    dense: float = 0.0
    """Cosine of the question's vector and the text's, 0.0 when this leg did not find it."""


class Recall(Protocol):
    """Finds the texts of one publication that may answer a query. Immutable; safe to call from several threads."""

    def search(
        self,
        words: Sequence[str],
        bigrams: Sequence[str],
        *,
        limit: int,
        vector: Callable[[], Vector | None] | None = None,
    ) -> list[RecallHit]:
        """Up to ``limit`` hits by each leg, merged: best sum of BM25 first, or with the dense leg best fused rank first.

        ``vector`` gives the question's vector and may wait for it; the other legs do not. Where it is left out, gives
        None, or the publication has no vectors, the lexical legs answer alone.

        Raises:
            RecallUnavailable: the engine behind it cannot be reached or answered nonsense.
        """
        ...


class VectorStore(Protocol):
    """Keeps the vectors of texts between builds and between processes. Nothing is lost with it but time."""

    def load(self, fingerprint: str, texts: Sequence[str]) -> dict[str, StoredVector]:
        """The vectors of those ``texts`` that are kept for this encoder."""
        ...

    def save(self, fingerprint: str, vectors: Mapping[str, StoredVector]) -> None:
        """Keep vectors of this encoder; what is kept already stays as it is."""
        ...


class RecallUnavailable(Exception):
    """The recall engine failed; the turn goes on in the weaker mode that the trace names."""
