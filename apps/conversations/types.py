"""The values that cross from a door to the services and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dialog.types import Lang, Pick, State, User


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message from a visitor. Exactly one of ``text`` and ``pick`` is given."""

    conversation: UUID
    text: str | None = None
    pick: str | None = None
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class BotRef:
    """Names one state of a bot: what it knows (``live_version``) and how it is set (``revision``)."""

    id: UUID
    slug: str
    live_version: int
    revision: int


@dataclass(frozen=True, slots=True)
class VisitorMessage:
    """What a reply says about the message that it answers."""

    id: UUID
    seq: int
    client_id: str | None


@dataclass(frozen=True, slots=True)
class Work:
    """A turn whose lease is held: all that the engine needs of it, read in the transaction that took the lease."""

    turn: UUID
    conversation: UUID
    message: VisitorMessage
    text: str
    pick: Pick | None
    state: State
    seq: int
    open_turns: int
    state_version: int
    lang: Lang
    bot: BotRef
    user: User
    attempts: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A stored message. ``work`` is set when its turn may run at once, ``result`` when it is finished already."""

    turn: UUID
    conversation: UUID
    work: Work | None = None
    result: TurnResult | None = None


@dataclass(frozen=True, slots=True)
class TurnResult:
    """A finished turn as the API says it; the same for the same ``client_id``, however often it is asked."""

    turn: UUID
    conversation: UUID
    message: dict[str, Any]
    replies: list[dict[str, Any]]
    outcome: str
    state: str
    trace_id: str
    client_id: str | None = None

    def body(self) -> dict[str, Any]:
        return {
            "message": self.message,
            "replies": self.replies,
            "outcome": self.outcome,
            "state": self.state,
            "trace_id": self.trace_id,
        }
