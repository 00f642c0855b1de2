"""Customers who fell silent in the middle of a task are asked once whether they are still there."""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone

from apps.conversations.models import Conversation
from apps.conversations.services import tell
from apps.conversations.wiring import bot_ref, engines
from dialog.types import State

logger = logging.getLogger(__name__)

ROUND = 50
"""Conversations at a time."""


def remind_silent() -> int:
    """One round; how many were reminded. Whoever takes a row first reminds, so any number of servers may run."""
    due = Conversation.objects.filter(remind_at__lte=timezone.now(), state=Conversation.State.BOT)
    return sum(_remind(conversation) for conversation in due.select_related("bot").order_by("remind_at")[:ROUND])


def _remind(conversation: Conversation) -> bool:
    engine = engines().get_now(bot_ref(conversation.bot))
    state = State.from_json(conversation.dialog_state)
    note = engine.reminder(state, "en" if conversation.lang == "en" else "zh")
    with transaction.atomic():
        row = Conversation.objects.filter(pk=conversation.pk, remind_at=conversation.remind_at, open_turns=0)
        if not row.update(remind_at=None) or note is None:
            return False
        tell(conversation, note)
    return True
