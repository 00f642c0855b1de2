"""The chat API (prefix ``/api/v1/chat``). Each door parses, calls one service and shapes the answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status
from ninja.security import HttpBearer
from pydantic import ConfigDict

from apps.conversations.conduct import converse
from apps.conversations.greeting import session_open
from apps.conversations.limits import limit_messages, limit_sessions
from apps.conversations.opinions import conversation_forget, feedback_give, rating_give
from apps.conversations.selectors import history_after
from apps.conversations.services import handoff_request
from apps.conversations.sse import stream_turn
from apps.conversations.tokens import token_read
from apps.conversations.traces import trace_for_visitor
from apps.conversations.types import Incoming
from apps.core.database import hop

router = Router(tags=["chat"])


class Token(HttpBearer):
    async def authenticate(self, request: HttpRequest, token: str) -> UUID:
        return token_read(token)


TOKEN = Token()


class Strict(Schema):
    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


class SessionIn(Strict):
    bot: str = Field(max_length=40)
    locale: Literal["zh", "en"] = "zh"
    user_token: str | None = None


class MessageIn(Strict):
    text: str | None = None
    pick: str | None = Field(None, max_length=2_000)
    client_id: str | None = Field(None, min_length=1, max_length=64)


class FeedbackIn(Strict):
    value: Literal["up", "down"]
    reason: str = Field("", max_length=500)


class HandoffIn(Strict):
    reason: str = Field("", max_length=200)


class RatingIn(Strict):
    score: int = Field(ge=1, le=5)
    comment: str = Field("", max_length=1_000)


@router.post("/sessions", response={201: dict[str, Any]}, auth=None)
async def sessions(request: HttpRequest, payload: SessionIn) -> Status[dict[str, Any]]:
    """Start a conversation with a bot: the token for all that follows, and the greeting."""
    limit_sessions(request)
    opened = await hop(session_open, slug=payload.bot, lang=payload.locale, user_token=payload.user_token)
    return Status(201, opened)


@router.post("/messages", auth=TOKEN)
async def messages_post(request: HttpRequest, payload: MessageIn) -> Any:
    """Say something or press a button. With ``Accept: text/event-stream`` the turn is streamed as it goes."""
    incoming = Incoming(request.auth, payload.text, payload.pick, payload.client_id)  # type: ignore[attr-defined]
    limit_messages(incoming.conversation)
    if "text/event-stream" in request.headers.get("Accept", ""):
        return await stream_turn(incoming)
    return (await converse(incoming)).body()


@router.get("/messages", auth=TOKEN)
async def messages_get(request: HttpRequest, after: Annotated[int, Query(ge=0)] = 0) -> dict[str, Any]:
    """The messages after a number: how a client catches up."""
    return await hop(history_after, request.auth, after)  # type: ignore[attr-defined]


@router.get("/messages/{message_id}/trace", auth=TOKEN)
async def message_trace(request: HttpRequest, message_id: UUID) -> dict[str, Any]:
    """Why the bot answered as it did, where the bot shows that to visitors."""
    return await hop(trace_for_visitor, request.auth, message_id)  # type: ignore[attr-defined]


@router.post("/messages/{message_id}/feedback", auth=TOKEN, response={204: None})
async def feedback(request: HttpRequest, message_id: UUID, payload: FeedbackIn) -> Status[None]:
    """A thumb on one reply."""
    await hop(
        feedback_give,
        conversation_id=request.auth,  # type: ignore[attr-defined]
        message_id=str(message_id),
        value=payload.value,
        reason=payload.reason,
    )
    return Status(204, None)


@router.post("/handoff", auth=TOKEN)
async def handoff(request: HttpRequest, payload: HandoffIn) -> dict[str, Any]:
    """Ask for a person."""
    state, position = await hop(handoff_request, conversation_id=request.auth, reason=payload.reason)  # type: ignore[attr-defined]
    return {"state": state, "position": position}


@router.post("/rating", auth=TOKEN, response={204: None})
async def rating(request: HttpRequest, payload: RatingIn) -> Status[None]:
    """Rate the whole conversation, 1 to 5."""
    await hop(rating_give, conversation_id=request.auth, score=payload.score, comment=payload.comment)  # type: ignore[attr-defined]
    return Status(204, None)


@router.delete("/sessions", auth=TOKEN, response={204: None})
async def forget(request: HttpRequest) -> Status[None]:
    """End this token's access to the conversation."""
    await hop(conversation_forget, conversation_id=request.auth)  # type: ignore[attr-defined]
    return Status(204, None)
