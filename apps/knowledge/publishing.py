"""Drafts → an immutable publication that answers from the next message on; and back to an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Subquery
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.core.errors import Conflict
from apps.knowledge.figures import entries_deprived, figures_of, waits
from apps.knowledge.models import Entry, EntryVersion, Publication, Rule, SensitiveWord, SynonymGroup
from apps.knowledge.services import entry_content

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Changes:
    """What a publish would change, by entry: rows for a list, and whether the small lists differ."""

    added: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    others: tuple[str, ...]
    """Of ``synonyms``, ``rules``, ``words`` and ``figures`` those that differ from the live ones."""
    waiting: tuple[Entry, ...] = ()
    """Drafts that name a figure without a value: left out; what is published of them goes on answering while it can."""

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.others)

    def counts(self) -> dict[str, Any]:
        lists = {"added": self.added, "changed": self.changed, "removed": self.removed}
        counts = {name: len(rows) for name, rows in lists.items()}
        return {**counts, "others": list(self.others), "waiting": len(self.waiting)}


def publication_changes(bot: Bot) -> Changes:
    """Drafts against what answers now."""
    entries = Entry.objects.filter(bot=bot).order_by("category", "question")
    without_figures = waits(bot)
    waiting = tuple(entries.filter(without_figures))
    deprived = entries_deprived(bot, waiting)
    ready = entries.filter(archived_at=None).exclude(without_figures)
    live = Publication.objects.filter(bot=bot, version=bot.live_version).first()
    now = small_lists(bot)
    others = tuple(name for name, rows in now.items() if rows != (getattr(live, name) if live else []))
    return Changes(
        added=tuple(ready.filter(live_hash="")),
        changed=tuple(ready.exclude(live_hash="").exclude(live_hash=F("content_hash"))),
        removed=(
            *entries.exclude(archived_at=None).exclude(live_hash=""),
            *(entry for entry in waiting if entry.pk in deprived),
        ),
        others=others,
        waiting=waiting,
    )


@transaction.atomic
def publication_create(*, bot: Bot, by: User | None, note: str = "") -> Publication:
    """Publish the drafts as the next version, but those that wait for a figure. Nothing to publish gives the live
    publication back unchanged.

    Raises:
        Conflict: there is nothing to publish and nothing was ever published.
    """
    bot = Bot.objects.select_for_update().get(pk=bot.pk)
    changes = publication_changes(bot)
    if not changes:
        live = Publication.objects.filter(bot=bot, version=bot.live_version).first()
        if live is None:
            raise Conflict(_nothing(changes))
        return live
    _freeze(bot, changes)
    active = Entry.objects.filter(bot=bot, archived_at=None).order_by("category", "created_at", "pk")
    manifest = [pk for pk in active.values_list("live_version", flat=True) if pk is not None]
    return _publish(bot, manifest, small_lists(bot), by, note=note, changes=changes.counts())


@transaction.atomic
def publication_restore(*, bot: Bot, version: int, by: User | None) -> Publication:
    """Answer as ``version`` did, as a new version; the drafts stay as they are and show up as changes.

    Raises:
        Conflict: that version answers now.
        Publication.DoesNotExist: no such version.
    """
    bot = Bot.objects.select_for_update().get(pk=bot.pk)
    if version == bot.live_version:
        raise Conflict(_("v%d is what answers now.") % version)
    old = Publication.objects.get(bot=bot, version=version)
    lists = {"synonyms": old.synonyms, "rules": old.rules, "words": old.words, "figures": old.figures}
    publication = _publish(bot, old.manifest, lists, by, note=_("back to v%d") % version, restores=version)
    _mark_live(bot, old.manifest)
    return publication


def _nothing(changes: Changes) -> str:
    if changes.waiting:
        return _("There is nothing to publish yet: every answer waits for a figure of yours.")
    return _("There is nothing to publish yet: add an entry first.")


def _publish(bot: Bot, manifest: list[int], lists: dict[str, Any], by: User | None, **fields: Any) -> Publication:
    latest = Publication.objects.filter(bot=bot).order_by("-version").values_list("version", flat=True).first()
    version = (latest or 0) + 1
    publication = Publication.objects.create(
        bot=bot, version=version, manifest=manifest, created_by=by, **lists, **fields
    )
    Bot.objects.filter(pk=bot.pk).update(live_version=version)
    return publication


def _freeze(bot: Bot, changes: Changes) -> None:
    """Give every changed draft its version, written now unless the same content was published before."""
    ready = Entry.objects.filter(bot=bot, archived_at=None).exclude(waits(bot))
    changed = ready.exclude(live_hash=F("content_hash"))
    same = EntryVersion.objects.filter(entry_id=OuterRef("pk"), content_hash=OuterRef("content_hash"), bot=bot)
    rows = [
        EntryVersion(bot=bot, entry_id=e.pk, content_hash=e.content_hash, payload=entry_content(e).payload())
        for e in changed.exclude(Exists(same)).iterator(chunk_size=BATCH)
    ]
    EntryVersion.objects.bulk_create(rows, batch_size=BATCH)
    changed.update(live_version=Subquery(same.values("pk")), live_hash=F("content_hash"))
    removed = [entry.pk for entry in changes.removed]
    for at in range(0, len(removed), BATCH):
        Entry.objects.filter(pk__in=removed[at : at + BATCH]).update(live_hash="", live_version=None)


def _mark_live(bot: Bot, manifest: Sequence[int]) -> None:
    """Set on every entry what the manifest holds of it."""
    live: dict[UUID, tuple[str, int | None]] = {}
    for at in range(0, len(manifest), BATCH):
        versions = EntryVersion.objects.filter(pk__in=manifest[at : at + BATCH])
        live.update({entry: (hash_, pk) for entry, hash_, pk in versions.values_list("entry_id", "content_hash", "pk")})
    changed = []
    for entry in Entry.objects.filter(bot=bot).only("pk", "live_hash", "live_version"):
        wanted = live.get(entry.pk, ("", None))
        if (entry.live_hash, entry.live_version) != wanted:
            entry.live_hash, entry.live_version = wanted
            changed.append(entry)
    Entry.objects.bulk_update(changed, ["live_hash", "live_version"], batch_size=500)


def small_lists(bot: Bot) -> dict[str, list[Any]]:
    rules = Rule.objects.filter(bot=bot, enabled=True).order_by("pk")
    fields = ("name", "kind", "patterns", "action", "reply", "priority")
    return {
        "synonyms": list(SynonymGroup.objects.filter(bot=bot).order_by("pk").values_list("words", flat=True)),
        "rules": [{"id": str(rule.pk), **{name: getattr(rule, name) for name in fields}} for rule in rules],
        "words": list(SensitiveWord.objects.filter(bot=bot).order_by("pk").values("text", "level", "reply")),
        "figures": sorted([name, value] for name, value in figures_of(bot).items()),
    }
