"""The cross-encoder in the grey band: it reads the few best candidates where the features leave a doubt, and in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dialog.kb.models import Models
from nlu.encode import ModelUnavailable
from nlu.semantic import READ, in_doubt


@dataclass(frozen=True, slots=True)
class Reading:
    """``logits`` of the first entries in the order given; empty where nothing was read."""

    logits: tuple[float, ...] = ()
    ms: float = 0.0
    weaker: str = ""
    """``reranker_late`` or ``reranker_unavailable``: the features decide alone."""


NOT_READ = Reading()


def read(question: str, candidates: Sequence[tuple[float, str]], models: Models, clock: Callable[[], float]) -> Reading:
    """Reads the first candidates, given as (probability, text) best first, if there is a doubt and a reranker."""
    if models.reranker is None or not in_doubt([probability for probability, _ in candidates]):
        return NOT_READ
    texts = [text for _, text in candidates[:READ]]
    start = clock()
    try:
        logits = models.reranker.score(question, texts, timeout=models.patience)
    except ModelUnavailable:
        late = models.patience is not None and clock() - start >= models.patience
        return Reading(weaker="reranker_late" if late else "reranker_unavailable")
    return Reading(tuple(float(logit) for logit in logits), round((clock() - start) * 1000, 2))
