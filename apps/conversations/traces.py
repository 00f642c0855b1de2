"""Traces for those who may read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.conversations.models import Message, Turn
from apps.conversations.services import conversation_get
from apps.core.errors import NotFound


def trace_for_visitor(conversation_id: UUID, message_id: UUID) -> dict[str, Any]:
    """The trace behind one message of the visitor's own conversation.

    Raises:
        NotFound: no such message, or the bot does not show traces to visitors.
    """
    conversation = conversation_get(conversation_id)
    rows = Message.objects.select_related("turn").filter(pk=message_id, conversation=conversation)
    message = rows.first() if conversation.bot.shows_traces else None
    if message is None or message.turn is None:
        raise NotFound(_("There is no trace to show for this message."))
    return trace_json(message.turn)


def trace_json(turn: Turn) -> dict[str, Any]:
    """A stored trace with the turn it belongs to."""
    return {"turn": str(turn.pk), "text": turn.text, "at": turn.created_at.isoformat(), **turn.trace}
