"""Reads of knowledge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Q, QuerySet

from apps.bots.models import Bot
from apps.knowledge.content import content_from_payload, entry_value
from apps.knowledge.models import Entry, EntryVersion, Publication
from apps.knowledge.publishing import BATCH, small_lists
from apps.knowledge.services import entry_content
from dialog import types as dialog
from nlu.normalize import normalise


def publication_load(bot: Bot, version: int) -> dialog.Publication:
    """A publication as the engine reads it; version 0 (nothing published yet) is empty."""
    if version == 0:
        return dialog.Publication(version=0, profile=bot_profile(bot))
    publication = Publication.objects.get(bot=bot, version=version)
    return _assemble(bot, version, _entries(publication.manifest), publication.__dict__)


def draft_load(bot: Bot) -> dialog.Publication:
    """All drafts as if they were published, for a hit test."""
    entries = Entry.objects.filter(bot=bot, archived_at=None).order_by("category", "created_at", "pk")
    values = tuple(entry_value(str(entry.pk), entry_content(entry)) for entry in entries)
    return _assemble(bot, bot.live_version, values, small_lists(bot))


def bot_profile(bot: Bot) -> dialog.BotProfile:
    """The bot's settings as the engine reads them."""
    profile: Mapping[str, Any] = bot.profile or {}
    suggestions = profile.get("suggestions") or {}
    return dialog.BotProfile(
        slug=bot.slug,
        name=bot.name,
        texts=profile.get("texts") or {},
        suggestions={"zh": tuple(suggestions.get("zh", ())), "en": tuple(suggestions.get("en", ()))},
        thresholds=dialog.Thresholds(**(bot.thresholds or {})),
    )


def entries_search(
    bot: Bot, *, text: str = "", status: str = "", category: str = ""
) -> QuerySet[Entry]:
    """Drafts, latest first. ``status`` as in :attr:`Entry.status`, or ``draft`` for all that a publish would change."""
    rows = Entry.objects.filter(bot=bot).order_by("-updated_at", "pk")
    rows = rows.exclude(archived_at=None) if status == "archived" else rows.filter(_STATUS.get(status, Q(archived_at=None)))
    if category:
        rows = rows.filter(Q(category=category) | Q(category__startswith=f"{category}/"))
    for word in normalise(text).text.split():
        rows = rows.filter(search_text__contains=word)
    return rows


_STATUS = {
    "new": Q(archived_at=None, live_hash=""),
    "changed": Q(archived_at=None) & ~Q(live_hash="") & ~Q(live_hash=F("content_hash")),
    "published": Q(archived_at=None, live_hash=F("content_hash")),
    "draft": (Q(archived_at=None) & ~Q(live_hash=F("content_hash"))) | (Q(archived_at__isnull=False) & ~Q(live_hash="")),
}


def categories_of(bot: Bot) -> list[str]:
    """The categories in use, in order."""
    rows = Entry.objects.filter(bot=bot, archived_at=None).exclude(category="")
    return list(rows.order_by("category").values_list("category", flat=True).distinct())


def _entries(manifest: Sequence[int]) -> tuple[dialog.Entry, ...]:
    found: dict[int, dialog.Entry] = {}
    for at in range(0, len(manifest), BATCH):
        rows = EntryVersion.objects.filter(pk__in=manifest[at : at + BATCH]).values_list("pk", "entry_id", "payload")
        found.update({pk: entry_value(str(entry_id), content_from_payload(payload)) for pk, entry_id, payload in rows})
    return tuple(found[pk] for pk in manifest)


def _assemble(
    bot: Bot, version: int, entries: tuple[dialog.Entry, ...], lists: Mapping[str, Any]
) -> dialog.Publication:
    return dialog.Publication(
        version=version,
        entries=entries,
        synonyms=tuple(tuple(words) for words in lists["synonyms"]),
        rules=tuple(dialog.Rule(**{**rule, "patterns": tuple(rule["patterns"])}) for rule in lists["rules"]),
        words=tuple(dialog.Word(**word) for word in lists["words"]),
        profile=bot_profile(bot),
    )
