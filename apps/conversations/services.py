"""Writes to conversations, each one short transaction. Nothing slow happens in here.

A visitor message takes two: :func:`message_receive` stores it once and takes the conversation's turn,
:func:`turn_finish` stores what the engine answered. Between them the turn is held by a lease on the conversation's row:
who has the lease may finish the turn; when a process dies, the lease runs out and :func:`turn_take` gives the turn to
somebody else. Turns of one conversation are taken in the order of their messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations import push
from apps.conversations.models import Conversation, Message, Transition, Turn, Visitor
from apps.conversations.queue import queue_position
from apps.conversations.shapes import reply_row, turn_result
from apps.conversations.suggestions import suggestion_read
from apps.conversations.tokens import Customer
from apps.conversations.types import BotRef, Incoming, Receipt, TurnResult, Work
from apps.core.errors import Conflict, Invalid, NotFound, TooLarge, Unauthenticated
from apps.core.ids import uuid7
from dialog import types as dialog
from dialog.serial import trace_to_json
from dialog.texts import say

State = Conversation.State


@transaction.atomic
def conversation_open(*, bot: Bot, lang: str, customer: Customer | None = None) -> Conversation:
    """A new conversation with a new visitor, or with the customer whom the bot's owner vouched for."""
    if customer is None:
        visitor = Visitor.objects.create(bot=bot)
    else:
        visitor, _created = Visitor.objects.update_or_create(
            bot=bot, external_id=customer.external_id, defaults={"name": customer.name}
        )
    return Conversation.objects.create(bot=bot, visitor=visitor, lang=lang)


def message_receive(incoming: Incoming) -> Receipt:
    """Store a visitor's message exactly once and, if nobody is before it, take the turn.

    Raises:
        Invalid: neither or both of text and pick, or nothing in the text.
        TooLarge: the text is longer than MESSAGE_MAX_CHARS.
        Unauthenticated: the conversation is gone or was revoked.
    """
    text, pick = _read(incoming)
    try:
        return _store(incoming, text, pick)
    except IntegrityError:
        if incoming.client_id is None:
            raise
        return _stored_before(incoming)


def _read(incoming: Incoming) -> tuple[str, dialog.Pick | None]:
    if (incoming.text is None) == (incoming.pick is None):
        raise Invalid(_("Send either “text” or “pick”."), fields={"text": _("Either this or pick.")})
    if incoming.pick is not None:
        press = suggestion_read(incoming.conversation, incoming.pick)
        return press.text, press.pick
    text = incoming.text or ""
    if len(text) > settings.MESSAGE_MAX_CHARS:
        most = settings.MESSAGE_MAX_CHARS
        raise TooLarge(
            _("A message may have %(most)d characters; this one has %(n)d.") % {"most": most, "n": len(text)}
        )
    if not text.strip():
        raise Invalid(_("The message is empty."), fields={"text": _("Empty.")})
    # NUL cannot be stored by every database and means nothing to a reader.
    return text.replace("\x00", ""), None


@transaction.atomic
def _store(incoming: Incoming, text: str, pick: dialog.Pick | None) -> Receipt:
    now = timezone.now()
    turn_id = uuid7()
    conversation = _advance(incoming.conversation, turn_id, now)
    turn = Turn(
        pk=turn_id,
        conversation=conversation,
        bot_id=conversation.bot_id,
        seq=conversation.seq,
        text=text,
        pick=[pick.kind, pick.value] if pick else None,
    )
    turn.save(force_insert=True)
    message = Message(
        conversation=conversation,
        turn=turn,
        seq=conversation.seq,
        role=Message.Role.VISITOR,
        text=text,
        client_id=incoming.client_id,
    )
    message.save(force_insert=True)
    push.message_stored(message)
    if conversation.state in (State.QUEUED, State.HUMAN):
        return _for_person(conversation, turn, message, pick)
    work = _work(conversation, turn) if conversation.lease_turn == turn_id else None
    return Receipt(turn_id, conversation.pk, work)


def _advance(conversation_id: UUID, turn_id: UUID, now: datetime) -> Conversation:
    """Count the message and take the lease if no turn is open. The UPDATE locks the row for the transaction.

    The order matters on MySQL, which evaluates assignments from left to right: what reads ``open_turns`` comes first.
    """
    alone = Q(open_turns=0)
    changed = Conversation.objects.filter(pk=conversation_id, revoked_at=None).update(
        lease_turn=Case(When(alone, then=Value(turn_id, Conversation._meta.pk)), default=F("lease_turn")),
        lease_until=Case(When(alone, then=Value(_lease_end(now))), default=F("lease_until")),
        open_turns=F("open_turns") + 1,
        seq=F("seq") + 1,
        last_message_at=now,
        state=Case(When(state=State.CLOSED, then=Value(State.BOT)), default=F("state")),
    )
    if not changed:
        raise Unauthenticated(_("This conversation has ended. Start a new session."))
    return Conversation.objects.select_related("bot").get(pk=conversation_id)


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.TURN_LEASE_SECONDS)


