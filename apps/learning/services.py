"""Labels: an editor's verdict on a turn and on all that wait with the same text, and its effect on the knowledge.

Every effect lands in the drafts. What takes it back stands with the label, so that :func:`label_undo` is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, TypeAlias
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.conversations.models import Turn
from apps.core.errors import Conflict
from apps.core.ids import uuid7
from apps.core.logs import mask
from apps.knowledge.content import EntryContent, content_from_payload
from apps.knowledge.models import Entry
from apps.knowledge.selectors import twins_of
from apps.knowledge.services import entry_archive, entry_content, entry_save
from apps.learning.models import Label
from apps.learning.selectors import label_active, turns_alike
from nlu.normalize import question_key

Undo: TypeAlias = dict[str, Any]
"""Empty where the knowledge did not change; else ``entry`` (its id), ``after`` (the hash of the content that the label
made) and ``before`` (the content that it replaced, null for a new entry)."""


def label_similar(*, turn: Turn, entry: Entry, by: User) -> Label:
    """The turn asks what ``entry`` answers: its text becomes a similar question there.

    Raises:
        Conflict: the turn has a label already, or another entry holds this question.
        Invalid: the text does not fit into an entry.
    """

    def effect() -> Undo:
        _refuse_if_held(turn, other_than=entry)
        return _write(entry, _moved(entry, turn, to="similar"), by)

    return _label(turn, Label.Kind.SIMILAR, by, effect, entry.pk)


def label_negative(*, turn: Turn, entry: Entry, by: User) -> Label:
    """The turn only looks like what ``entry`` answers: its text becomes a negative question there.

    Raises:
        Conflict: the turn has a label already.
        Invalid: it is the entry's own question.
    """

    def effect() -> Undo:
        return _write(entry, _moved(entry, turn, to="negative"), by)

    return _label(turn, Label.Kind.NEGATIVE, by, effect, entry.pk)


def label_entry(*, turn: Turn, question: str, answer: str, by: User, category: str = "") -> Label:
    """The turn asks something new: a new entry, with the turn's text as a similar question where it differs.

    Raises:
        Conflict: the turn has a label already, or another entry holds this question.
        Invalid: ``fields`` says what is missing.
    """

    def effect() -> Undo:
        _refuse_if_held(turn)
        content = EntryContent(question, answer, similar=(mask(turn.text),), category=category)
        entry = entry_save(bot=turn.bot, content=content, by=by)
        return {"entry": str(entry.pk), "before": None, "after": entry.content_hash}

    return _label(turn, Label.Kind.ENTRY, by, effect)


def label_out_of_scope(*, turn: Turn, by: User) -> Label:
    """The bot is right not to know this; the same text will not come back. Raises Conflict as the others."""
    return _label(turn, Label.Kind.OUT_OF_SCOPE, by, dict)


def label_ignore(*, turn: Turn, by: User) -> Label:
    """Nothing to learn from it; the same text will not come back. Raises Conflict as the others."""
    return _label(turn, Label.Kind.IGNORE, by, dict)


@transaction.atomic
def label_undo(*, label: Label, by: User) -> int:
    """Take an action back: its labels, and its effect on the drafts exactly. How many turns wait again.

    Raises:
        Conflict: it was taken back already, or the entry was changed after it.
    """
    first = Label.objects.select_for_update(of=("self",)).select_related("bot").get(pk=label.action)
    if not first.active:
        raise Conflict(_("This label was taken back already."))
    if first.undo:
        _take_back(first, by)
    return Label.objects.filter(action=first.pk, active=True).update(active=None, updated_at=timezone.now())


# --- one action ---------------------------------------------------------------------------------------------------


def _label(turn: Turn, kind: str, by: User, effect: Callable[[], Undo], entry_id: UUID | None = None) -> Label:
    """Label the turn and its likes, then let the effect happen; all or nothing."""
    try:
        with transaction.atomic():
            first, *others = _rows(turn, kind, by, entry_id)
            Label.objects.bulk_create([first, *others])
            first.undo = effect()
            first.entry_id = entry_id or _entry_of(first.undo)
            first.save(update_fields=["undo", "entry_id"])
            Label.objects.filter(action=first.pk).update(entry_id=first.entry_id)
            return first
    except IntegrityError as error:
        raise Conflict(_first_come(turn)) from error


def _rows(turn: Turn, kind: str, by: User, entry_id: UUID | None) -> list[Label]:
    """Unsaved labels; the action's own one is the turn's."""
    bot = Bot.objects.only("live_version").get(pk=turn.bot_id)
    if label_active(turn) is not None:
        raise Conflict(_first_come(turn))
    action = uuid7()
    alike = [turn, *(row for row in turns_alike(turn) if row.pk != turn.pk)]
    return [
        Label(
            pk=action if row.pk == turn.pk else uuid7(),
            action=action,
            bot=bot,
            turn=row,
            text_key=row.text_key,
            kind=kind,
            entry_id=entry_id,
            live_version=bot.live_version,
            by=by,
        )
        for row in alike
    ]


def _entry_of(undo: Undo) -> UUID | None:
    return UUID(undo["entry"]) if undo else None


def _first_come(turn: Turn) -> str:
    label = label_active(turn)
    if label is None:
        return _("Somebody labelled one of these questions at the same moment. Look at the list again.")
    who = (label.by.get_full_name() or label.by.get_username()) if label.by else "—"
    return _("%(who)s labelled this question already: %(kind)s.") % {"who": who, "kind": label.get_kind_display()}


# --- effects on the drafts ----------------------------------------------------------------------------------------


def _moved(entry: Entry, turn: Turn, *, to: Literal["similar", "negative"]) -> EntryContent:
    """The entry's content with the turn's text on one list and off the other.

    Numbers that identify a person are masked: a question of the knowledge may be shown to other visitors.
    """
    content, text = entry_content(entry), mask(turn.text)

    def without(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(kept for kept in texts if question_key(kept) != question_key(text))

    if to == "similar":
        return replace(content, similar=(*content.similar, text), negative=without(content.negative))
    return replace(content, similar=without(content.similar), negative=(*content.negative, text))


def _write(entry: Entry, content: EntryContent, by: User) -> Undo:
    before, before_hash = entry_content(entry).payload(), entry.content_hash
    if content.cleaned().hash() == before_hash:
        return {}
    saved = entry_save(bot=entry.bot, content=content, by=by, entry=entry, revision=entry.revision)
    return {"entry": str(entry.pk), "before": before, "after": saved.content_hash}


def _refuse_if_held(turn: Turn, other_than: Entry | None = None) -> None:
    """Raises Conflict where another entry has the turn's text among its questions: one question has one answer."""
    twins = twins_of(turn.bot, [mask(turn.text)], other_than.pk if other_than else None)
    if twins:
        raise Conflict(
            _("“%(text)s” is a question of the entry “%(entry)s” already; take it out there first.")
            % {"text": turn.text, "entry": twins[0].question}
        )


def _take_back(label: Label, by: User) -> None:
    entry = (
        Entry.objects.select_for_update(of=("self",))
        .filter(pk=label.undo["entry"])
        .select_related("bot", "updated_by")
        .first()
    )
    if entry is None:
        return
    if entry.content_hash != label.undo["after"] or entry.archived_at is not None:
        raise Conflict(_changed_since(entry))
    if label.undo["before"] is None:
        entry_archive(entry=entry, by=by)
    else:
        entry_save(bot=entry.bot, content=content_from_payload(label.undo["before"]), by=by, entry=entry)


def _changed_since(entry: Entry) -> str:
    who = (entry.updated_by.get_full_name() or entry.updated_by.get_username()) if entry.updated_by else "—"
    at = timezone.localtime(entry.updated_at).strftime("%Y-%m-%d %H:%M")
    return _(
        "The entry “%(entry)s” was changed by %(who)s at %(at)s, after this label. Take the question out there by hand."
    ) % {"entry": entry.question, "who": who, "at": at}
