"""The intent of a message: the step of the ladder that the examples bear, its chances calibrated, its scope fitted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nlu.intent import scope, steps
from nlu.intent.features import Row
from nlu.intent.likeness import Likeness, all_pairs, some_pairs, sparse_rows
from nlu.intent.ridge import Matrix, Places
from nlu.intent.scope import Scope
from nlu.intent.steps import Fitted, Step
from nlu.intent.types import Method

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0: unknown)."""

MOST_EXAMPLES = 16_000
"""Time grows with their cube and memory with their square: 1 GB and a minute here."""

_SAMPLE = 3000
_SHARES = (0.4, 0.5, 0.6, 0.7)
_PENALTIES: dict[Method, tuple[float, ...]] = {"neighbours": (0.0,), "linear": (0.3, 1.0), "kernel": (0.05, 0.15)}
_SHARPNESS = np.geomspace(2.0, 40.0, 60)
_UNFITTED = 8.0


@dataclass(frozen=True, slots=True)
class Judged:
    """``chances`` (intents,) sum to 1, given that one of them is meant; ``in_scope`` is how likely that is."""

    chances: Matrix
    in_scope: float


@dataclass(frozen=True, slots=True)
class Classifier:
    """``labels`` (examples,) are places in ``names``, its length for out of scope; ``weights`` are the ridge's, with a
    column for being out of scope where examples are."""

    names: tuple[str, ...]
    method: Method
    likeness: Likeness
    labels: Places
    weights: Matrix
    sharpness: float
    scope: Scope

    def judge(self, row: Row, vector: Matrix | None) -> Judged:
        likeness = self.likeness.of_message(row, vector)[None]
        scores = steps.scores(self.method, likeness, self.labels, self.weights)
        known = scope.evidence(scores, likeness, self.labels, len(self.names))
        return Judged(chances(scores[:, : len(self.names)], self.sharpness)[0], float(self.scope.chance(known)[0]))


def chances(scores: Matrix, sharpness: float) -> Matrix:
    """(messages, intents), each row sums to 1."""
    powers = np.exp(sharpness * (scores - scores.max(axis=1, keepdims=True)))
    result: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return result


@dataclass(frozen=True, slots=True)
class Learned:
    """A classifier with what it thought of its own examples, each as if it had not learned it."""

    classifier: Classifier
    held_out: Matrix
    """(examples, intents) chances."""


def learn(
    documents: Sequence[Sequence[str]],
    vectors: Matrix,
    labels: Places,
    names: tuple[str, ...],
    *,
    seed: int,
    progress: Progress | None = None,
) -> Learned:
    """``documents`` are the examples' features, ``vectors`` (n, dims) their encoder's (dims 0: none)."""
    tell = progress or (lambda _what, _done, _total: None)
    tell("choosing the step", 0, 0)
    step = choose(documents, vectors, labels, len(names), seed=seed)
    tell("fitting the intents", 0, 0)
    likeness = Likeness.of(documents, vectors, step.share)
    words = sparse_rows(likeness.vocabulary, documents)
    fitted = steps.fit(step, all_pairs(words, likeness.vectors, likeness.share), labels, int(labels.max()) + 1)

    def rows_of(places: Places) -> Matrix:
        return some_pairs(words, likeness.vectors, likeness.share, places)

    tell("fitting what is out of scope", 0, 0)
    held_out = _all_held_out(fitted, rows_of)[:, : len(names)]
    sharpness = sharpness_of(held_out, labels)
    classifier = Classifier(
        names=names,
        method=step.method,
        likeness=likeness,
        labels=labels,
        weights=fitted.weights,
        sharpness=sharpness,
        scope=scope.fit(fitted, rows_of, len(names), seed),
    )
    return Learned(classifier, chances(held_out, sharpness))


def _all_held_out(fitted: Fitted, rows_of: scope.RowsOf, size: int = 1024) -> Matrix:
    if fitted.ridge is not None:
        return fitted.ridge.held_out
    count = len(fitted.labels)
    parts = (np.arange(start, min(start + size, count)) for start in range(0, count, size))
    return np.concatenate([fitted.held_out(part, steps.hold_out(rows_of(part), part)) for part in parts])


def choose(documents: Sequence[Sequence[str]], vectors: Matrix, labels: Places, intents: int, *, seed: int) -> Step:
    """The simplest step that none above it beats on held-out examples, with its best setting."""
    sample = _sample(labels, seed)
    used, labels = [documents[place] for place in sample], labels[sample]
    inside = np.flatnonzero(labels < intents)
    columns = int(labels.max()) + 1
    found: dict[Method, tuple[float, Step]] = {}
    for share in _SHARES if vectors.shape[1] else (0.0,):
        likeness = Likeness.of(used, vectors[sample], share)
        pairs = all_pairs(sparse_rows(likeness.vocabulary, used), likeness.vectors, share)
        for method, penalties in _PENALTIES.items():
            for penalty in penalties:
                step = Step(method, share, penalty)
                fitted = steps.fit(step, pairs.copy(), labels, columns)
                scores = fitted.held_out(inside, steps.hold_out(pairs[inside], inside))[:, :intents]
                right = float((scores.argmax(axis=1) == labels[inside]).mean())
                if method not in found or right > found[method][0]:
                    found[method] = right, step
    return max(found.values(), key=lambda rated: rated[0])[1]  # of equal ones the first, which is the simplest


def sharpness_of(held_out: Matrix, labels: Places) -> float:
    """The sharpness under which the held-out examples are most likely (temperature scaling, Guo et al. 2017)."""
    judged = np.flatnonzero((labels < held_out.shape[1]) & (np.bincount(labels)[labels] > 1))
    if not len(judged) or held_out.shape[1] < 2:
        return _UNFITTED
    scores, own = held_out[judged], labels[judged]
    losses = [-np.log(chances(scores, sharpness)[np.arange(len(own)), own] + 1e-12).mean() for sharpness in _SHARPNESS]
    return float(_SHARPNESS[int(np.argmin(losses))])


def _sample(labels: Places, seed: int) -> Places:
    if len(labels) <= _SAMPLE:
        return np.arange(len(labels))
    return np.sort(np.random.default_rng(seed).choice(len(labels), _SAMPLE, replace=False))
