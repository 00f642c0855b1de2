"""A text prepared once for comparing with many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu import lexicon, signals
from nlu.normalize import normalise
from nlu.segment import Segmenter, bigrams
from nlu.synonyms import Synonyms

_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class TextView:
    """One text as the ranker sees it. ``text`` is normalised with synonyms replaced, ``compact`` has no punctuation."""

    text: str
    compact: str
    words: tuple[str, ...]
    bigrams: tuple[str, ...]
    word_set: frozenset[str]
    grams: frozenset[str]
    """Characters and pairs of characters of the Han parts, Latin words and numbers whole with their stems."""
    numbers: frozenset[tuple[str, str]]
    entities: frozenset[str]
    question: str
    antonyms: frozenset[tuple[int, int]]
    negations: frozenset[str]
    replaced: tuple[tuple[str, str], ...]
    """Synonyms that were replaced, as (written, canonical)."""


class Analyzer:
    """Prepares texts with a bot's own synonyms and terms beside the shipped terms. Immutable."""

    def __init__(self, groups: Iterable[Sequence[str]] = (), terms: Iterable[str] = ()) -> None:
        self.synonyms = Synonyms(groups)
        own = {normalise(term).text for term in terms}
        self.terms = frozenset(self.synonyms.terms | lexicon.words("terms") | own - {""})
        self._segmenter = Segmenter(self.terms)

    def raw_view(self, raw: str) -> TextView:
        """The view of a text as it was written."""
        return self.view(normalise(raw).text)

    def view(self, text: str) -> TextView:
        """The view of a normalised text."""
        rewritten, replaced = self.synonyms.rewrite(text)
        words = tuple(self.synonyms.canonical(word) for word in self._segmenter.words(rewritten))
        pairs = bigrams(rewritten)
        compact = _NOT_WORD.sub("", rewritten)
        return TextView(
            text=rewritten,
            compact=compact or rewritten,
            words=words,
            bigrams=pairs,
            word_set=frozenset(words),
            grams=frozenset(pairs).union(_characters(compact)),
            numbers=signals.numbers(rewritten),
            entities=signals.entities(rewritten),
            question=signals.question_type(rewritten),
            antonyms=signals.antonyms(rewritten),
            negations=signals.negations(rewritten),
            replaced=replaced,
        )


def _characters(compact: str) -> Iterable[str]:
    return (char for char in compact if char > "\u3000")
