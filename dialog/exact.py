"""The answer cache: what a visitor wrote equals a published question. No model, no false hit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dialog.types import Entry
from nlu.normalize import match_key, question_key


@dataclass(frozen=True, slots=True)
class ExactIndex:
    """Normalised standard and similar questions → their entries, standard questions first."""

    _by_key: Mapping[str, tuple[Entry, ...]]
    _keys: Mapping[str, str]
    """The key of each text as it is written; the next build takes over what has not changed."""

    @classmethod
    def build(cls, entries: Iterable[Entry], previous: ExactIndex | None = None) -> ExactIndex:
        listed = list(entries)
        known = previous._keys if previous else {}
        texts = [(entry.question, entry) for entry in listed]
        texts += [(text, entry) for entry in listed for text in entry.similar]
        keys: dict[str, str] = {}
        found: dict[str, list[Entry]] = {}
        for text, entry in texts:
            key = keys[text] = known.get(text) or question_key(text)
            if key:
                found.setdefault(key, []).append(entry)
        return cls({key: tuple(value) for key, value in found.items()}, keys)

    def lookup(self, text: str, now: datetime) -> Entry | None:
        """The first entry valid at ``now`` that has this (normalised) question, or None."""
        entries = self._by_key.get(match_key(text), ())
        return next((entry for entry in entries if entry.valid_at(now)), None)
