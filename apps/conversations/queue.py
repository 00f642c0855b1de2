"""The visitors who wait for a person."""

from __future__ import annotations

from apps.conversations.models import Conversation


def queue_position(conversation: Conversation) -> int:
    """1 for the next one to be served, 0 for a conversation that does not wait."""
    if conversation.state != Conversation.State.QUEUED or conversation.queued_at is None:
        return 0
    waiting = Conversation.objects.filter(bot_id=conversation.bot_id, state=Conversation.State.QUEUED)
    return waiting.filter(queued_at__lt=conversation.queued_at).count() + 1
