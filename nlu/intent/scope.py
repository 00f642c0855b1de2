"""Whether a message wants any of the intents at all.

What speaks for it: the best score and its lead, the nearest examples, and the nearest ones of the best intent. How much
each counts is fitted on messages that want none: examples that say so, and every intent judged by a fit without its
examples, for a bot is asked for what nobody thought of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlu.intent.ridge import Matrix, Places, blocks
from nlu.intent.steps import UNKNOWN, Fitted, hold_out, nearest
from nlu.training import logistic

RECALL = 0.985
"""Share of the messages in scope that pass: sending a customer away who could be served costs more than asking back."""

_PENALTY = 1e-3
_ABOVE_NOTHING = 0.2
"""Logits."""
_MOST = 3000
"""Rows of each kind; more do not move a fit of five weights."""
_FEW = 20
"""Examples out of scope that suffice to count as much as the held-out intents."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A logistic model, moved so that ``RECALL`` of the messages in scope reach 0.5."""

    weights: tuple[float, ...]
    bias: float

    def chance(self, evidence: Matrix) -> Matrix:
        """(messages,) from (messages, 5) of :func:`evidence`."""
        result: Matrix = logistic.sigmoid(evidence @ np.array(self.weights) + self.bias).astype(np.float32)
        return result


def evidence(scores: Matrix, likeness: Matrix, labels: Places, intents: int) -> Matrix:
    """(messages, 5): the best score, its lead over the next intent and over being out of scope, likeness of the nearest
    examples, and of the best intent's nearest. A column of ``scores`` beyond ``intents`` is for being out of scope."""
    inside = scores[:, :intents]
    outside = scores[:, intents] if scores.shape[1] > intents else np.full(len(scores), UNKNOWN, dtype=np.float32)
    best = inside.argmax(axis=1)
    top = inside.max(axis=1)
    others = inside.copy()
    others[np.arange(len(scores)), best] = UNKNOWN
    own = np.empty(len(scores), dtype=np.float32)
    for intent in np.unique(best):
        rows = np.flatnonzero(best == intent)
        own[rows] = nearest(likeness[np.ix_(rows, np.flatnonzero(labels == intent))])
    near = nearest(likeness[:, labels < intents])
    return np.column_stack([top, top - others.max(axis=1), top - outside, near, own])


RowsOf = Callable[[Places], Matrix]
"""Likenesses (places, n) of some examples with all of them: asked for piece by piece, for all at once take much memory."""


def fit(fitted: Fitted, rows_of: RowsOf, intents: int, seed: int) -> Scope:
    """From a step that was fitted to examples, of which labels from ``intents`` on are out of scope."""
    rng = np.random.default_rng(seed)
    inside = _some(np.flatnonzero(fitted.labels < intents), rng)
    known = _single(fitted, inside, rows_of, intents)
    kinds = [np.concatenate(found)] if (found := list(_intents_held_out(fitted, rows_of, intents, rng))) else []
    outside = _some(np.flatnonzero(fitted.labels >= intents), rng)
    if len(outside):
        kinds.append(_single(fitted, outside, rows_of, intents))
    weights = [1.0] if len(kinds) == 1 else [1.0, min(1.0, len(outside) / _FEW)]
    alien = np.zeros((1, len(fitted.labels)), dtype=np.float32)
    nothing = evidence(fitted.scores(alien), alien, fitted.labels, intents)
    return _fit(known, kinds, [weight / sum(weights) for weight in weights], nothing)


def _fit(known: Matrix, unknown: list[Matrix], shares: list[float], nothing: Matrix) -> Scope:
    """``nothing``: the evidence of a message that is like no example, which never passes."""
    rows = np.concatenate([known, *unknown]).astype(np.float64)
    labels = np.concatenate([np.ones(len(known)), np.zeros(len(rows) - len(known))])
    parts = [np.full(len(kind), share / len(kind)) for kind, share in zip(unknown, shares, strict=True)]
    importance = np.concatenate([np.full(len(known), 1 / len(known)), *parts])
    found = logistic.fit(rows, labels, importance, np.ones(rows.shape[1]), _PENALTY)
    weights: npt.NDArray[np.float64] = found.weights / found.scales
    passing = max(float(np.quantile(known @ weights, 1 - RECALL)), float((nothing @ weights)[0]) + _ABOVE_NOTHING)
    return Scope(tuple(float(weight) for weight in weights), -passing)


def _single(fitted: Fitted, places: Places, rows_of: RowsOf, intents: int) -> Matrix:
    likeness = hold_out(rows_of(places), places)
    return evidence(fitted.held_out(places, likeness), likeness, fitted.labels, intents)


def _intents_held_out(fitted: Fitted, rows_of: RowsOf, intents: int, rng: np.random.Generator) -> Iterator[Matrix]:
    """Whole intents, in random order until there are enough examples."""
    count = 0
    own = list(blocks(fitted.labels))[:intents]
    for place in rng.permutation(len(own)):
        intent, places = own[place]
        if count >= _MOST or len(own) < 2:
            break
        likeness = rows_of(places)
        likeness[:, places] = UNKNOWN
        scores = fitted.without(places, likeness)
        scores[:, intent] = UNKNOWN
        count += len(places)
        yield evidence(scores, likeness, fitted.labels, intents)


def _some(places: Places, rng: np.random.Generator) -> Places:
    return places if len(places) <= _MOST else np.sort(rng.choice(places, _MOST, replace=False))
