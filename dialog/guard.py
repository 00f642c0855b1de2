"""Sensitive words and their disguises, abuse, risk, and markers of prompt injection.

A word is looked for in two views: the normalised text, and the same without what people put between characters to hide
a word (``赌*博``, ``f u c k``). Sentence punctuation stays, so that a word is not put together from two clauses.
An ``allow`` word that covers a hit takes it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from dialog.types import Word
from nlu.matching import PhraseSet
from nlu.normalize import HAN, normalise
from nlu.types import Match, Normalized

GuardVerdictName = Literal["pass", "warn", "block", "handoff"]

_SEVERITY: tuple[GuardVerdictName, ...] = ("pass", "warn", "block", "handoff")
_SPACED_LETTERS = re.compile(r"(?<![a-z0-9])(?:[a-z0-9@$][\s.\-_*|/·]+){2,}[a-z0-9@$](?![a-z0-9])")
_HIDERS = re.compile(rf"(?<=[{HAN}])(?:[^\w，。！？；：、,!?;:]|_)+(?=[{HAN}])")
_LEET = str.maketrans({"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s"})


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    name: GuardVerdictName
    hits: tuple[str, ...] = ()
    reply: str = ""
    injection: bool = False
    """The text tries to give orders to a model; it is answered like any other, and never reaches a prompt unmarked."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The sensitive words of one publication, compiled."""

    _words: PhraseSet
    _by_text: dict[str, Word]
    _injection: PhraseSet

    @classmethod
    def build(cls, words: Iterable[Word]) -> Guard:
        by_text = {normalise(word.text).text: word for word in (*_harmless_words(), *words)}
        own_care = {text for text, word in by_text.items() if word.level == "handoff"}
        by_text.update({word.text: word for word in _care_words() if word.text not in own_care})
        by_text.pop("", None)
        return cls(PhraseSet(by_text), by_text, PhraseSet(_lines("injection.txt")))

    def check(self, message: Normalized) -> GuardVerdict:
        """The most severe verdict over both views of the message."""
        hits = [word for view in _views(message.text) for word in self._hits(view)]
        injection = bool(self._injection.find_all(message.text))
        worst = max(hits, key=lambda word: _SEVERITY.index(word.level), default=None)
        if worst is None or worst.level == "allow":
            return GuardVerdict("pass", injection=injection)
        same = tuple(dict.fromkeys(word.text for word in hits if word.level == worst.level))
        return GuardVerdict(worst.level, same, worst.reply, injection)

    def _hits(self, view: str) -> list[Word]:
        matches = self._words.find_all(view)
        allowed = [m for m in matches if self._by_text[m.phrase].level == "allow"]
        return [
            self._by_text[m.phrase]
            for m in matches
            if self._by_text[m.phrase].level != "allow" and not any(_covers(a, m) for a in allowed)
        ]


def _covers(outer: Match, inner: Match) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _views(text: str) -> tuple[str, ...]:
    """The text itself, then without hiders, then with letters written as digits read as letters; each once."""
    joined = _SPACED_LETTERS.sub(lambda m: re.sub(r"[\s.\-_*|/·]+", "", m.group()), _HIDERS.sub("", text))
    leet = re.sub(r"[a-z0-9@$]*[a-z][a-z0-9@$]*", lambda m: m.group().translate(_LEET), joined)
    return tuple(dict.fromkeys((text, joined, leet)))


@cache
def _care_words() -> tuple[Word, ...]:
    """Words of people in distress: every bot hands these to a person, whatever its own list holds.

    A bot's list can only give them a reply of its own, or allow longer words that contain one.
    """
    return tuple(Word(text, "handoff") for text in _lines("distress.txt"))


@cache
def _harmless_words() -> tuple[Word, ...]:
    return tuple(Word(text, "allow") for text in _lines("not_distress.txt"))


@cache
def _lines(name: str) -> tuple[str, ...]:
    text = (files("nlu") / "data" / name).read_text("utf-8")
    return tuple(normalise(line).text for line in text.splitlines() if line.strip() and not line.startswith("#"))
