"""The answer cache: what a visitor wrote equals a published question. No model, no false hit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from dialog.types import Entry
from nlu.normalize import match_key, question_key


@dataclass(frozen=True, slots=True)
class ExactIndex:
    """Normalised standard and similar questions → their entries, standard questions first."""

    _by_key: MappingProxyType[str, tuple[Entry, ...]]

    @classmethod
    def build(cls, entries: Iterable[Entry]) -> ExactIndex:
        listed = list(entries)
        found: dict[str, list[Entry]] = {}
        for entry in listed:
            _add(found, entry.question, entry)
        for entry in listed:
            for text in entry.similar:
                _add(found, text, entry)
        return cls(MappingProxyType({key: tuple(value) for key, value in found.items()}))

    def lookup(self, text: str, now: datetime) -> Entry | None:
        """The first entry valid at ``now`` that has this (normalised) question, or None."""
        entries = self._by_key.get(match_key(text), ())
        return next((entry for entry in entries if entry.valid_at(now)), None)


def _add(found: dict[str, list[Entry]], text: str, entry: Entry) -> None:
    key = question_key(text)
    if key:
        found.setdefault(key, []).append(entry)
