"""Writes to conversations that are no turns: opening one, moving it between the bot and people."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations import push
from apps.conversations.models import Conversation, Transition, Visitor
from apps.conversations.queue import queue_position
from apps.conversations.shapes import reply_row
from apps.conversations.tokens import Customer
from apps.core.errors import Conflict, Unauthenticated
from dialog import types as dialog
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


def _note(
    conversation: Conversation, key: str, choices: tuple[dialog.Choice, ...] = (), **values: str
) -> dialog.Message:
    texts = (conversation.bot.profile or {}).get("texts") or {}
    lang: dialog.Lang = "en" if conversation.lang == "en" else "zh"
    return dialog.Message(say(key, lang, texts, **values), dialog.Route.HUMAN, 1.0, choices=choices)


def person_notes(conversation: Conversation, *, resumed: bool) -> list[dialog.Message]:
    """What is said to a visitor who writes while a person is awaited or there; nothing once one is there."""
    if resumed:
        return [_note(conversation, "resumed")]
    return [_waiting_note(conversation)] if conversation.state == State.QUEUED else []


def _waiting_note(conversation: Conversation) -> dialog.Message:
    resume = dialog.Choice(_note(conversation, "resume").text, dialog.Pick("resume"))
    return _note(conversation, "waiting", (resume,), position=str(queue_position(conversation)))


def conversation_move(conversation: Conversation, target: str, *, reason: str, actor: int | None) -> None:
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
        conversation_move(conversation, State.QUEUED, reason=(reason or "asked")[:40], actor=None)
        conversation.refresh_from_db(fields=["queued_at"])
        tell(conversation, _waiting_note(conversation))
    return conversation.state, queue_position(conversation)


def tell(conversation: Conversation, note: dialog.Message) -> None:
    """Say something that answers no message."""
    Conversation.objects.filter(pk=conversation.pk).update(seq=F("seq") + 1)
    conversation.refresh_from_db(fields=["seq"])
    row = reply_row(conversation.pk, None, conversation.seq, note)
    row.save(force_insert=True)
    push.message_stored(row)


def conversation_get(conversation_id: UUID) -> Conversation:
    """Raises Unauthenticated when the conversation is gone or was revoked."""
    conversation = Conversation.objects.select_related("bot").filter(pk=conversation_id, revoked_at=None).first()
    if conversation is None:
        raise Unauthenticated(_("This conversation has ended. Start a new session."))
    return conversation
