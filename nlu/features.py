"""How well an entry answers a question, as numbers: lexical agreement, rivals, and what speaks against it.

Nothing here is learned; :mod:`nlu.rank` weighs these features. Similarities lie in 0..1, flags are 0 or 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from nlu import signals
from nlu.view import TextView

FLAGS = ("number", "negation", "antonym", "question_type", "entity", "negative_question")

SIGNS: dict[str, int] = {
    "cosine": 1,
    "cosine_low": 1,
    "words": 1,
    "words_asked": 1,
    "words_entry": 1,
    "ratio": 1,
    "exact": 1,
    "second": 1,
    "missing_asked": -1,
    "missing_entry": -1,
    "swap": -1,
    "unknown": -1,
    "length": 0,
    "lead": 1,
    "behind": -1,
    "behind_cosine": -1,
    "behind_words": -1,
    "behind_ratio": -1,
    "behind_recall": -1,
    "crowd": -1,
    "rank": 1,
    "recall_bigrams": 1,
    "latin": 0,
    "latin_cosine": 0,
    "latin_ratio": 0,
    "latin_words": 0,
    "number": -1,
    "negation": -1,
    "antonym": -1,
    "question_type": -1,
    "entity": -1,
}
"""Every feature with the direction in which it can speak: 1 for the entry, -1 against it, 0 either way."""

FEATURES = tuple(SIGNS)


class _Idf(dict[str, float]):
    """Weights by token; a token that no text has weighs most."""

    def __init__(self, counts: Counter[str], total: int, power: int) -> None:
        super().__init__((token, _idf(total, count) ** power) for token, count in counts.items() if count)
        self.unknown = _idf(total, 0) ** power

    def __missing__(self, token: str) -> float:
        return self.unknown


def _idf(total: int, count: int) -> float:
    return math.log(1.0 + (total - count + 0.5) / (count + 0.5))


class Weights:
    """Inverse document frequencies over the texts of one publication: of words, and of grams squared. Immutable."""

    def __init__(
        self, added: Iterable[TextView], removed: Iterable[TextView] = (), previous: Weights | None = None
    ) -> None:
        """Counts ``added``; with ``previous`` only what came and went since is counted."""
        self._total: int = previous._total if previous else 0
        self._word_counts: Counter[str] = Counter(previous._word_counts if previous else ())
        self._gram_counts: Counter[str] = Counter(previous._gram_counts if previous else ())
        for view in added:
            self._word_counts.update(view.word_set)
            self._gram_counts.update(view.grams)
            self._total += 1
        for view in removed:
            self._word_counts.subtract(view.word_set)
            self._gram_counts.subtract(view.grams)
            self._total -= 1
        self.words = _Idf(self._word_counts, self._total, power=1)
        self.grams = _Idf(self._gram_counts, self._total, power=2)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what is needed of it for every comparison."""

    view: TextView
    weights: Weights
    word_sum: float
    norm: float

    @classmethod
    def of(cls, view: TextView, weights: Weights) -> Asked:
        word_sum = sum(map(weights.words.__getitem__, view.word_set))
        norm = math.sqrt(sum(map(weights.grams.__getitem__, view.grams)))
        return cls(view, weights, word_sum or 1.0, norm or 1.0)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Agreement of a question with one text."""

    cosine: float
    """Of characters and pairs of characters, weighted by rarity."""
    words_asked: float
    """Weighted share of the question's words that the text has."""
    words_entry: float
    """Weighted share of the text's words that the question has."""
    ratio: float
    """Longest common subsequence, as share of both lengths."""
    missing_asked: float
    """Weight of the rarest word of the question that the text lacks, over the weight of an unknown word."""
    missing_entry: float
    """The same the other way round."""
    exact: bool
    words: float
    """Harmonic mean of ``words_asked`` and ``words_entry``."""
    overall: float
    """One number to compare texts by."""


def likeness(asked: Asked, text: TextView) -> Likeness:
    """Compares a question with a text, both rewritten by the same synonyms."""
    word_weight, gram_weight = asked.weights.words.__getitem__, asked.weights.grams.__getitem__
    own, shared = asked.view, asked.view.word_set & text.word_set
    shared_sum = sum(map(word_weight, shared))
    words_asked = shared_sum / asked.word_sum
    words_entry = shared_sum / (sum(map(word_weight, text.word_set)) or 1.0)
    norm = math.sqrt(sum(map(gram_weight, text.grams))) or 1.0
    cosine = sum(map(gram_weight, own.grams & text.grams)) / (asked.norm * norm)
    words = 2 * words_asked * words_entry / (words_asked + words_entry) if shared else 0.0
    ratio = fuzz.ratio(own.compact, text.compact) / 100
    unknown = asked.weights.words.unknown
    return Likeness(
        cosine=cosine,
        words_asked=words_asked,
        words_entry=words_entry,
        ratio=ratio,
        missing_asked=max(map(word_weight, own.word_set - shared), default=0.0) / unknown,
        missing_entry=max(map(word_weight, text.word_set - shared), default=0.0) / unknown,
        exact=own.compact == text.compact,
        words=words,
        overall=0.35 * cosine + 0.2 * ratio + 0.45 * words,
    )


