"""What visitors think of an answer and of a conversation."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.conversations.models import Conversation, Feedback, Message, Rating
from apps.conversations.services import conversation_get
from apps.core.errors import NotFound


@transaction.atomic
def feedback_give(*, conversation_id: UUID, message_id: str, value: str, reason: str) -> None:
    """A thumb on one of the bot's replies; a later one replaces it.

    Raises:
        NotFound: no such reply in this conversation.
    """
    conversation_get(conversation_id)
    try:
        message = Message.objects.filter(pk=message_id, conversation_id=conversation_id, role=Message.Role.BOT).first()
    except ValidationError:
        message = None
    if message is None:
        raise NotFound(_("There is no such reply in this conversation."))
    Feedback.objects.update_or_create(
        message=message, defaults={"turn_id": message.turn_id, "value": value, "reason": reason}
    )


def rating_give(*, conversation_id: UUID, score: int, comment: str) -> None:
    """One rating a conversation; a later one replaces it."""
    conversation = conversation_get(conversation_id)
    Rating.objects.update_or_create(conversation=conversation, defaults={"score": score, "comment": comment})


def conversation_forget(*, conversation_id: UUID) -> None:
    """The visitor ends access to the conversation from this token on."""
    Conversation.objects.filter(pk=conversation_id).update(revoked_at=timezone.now())
