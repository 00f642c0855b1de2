"""What the tagger sees of each token: its neighbours, its word, typed values, known values, and the intent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlu.intent.gazetteer import Gazetteer
from nlu.intent.tokens import Tokens
from nlu.intent.types import IntentScore, SlotMark
from nlu.segment import cut, stem

Features = dict[str, float]

INTENTS = 3
_LEAST = 0.05
"""Chance of an intent that is told to the tagger."""


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the text: likely intents, and the slot that the bot asked for."""

    intents: Sequence[IntentScore] = ()
    asked: str = ""


def slot_features(tokens: Tokens, gazetteer: Gazetteer, around: Around, own: Sequence[SlotMark] = ()) -> list[Features]:
    """One dictionary a token, each feature with its weight. ``own`` as in :meth:`Gazetteer.features`."""
    words = [token.text for token in tokens.tokens]
    shapes = [_shape(tokens.raw[token.start : token.end]) for token in tokens.tokens]
    segments = _segments(tokens)
    typed = _typed(tokens)
    known = gazetteer.features(tokens, own)
    found = []
    for at in range(len(words)):
        names = [*_neighbours(words, at), *_form(words[at], shapes, at), *segments[at]]
        names += _nearby("E", typed, at)
        names += _nearby("G", known, at)
        if around.asked:
            names.append(f"A={around.asked}")
        features = dict.fromkeys(names, 1.0)
        for intent in around.intents[:INTENTS]:
            if intent.probability >= _LEAST:
                features[f"I={intent.name}"] = intent.probability
                features[f"I={intent.name}|{words[at]}"] = intent.probability
        found.append(features)
    return found


def _neighbours(words: Sequence[str], at: int) -> Iterator[str]:
    def word(offset: int) -> str:
        place = at + offset
        return words[place] if 0 <= place < len(words) else ("<" if place < 0 else ">")

    for offset in range(-3, 4):
        yield f"{offset}={word(offset)}"
    for offset in range(-2, 2):
        yield f"{offset}b={word(offset)}|{word(offset + 1)}"


def _form(word: str, shapes: Sequence[str], at: int) -> Iterator[str]:
    yield f"S={shapes[at]}"
    if at:
        yield f"-S={shapes[at - 1]}"
    if at + 1 < len(shapes):
        yield f"+S={shapes[at + 1]}"
    if word.isascii():
        yield f"stem={stem(word)}"
        yield f"pre={word[:3]}"
        yield f"suf2={word[-2:]}"
        yield f"suf3={word[-3:]}"


def _shape(text: str) -> str:
    if text.isdigit():
        return f"9{min(len(text), 6)}"
    if text.isascii() and text.isalpha():
        return "A" if text.isupper() else "Aa" if text[0].isupper() else "a"
    return "han" if text.isalpha() else "x9" if text.isalnum() else "."


def _segments(tokens: Tokens) -> list[list[str]]:
    """The dictionary word around each token and those beside it, and the token's place in its word."""
    found: list[list[str]] = [[] for _ in tokens.tokens]
    words = cut(tokens.folded)
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    place = 0
    for at, token in enumerate(tokens.tokens):
        while starts[place + 1] <= token.start:
            place += 1
        where = "B" if token.start == starts[place] else "I"
        found[at] += [f"W={words[place]}", f"P={where}{min(len(words[place]), 4)}"]
        if place:
            found[at].append(f"W-={words[place - 1]}")
        if place + 1 < len(words):
            found[at].append(f"W+={words[place + 1]}")
    return found


def _typed(tokens: Tokens) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in tokens.tokens]
    for entity in tokens.entities:
        for at, token in enumerate(tokens.tokens):
            if entity.start <= token.start and token.end <= entity.end:
                found[at].append(("B" if token.start == entity.start else "I") + entity.kind)
    return found


def _nearby(kind: str, found: Sequence[Sequence[str]], at: int) -> Iterator[str]:
    for sign, place in (("-", at - 1), ("", at), ("+", at + 1)):
        if 0 <= place < len(found):
            yield from (f"{sign}{kind}={name}" for name in found[place])
