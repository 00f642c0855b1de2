"""Reads of conversations for their visitors."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.bots.models import Bot
from apps.conversations.models import Conversation, Message
from apps.conversations.queue import queue_position
from apps.conversations.services import conversation_get
from apps.conversations.shapes import message_json

PAGE = 500


def history_after(conversation_id: UUID, after: int) -> dict[str, Any]:
    """Up to 500 messages with a number greater than ``after``, and the conversation's last number.

    Raises:
        Unauthenticated: the conversation is gone or was revoked.
    """
    conversation = conversation_get(conversation_id)
    rows = Message.objects.filter(conversation=conversation, seq__gt=after).select_related("turn", "feedback", "author")
    return {
        "messages": [message_json(row) for row in rows.order_by("seq")[:PAGE]],
        "last_seq": conversation.seq,
        "state": conversation.state,
        "position": queue_position(conversation),
    }


def waiting_count(bot: Bot) -> int:
    """How many visitors wait for a person."""
    return Conversation.objects.filter(bot=bot, state=Conversation.State.QUEUED).count()