def _work(conversation: Conversation, turn: Turn) -> Work:
    bot = conversation.bot
    return Work(
        turn=turn.pk,
        conversation=conversation.pk,
        text=turn.text,
        pick=dialog.Pick(*turn.pick) if turn.pick else None,
        state=dialog.State.from_json(conversation.dialog_state),
        state_version=conversation.state_version,
        lang="en" if turn.pick and conversation.lang == "en" else ("zh" if turn.pick else None),
        bot=BotRef(bot.pk, bot.slug, bot.live_version, bot.revision),
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
    rows = list(turn.messages.order_by("seq"))
    visitor = next(row for row in rows if row.role == Message.Role.VISITOR)
    replies = [row for row in rows if row.role != Message.Role.VISITOR]
    return turn_result(turn, (visitor.pk, visitor.seq, visitor.client_id), replies)


@transaction.atomic
def turn_take(conversation_id: UUID) -> Work | None:
    """The oldest unfinished turn of a conversation, if its lease is free or has run out; else None."""
    turn = Turn.objects.filter(conversation_id=conversation_id, status=Turn.Status.OPEN).order_by("seq").first()
    if turn is None:
        return None
    now = timezone.now()
    free = Q(lease_turn=None) | Q(lease_until__lt=now)
    taken = Conversation.objects.filter(free, pk=conversation_id).update(
        lease_turn=turn.pk, lease_until=_lease_end(now)
    )
    if not taken:
        return None
    Turn.objects.filter(pk=turn.pk).update(attempts=F("attempts") + 1)
    turn.attempts += 1
    return _work(Conversation.objects.select_related("bot").get(pk=conversation_id), turn)


@transaction.atomic
def turn_finish(work: Work, reply: dialog.Reply, publication: int) -> TurnResult | None:
    """Store what the engine answered and release the lease; None when the lease was lost and somebody else finishes.

    A reply that comes after a person took over is not said: the turn then ends as a message to that person.
    """
    wanted = State.QUEUED if reply.handoff_reason else State.BOT
    now = timezone.now()
    said = len(reply.messages)
    mine = Conversation.objects.filter(pk=work.conversation, lease_turn=work.turn)
    changes: dict[str, Any] = {"open_turns": F("open_turns") - 1, "lease_turn": None, "lease_until": None}
    answered = mine.filter(state=State.BOT, state_version=work.state_version).update(
        **changes,
        seq=F("seq") + said,
        dialog_state=reply.state.to_json(),
        state_version=F("state_version") + 1,
        state=wanted,
        queued_at=now if reply.handoff_reason else None,
        handoff_reason=reply.handoff_reason,
    )
    if not answered and not mine.update(**changes):
        return None
    turn = Turn.objects.get(pk=work.turn)
    if not answered:
        return _finish(turn, "handoff", "human", [], Conversation.objects.get(pk=work.conversation).state)
    seq = Conversation.objects.values_list("seq", flat=True).get(pk=work.conversation)
    rows = [reply_row(turn, seq - said + 1 + i, message) for i, message in enumerate(reply.messages)]
    Message.objects.bulk_create(rows)
    turn.publication, turn.trace, turn.confidence = publication, trace_to_json(reply.trace), reply.trace.confidence
    turn.entry_id = UUID(reply.messages[0].entry_id) if reply.messages and reply.messages[0].entry_id else None
    if reply.handoff_reason:
        Transition.objects.create(
            conversation_id=work.conversation, source=State.BOT, target=State.QUEUED, reason=reply.handoff_reason
        )
        push.state_changed(work.conversation, State.QUEUED)
    if work.pick and work.pick.kind == "entry" and turn.entry_id:
        _mark_picked(turn)
    return _finish(turn, reply.outcome.value, reply.trace.route.value, rows, wanted)


def _finish(turn: Turn, outcome: str, route: str, rows: list[Message], state: str) -> TurnResult:
    turn.status, turn.outcome, turn.route, turn.state_after = Turn.Status.DONE, outcome, route, state
    turn.finished_at = timezone.now()
    turn.save(
        update_fields=[
            "status", "outcome", "route", "confidence", "entry_id", "state_after", "publication", "trace", "finished_at",
        ]
    )  # fmt: skip
    visitor = Message.objects.values_list("pk", "seq", "client_id").get(turn=turn, role=Message.Role.VISITOR)
    result = turn_result(turn, visitor, rows)
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


def _for_person(conversation: Conversation, turn: Turn, message: Message, pick: dialog.Pick | None) -> Receipt:
    """A message to a person who is there or on the way: stored, passed on, and not answered by the bot."""
    if pick is not None and pick.kind == "resume":
        _move(conversation, State.BOT, reason="visitor", actor=None)
        said = [_note(conversation, "resumed")]
        outcome = "answer"
    else:
        said = [_waiting_note(conversation)] if conversation.state == State.QUEUED else []
        outcome = "handoff"
    rows = [reply_row(turn, conversation.seq + 1 + i, note) for i, note in enumerate(said)]
    Message.objects.bulk_create(rows)
    Conversation.objects.filter(pk=conversation.pk).update(
        seq=F("seq") + len(rows), open_turns=F("open_turns") - 1, lease_turn=None, lease_until=None
    )
    turn.trace = {"outcome": outcome, "route": "human", "confidence": 1.0, "ms": 0.0, "versions": {}, "degraded": [],
                  "stages": [{"name": "human", "verdict": conversation.state, "ms": 0.0}]}  # fmt: skip
    turn.confidence = 1.0
    result = _finish(turn, outcome, "human", rows, conversation.state)
    return Receipt(turn.pk, conversation.pk, result=result)


def _note(
    conversation: Conversation, key: str, choices: tuple[dialog.Choice, ...] = (), **values: str
) -> dialog.Message:
    texts = (conversation.bot.profile or {}).get("texts") or {}
    lang: dialog.Lang = "en" if conversation.lang == "en" else "zh"
    return dialog.Message(say(key, lang, texts, **values), dialog.Route.HUMAN, 1.0, choices=choices)


def _waiting_note(conversation: Conversation) -> dialog.Message:
    resume = dialog.Choice(_note(conversation, "resume").text, dialog.Pick("resume"))
    return _note(conversation, "waiting", (resume,), position=str(queue_position(conversation)))


def _move(conversation: Conversation, target: str, *, reason: str, actor: int | None) -> None:
    """Change the state, if it is still the one that was read; the change is written down.

    Raises:
        Conflict: somebody changed it meanwhile.
    """
    source = conversation.state
    moved = Conversation.objects.filter(pk=conversation.pk, state=source).update(
        state=target,
        state_version=F("state_version") + 1,
        queued_at=timezone.now() if target == State.QUEUED else None,
        handoff_reason=reason if target == State.QUEUED else F("handoff_reason"),
        assigned_to=actor if target == State.HUMAN else None,
    )
    if not moved:
        raise Conflict(_("Somebody changed this conversation meanwhile. Reload it."))
    conversation.state = target
    Transition.objects.create(
        conversation=conversation, source=source, target=target, reason=reason[:200], actor_id=actor
    )
    push.state_changed(conversation.pk, target)


@transaction.atomic
def handoff_request(*, conversation_id: UUID, reason: str) -> tuple[str, int]:
    """The visitor wants a person: the state, and the place in the queue (0 when a person is there)."""
    conversation = conversation_get(conversation_id)
    if conversation.state in (State.BOT, State.CLOSED):
        _move(conversation, State.QUEUED, reason=(reason or "asked")[:40], actor=None)
        conversation.refresh_from_db(fields=["queued_at"])
    return conversation.state, queue_position(conversation)


def conversation_get(conversation_id: UUID) -> Conversation:
    """Raises Unauthenticated when the conversation is gone or was revoked."""
    conversation = Conversation.objects.select_related("bot").filter(pk=conversation_id, revoked_at=None).first()
    if conversation is None:
        raise Unauthenticated(_("This conversation has ended. Start a new session."))
    return conversation


def open_conversations(before: datetime) -> list[UUID]:
    """Conversations with a turn that nobody works on: its lease ran out, or it waits without one since ``before``."""
    rows = Conversation.objects.filter(open_turns__gt=0).filter(
        Q(lease_until__lt=timezone.now()) | Q(lease_turn=None, last_message_at__lt=before)
    )
    return list(rows.values_list("pk", flat=True)[:100])


def turn_of_conversation(conversation_id: UUID, turn_id: UUID) -> Turn:
    turn = Turn.objects.filter(pk=turn_id, conversation_id=conversation_id).first()
    if turn is None:
        raise NotFound(_("There is no such turn in this conversation."))
    return turn
