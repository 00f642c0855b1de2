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

FEATURES = (
    "cosine",
    "cosine_high",
    "cosine_low",
    "words",
    "words_asked",
    "words_entry",
    "ratio",
    "ratio_high",
    "partial",
    "exact",
    "missing_asked",
    "missing_entry",
    "swap",
    "unknown",
    "length",
    "length_gap",
    "second",
    "lead",
    "behind",
    "crowd",
    "rank",
    "recall_words",
    "recall_bigrams",
    "recall_ideal",
    "latin",
    "latin_cosine",
    "latin_ratio",
    "latin_words",
    "number",
    "negation",
    "antonym",
    "question_type",
    "entity",
)


class _Idf(dict[str, float]):
    """Weights by token; a token that no text has weighs most."""

    def __init__(self, counts: Counter[str], total: int, power: int) -> None:
        super().__init__((token, _idf(total, count) ** power) for token, count in counts.items())
        self.unknown = _idf(total, 0) ** power

    def __missing__(self, token: str) -> float:
        return self.unknown


def _idf(total: int, count: int) -> float:
    return math.log(1.0 + (total - count + 0.5) / (count + 0.5))


class Weights:
    """Inverse document frequencies over the texts of one publication: of words, and of grams squared. Immutable."""

    def __init__(self, views: Iterable[TextView]) -> None:
        word_counts: Counter[str] = Counter()
        gram_counts: Counter[str] = Counter()
        total = 0
        for view in views:
            word_counts.update(view.word_set)
            gram_counts.update(view.grams)
            total += 1
        self.words = _Idf(word_counts, total, power=1)
        self.grams = _Idf(gram_counts, total, power=2)


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
    partial: float
    """The same for the best window of the longer text."""
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
        partial=fuzz.partial_ratio(own.compact, text.compact) / 100,
        missing_asked=max(map(word_weight, own.word_set - shared), default=0.0) / unknown,
        missing_entry=max(map(word_weight, text.word_set - shared), default=0.0) / unknown,
        exact=own.compact == text.compact,
        words=words,
        overall=0.5 * cosine + 0.25 * ratio + 0.25 * words,
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
    length: float
    unknown: float
    """Weighted share of the question's words that no text has."""
    ideal: float
    """About what BM25 would give to a text equal to the question."""
    latin: float
    order: tuple[float, ...]
    """``overall`` of the entries, best first."""
    best_words: float
    best_bigrams: float

    @classmethod
    def of(cls, asked: Asked, matches: Sequence[EntryMatch]) -> _Context:
        compact, words = asked.view.compact, asked.weights.words
        return cls(
            length=math.log(max(1, len(compact))),
            unknown=sum(words.unknown for word in asked.view.word_set if word not in words) / asked.word_sum,
            ideal=2.2 * asked.word_sum,
            latin=sum(char < "\u3000" for char in compact) / max(1, len(compact)),
            order=tuple(sorted((match.best.overall for match in matches), reverse=True)),
            best_words=max((match.words for match in matches), default=0.0) or 1.0,
            best_bigrams=max((match.bigrams for match in matches), default=0.0) or 1.0,
        )


def _row(match: EntryMatch, context: _Context) -> list[float]:
    best, overall, top = match.best, match.best.overall, context.order[0]
    rival = top if overall < top else context.order[1] if len(context.order) > 1 else 0.0
    values = (
        best.cosine,
        max(0.0, best.cosine - 0.6),
        min(best.cosine, 0.3),
        best.words,
        best.words_asked,
        best.words_entry,
        best.ratio,
        max(0.0, best.ratio - 0.7),
        best.partial,
        float(best.exact),
        best.missing_asked,
        best.missing_entry,
        min(best.missing_asked, best.missing_entry),
        context.unknown,
        context.length,
        abs(best.words_asked - best.words_entry),
        match.second,
        max(0.0, overall - rival),
        max(0.0, rival - overall),
        math.log1p(sum(other > top - 0.08 for other in context.order)),
        1.0 / (1 + sum(other > overall for other in context.order)),
        match.words / context.best_words,
        match.bigrams / context.best_bigrams,
        min(1.0, match.words / context.ideal),
        context.latin,
        context.latin * best.cosine,
        context.latin * best.ratio,
        context.latin * best.words,
    )
    return [*values, *(float(flag in match.flags) for flag in FLAGS[:-1])]
