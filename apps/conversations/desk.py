"""What staff do in a conversation: take it over, write in it, give it back to the bot, close it."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.conversations import push
from apps.conversations.models import Conversation, Message
from apps.conversations.services import conversation_move
from apps.core.errors import Conflict, Invalid, TooLarge

State = Conversation.State


@transaction.atomic
def conversation_take(*, conversation: Conversation, by: User) -> None:
    """The conversation becomes this person's; taking one's own again changes nothing.

    Raises:
        Conflict: a colleague has it (the message names them), or it is closed.
    """
    fresh = _fresh(conversation)
    if fresh.state == State.CLOSED:
        raise Conflict(_("This conversation is closed; it opens again when the visitor writes."))
    if fresh.state == State.HUMAN:
        _refuse_if_another(fresh, by)
        return
    conversation_move(fresh, State.HUMAN, reason="taken", actor=by.pk)


@transaction.atomic
def agent_reply(*, conversation: Conversation, by: User, text: str, client_id: str) -> Message:
    """A message of the person who has the conversation; the same ``client_id`` is stored once.

    Raises:
        Invalid: nothing in the text.
        TooLarge: longer than MESSAGE_MAX_CHARS.
        Conflict: the conversation is not this person's.
    """
    text = _said(text)
    fresh = _fresh(conversation)
    before = Message.objects.filter(conversation=fresh, client_id=f"agent:{client_id}"[:64]).first()
    if before is not None:
        return before
    _refuse_if_not_mine(fresh, by)
    Conversation.objects.filter(pk=fresh.pk).update(seq=F("seq") + 1, last_message_at=timezone.now())
    message = Message.objects.create(
        conversation=fresh,
        seq=Conversation.objects.values_list("seq", flat=True).get(pk=fresh.pk),
        role=Message.Role.AGENT,
        text=text,
        client_id=f"agent:{client_id}"[:64],
        author=by,
    )
    push.message_stored(message)
    return message


@transaction.atomic
def conversation_return(*, conversation: Conversation, by: User) -> None:
    """The bot answers again.

    Raises:
        Conflict: a colleague has it, or nobody does and nobody is waited for.
    """
    fresh = _fresh(conversation)
    if fresh.state not in (State.HUMAN, State.QUEUED):
        raise Conflict(_("The bot has this conversation already, or it is closed."))
    _refuse_if_another(fresh, by)
    conversation_move(fresh, State.BOT, reason="returned", actor=by.pk)


@transaction.atomic
def conversation_close(*, conversation: Conversation, by: User) -> None:
    """The matter is settled; the visitor's next message opens the conversation again with the bot.

    Raises:
        Conflict: a colleague has it, or it is closed.
    """
    fresh = _fresh(conversation)
    if fresh.state == State.CLOSED:
        raise Conflict(_("This conversation is closed already."))
    _refuse_if_another(fresh, by)
    conversation_move(fresh, State.CLOSED, reason="closed", actor=by.pk)


def _fresh(conversation: Conversation) -> Conversation:
    return Conversation.objects.select_for_update().get(pk=conversation.pk)


def _said(text: str) -> str:
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Invalid(_("The message is empty."), fields={"text": _("Empty.")})
    if len(text) > settings.MESSAGE_MAX_CHARS:
        most = settings.MESSAGE_MAX_CHARS
        raise TooLarge(
            _("A message may have %(most)d characters; this one has %(n)d.") % {"most": most, "n": len(text)}
        )
    return text


def _refuse_if_another(conversation: Conversation, by: User) -> None:
    holder = conversation.assigned_to
    if conversation.state == State.HUMAN and holder is not None and holder.pk != by.pk:
        name = holder.get_full_name() or holder.get_username()
        raise Conflict(_("%(name)s has this conversation. Ask them to give it back first.") % {"name": name})


def _refuse_if_not_mine(conversation: Conversation, by: User) -> None:
    _refuse_if_another(conversation, by)
    if conversation.state != State.HUMAN or conversation.assigned_to_id != by.pk:
        raise Conflict(_("Take the conversation over before you write; the bot has it now."))
