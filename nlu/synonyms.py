"""Words that stand for each other, mapped to one spelling so that question and entry meet on the same tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nlu import lexicon
from nlu.matching import PhraseSet
from nlu.normalize import normalise
from nlu.segment import is_single_han, stem


class Synonyms:
    """Groups of words of one meaning; the first of a group is its canonical form. Immutable.

    Groups that share a word are joined. Words are normalised here; empty ones are left out.
    """

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        self._canonical = _canonical_forms(groups)
        self._stems = {stem(word): stem(form) for word, form in self._canonical.items() if " " not in word}
        self._phrases = PhraseSet(
            form for word in self._canonical if not is_single_han(word) for form in _spellings(word)
        )

    @property
    def mapping(self) -> dict[str, str]:
        """Every word of a group with its canonical form (a copy)."""
        return dict(self._canonical)

    @property
    def terms(self) -> frozenset[str]:
        """The canonical forms: what a segmenter must keep whole after ``rewrite``."""
        return frozenset(self._canonical.values())

    def canonical(self, word: str) -> str:
        """The canonical form of a normalised word or stem; the word itself where it has no group."""
        return self._canonical.get(word) or self._stems.get(word, word)

    def rewrite(self, text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """A normalised text with every synonym replaced, and the replacements made as (written, canonical)."""
        pieces: list[str] = []
        changes: list[tuple[str, str]] = []
        start = 0
        for match in self._phrases.find(text):
            form = self._canonical[_singular(match.phrase, self._canonical)]
            pieces += [text[start : match.start], form]
            if form != match.phrase:
                changes.append((match.phrase, form))
            start = match.end
        return "".join(pieces) + text[start:], tuple(changes)


def base_groups() -> tuple[tuple[str, ...], ...]:
    """The shipped groups, safe in any trade."""
    return tuple(columns[0] for columns in lexicon.columns("synonyms"))


def _canonical_forms(groups: Iterable[Sequence[str]]) -> dict[str, str]:
    canonical: dict[str, str] = {}
    for group in groups:
        words = [word for word in (normalise(raw).text for raw in group) if word]
        if len(words) < 2:
            continue
        known = [canonical[word] for word in words if word in canonical]
        form = known[0] if known else words[0]
        canonical.update(dict.fromkeys(words, form))
        for word, old in list(canonical.items()):
            if old in known:
                canonical[word] = form
    return canonical


def _spellings(word: str) -> tuple[str, ...]:
    """A Latin word is also found in the plural."""
    return (word, f"{word}s") if word.isascii() and word[-1:].isalpha() else (word,)


def _singular(phrase: str, known: dict[str, str]) -> str:
    return phrase if phrase in known else phrase.removesuffix("s")
