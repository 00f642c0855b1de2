"""Stored messages as the public contract shows them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from apps.conversations.models import Message, Turn
from apps.conversations.suggestions import suggestion_sign
from apps.conversations.types import TurnResult, VisitorMessage
from dialog import types as dialog


def reply_row(conversation: UUID, turn: UUID | None, seq: int, message: dialog.Message) -> Message:
    """An unsaved reply of the bot."""
    payload: dict[str, Any] = {"route": message.route.value, "confidence": round(message.confidence, 4)}
    if message.choices:
        payload["suggestions"] = [suggestion_sign(conversation, choice) for choice in message.choices]
    if message.citations:
        payload["citations"] = [{"title": c.title, "snippet": c.snippet, "url": c.url} for c in message.citations]
    if message.entry_id:
        payload["entry_id"] = message.entry_id
    return Message(
        conversation_id=conversation,
        turn_id=turn,
        seq=seq,
        role=Message.Role.BOT,
        type=message.type,
        text=message.text,
        payload=payload,
    )


def reply_json(row: Message) -> dict[str, Any]:
    """A reply inside the answer to a POST."""
    return {
        "id": str(row.pk),
        "seq": row.seq,
        "type": row.type,
        "text": row.text,
        "suggestions": row.payload.get("suggestions", []),
        "citations": row.payload.get("citations", []),
        "route": row.payload.get("route", ""),
        "confidence": row.payload.get("confidence", 0.0),
    }


def message_json(row: Message) -> dict[str, Any]:
    """A message in the history. Needs ``row.turn`` and ``row.feedback`` at hand."""
    body = {**reply_json(row), "role": row.role, "at": row.created_at.isoformat(), "feedback": None}
    if row.role == Message.Role.VISITOR:
        return {**body, "client_id": row.client_id}
    if row.turn is not None:
        body |= {"outcome": row.turn.outcome, "trace_id": str(row.turn.pk)}
    thumb = getattr(row, "feedback", None)
    return {**body, "feedback": thumb.value if thumb else None, "author": _author(row)}


def turn_result(turn: Turn, visitor: VisitorMessage, replies: list[Message]) -> TurnResult:
    """A finished turn with its replies."""
    return TurnResult(
        turn=turn.pk,
        conversation=turn.conversation_id,
        message={"id": str(visitor.id), "seq": visitor.seq},
        replies=[reply_json(row) for row in replies],
        outcome=turn.outcome,
        state=turn.state_after,
        trace_id=str(turn.pk),
        client_id=visitor.client_id,
    )


def _author(row: Message) -> str:
    return row.author.get_full_name() or row.author.get_username() if row.author else ""
