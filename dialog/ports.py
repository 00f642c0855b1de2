"""What the dialogue needs from outside, as Protocols. In-memory twins live beside the code that uses them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from dialog.types import Event

Emit: TypeAlias = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class RecallHit:
    """One indexed text found for a query; an entry may be found by several of its texts."""

    entry: int
    """Position of the entry in the publication's ``entries``."""
    text: int
    """0 is the standard question, k the k-th similar question."""
    words: float
    """BM25 over words, 0.0 when this leg did not find it."""
    bigrams: float
    """BM25 over character bigrams, 0.0 when this leg did not find it."""


class Recall(Protocol):
    """Finds the texts of one publication that may answer a query. Immutable; safe to call from several threads."""

    def search(self, words: Sequence[str], bigrams: Sequence[str], *, limit: int) -> list[RecallHit]:
        """Up to ``limit`` hits by each leg, merged, best sum of BM25 first.

        Raises:
            RecallUnavailable: the engine behind it cannot be reached or answered nonsense.
        """
        ...


class RecallUnavailable(Exception):
    """The recall engine failed; the turn goes on in the weaker mode that the trace names."""
