"""Rows of a file → drafts of a bot: all of them, or none and the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.core.commands import Progress
from apps.core.errors import Invalid
from apps.knowledge.content import EntryContent, Spelling
from apps.knowledge.models import Entry
from apps.knowledge.rows import HEADS, Row
from apps.knowledge.services import entry_fill

_WRITTEN = (
    "question", "question_key", "similar", "negative", "answer", "category", "valid_from", "valid_to", "search_text",
    "placeholders", "content_hash", "revision", "updated_by", "updated_at", "archived_at",
)  # fmt: skip
_BATCH = 500


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of the file, and in a sentence what is wrong with it."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with ``written`` False what it would have done."""

    written: bool
    created: int
    changed: int
    unchanged: int
    kept: int = 0
    """Entries that differ from their row and were left as they are."""
    bad: tuple[BadRow, ...] = ()
    warnings: tuple[BadRow, ...] = ()
    """Rows that are imported although an editor should look at them."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """A row that makes sense by itself, as an unsaved entry."""

    number: int
    id: UUID | None
    entry: Entry
    keys: tuple[str, ...]
    """Of the standard question, then of the similar ones."""


def knowledge_import(
    *,
    bot: Bot,
    rows: Iterable[Row],
    by: User | None,
    dry_run: bool = False,
    skip_bad: bool = False,
    keep: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Create and change drafts from rows; entries that no row names stay as they are.

    A row is matched to an entry of the bot by ``id``, else by its normalised standard question; an archived entry is
    revived. With ``keep`` an entry that is there already, archived or not, stays as it is. Nothing is written where a
    row is bad, unless ``skip_bad``. Texts are prepared before the transaction, so that answering visitors wait for the
    writes alone.
    """
    drafts, bad = _prepare(bot, rows, by, progress)
    with transaction.atomic():
        Bot.objects.select_for_update().get(pk=bot.pk)
        plan = _Plan(bot, drafts, keep)
        bad = sorted([*bad, *plan.bad], key=lambda row: row.number)
        written = not dry_run and (skip_bad or not bad)
        if written:
            _write(plan.created + plan.changed, progress)
    return ImportReport(
        written=written,
        created=len(plan.created),
        changed=len(plan.changed),
        unchanged=plan.unchanged,
        kept=plan.kept,
        bad=tuple(bad),
        warnings=tuple(plan.warnings),
    )


# --- one row by itself ------------------------------------------------------------------------------------------


def _prepare(
    bot: Bot, rows: Iterable[Row], by: User | None, progress: Progress | None
) -> tuple[list[_Draft], list[BadRow]]:
    spelling = Spelling()
    drafts, bad = [], []
    for row in rows:
        try:
            drafts.append(_draft(bot, row, by, spelling))
        except Invalid as error:
            bad.append(BadRow(row.number, error.detail))
        if progress:
            progress(_("rows read"), len(drafts) + len(bad), 0)
    return drafts, bad


def _draft(bot: Bot, row: Row, by: User | None, spelling: Spelling) -> _Draft:
    """Raises Invalid with the reason why the row cannot be imported."""
    if row.problem:
        raise Invalid(row.problem)
    content = _content(row.fields).cleaned(spelling)
    keys = tuple(spelling.key(text) or text for text in (content.question, *content.similar))
    entry = Entry(bot=bot)
    entry_fill(entry, content, keys[0], by, spelling)
    return _Draft(row.number, _id(row.fields.get("id")), entry, keys)


def _content(fields: Mapping[str, object]) -> EntryContent:
    unknown = [name for name in fields if name not in HEADS]
    if unknown:
        values = {"names": ", ".join(map(str, unknown)), "heads": ", ".join(HEADS)}
        raise Invalid(_("Unknown field: %(names)s. Known are: %(heads)s.") % values)
    return EntryContent(
        question=_text(fields, "question"),
        answer=_text(fields, "answer"),
        similar=_texts(fields, "similar"),
        negative=_texts(fields, "negative"),
        category=_text(fields, "category"),
        valid_from=_date(fields, "valid_from"),
        valid_to=_date(fields, "valid_to"),
    )


def _id(value: object) -> UUID | None:
    if value in (None, ""):
        return None
    try:
        return UUID(str(value))
    except ValueError as error:
        text = _("“%s” is no id of an entry. Leave the id empty for a new one.")
        raise Invalid(text % str(value)[:60]) from error


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid(_("“%s” must be a text.") % name)
    return value


