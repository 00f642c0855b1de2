"""Writes to many drafts at once, each with what takes it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.core.errors import Conflict
from apps.knowledge.models import Entry
from apps.knowledge.services import entry_content, entry_fill

MANY = 500
"""Entries that one call changes at most: what a person can tick."""


@transaction.atomic
def entries_archive(*, bot: Bot, ids: Iterable[UUID], by: User | None) -> list[UUID]:
    """Take entries out of the next publication; those that were not archived before, for :func:`entries_restore`."""
    rows = Entry.objects.select_for_update().filter(bot=bot, pk__in=list(ids)[:MANY], archived_at=None)
    found = list(rows.values_list("pk", flat=True))
    now = timezone.now()
    Entry.objects.filter(pk__in=found).update(
        archived_at=now, updated_at=now, updated_by=by, revision=F("revision") + 1
    )
    return found


@transaction.atomic
def entries_restore(*, bot: Bot, ids: Iterable[UUID], by: User | None) -> int:
    """Bring archived entries back as drafts; how many.

    Raises:
        Conflict: another entry took the question of one of them meanwhile; then none comes back.
    """
    rows = list(Entry.objects.select_for_update().filter(bot=bot, pk__in=list(ids)[:MANY]).exclude(archived_at=None))
    keys = [row.question_key for row in rows]
    taken = Entry.objects.filter(bot=bot, question_key__in=keys, archived_at=None).first()
    if taken is not None or len(set(keys)) < len(keys):
        question = taken.question if taken else rows[0].question
        raise Conflict(_("Another entry has the question “%(q)s” now; rename it first.") % {"q": question})
    restored = Entry.objects.filter(pk__in=[row.pk for row in rows])
    return restored.update(archived_at=None, updated_at=timezone.now(), updated_by=by, revision=F("revision") + 1)


@transaction.atomic
def entries_move(*, bot: Bot, categories: Mapping[UUID, str], by: User | None) -> dict[UUID, str]:
    """Give entries their new category; the former ones of those that changed, which moves them back.

    Raises:
        Invalid: a category is too long.
    """
    rows = Entry.objects.select_for_update().filter(bot=bot, pk__in=list(categories)[:MANY])
    before: dict[UUID, str] = {}
    for entry in rows:
        content = replace(entry_content(entry), category=categories[entry.pk]).cleaned()
        if content.category != entry.category:
            before[entry.pk] = entry.category
            entry_fill(entry, content, entry.question_key, by)
            entry.revision += 1
            entry.save()
    return before
