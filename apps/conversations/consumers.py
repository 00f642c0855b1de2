"""The chat socket (``/ws/chat/``): what is stored arrives as it happens, and a client resumes after the last it saw."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.utils.translation import gettext as _

from apps.conversations import push
from apps.conversations.conduct import converse
from apps.conversations.limits import limit_messages
from apps.conversations.selectors import PAGE, history_after
from apps.conversations.tokens import token_read
from apps.conversations.types import Incoming
from apps.core.database import hop
from apps.core.errors import Invalid, Malformed, TooManyRequests, Unauthenticated, ZhikeError

logger = logging.getLogger(__name__)

AUTH_SECONDS = 5.0
BAD_FRAME, NO_AUTH = 4400, 4401


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """One visitor's tab. The database is the log; the socket joins first and reads then, so that nothing falls between."""

    conversation: UUID | None = None

    async def connect(self) -> None:
        self._turns: set[asyncio.Task[None]] = set()
        await self.accept()
        self._deadline = asyncio.get_running_loop().call_later(AUTH_SECONDS, self._too_late)

    def _too_late(self) -> None:
        if self.conversation is None:
            self._keep(self.close(NO_AUTH))

    async def disconnect(self, code: int) -> None:
        self._deadline.cancel()
        if self.conversation is not None:
            await self.channel_layer.group_discard(push.group_of(self.conversation), self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        try:
            frame = await self.decode_json(text_data or "")
        except ValueError:
            frame = None
        if not isinstance(frame, dict):
            await self.close(BAD_FRAME)
            return
        try:
            await self._handle(frame)
        except ZhikeError as error:
            await self._refuse(error, frame.get("client_id"))
            if isinstance(error, Unauthenticated):
                await self.close(NO_AUTH)

    async def _handle(self, frame: dict[str, Any]) -> None:
        kind = frame.get("type")
        if self.conversation is None:
            if kind != "auth":
                raise Unauthenticated(_("The first frame must be “auth” with a token."))
            await self._auth(frame)
        elif kind == "message":
            self._keep(self._say(self.conversation, frame))
        elif kind == "typing":
            await self._group_send({"type": "typing", "role": "visitor"})
        elif kind != "ping":
            raise Malformed(_("Unknown frame type; use auth, message, typing or ping."))

    async def _auth(self, frame: dict[str, Any]) -> None:
        conversation = token_read(str(frame.get("token", "")))
        after = frame.get("after", 0)
        if not isinstance(after, int) or after < 0:
            raise Invalid(_("“after” is the number of the last message that you have."))
        await self.channel_layer.group_add(push.group_of(conversation), self.channel_name)
        self.conversation = conversation
        page = await hop(history_after, conversation, after)
        await self.send_json({"type": "ready", **{name: page[name] for name in ("last_seq", "state", "position")}})
        while page["messages"]:
            for message in page["messages"]:
                await self.send_json({"type": "message", "seq": message["seq"], "message": message})
            if len(page["messages"]) < PAGE:
                return
            page = await hop(history_after, conversation, page["messages"][-1]["seq"])

    async def _say(self, conversation: UUID, frame: dict[str, Any]) -> None:
        """The reply reaches this tab through the group, like every other one."""
        client_id = frame.get("client_id")
        try:
            limit_messages(conversation)
            await converse(Incoming(conversation, *(_text(frame, name) for name in ("text", "pick", "client_id"))))
        except ZhikeError as error:
            await self._refuse(error, client_id)

    async def _refuse(self, error: ZhikeError, client_id: object) -> None:
        body: dict[str, Any] = {"type": "error", "code": error.code, "message": error.detail, "client_id": client_id}
        if isinstance(error, TooManyRequests):
            body["retry_after"] = error.retry_after
        await self.send_json(body)

    async def _group_send(self, event: dict[str, Any]) -> None:
        assert self.conversation is not None, "only after auth"
        message = {"type": "conversation.event", "event": event, "sender": self.channel_name}
        await self.channel_layer.group_send(push.group_of(self.conversation), message)

    async def conversation_event(self, message: dict[str, Any]) -> None:
        if message.get("sender") != self.channel_name:
            await self.send_json(message["event"])

    def _keep(self, work: Any) -> None:
        """Run beside the socket, so that a slow turn does not stop its frames."""
        task = asyncio.ensure_future(work)
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)


def _text(frame: dict[str, Any], name: str) -> str | None:
    value = frame.get(name)
    if value is not None and (not isinstance(value, str) or len(value) > 20_000):
        raise Invalid(_("“%s” must be a text.") % name, fields={name: _("Not a text.")})
    return value
