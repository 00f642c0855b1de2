"""A text as the tagger reads it: Han characters one by one, other words whole; slots as a tag a token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlu.entities.extract import entities
from nlu.entities.types import Entity
from nlu.intent.features import LONGEST, SOME_DAY
from nlu.intent.types import SlotMark
from nlu.normalize import HAN, normalise

_TOKEN = re.compile(rf"[{HAN}]|[^\W_{HAN}]+|\S")
OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Token:
    """``raw[start:end]``, and ``text``, its form for matching."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """``folded`` is the form for matching with the offsets of ``raw``: as long, character for character."""

    raw: str
    folded: str
    tokens: tuple[Token, ...]
    entities: tuple[Entity, ...]

    def __len__(self) -> int:
        return len(self.tokens)


def tokenise(text: str) -> Tokens:
    """The tokens of the first ``LONGEST`` characters."""
    raw = text[:LONGEST]
    view = normalise(raw)
    chars = [" " if char.isspace() else char for char in raw.lower()] if len(raw.lower()) == len(raw) else list(raw)
    for char, place in zip(reversed(view.text), reversed(view.offsets), strict=True):
        chars[place] = char
    folded = "".join(chars)
    tokens = tuple(Token(*match.span(), folded[match.start() : match.end()]) for match in _TOKEN.finditer(raw))
    return Tokens(raw, folded, tokens, tuple(entities(view, now=SOME_DAY)))


def tags(tokens: Tokens, marks: Iterable[SlotMark]) -> list[str]:
    """``B-name`` for the first token of a slot, ``I-name`` for those that follow, else ``O``; of slots that overlap the
    longer one counts, and of one that ends within a token the whole token."""
    found = [OUTSIDE] * len(tokens)
    for mark in sorted(marks, key=lambda mark: mark.start - mark.end):
        inside = [at for at, one in enumerate(tokens.tokens) if one.start < mark.end and mark.start < one.end]
        if inside and all(found[at] == OUTSIDE for at in inside):
            found[inside[0]] = f"B-{mark.name}"
            for at in inside[1:]:
                found[at] = f"I-{mark.name}"
    return found


def marks(tokens: Tokens, found: Sequence[str]) -> list[SlotMark]:
    """The slots that tags name, by place; an ``I`` that follows no tag of its name starts a slot."""
    spans: list[SlotMark] = []
    before = OUTSIDE
    for token, tag in zip(tokens.tokens, found, strict=True):
        name = tag[2:]
        if tag != OUTSIDE and tag[0] == "I" and before[2:] == name:
            spans[-1] = SlotMark(name, spans[-1].start, token.end)
        elif tag != OUTSIDE:
            spans.append(SlotMark(name, token.start, token.end))
        before = tag
    return spans
