"""What a publish would change, down to the field; and what a small list gained and lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.bots.models import Bot
from apps.knowledge.content import EntryContent, content_from_payload
from apps.knowledge.models import Entry, EntryVersion, Publication
from apps.knowledge.publishing import small_lists
from apps.knowledge.services import entry_content

FIELDS = ("question", "answer", "similar", "negative", "category", "valid_from", "valid_to")
BATCH = 400


@dataclass(frozen=True, slots=True)
class FieldChange:
    """``before`` and ``after`` are what the field holds: a text, a date, or a tuple of texts."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ListChanges:
    """Rows of one small list (``synonyms``, ``rules`` or ``words``) as they are published."""

    name: str
    added: tuple[Any, ...]
    changed: tuple[tuple[Any, Any], ...]
    removed: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.added) + len(self.changed) + len(self.removed)


def content_changes(before: EntryContent, after: EntryContent) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of the form."""
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in FIELDS)
    return tuple(FieldChange(name, old, new) for name, old, new in pairs if old != new)


def live_contents(bot: Bot, entries: Iterable[Entry]) -> dict[UUID, EntryContent]:
    """What is published of each of the entries; those never published are left out."""
    live = [(entry.pk, entry.live_hash) for entry in entries if entry.live_hash]
    found: dict[UUID, EntryContent] = {}
    for at in range(0, len(live), BATCH):
        ids, hashes = zip(*live[at : at + BATCH], strict=True)
        rows = EntryVersion.objects.filter(Q(bot=bot, entry_id__in=ids, content_hash__in=hashes))
        wanted = set(live[at : at + BATCH])
        found.update(
            (row.entry_id, content_from_payload(row.payload))
            for row in rows
            if (row.entry_id, row.content_hash) in wanted
        )
    return found


def entry_changes(bot: Bot, entries: Iterable[Entry]) -> dict[UUID, tuple[FieldChange, ...]]:
    """Published → draft, by entry."""
    rows = list(entries)
    live = live_contents(bot, rows)
    return {row.pk: content_changes(live[row.pk], entry_content(row)) for row in rows if row.pk in live}


def list_changes(bot: Bot) -> tuple[ListChanges, ...]:
    """The small lists against what is live; a list that holds the same rows in another order is left out."""
    live = Publication.objects.filter(bot=bot, version=bot.live_version).first()
    drafts = small_lists(bot)
    found = (_list_changes(name, getattr(live, name) if live else [], rows) for name, rows in drafts.items())
    return tuple(changes for changes in found if len(changes))


def _list_changes(name: str, before: list[Any], after: list[Any]) -> ListChanges:
    old, new = ({_key(name, row): row for row in rows} for rows in (before, after))
    return ListChanges(
        name,
        added=tuple(row for key, row in new.items() if key not in old),
        changed=tuple((old[key], row) for key, row in new.items() if key in old and old[key] != row),
        removed=tuple(row for key, row in old.items() if key not in new),
    )


def _key(name: str, row: list[str] | Mapping[str, Any]) -> str:
    """What makes a row the same one after an edit: a rule's id, a word's text, a group's first word."""
    if isinstance(row, Mapping):
        return str(row["id"] if name == "rules" else row["text"])
    return row[0]
