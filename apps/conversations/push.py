"""News of a conversation to the sockets that watch it, after the commit that made it true.

A socket is only a hint: what it misses, a client reads by ``after=<seq>``.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from apps.conversations.models import Message
from apps.conversations.types import TurnResult

logger = logging.getLogger(__name__)


class _Server:
    """The loop on which sockets live; set while the server runs, absent in commands."""

    loop: asyncio.AbstractEventLoop | None = None


def attach(loop: asyncio.AbstractEventLoop | None) -> None:
    """Called by the server when it starts (its loop) and stops (None)."""
    _Server.loop = loop


def group_of(conversation: UUID) -> str:
    return f"conversation.{conversation.hex}"


def message_stored(message: Message) -> None:
    from apps.conversations.shapes import message_json

    _after_commit(message.conversation_id, {"type": "message", "seq": message.seq, "message": message_json(message)})


def turn_finished(result: TurnResult) -> None:
    seq = max([result.message["seq"], *(reply["seq"] for reply in result.replies)])
    event = {"type": "reply", "client_id": result.client_id, "seq": seq, **result.body()}
    _after_commit(result.conversation, event)


def state_changed(conversation: UUID, state: str) -> None:
    _after_commit(conversation, {"type": "state", "state": str(state)})


def _after_commit(conversation: UUID, event: dict[str, Any]) -> None:
    transaction.on_commit(partial(_send, group_of(conversation), event))


def _send(group: str, event: dict[str, Any]) -> None:
    layer = get_channel_layer()
    message = {"type": "conversation.event", "event": event}
    if layer is None:
        return
    if _Server.loop is not None:
        asyncio.run_coroutine_threadsafe(_told(layer, group, message), _Server.loop)
    elif not _is_in_process(layer):
        async_to_sync(_told)(layer, group, message)


async def _told(layer: Any, group: str, message: dict[str, Any]) -> None:
    """What is stored is stored: a layer that cannot be reached costs a hint, which the client makes up for by asking."""
    try:
        await layer.group_send(group, message)
    except _layer_errors():
        logger.warning("the channel layer cannot be reached; sockets hear of this when they ask")


def _layer_errors() -> tuple[type[Exception], ...]:
    if not settings.REDIS_URL:
        return (OSError,)
    from redis.exceptions import RedisError

    return (OSError, RedisError)


def _is_in_process(layer: Any) -> bool:
    """Whether the layer reaches this process only: without a server in it, there is nobody to tell."""
    from channels.layers import InMemoryChannelLayer

    return isinstance(layer, InMemoryChannelLayer)
