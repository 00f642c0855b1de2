"""Whether a message wants any of the intents at all.

What speaks for it: the best score and its lead, the nearest examples, and the nearest ones of the best intent. How much
each counts is fitted on messages that want none: examples that say so, and every intent judged by a fit without its
examples, for a bot is asked for what nobody thought of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from nlu.intent.ridge import Matrix, Places, blocks
from nlu.intent.steps import UNKNOWN, Fitted, hold_out, nearest
from nlu.training import logistic

RECALL = 0.97
"""Share of the messages in scope that pass."""

_PENALTY = 1e-3
_MOST = 3000
"""Rows of each kind; more do not move a fit of four weights."""
_FEW = 20
"""Examples out of scope that suffice to count as much as the held-out intents."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A logistic model, moved so that ``RECALL`` of the messages in scope reach 0.5."""

    weights: tuple[float, ...]
    bias: float

    def chance(self, evidence: Matrix) -> Matrix:
        """(messages,) from (messages, 4) of :func:`evidence`."""
        result: Matrix = logistic.sigmoid(evidence @ np.array(self.weights) + self.bias).astype(np.float32)
        return result


def evidence(scores: Matrix, likeness: Matrix, labels: Places) -> Matrix:
    """(messages, 4): best score, its lead, likeness of the nearest examples, and of the best intent's nearest."""
    best = scores.argmax(axis=1)
    top = scores.max(axis=1)
    others = scores.copy()
    others[np.arange(len(scores)), best] = UNKNOWN
    own = np.empty(len(scores), dtype=np.float32)
    for intent in np.unique(best):
        rows = np.flatnonzero(best == intent)
        own[rows] = nearest(likeness[np.ix_(rows, np.flatnonzero(labels == intent))])
    return np.column_stack([top, top - others.max(axis=1), nearest(likeness[:, labels >= 0]), own])


RowsOf = Callable[[Places], Matrix]
"""Likenesses (places, n) of some examples with all of them: asked for piece by piece, for all at once take much memory."""


def fit(fitted: Fitted, rows_of: RowsOf, seed: int) -> Scope:
    """From a step that was fitted to examples, of which labels below 0 want no intent."""
    rng = np.random.default_rng(seed)
    inside = _some(np.flatnonzero(fitted.labels >= 0), rng)
    known = _single(fitted, inside, rows_of)
    kinds = [np.concatenate(list(_intents_held_out(fitted, rows_of, rng)))]
    outside = _some(np.flatnonzero(fitted.labels < 0), rng)
    if len(outside):
        kinds.append(_single(fitted, outside, rows_of))
    weights = [1.0] if len(kinds) == 1 else [1.0, min(1.0, len(outside) / _FEW)]
    return _fit(known, kinds, [weight / sum(weights) for weight in weights])


def _fit(known: Matrix, unknown: list[Matrix], shares: list[float]) -> Scope:
    rows = np.concatenate([known, *unknown]).astype(np.float64)
    labels = np.concatenate([np.ones(len(known)), np.zeros(len(rows) - len(known))])
    parts = [np.full(len(kind), share / len(kind)) for kind, share in zip(unknown, shares, strict=True)]
    importance = np.concatenate([np.full(len(known), 1 / len(known)), *parts])
    found = logistic.fit(rows, labels, importance, np.ones(rows.shape[1]), _PENALTY)
    weights = found.weights / found.scales
    passing = float(np.quantile(known @ weights, 1 - RECALL))
    return Scope(tuple(float(weight) for weight in weights), -passing)


def _single(fitted: Fitted, places: Places, rows_of: RowsOf) -> Matrix:
    likeness = hold_out(rows_of(places), places)
    return evidence(fitted.held_out(places, likeness), likeness, fitted.labels)


def _intents_held_out(fitted: Fitted, rows_of: RowsOf, rng: np.random.Generator) -> Iterator[Matrix]:
    """Whole intents, in random order until there are enough examples."""
    count = 0
    own = list(blocks(fitted.labels))
    for place in rng.permutation(len(own)):
        intent, places = own[place]
        if count >= _MOST or len(own) < 2:
            break
        likeness = rows_of(places)
        likeness[:, places] = UNKNOWN
        scores = fitted.without(places, likeness)
        scores[:, intent] = UNKNOWN
        count += len(places)
        yield evidence(scores, likeness, fitted.labels)


def _some(places: Places, rng: np.random.Generator) -> Places:
    return places if len(places) <= _MOST else np.sort(rng.choice(places, _MOST, replace=False))
