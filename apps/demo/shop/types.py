"""What passes between the shop's parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Literal

from apps.demo.shop.models import ShopCustomer
from dialog.types import Json

Status = Literal["ok", "not_found", "invalid", "retry", "denied", "error"]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, its signature and inputs checked. ``key`` is the same for every attempt at one write."""

    customer: ShopCustomer
    inputs: Mapping[str, Json]
    lang: str
    now: datetime
    key: str
    origin: str
    """Where the shop's own pages are: ``https://shop.example``."""

    def text(self, name: str) -> str:
        """An input that is a text, without spaces around it; empty where it was not sent."""
        value = self.inputs.get(name)
        return value.strip() if isinstance(value, str) else ""

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def number(self, prefix: str) -> str:
        """A number for what this request creates, the same at every attempt."""
        digits = int.from_bytes(sha256(self.key.encode()).digest()[:6])
        return f"{prefix}{self.now:%y%m%d}{digits % 1_000_000:06d}"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. ``words`` are other ways to name it, in both languages."""

    value: str
    label: str
    desc: str = ""
    words: tuple[str, ...] = ()
    extra: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        return {
            "value": self.value,
            "label": self.label,
            "desc": self.desc,
            "words": list(self.words),
            "extra": dict(self.extra),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    status: Status = "ok"
    out: Mapping[str, Json] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    slot_errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    def to_json(self) -> dict[str, Json]:
        """As ``docs/actions.md`` has it."""
        return {
            "status": self.status,
            "out": dict(self.out),
            "options": [option.to_json() for option in self.options],
            "slot_errors": dict(self.slot_errors),
            "message": self.message,
        }


class Refused(Exception):
    """An action that cannot be done; what it would have written is not written."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


Handler = Callable[[Ask], Answer]


def done(**out: Json) -> Answer:
    return Answer(out=out)


def not_found(message: str = "") -> Refused:
    return Refused(Answer("not_found", message=message))


def invalid(reason: str, message: str) -> Refused:
    """``reason`` is for programs: a flow may say what happens on it."""
    return Refused(Answer("invalid", out={"reason": reason}, message=message))


def wrong_slot(slot: str, message: str) -> Refused:
    return Refused(Answer("invalid", slot_errors={slot: message}, message=message))
