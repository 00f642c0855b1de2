"""Words and character pairs of a normalised text: the tokens that search, rank and the index share."""

from __future__ import annotations

import logging
import math
import re
import threading
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from nlu import lexicon
from nlu.matching import PhraseSet
from nlu.normalize import HAN

if TYPE_CHECKING:
    from jieba import Tokenizer

_PIECE = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:['.][^\W_{HAN}]+)*")
_ANY_PIECE = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+|.", re.DOTALL)
_HAN_RUN = re.compile(rf"[{HAN}]")
_loading = threading.Lock()


def warm_up() -> None:
    """Loads the shared dictionary (about a second); safe from several threads."""
    with _loading:
        _dictionary()


@cache
def _dictionary() -> Tokenizer:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # Read from the package and not from jieba's cache file: that one lies in the shared temporary folder, where any
    # local user may put another.
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    return tokenizer


def cut(text: str) -> list[str]:
    """The text cut into words, nothing left out: joined again they are ``text``."""
    found: list[str] = []
    for piece in _ANY_PIECE.findall(text):
        found.extend(_cut_run(piece) if _HAN_RUN.match(piece) else (piece,))
    return found


class Segmenter:
    """Cuts texts into search tokens; ``terms`` (normalised) are found first and kept whole. Immutable.

    No token holds a space: the words of a Latin term are joined by ``_``.
    """

    def __init__(self, terms: Iterable[str] = ()) -> None:
        self._terms = PhraseSet(term for term in terms if not is_single_han(term))

    def words(self, text: str) -> tuple[str, ...]:
        """Search tokens of a normalised text in order: Chinese words with the shorter words inside them, English
        stems, terms. Stop words are left out unless nothing else is there."""
        found = tuple(self._tokens(text))
        kept = tuple(token for token in found if token not in lexicon.words("stop_words"))
        return kept or found

    def bigrams(self, text: str) -> tuple[str, ...]:
        """Pairs of neighbouring Han characters (a lone one by itself); Latin words and numbers whole."""
        return bigrams(text)

    def _tokens(self, text: str) -> Iterator[str]:
        start = 0
        for match in self._terms.find(text):
            yield from _cut(text[start : match.start])
            yield match.phrase.replace(" ", "_")
            start = match.end
        yield from _cut(text[start:])


def is_single_han(text: str) -> bool:
    """One Han character: as a term it would tear words apart."""
    return len(text) == 1 and _HAN_RUN.match(text) is not None


def bigrams(text: str) -> tuple[str, ...]:
    """Pairs of neighbouring Han characters (a lone one by itself); Latin words and numbers whole."""
    found: list[str] = []
    for piece in _PIECE.findall(text):
        if len(piece) > 1 and _HAN_RUN.match(piece):
            found.extend(map(str.__add__, piece, piece[1:]))
        else:
            found.append(piece)
    return tuple(found)


def _cut(text: str) -> Iterator[str]:
    for piece in _PIECE.findall(text):
        if _HAN_RUN.match(piece):
            yield from _cut_han(piece)
        else:
            yield stem(piece)


def _cut_han(run: str) -> Iterator[str]:
    known = _dictionary().FREQ.get
    for word in _cut_run(run):
        if len(word) > 2:
            yield from (pair for pair in map(str.__add__, word, word[1:]) if known(pair))
        yield word


def _cut_run(run: str) -> list[str]:
    """The most probable cut of a run of Han characters: unigrams over jieba's dictionary, by dynamic programming.

    jieba's own ``cut`` gives the same words without its model of unknown ones; it takes three times as long, and a
    publication has tens of thousands of texts.
    """
    dictionary = _dictionary()
    count, log_total, length = dictionary.FREQ.get, math.log(dictionary.total), len(run)
    best = [0.0] * (length + 1)
    ends = [0] * length
    for start in range(length - 1, -1, -1):
        end, seen, score = start + 1, count(run[start]), -math.inf
        while True:
            if seen or end == start + 1:
                chance = math.log(seen or 1) - log_total + best[end]
                if chance >= score:
                    score, ends[start] = chance, end
            if seen is None or end == length:
                break
            end += 1
            seen = count(run[start:end])
        best[start] = score
    words, start = [], 0
    while start < length:
        words.append(run[start : ends[start]])
        start = ends[start]
    return words


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The English stem of a lower-case Latin word; other words as they are."""
    if not word.isascii() or not word.isalpha() or len(word) < 3:
        return word
    import snowballstemmer

    stemmed: str = snowballstemmer.stemmer("english").stemWord(word)
    return stemmed
