"""What the task bot needs from outside: the business's actions, and an understanding of messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from dialog.task.model import Effect
from dialog.types import Json, User
from nlu.intent.types import IntentScore, Parse, SlotSpan, Understander

__all__ = [
    "ActionOption",
    "ActionRequest",
    "ActionResult",
    "ActionSpec",
    "Actions",
    "IntentScore",
    "Parse",
    "SlotSpan",
    "Status",
    "Understander",
    "User",
]

Status = Literal["ok", "not_found", "invalid", "retry", "denied", "error", "unavailable", "unknown"]
"""The first six are the action server's. ``unavailable``: it could not be reached, or its circuit is open, and nothing
was done; ``unknown``: a write was sent and no answer came, so it may or may not have been done."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action of the registry. ``inputs`` and ``output`` are JSON Schemas of objects (draft 2020-12)."""

    name: str
    effect: Effect
    inputs: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """One call. ``idempotency_key`` is the same for the same conversation, run, step and inputs, so that a turn that is
    worked on again writes once; ``retry`` is how often a temporary failure is tried again, with the same key."""

    action: str
    inputs: Mapping[str, Json]
    user: User
    conversation: str
    run: int
    step: str
    effect: Effect
    idempotency_key: str
    retry: int = 1
    lang: str = "zh"


@dataclass(frozen=True, slots=True)
class ActionOption:
    """One thing a customer may choose. ``extra`` holds what sentences and checks may read of it (``order.name``);
    ``words`` other ways to name it, such as the last digits of its number."""

    value: str
    label: str
    desc: str = ""
    image: str = ""
    words: tuple[str, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """``slot_errors`` says by slot what is wrong with its value; ``message`` is the server's own sentence, if any."""

    status: Status
    out: Mapping[str, Json] = field(default_factory=dict)
    options: tuple[ActionOption, ...] = ()
    slot_errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""
    ms: float = 0.0


class Actions(Protocol):
    """Calls the business's systems. Waits for them, within their time limits; never raises for what they do."""

    def call(self, request: ActionRequest) -> ActionResult: ...