def conflicts(asked: TextView, text: TextView) -> tuple[str, ...]:
    """The flags that speak against ``text`` as what was asked, in the order of ``FLAGS``."""
    found = []
    if signals.numbers_conflict(asked.numbers, text.numbers):
        found.append("number")
    if signals.negation_conflict(asked.text, asked.negations, text.text, text.negations):
        found.append("negation")
    if signals.antonyms_conflict(asked.antonyms, text.antonyms):
        found.append("antonym")
    if signals.question_types_conflict(asked.question, text.question):
        found.append("question_type")
    if signals.entities_conflict(asked.entities, text.entities):
        found.append("entity")
    return tuple(found)


@dataclass(frozen=True, slots=True)
class EntryMatch:
    """One entry against the question: its closest text and what recall said of it."""

    best: Likeness
    second: float
    """``overall`` of its second closest text, 0 where it has one text."""
    flags: tuple[str, ...]
    words: float
    """BM25 over words, of its best text."""
    bigrams: float


def feature_rows(asked: Asked, matches: Sequence[EntryMatch]) -> list[list[float]]:
    """One row of ``FEATURES`` for each entry; the rows depend on each other (lead, rank, crowd)."""
    context = _Context.of(asked, matches)
    return [_row(match, context) for match in matches]


@dataclass(frozen=True, slots=True)
class _Context:
    """What all entries recalled for a question have in common: the question itself, and the best of each measure."""

    length: float
    unknown: float
    """Weighted share of the question's words that no text has."""
    latin: float
    order: tuple[float, ...]
    """``overall`` of the entries, best first."""
    cosine: float
    words: float
    ratio: float
    recall_words: float
    recall_bigrams: float

    @classmethod
    def of(cls, asked: Asked, matches: Sequence[EntryMatch]) -> _Context:
        compact, weights = asked.view.compact, asked.weights.words
        return cls(
            length=math.log(max(1, len(compact))),
            unknown=sum(weights.unknown for word in asked.view.word_set if word not in weights) / asked.word_sum,
            latin=sum(char < "\u3000" for char in compact) / max(1, len(compact)),
            order=tuple(sorted((match.best.overall for match in matches), reverse=True)),
            cosine=max((match.best.cosine for match in matches), default=0.0),
            words=max((match.best.words for match in matches), default=0.0),
            ratio=max((match.best.ratio for match in matches), default=0.0),
            recall_words=max((match.words for match in matches), default=0.0) or 1.0,
            recall_bigrams=max((match.bigrams for match in matches), default=0.0) or 1.0,
        )


def _row(match: EntryMatch, context: _Context) -> list[float]:
    return [
        *_agreement(match.best, match.second),
        context.unknown,
        context.length,
        *_rivals(match, context),
        match.bigrams / context.recall_bigrams,
        context.latin,
        context.latin * match.best.cosine,
        context.latin * match.best.ratio,
        context.latin * match.best.words,
        *(float(flag in match.flags) for flag in FLAGS if flag in SIGNS),
    ]


def _agreement(best: Likeness, second: float) -> tuple[float, ...]:
    return (
        best.cosine,
        min(best.cosine, 0.3),
        best.words,
        best.words_asked,
        best.words_entry,
        best.ratio,
        float(best.exact),
        second,
        best.missing_asked,
        best.missing_entry,
        min(best.missing_asked, best.missing_entry),
    )


def _rivals(match: EntryMatch, context: _Context) -> tuple[float, ...]:
    best, overall, top = match.best, match.best.overall, context.order[0]
    rival = top if overall < top else context.order[1] if len(context.order) > 1 else 0.0
    return (
        max(0.0, overall - rival),
        max(0.0, rival - overall),
        context.cosine - best.cosine,
        context.words - best.words,
        context.ratio - best.ratio,
        1.0 - match.words / context.recall_words,
        math.log1p(sum(other > top - 0.08 for other in context.order)),
        1.0 / (1 + sum(other > overall for other in context.order)),
    )
