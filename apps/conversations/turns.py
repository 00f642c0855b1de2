"""A visitor message's two transactions, each short. Nothing slow happens in here.

:func:`message_receive` stores a message once and takes the conversation's turn, :func:`turn_finish` stores what the
engine answered. Between them the turn is held by a lease on the conversation's row: who has the lease may finish the
turn; when a process dies, the lease runs out and :func:`turn_take` gives the turn to somebody else. Turns of one
conversation are taken in the order of their messages.

The conversation's row is changed by comparing what was read (its ``seq`` above all) and never locked in advance, so
that the same code is right on every database; who comes second reads again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.conversations import push
from apps.conversations.models import Conversation, Message, TaskEvent, Transition, Turn
from apps.conversations.services import conversation_move, person_notes
from apps.conversations.shapes import reply_row, turn_result
from apps.conversations.suggestions import suggestion_read
from apps.conversations.types import BotRef, Incoming, Receipt, TurnResult, VisitorMessage, Work
from apps.core import rows
from apps.core.errors import Conflict, Invalid, TooLarge, Unauthenticated
from apps.core.ids import uuid7
from dialog import types as dialog
from dialog.serial import trace_to_json

State = Conversation.State

TRIES = 50
"""How often a change that somebody else got ahead of is tried again."""


class _Overtaken(Exception):
    """Somebody changed the conversation between the read and the write."""


def message_receive(incoming: Incoming) -> Receipt:
    """Store a visitor's message exactly once and, if nobody is before it, take the turn.

    Raises:
        Invalid: neither or both of text and pick, or nothing in the text.
        TooLarge: the text is longer than MESSAGE_MAX_CHARS.
        Unauthenticated: the conversation is gone or was revoked.
        Conflict: too many messages at once in one conversation.
    """
    text, pick = _read(incoming)
    for _try in range(TRIES):
        try:
            return _store(incoming, text, pick)
        except _Overtaken:
            continue
        except IntegrityError:
            if incoming.client_id is None:
                raise
            return _stored_before(incoming)
    raise Conflict(_("Too much happens at once in this conversation. Send the message again."))


def _read(incoming: Incoming) -> tuple[str, dialog.Pick | None]:
    if (incoming.text is None) == (incoming.pick is None):
        raise Invalid(_("Send either “text” or “pick”."), fields={"text": _("Either this or pick.")})
    if incoming.pick is not None:
        press = suggestion_read(incoming.conversation, incoming.pick)
        return press.text, press.pick
    text = incoming.text or ""
    if len(text) > settings.MESSAGE_MAX_CHARS:
        sizes = {"most": settings.MESSAGE_MAX_CHARS, "n": len(text)}
        raise TooLarge(_("A message may have %(most)d characters; this one has %(n)d.") % sizes)
    if not text.strip():
        raise Invalid(_("The message is empty."), fields={"text": _("Empty.")})
    # NUL cannot be stored by every database and means nothing to a reader.
    return text.replace("\x00", ""), None


@transaction.atomic
def _store(incoming: Incoming, text: str, pick: dialog.Pick | None) -> Receipt:
    now = timezone.now()
    conversation, bot, user = _conversation(incoming.conversation)
    turn = Turn(
        pk=uuid7(),
        conversation_id=conversation.pk,
        bot_id=bot.id,
        seq=conversation.seq + 1,
        text=text,
        pick=[pick.kind, pick.value] if pick else None,
    )
    message = Message(
        conversation_id=conversation.pk,
        turn_id=turn.pk,
        seq=turn.seq,
        role=Message.Role.VISITOR,
        text=text,
        client_id=incoming.client_id,
    )
    _advance(conversation, turn.pk, now)
    rows.insert(turn, message)
    push.message_stored(message)
    visitor = VisitorMessage(message.pk, message.seq, message.client_id)
    if conversation.state in (State.QUEUED, State.HUMAN):
        return _for_person(conversation, turn, visitor, pick)
    work = _work(conversation, bot, user, turn, visitor) if conversation.lease_turn == turn.pk else None
    return Receipt(turn.pk, conversation.pk, work)


_COLUMNS = ("pk", "seq", "state", "lang", "open_turns", "lease_turn", "dialog_state", "state_version", "queued_at")
_BOT_COLUMNS = ("bot_id", "bot__slug", "bot__live_version", "bot__revision")
_VISITOR_COLUMNS = ("visitor_id", "visitor__external_id", "visitor__name")
_LOOKUP = rows.Lookup(Conversation, *_COLUMNS, *_BOT_COLUMNS, *_VISITOR_COLUMNS, revoked_at=None)


def _conversation(conversation_id: UUID) -> tuple[Conversation, BotRef, dialog.User]:
    """The columns that a turn needs, of all three rows in one read.

    Raises:
        Unauthenticated: the conversation is gone or was revoked.
    """
    row = _LOOKUP.get(conversation_id)
    if row is None:
        raise Unauthenticated(_("This conversation has ended. Start a new session."))
    conversation = Conversation(bot_id=row[len(_COLUMNS)], **dict(zip(_COLUMNS, row, strict=False)))
    visitor, external, name = row[-len(_VISITOR_COLUMNS) :]
    user = dialog.User(external or visitor.hex, external is not None, name)
    return conversation, BotRef(*row[len(_COLUMNS) : -len(_VISITOR_COLUMNS)]), user


def _advance(conversation: Conversation, turn_id: UUID, now: datetime) -> None:
    """Count the message, open a closed conversation, and take the lease if no other turn is open."""
    seq = conversation.seq
    changes: dict[str, Any] = {"seq": seq + 1, "open_turns": conversation.open_turns + 1, "last_message_at": now}
    if conversation.open_turns == 0:
        changes |= {"lease_turn": turn_id, "lease_until": _lease_end(now)}
    if conversation.state == State.CLOSED:
        changes["state"] = State.BOT
    where = {"seq": seq, "open_turns": conversation.open_turns, "state": conversation.state}
    if not rows.update(Conversation, changes, id=conversation.pk, **where):
        raise _Overtaken
    for name, value in changes.items():
        setattr(conversation, name, value)


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.TURN_LEASE_SECONDS)


def _work(conversation: Conversation, bot: BotRef, user: dialog.User, turn: Turn, visitor: VisitorMessage) -> Work:
    return Work(
        turn=turn.pk,
        conversation=conversation.pk,
        message=visitor,
        text=turn.text,
        pick=dialog.Pick(*turn.pick) if turn.pick else None,
        state=dialog.State.from_json(conversation.dialog_state),
        seq=conversation.seq,
        open_turns=conversation.open_turns,
        state_version=conversation.state_version,
        lang="en" if conversation.lang == "en" else "zh",
        bot=bot,
        user=user,
        attempts=turn.attempts,
    )


def _stored_before(incoming: Incoming) -> Receipt:
    message = Message.objects.select_related("turn").get(
        conversation_id=incoming.conversation, client_id=incoming.client_id
    )
    assert message.turn is not None, "a visitor message always has a turn"
    result = turn_result_of(message.turn) if message.turn.status == Turn.Status.DONE else None
    return Receipt(message.turn.pk, incoming.conversation, result=result)


def turn_result_of(turn: Turn) -> TurnResult:
    """What a finished turn answered."""
    said = list(turn.messages.order_by("seq"))
    first = next(row for row in said if row.role == Message.Role.VISITOR)
    replies = [row for row in said if row.role != Message.Role.VISITOR]
    return turn_result(turn, VisitorMessage(first.pk, first.seq, first.client_id), replies)


@transaction.atomic
def turn_take(conversation_id: UUID) -> Work | None:
    """The oldest unfinished turn of a conversation, if its lease is free or has run out; else None."""
    turn = Turn.objects.filter(conversation_id=conversation_id, status=Turn.Status.OPEN).order_by("seq").first()
    if turn is None:
        return None
    now = timezone.now()
    free = Q(lease_turn=None) | Q(lease_until__lt=now)
    mine = Conversation.objects.filter(free, pk=conversation_id)
    if not mine.update(lease_turn=turn.pk, lease_until=_lease_end(now)):
        return None
    # The turn may have been finished between the two reads above, where the database lets others write meanwhile.
    if not Turn.objects.filter(pk=turn.pk, status=Turn.Status.OPEN).update(attempts=F("attempts") + 1):
        transaction.set_rollback(True)
        return None
    turn.attempts += 1
    conversation, bot, user = _conversation(conversation_id)
    first = Message.objects.values_list("pk", "seq", "client_id").get(turn=turn, role=Message.Role.VISITOR)
    return _work(conversation, bot, user, turn, VisitorMessage(*first))


def turn_finish(work: Work, reply: dialog.Reply, publication: int) -> TurnResult | None:
    """Store what the engine answered and release the lease; None when the lease was lost and somebody else finishes.

    A reply that comes after a person took over is not said: the turn then ends as a message to that person.
    """
    seq, open_turns = work.seq, work.open_turns
    for _try in range(TRIES):
        try:
            return _finish_at(work, reply, publication, seq, open_turns)
        except _Overtaken:
            now = Conversation.objects.filter(pk=work.conversation, lease_turn=work.turn)
            found = now.values_list("seq", "open_turns", "state", "state_version").first()
            if found is None:
                return None
            seq, open_turns, state, version = found
            if state != State.BOT or version != work.state_version:
                return _finish_for_person(work, reply, state)
    raise RuntimeError(f"turn {work.turn} was overtaken {TRIES} times")


@transaction.atomic
def _finish_at(work: Work, reply: dialog.Reply, publication: int, seq: int, open_turns: int) -> TurnResult:
    now = timezone.now()
    state = State.QUEUED if reply.handoff_reason else State.BOT
    changes = {
        **_released(open_turns),
        "seq": seq + len(reply.messages),
        "dialog_state": reply.state.to_json(),
        "state_version": work.state_version + 1,
        "state": state,
        "queued_at": now if reply.handoff_reason else None,
        "handoff_reason": reply.handoff_reason,
        "remind_at": _reminder(reply, now),
    }
    where = {"lease_turn": work.turn, "seq": seq, "open_turns": open_turns, "state_version": work.state_version}
    if not rows.update(Conversation, changes, id=work.conversation, state=State.BOT, **where):
        raise _Overtaken
    turn = Turn(pk=work.turn, conversation_id=work.conversation, seq=work.message.seq)
    replies = [
        reply_row(work.conversation, work.turn, seq + 1 + i, message) for i, message in enumerate(reply.messages)
    ]
    rows.insert(*replies)
    _keep_events(work, reply)
    turn.entry_id = UUID(reply.messages[0].entry_id) if reply.messages and reply.messages[0].entry_id else None
    turn.outcome, turn.route, turn.confidence = reply.outcome.value, reply.trace.route.value, reply.trace.confidence
    turn.publication, turn.trace = publication, trace_to_json(reply.trace)
    if reply.handoff_reason:
        Transition.objects.create(
            conversation_id=work.conversation, source=State.BOT, target=State.QUEUED, reason=reply.handoff_reason
        )
        push.state_changed(work.conversation, State.QUEUED)
    if work.pick and work.pick.kind == "entry" and turn.entry_id:
        _mark_picked(turn)
    return _close(turn, work.message, replies, state)


def _reminder(reply: dialog.Reply, now: datetime) -> datetime | None:
    """A task that waits for an answer does not wait without a word."""
    waits = bool(reply.state.task.get("frames")) and not reply.handoff_reason
    return now + timedelta(seconds=settings.TASK_REMINDER_SECONDS) if waits else None


def _keep_events(work: Work, reply: dialog.Reply) -> None:
    events = [
        TaskEvent(conversation_id=work.conversation, turn_id=work.turn, **event)  # seq, kind and data
        for event in reply.events
    ]
    if events:
        TaskEvent.objects.bulk_create(events)


def _released(open_turns: int) -> dict[str, Any]:
    return {"open_turns": open_turns - 1, "lease_turn": None, "lease_until": None}


@transaction.atomic
def _finish_for_person(work: Work, reply: dialog.Reply, state: str) -> TurnResult | None:
    """What was done for the customer is kept, though the bot does not tell it any more."""
    mine = Conversation.objects.filter(pk=work.conversation, lease_turn=work.turn)
    changes: dict[str, Any] = {"dialog_state": reply.state.to_json()} if reply.events else {}
    if not mine.update(open_turns=F("open_turns") - 1, lease_turn=None, lease_until=None, **changes):
        return None
    _keep_events(work, reply)
    turn = Turn(pk=work.turn, conversation_id=work.conversation, seq=work.message.seq)
    _to_person(turn, "handoff", state)
    return _close(turn, work.message, [], state)


_RESULT = ("status", "outcome", "route", "confidence", "entry_id", "state_after", "publication", "trace", "finished_at")


def _close(turn: Turn, visitor: VisitorMessage, replies: list[Message], state: str) -> TurnResult:
    """Write down how the turn ended, and tell who watches."""
    turn.status, turn.state_after, turn.finished_at = Turn.Status.DONE, state, timezone.now()
    rows.update(Turn, {name: getattr(turn, name) for name in _RESULT}, id=turn.pk)
    result = turn_result(turn, visitor, replies)
    push.turn_finished(result)
    return result


def _mark_picked(turn: Turn) -> None:
    """A press on a list is feedback on the turn that offered it."""
    before = Turn.objects.filter(conversation_id=turn.conversation_id, outcome="list", seq__lt=turn.seq)
    offered = before.order_by("-seq").first()
    if offered is not None and str(turn.entry_id) in _offered(offered.trace):
        Turn.objects.filter(pk=offered.pk).update(picked_entry=turn.entry_id)


def _offered(trace: Mapping[str, Any]) -> set[str]:
    return {c["entry_id"] for stage in trace.get("stages", []) for c in stage.get("candidates", [])}


def _for_person(conversation: Conversation, turn: Turn, visitor: VisitorMessage, pick: dialog.Pick | None) -> Receipt:
    """A message to a person who is there or on the way: stored, passed on, and not answered by the bot."""
    resumes = pick is not None and pick.kind == "resume"
    if resumes:
        conversation_move(conversation, State.BOT, reason="visitor", actor=None)
    notes = person_notes(conversation, resumed=resumes)
    replies = [reply_row(conversation.pk, turn.pk, conversation.seq + 1 + i, note) for i, note in enumerate(notes)]
    rows.insert(*replies)
    changes = {**_released(conversation.open_turns), "seq": conversation.seq + len(replies)}
    if conversation.lease_turn != turn.pk:  # a turn of the bot is still open before this one; it keeps the lease
        changes = {"open_turns": changes["open_turns"], "seq": changes["seq"]}
    if not rows.update(Conversation, changes, id=conversation.pk, seq=conversation.seq):
        raise _Overtaken
    _to_person(turn, "answer" if resumes else "handoff", conversation.state)
    return Receipt(turn.pk, conversation.pk, result=_close(turn, visitor, replies, conversation.state))


def _to_person(turn: Turn, outcome: str, state: str) -> None:
    turn.outcome, turn.route, turn.confidence = outcome, "human", 1.0
    stages = [{"name": "human", "verdict": str(state), "ms": 0.0}]
    turn.trace = {"outcome": outcome, "route": "human", "confidence": 1.0, "ms": 0.0, "versions": {}, "degraded": []}
    turn.trace["stages"] = stages


def open_conversations(before: datetime) -> list[UUID]:
    """Conversations with a turn that nobody works on: its lease ran out, or it waits without one since ``before``."""
    waiting = Q(lease_until__lt=timezone.now()) | Q(lease_turn=None, last_message_at__lt=before)
    return list(Conversation.objects.filter(waiting, open_turns__gt=0).values_list("pk", flat=True)[:100])
