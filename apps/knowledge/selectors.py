"""Reads of knowledge."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Case, Count, F, Q, QuerySet, When

from apps.bots.models import Bot
from apps.knowledge.content import content_from_payload, entry_value
from apps.knowledge.figures import waits
from apps.knowledge.models import Entry, EntryVersion, Publication, Rule, SensitiveWord, SynonymGroup
from apps.knowledge.placeholders import filled
from apps.knowledge.publishing import BATCH, small_lists
from apps.knowledge.services import entry_content
from dialog import types as dialog
from nlu.normalize import normalise, question_key


@dataclass(frozen=True, slots=True)
class Loaded:
    """A publication as the engine reads it, and its entries by version id, for the next load to take over."""

    publication: dialog.Publication
    versions: Mapping[int, dialog.Entry]


def publication_load(bot: Bot, version: int, known: Mapping[int, dialog.Entry] | None = None) -> Loaded:
    """Version 0 (nothing published yet) is empty. Entry versions never change, so ``known`` ones are not read again."""
    if version == 0:
        return Loaded(dialog.Publication(version=0, profile=bot_profile(bot)), {})
    row = Publication.objects.get(bot=bot, version=version)
    versions = _versions(row.manifest, known or {})
    return Loaded(_assemble(bot, version, tuple(versions[pk] for pk in row.manifest), row.__dict__), versions)


def draft_load(bot: Bot) -> dialog.Publication:
    """All drafts as if they were published, for a hit test; figures that nobody gave stand there as their names."""
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
        thresholds=dialog.Thresholds.from_json(bot.thresholds or {}),
        sandbox=bool(profile.get("sandbox")),
    )


def entries_search(bot: Bot, *, text: str = "", status: str = "", category: str = "") -> QuerySet[Entry]:
    """Drafts, latest first. ``status`` as in :attr:`Entry.status`, ``draft`` for all that differ from what is published,
    or ``waiting`` for those whose answer names a figure without a value."""
    rows = Entry.objects.filter(bot=bot).order_by("-updated_at", "pk")
    if status == "archived":
        rows = rows.exclude(archived_at=None)
    elif status == "waiting":
        rows = rows.filter(waits(bot))
    else:
        rows = rows.filter(_STATUS.get(status, Q(archived_at=None)))
    return _matching(rows, text, category)


def _matching(rows: QuerySet[Entry], text: str, category: str) -> QuerySet[Entry]:
    if category:
        rows = rows.filter(Q(category=category) | Q(category__startswith=f"{category}/"))
    for word in normalise(text).text.split():
        rows = rows.filter(search_text__contains=word)
    return rows


_STATUS = {
    "new": Q(archived_at=None, live_hash=""),
    "changed": Q(archived_at=None) & ~Q(live_hash="") & ~Q(live_hash=F("content_hash")),
    "published": Q(archived_at=None, live_hash=F("content_hash")),
    "draft": (Q(archived_at=None) & ~Q(live_hash=F("content_hash")))
    | (Q(archived_at__isnull=False) & ~Q(live_hash="")),
}


def categories_of(bot: Bot) -> list[str]:
    """The categories in use, in order."""
    rows = Entry.objects.filter(bot=bot, archived_at=None).exclude(category="")
    return list(rows.order_by("category").values_list("category", flat=True).distinct())


def _versions(manifest: Sequence[int], known: Mapping[int, dialog.Entry]) -> dict[int, dialog.Entry]:
    found = {pk: known[pk] for pk in manifest if pk in known}
    missing = [pk for pk in manifest if pk not in found]
    for at in range(0, len(missing), BATCH):
        rows = EntryVersion.objects.filter(pk__in=missing[at : at + BATCH]).values_list("pk", "entry_id", "payload")
        found.update({pk: entry_value(str(entry_id), content_from_payload(payload)) for pk, entry_id, payload in rows})
    return found


def _assemble(
    bot: Bot, version: int, entries: tuple[dialog.Entry, ...], lists: Mapping[str, Any]
) -> dialog.Publication:
    figures = dict(lists["figures"])
    return dialog.Publication(
        version=version,
        entries=tuple(replace(e, answer=filled(e.answer, figures)) if "{" in e.answer else e for e in entries),
        synonyms=tuple(tuple(words) for words in lists["synonyms"]),
        rules=tuple(dialog.Rule(**{**rule, "patterns": tuple(rule["patterns"])}) for rule in lists["rules"]),
        words=tuple(dialog.Word(**word) for word in lists["words"]),
        profile=bot_profile(bot),
    )


def status_counts(bot: Bot, *, text: str = "", category: str = "") -> dict[str, int]:
    """Entries by status; ``""`` counts all that are not archived, ``draft`` all that differ from what is published."""
    rows = _matching(Entry.objects.filter(bot=bot), text, category)
    named = {name: Count("pk", filter=where) for name, where in {**_STATUS, "waiting": waits(bot)}.items()}
    everything = Count("pk", filter=Q(archived_at=None))
    counts = rows.aggregate(**named, all=everything, archived=Count("pk", filter=Q(archived_at__isnull=False)))
    return {"": counts.pop("all"), **counts}


def drafts_count(bot: Bot) -> int:
    """How many entries a publish would change, and one for each of the small lists that differs."""
    live = Publication.objects.filter(bot=bot, version=bot.live_version).defer("manifest").first()
    others = sum(rows != (getattr(live, name) if live else []) for name, rows in small_lists(bot).items())
    return entries_search(bot, status="draft").exclude(waits(bot)).order_by().count() + others


def draft_fingerprint(bot: Bot) -> str:
    """Changes with everything that the drafts would answer; reads no content."""
    rows = Entry.objects.filter(bot=bot, archived_at=None).order_by("pk").values_list("pk", "content_hash")
    digest = hashlib.blake2b(f"{bot.pk} {bot.live_version} {bot.revision}".encode(), digest_size=16)
    for pk, content_hash in rows.iterator(chunk_size=BATCH):
        digest.update(pk.bytes + content_hash.encode())
    digest.update(orjson.dumps(small_lists(bot)))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Twin:
    """A question that stands under another entry as well."""

    text: str
    entry_id: UUID
    question: str


def twins_of(bot: Bot, texts: Sequence[str], entry_id: UUID | None) -> list[Twin]:
    """Those of ``texts`` that another draft has among its own questions; each once."""
    keys = {question_key(text): text for text in texts if question_key(text)}
    if not keys:
        return []
    holding = reduce(or_, (Q(search_text__contains=max(key.split(), key=len)) for key in keys))
    rows = Entry.objects.filter(bot=bot, archived_at=None).exclude(pk__in=[entry_id] if entry_id else [])
    near = rows.filter(holding | Q(question_key__in=keys)).values_list("pk", "question", "similar")
    found: dict[str, Twin] = {}
    for pk, question, similar in near.iterator(chunk_size=BATCH):
        for key in keys.keys() & {question_key(text) for text in (question, *similar)}:
            found.setdefault(key, Twin(keys[key], pk, question))
    return list(found.values())


def synonyms_list(bot: Bot) -> QuerySet[SynonymGroup]:
    return SynonymGroup.objects.filter(bot=bot).order_by("-pk")


def rules_list(bot: Bot) -> QuerySet[Rule]:
    """In the order in which they are tried, those switched off too."""
    return Rule.objects.filter(bot=bot).order_by("priority", "name", "pk")


def words_list(bot: Bot, *, text: str = "", level: str = "") -> QuerySet[SensitiveWord]:
    """The gravest first."""
    gravity = Case(*(When(level=name, then=at) for at, name in enumerate(SensitiveWord.Level.values)))
    rows = SensitiveWord.objects.filter(bot=bot).order_by(gravity, "text")
    if level:
        rows = rows.filter(level=level)
    return rows.filter(text__contains=normalise(text).text) if text.strip() else rows


def publications_list(bot: Bot) -> QuerySet[Publication]:
    """Latest first, with their authors and without their content."""
    return (
        Publication.objects.filter(bot=bot).select_related("created_by").defer("manifest", "synonyms", "rules", "words")
    )