def _texts(fields: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = fields.get(name)
    if value is None or value == "":
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Invalid(_("“%s” must be a list of texts.") % name)
    return tuple(value)


def _date(fields: Mapping[str, object], name: str) -> datetime | None:
    """A date alone means the whole day: ``valid_from`` is its start, ``valid_to`` its end."""
    value = fields.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        found, alone = value, value.time() == time()
    else:
        text = str(value).strip()
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            example = "2026-11-11, 2026-11-11T18:00:00+08:00"
            values = {"name": name, "text": text[:60], "example": example}
            raise Invalid(_("“%(name)s” is no date: %(text)s. Write it as %(example)s.") % values) from error
        alone = len(text) <= len("2026-11-11")
    last = found.year == MAXYEAR  # “for ever”: there is no day after it
    return found + timedelta(days=1) if alone and name == "valid_to" and not last else found


# --- all rows against the bot's entries -------------------------------------------------------------------------


class _Plan:
    """What the drafts mean for the bot: which are new, which change an entry, and which contradict each other."""

    def __init__(self, bot: Bot, drafts: Sequence[_Draft], keep: bool) -> None:
        self._keep = keep
        light = ("answer", "negative", "search_text", "category", "valid_from", "valid_to")
        entries = list(Entry.objects.select_for_update().filter(bot=bot).defer(*light).order_by("archived_at"))
        self._by_id = {entry.pk: entry for entry in entries}
        named = {draft.id for draft in drafts if draft.id in self._by_id}
        self._by_key = {entry.question_key: entry for entry in entries if entry.pk not in named and entry.archived_at}
        self._by_key |= {e.question_key: e for e in entries if e.pk not in named and e.archived_at is None}
        self._foreign = _ids_elsewhere({draft.id for draft in drafts if draft.id} - named)
        self._row_of_key: dict[str, int] = {}
        self._row_of_id: dict[UUID, int] = {}
        self.created: list[Entry] = []
        self.changed: list[Entry] = []
        self.unchanged = 0
        self.kept = 0
        self.bad: list[BadRow] = []
        by_id_first = sorted(drafts, key=lambda draft: draft.id not in named)
        accepted = sorted(filter(self._accept, by_id_first), key=lambda draft: draft.number)
        self.created.sort(key=lambda entry: self._row_of_id[entry.pk])
        self.warnings = _shared_texts(accepted, entries)

    def _accept(self, draft: _Draft) -> bool:
        known = self._by_id.get(draft.id) if draft.id else None
        holder = self._by_key.get(draft.keys[0])
        problem = self._clash(draft, known, holder)
        if problem:
            self.bad.append(BadRow(draft.number, problem))
            if known is not None and known.archived_at is None:
                self._by_key.setdefault(known.question_key, known)
            return False
        self._row_of_key[draft.keys[0]] = draft.number
        self._place(draft, known or holder)
        self._row_of_id[draft.entry.pk] = draft.number
        return True

    def _clash(self, draft: _Draft, known: Entry | None, holder: Entry | None) -> str:
        earlier = self._row_of_key.get(draft.keys[0])
        if earlier is not None:
            return _("Row %d has the same standard question.") % earlier
        if draft.id in self._row_of_id:
            return _("Row %d has the same id.") % self._row_of_id[draft.id]
        if known is not None and holder is not None and holder.archived_at is None and not self._keep:
            return _("Another entry has the question “%(q)s” already; add this one to it.") % {"q": holder.question}
        return ""

    def _place(self, draft: _Draft, target: Entry | None) -> None:
        entry = draft.entry
        if target is None:
            if draft.id and draft.id not in self._foreign:
                entry.pk = draft.id
            self.created.append(entry)
            return
        entry.pk, entry.live_hash, entry.revision = target.pk, target.live_hash, target.revision + 1
        if target.archived_at is None and target.content_hash == entry.content_hash:
            self.unchanged += 1
        elif self._keep:
            self.kept += 1
        else:
            self.changed.append(entry)


def _ids_elsewhere(ids: set[UUID]) -> set[UUID]:
    """Those of the ids that other bots' entries have."""
    listed = sorted(ids)
    found: set[UUID] = set()
    for at in range(0, len(listed), _BATCH):
        found.update(Entry.objects.filter(pk__in=listed[at : at + _BATCH]).values_list("pk", flat=True))
    return found


def _shared_texts(drafts: Sequence[_Draft], entries: Sequence[Entry]) -> list[BadRow]:
    """A question that two entries share answers with the first of them only, so the editor should know.

    Texts of the file are compared by key; against entries that the file leaves alone, similar questions are compared as
    they are written, because preparing all texts of a large bot for a small file would take longer than the import.
    """
    touched = {draft.entry.pk for draft in drafts}
    holders: dict[str, str] = {}
    for entry in entries:
        if entry.pk not in touched and entry.archived_at is None:
            holders.update(dict.fromkeys((entry.question_key, *entry.similar), entry.question))
    standard = {draft.keys[0]: draft.entry.question for draft in drafts}
    warnings: list[BadRow] = []
    for draft in drafts:
        for key, text in zip(draft.keys, (draft.entry.question, *draft.entry.similar), strict=True):
            other = holders.get(key) or holders.get(text) or standard.get(key)
            if other is not None and other != draft.entry.question:
                values = {"text": text, "other": other}
                warnings.append(BadRow(draft.number, _("“%(text)s” also belongs to “%(other)s”.") % values))
        for key in draft.keys[1:]:
            holders.setdefault(key, draft.entry.question)
    return warnings


def _write(entries: Sequence[Any], progress: Progress | None) -> None:
    """Insert or replace, many rows a statement."""
    for at in range(0, len(entries), _BATCH):
        Entry.objects.bulk_create(
            entries[at : at + _BATCH], update_conflicts=True, unique_fields=["id"], update_fields=_WRITTEN
        )
        if progress:
            progress(_("entries written"), at, len(entries))
