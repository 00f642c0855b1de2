"""What understanding learns from, and what it says of a message. All frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from nlu.entities.types import JsonValue

OUT_OF_SCOPE = "out_of_scope"
"""The intent of examples that want none of the others. It teaches refusing; no parse ever names it."""

Method = Literal["neighbours", "linear", "kernel"]


@dataclass(frozen=True, slots=True)
class SlotMark:
    """``text[start:end]`` of an example names a value for ``name``; ``value`` is its normal form, where it has one."""

    name: str
    start: int
    end: int
    value: JsonValue = None


@dataclass(frozen=True, slots=True)
class Example:
    """A message as a customer wrote it, with what it means.

    ``asked`` is the slot that the bot had just asked for, ``history`` the turns before, the last one last.
    """

    text: str
    intent: str
    slots: tuple[SlotMark, ...] = ()
    history: tuple[str, ...] = ()
    asked: str = ""


@dataclass(frozen=True, slots=True)
class IntentScore:
    """``probability`` is calibrated; all of a parse sum to at most 1."""

    name: str
    probability: float


@dataclass(frozen=True, slots=True)
class SlotSpan:
    """``raw[start:end]`` names a value for the entity ``name``; ``value`` is set where it has a normal form."""

    name: str
    start: int
    end: int
    text: str
    value: JsonValue = None


@dataclass(frozen=True, slots=True)
class Parse:
    """What a message means. ``intents`` best first; ``in_scope`` is the fitted probability that one of them is meant.

    It is moved so that nearly all messages that do mean one (:data:`nlu.intent.scope.RECALL`) reach 0.5; below, the
    message is best refused.
    """

    intents: tuple[IntentScore, ...] = ()
    in_scope: float = 0.0
    slots: tuple[SlotSpan, ...] = ()
    method: str = ""
    """Which step of the ladder spoke: ``neighbours``, ``linear``, ``kernel``."""


class Understander(Protocol):
    """Intents and slots of a message. Immutable; safe in several threads."""

    @property
    def fingerprint(self) -> str: ...

    def parse(self, text: str, *, asked: str = "", history: Sequence[str] = ()) -> Parse:
        """``asked`` is the slot that the bot just asked for; ``history`` the turns before, the last one last."""
        ...
