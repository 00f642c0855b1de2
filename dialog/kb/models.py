"""The models that an engine works with; each may be missing, and the turn then goes on without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlu.semantic import UNSCALED, Scale

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from nlu.encode import Encoder, Reranker
    from nlu.rank import Rankers

PATIENCE_SECONDS = 0.15
"""How long a turn waits for the vector of its question."""


@dataclass(frozen=True, slots=True)
class Models:
    """What an engine is built with, and keeps until it is replaced whole."""

    encoder: Encoder | None = None
    questions: Encoder | None = None
    """The same encoder for questions, which come again and again: behind a cache. None: ``encoder`` itself."""
    reranker: Reranker | None = None
    rankers: Rankers | None = None
    """The bot's own; None: the shipped ones."""
    scale: Scale = UNSCALED
    """Of the encoder's cosines."""
    patience: float | None = PATIENCE_SECONDS
    """Seconds that a turn waits for a model; None: as long as it takes."""
    pool: Executor | None = None
    """Where questions are encoded while the lexical legs of recall work; None: in the thread of the turn."""


NO_MODELS = Models()
"""Words alone: no vectors, no reranker, the shipped rankers."""


def fingerprint_of(model: Encoder | Reranker | None) -> str:
    """The model's fingerprint; empty where there is no model or it cannot be asked."""
    from nlu.encode import ModelUnavailable

    if model is None:
        return ""
    try:
        return model.fingerprint
    except ModelUnavailable:
        return ""
