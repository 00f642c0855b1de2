"""The steps of the ladder: how likenesses with the examples become a score for each intent.

``neighbours`` learns nothing and needs one example an intent; ``linear`` and ``kernel`` are ridge regressions, the second
one in the space of a Gaussian kernel, where words and vectors of a message speak together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nlu.intent import ridge
from nlu.intent.ridge import Matrix, Places, Ridge
from nlu.intent.types import Method

NEAREST = 3
UNKNOWN = -1.0
"""The score of an intent that nothing speaks for."""


@dataclass(frozen=True, slots=True)
class Step:
    """One setting of one step. ``share`` is the vectors' share in likeness, ``penalty`` the ridge's."""

    method: Method
    share: float
    penalty: float = 0.0


def scores(method: Method, likeness: Matrix, labels: Places, weights: Matrix) -> Matrix:
    """(messages, intents) from (messages, examples); ``weights`` (examples, intents) of the ridge, or (0, intents)."""
    if method == "neighbours":
        return neighbour_scores(likeness, labels, weights.shape[1])
    result: Matrix = kernel(method, likeness) @ weights
    return result


def kernel(method: Method, likeness: Matrix) -> Matrix:
    """Likenesses as the ridge takes them: linear with a constant, or a Gaussian of unit vectors, exp(cosine - 1).

    Either way what is like no example gets the scores that intents have on average, and those are low.
    """
    return likeness + 1 if method == "linear" else np.exp(likeness - 1, dtype=np.float32)


def neighbour_scores(likeness: Matrix, labels: Places, intents: int) -> Matrix:
    """The mean likeness of the nearest examples of each intent; ``UNKNOWN`` where it has none."""
    found = np.full((len(likeness), intents), UNKNOWN, dtype=np.float32)
    for intent, places in ridge.blocks(labels):
        if len(places):
            found[:, intent] = nearest(likeness[:, places])
    return found


def nearest(likeness: Matrix) -> Matrix:
    """The mean of the highest likenesses of each row; those that are held out (``UNKNOWN``) do not count."""
    most = min(NEAREST, likeness.shape[1])
    top = -np.partition(-likeness, most - 1, axis=1)[:, :most]
    held = top > UNKNOWN
    result: Matrix = np.where(held, top, 0).sum(axis=1) / np.maximum(held.sum(axis=1), 1)
    return np.where(held.any(axis=1), result, UNKNOWN).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A step fitted to examples; ``ridge`` is None for neighbours."""

    step: Step
    labels: Places
    intents: int
    ridge: Ridge | None

    @property
    def weights(self) -> Matrix:
        return np.zeros((0, self.intents), dtype=np.float32) if self.ridge is None else self.ridge.weights

    def scores(self, likeness: Matrix) -> Matrix:
        """(messages, intents) from (messages, n) likenesses of new messages."""
        return scores(self.step.method, likeness, self.labels, self.weights)

    def held_out(self, places: Places, likeness: Matrix) -> Matrix:
        """The scores of examples, each by a fit without it; ``likeness`` (places, n), its own held out."""
        if self.ridge is None:
            return neighbour_scores(likeness, self.labels, self.intents)
        return self.ridge.held_out[places]

    def without(self, places: Places, likeness: Matrix) -> Matrix:
        """The scores of examples by a fit without any of them; ``likeness`` (places, n) with all of them held out."""
        if self.ridge is None:
            return neighbour_scores(likeness, self.labels, self.intents)
        return self.ridge.without(places)


def fit(step: Step, likeness: Matrix, labels: Places, intents: int) -> Fitted:
    """``likeness`` (n, n) is overwritten by a ridge."""
    if step.method == "neighbours":
        return Fitted(step, labels, intents, None)
    if step.method == "linear":
        likeness += 1
    else:
        likeness -= 1
        np.exp(likeness, out=likeness)
    return Fitted(step, labels, intents, ridge.fit(likeness, labels, intents, step.penalty))


def hold_out(likeness: Matrix, places: Places) -> Matrix:
    """``likeness`` (places, n) with each example's likeness to itself held out."""
    likeness[np.arange(len(places)), places] = UNKNOWN
    return likeness
