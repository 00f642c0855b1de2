"""A bot's own rankers: the shipped ones fitted further on its entries and on what its operators labelled.

What is learned from is cross-fitted: a similar question that asks is taken out of its own entry first, so that its
likeness is that of a new question and not of a known one. Few rows move the logistic part alone; the shipped trees stay
until there are rows enough to grow others.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from nlu.encode import Encoder, Reranker
from nlu.normalize import question_key
from nlu.rank import FeatureRanker, Rankers
from nlu.semantic import Scale
from nlu.training.ranker import fit
from nlu.training.rows import Question, Space, featurise, training_rows, with_reading
from nlu.training.tasks import Task

Labelled = tuple[str, frozenset[str]]
"""A question and the ids of the entries that answer it; none: it is unanswerable."""

PENALTY = 1e-2
LABEL_WEIGHT = 3.0
"""A labelled question counts as so many taken from the entries: customers asked it."""
ROWS_FOR_TREES = 3_000
_FROM_ENTRIES = 600
"""Questions taken from the entries, at most."""


class Entry(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def question(self) -> str: ...
    @property
    def similar(self) -> tuple[str, ...]: ...
    @property
    def answer(self) -> str: ...


class Models(Protocol):
    @property
    def encoder(self) -> Encoder | None: ...
    @property
    def reranker(self) -> Reranker | None: ...
    @property
    def rankers(self) -> Rankers | None: ...
    @property
    def scale(self) -> Scale: ...


def train(
    entries: Sequence[Entry], labelled: Sequence[Labelled], models: Models, seed: int
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The bot's rankers as JSON (:meth:`Rankers.to_json`), and what they learned from.

    Raises:
        ValueError: there is nothing to learn from: no question with a right entry among its candidates, or only those.
    """
    shipped = models.rankers or Rankers.shipped()
    task, labels = _task(entries, labelled, random.Random(seed))
    space = Space(task, models.encoder, models.scale, {}) if models.encoder and shipped.dense else None
    questions = featurise(task, space)
    lexical_width = len(shipped.lexical.features)
    plain = [replace(question, rows=[row[:lexical_width] for row in question.rows]) for question in questions]
    own = Rankers(_fitted(shipped.lexical, plain, labels, seed))
    if space and shipped.dense:
        own = replace(own, dense=_fitted(shipped.dense, questions, labels, seed))
        if models.reranker and shipped.cross and own.dense:
            read = [with_reading(question, own.dense, models.reranker) for question in questions]
            kept = [(question, place in labels) for place, question in enumerate(read) if question is not None]
            known = {place for place, (_question, is_label) in enumerate(kept) if is_label}
            own = replace(own, cross=_fitted(shipped.cross, [question for question, _ in kept], known, seed))
    return own.to_json(), {"questions": len(questions), "labelled": len(labels)}


def _fitted(shipped: FeatureRanker, questions: Sequence[Question], labels: set[int], seed: int) -> FeatureRanker:
    blocks: list[list[float]] = []
    rights: list[float] = []
    weights: list[float] = []
    for place, question in enumerate(questions):
        found, right = training_rows([question])
        blocks.extend(found)
        rights.extend(right)
        weights.extend([LABEL_WEIGHT if place in labels else 1.0] * len(found))
    if not 0 < sum(rights) < len(rights):
        raise ValueError("the labelled questions and the entries give nothing to learn from")
    grown = len(blocks) >= ROWS_FOR_TREES and shipped.trees is not None
    rows, labelled, importance = np.asarray(blocks), np.asarray(rights), np.asarray(weights)
    fresh = fit(shipped.feature_set, rows, labelled, importance, seed, PENALTY, trees=grown)
    return fresh if grown else FeatureRanker.from_json({**fresh.to_json(), **_trees(shipped)})


def _trees(ranker: FeatureRanker) -> dict[str, str]:
    return {"trees": ranker.trees.text} if ranker.trees else {}


def _task(entries: Sequence[Entry], labelled: Sequence[Labelled], rng: random.Random) -> tuple[Task, set[int]]:
    """The entries with the questions that ask them, and the places of the labelled ones among these."""
    task = Task("bot")
    places: dict[str, int] = {}
    asking = set(rng.sample(range(len(entries)), min(_FROM_ENTRIES, len(entries))))
    taken: list[tuple[str, int]] = []
    for number, entry in enumerate(entries):
        similar = list(entry.similar)
        if number in asking and similar:
            taken.append((similar.pop(rng.randrange(len(similar))), number))
        places[entry.id] = task.add((entry.question, *similar), entry.answer)
    known = {question_key(text) for texts in task.entries for text in texts}
    for text, number in taken:
        if question_key(text) not in known:
            task.ask(text, number)
    labels = set()
    for text, gold in labelled:
        right = sorted(places[identity] for identity in gold if identity in places)
        if gold and not right:
            continue  # its entry is gone
        labels.add(len(task.questions))
        task.ask(text, right[0] if right else None)
    return task, labels
