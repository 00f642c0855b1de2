"""Tasks as rows of features, computed as the live path computes them: recall, compare, vectors, the cross-encoder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from nlu.bm25 import Bm25
from nlu.compare import Compared, EntryViews, compare
from nlu.encode import Encoder, Matrix, Reranker, Vector
from nlu.features import Weights, feature_rows
from nlu.fusion import fused
from nlu.rank import FeatureRanker
from nlu.semantic import NAN, READ, DenseMatch, Scale, cross_rows, dense_rows, in_doubt, reading_text
from nlu.synonyms import base_groups
from nlu.training.tasks import Task
from nlu.view import Analyzer

RECALL_LIMIT = 40
KEPT_ROWS = 6
"""Candidates of a question that are learned from: those recalled best, and the right one."""
_BATCH = 64
_ANSWER = -1


@dataclass(frozen=True, slots=True)
class Question:
    """The rows of one question with the entries they stand for, and what the cross-encoder would read of each."""

    rows: list[list[float]]
    entries: tuple[int, ...]
    gold: int | None
    text: str = ""
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hit:
    entry: int
    text: int
    words: float
    bigrams: float


class Space:
    """The vectors of one task's texts, searched exactly: what :mod:`dialog.kb.dense` does when serving."""

    def __init__(self, task: Task, encoder: Encoder, scale: Scale, known: dict[str, Vector]) -> None:
        """``known`` keeps vectors between tasks that share texts."""
        self.scale = scale
        texts = [text for entry in task.entries for text in entry]
        answers = [answer for answer in task.answers if answer]
        questions = [text for text, _gold in task.questions]
        _encode(encoder, (*texts, *answers, *questions), known)
        self._known = known
        self._places = [(entry, number) for entry, own in enumerate(task.entries) for number in range(len(own))]
        self._places += [(entry, _ANSWER) for entry, answer in enumerate(task.answers) if answer]
        self._matrix: Matrix = np.stack([known[text] for text in (*texts, *answers)])
        self._rows: list[list[int]] = [[] for _ in task.entries]
        for row, (entry, _number) in enumerate(self._places):
            self._rows[entry].append(row)

    def cosines(self, question: str) -> Vector:
        result: Vector = self._matrix @ self._known[question]
        return result

    def leg(self, cosines: Vector) -> dict[tuple[int, int], float]:
        """The nearest texts and answers, best first."""
        first = np.argsort(-cosines, kind="stable")[:RECALL_LIMIT]
        return {self._places[row]: float(cosines[row]) for row in first if cosines[row] > 0}

    def match(self, cosines: Vector, entry: int) -> DenseMatch:
        positive = {self._places[row][1]: float(cosines[row]) for row in self._rows[entry]}
        answer = positive.pop(_ANSWER, NAN)
        order = sorted(positive, key=lambda number: (-positive[number], number))
        second = positive[order[1]] if len(order) > 1 else NAN
        return DenseMatch(positive[0], positive[order[0]], order[0], second, answer, NAN)


def _encode(encoder: Encoder, texts: Iterable[str], known: dict[str, Vector]) -> None:
    fresh = [text for text in dict.fromkeys(texts) if text not in known]
    for start in range(0, len(fresh), _BATCH):
        batch = fresh[start : start + _BATCH]
        known.update(zip(batch, encoder.encode(batch), strict=True))


def featurise(task: Task, space: Space | None = None) -> list[Question]:
    """Recalls and compares as the live path does, with exact BM25 and, where there is a ``space``, exact cosines."""
    analyzer = Analyzer(base_groups())
    entries = [EntryViews(tuple(analyzer.raw_view(text) for text in texts)) for texts in task.entries]
    places = [(entry, text) for entry, views in enumerate(entries) for text in range(len(views.positive))]
    views = [entries[entry].positive[text] for entry, text in places]
    weights = Weights(views)
    legs = Bm25(view.words for view in views), Bm25(view.bigrams for view in views)
    questions = []
    for text, gold in task.questions:
        view = analyzer.raw_view(text)
        words, bigrams = (
            {places[number]: score for number, score in leg.search(tokens, RECALL_LIMIT)}
            for leg, tokens in zip(legs, (view.words, view.bigrams), strict=True)
        )
        cosines = space.cosines(text) if space else None
        hits = _hits(words, bigrams, space.leg(cosines) if space and cosines is not None else None)
        dense = partial(space.match, cosines) if space and cosines is not None else None
        asked, found = compare(view, hits, entries, weights, dense=dense)
        rows = feature_rows(asked, [item.match for item in found])
        if space:
            matches = [item.dense for item in found if item.dense is not None]
            rows = [[*row, *more] for row, more in zip(rows, dense_rows(matches, space.scale), strict=True)]
        questions.append(_question(task, text, gold, rows, found))
    return questions


def _hits(
    words: Mapping[tuple[int, int], float],
    bigrams: Mapping[tuple[int, int], float],
    dense: Mapping[tuple[int, int], float] | None,
) -> list[_Hit]:
    found = words.keys() | bigrams.keys() | (dense.keys() if dense else set())
    hits = [_Hit(*place, words.get(place, 0.0), bigrams.get(place, 0.0)) for place in found]
    if dense is None:
        return sorted(hits, key=lambda hit: (-(hit.words + hit.bigrams), hit.entry, hit.text))
    scores = fused(words, bigrams, dense)
    return sorted(hits, key=lambda hit: (-scores[hit.entry, hit.text], hit.entry, hit.text))


def _question(task: Task, text: str, gold: int | None, rows: list[list[float]], found: Sequence[Compared]) -> Question:
    nearest = tuple(
        reading_text(
            task.entries[item.entry][item.dense.best_text if item.dense else item.text], task.answers[item.entry]
        )
        for item in found
    )
    return Question(rows, tuple(item.entry for item in found), gold, text, nearest)


def with_reading(question: Question, ranker: FeatureRanker, reranker: Reranker) -> Question | None:
    """The question's first entries by ``ranker`` with what the cross-encoder says of them; None where nothing is in
    doubt, so that it would not be asked."""
    chances = ranker.probabilities(question.rows)
    order = sorted(range(len(chances)), key=lambda place: (-chances[place], question.entries[place]))
    if not in_doubt([chances[place] for place in order]):
        return None
    first = order[:READ]
    logits = reranker.score(question.text, [question.nearest[place] for place in first])
    rows = [
        [*question.rows[place], *more]
        for place, more in zip(first, cross_rows([float(logit) for logit in logits]), strict=True)
    ]
    return replace(
        question,
        rows=rows,
        entries=tuple(question.entries[place] for place in first),
        nearest=tuple(question.nearest[place] for place in first),
    )


def training_rows(questions: Iterable[Question]) -> tuple[list[list[float]], list[float]]:
    """Rows to learn from with their labels, 1.0 for the right entry."""
    rows: list[list[float]] = []
    labels: list[float] = []
    for question in questions:
        for place, (row, entry) in enumerate(zip(question.rows, question.entries, strict=True)):
            if place < KEPT_ROWS or entry == question.gold:
                rows.append(row)
                labels.append(float(entry == question.gold))
    return rows, labels
