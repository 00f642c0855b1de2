"""The values that examples name for each slot: what was a singer once will be one again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu.entities.types import JsonValue
from nlu.intent.tokens import Tokens
from nlu.intent.types import SlotMark

_LONGEST = 12
"""Tokens."""


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """``counts[text][slot]``: how many examples name the text for the slot; ``values[text][slot]`` its normal form."""

    counts: Mapping[str, Mapping[str, int]]
    values: Mapping[str, Mapping[str, JsonValue]]

    @classmethod
    def of(cls, examples: Sequence[tuple[Tokens, Sequence[SlotMark]]]) -> Gazetteer:
        counts: dict[str, Counter[str]] = {}
        values: dict[str, dict[str, JsonValue]] = {}
        for tokens, slots in examples:
            for text, name in _named(tokens, slots):
                counts.setdefault(text, Counter())[name] += 1
            for slot in slots:
                if slot.value is not None:
                    values.setdefault(said(tokens, slot), {})[slot.name] = slot.value
        return cls(counts, values)

    def features(self, tokens: Tokens, own: Sequence[SlotMark] = ()) -> list[list[str]]:
        """For each token its place in values that stand in the text, as ``B3singer``.

        ``own`` are the slots of an example that the gazetteer was made of: what only they name is not known, as it
        would not be for a new message.
        """
        found: list[list[str]] = [[] for _ in tokens.tokens]
        mine = _named(tokens, own)
        count = len(tokens)
        for start in range(count):
            for end in range(start + 1, min(count, start + _LONGEST) + 1):
                text = tokens.folded[tokens.tokens[start].start : tokens.tokens[end - 1].end]
                for name, seen in self.counts.get(text, {}).items():
                    if seen > ((text, name) in mine):
                        _mark(found, start, end, name)
        return found


def said(tokens: Tokens, slot: SlotMark) -> str:
    return tokens.folded[slot.start : slot.end]


def _named(tokens: Tokens, slots: Sequence[SlotMark]) -> set[tuple[str, str]]:
    return {(said(tokens, slot), slot.name) for slot in slots}


def _mark(found: list[list[str]], start: int, end: int, name: str) -> None:
    size = min(end - start, 3)
    found[start].append(f"B{size}{name}")
    for at in range(start + 1, end):
        found[at].append(f"I{size}{name}")
    if end - start > 1:
        found[end - 1].append(f"E{size}{name}")
