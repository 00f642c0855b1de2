"""The names that a flow's expressions and sentences may read, in one language."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialog.task.labels import city_label, time_label
from dialog.task.model import Call, Flow, Offer, Slot, Step
from dialog.task.ports import User
from dialog.task.state import Bound, Frame
from dialog.task.template import text_in
from dialog.task.values import Value


def steps_of(flow: Flow) -> dict[str, Step]:
    """Every step of a flow by its id, those of branches and the calls of offers too."""
    found: dict[str, Step] = {}

    def visit(steps: tuple[Step, ...]) -> None:
        for step in steps:
            found[step.id] = step
            visit(getattr(step, "do", ()))
            if isinstance(step, Offer):
                found.update({option.call.id: option.call for option in step.options if option.call})

    visit(flow.steps)
    return found


def scope_of(
    frame: Frame, steps: Mapping[str, Step], slots: Mapping[str, Slot], user: User, now: datetime, lang: str
) -> dict[str, object]:
    """Slots, what calls brought, ``user`` and ``now``; what is not known yet is None."""
    scope: dict[str, object] = dict.fromkeys(slots)
    for name, slot in slots.items():
        bound = frame.slots.get(name)
        if bound is not None and not bound.skipped:
            scope[name] = value_of(slot, bound, now, lang)
    for step_id, result in frame.results.items():
        step = steps.get(step_id)
        if isinstance(step, Call):
            scope |= {name: Value(result.out.get(source)) for name, source in step.out.items()}
    scope["user"] = Value(user.id, user.name, {"id": user.id, "login": user.login, "name": user.name})
    scope["now"] = now
    return scope


def value_of(slot: Slot, bound: Bound, now: datetime, lang: str) -> Value:
    """A slot's value with what sentences show of it."""
    label, extra = bound.label, dict(bound.extra)
    if slot.type == "enum":
        label = next((text_in(one.label, lang) for one in slot.values if one.key == bound.value), str(bound.value))
    elif slot.type == "time" and isinstance(bound.value, Mapping):
        label = time_label(bound.value, now, lang)
        return Value(bound.value, label, {"start": _when(bound.value, "start"), "end": _when(bound.value, "end")})
    elif slot.type == "city" and isinstance(bound.value, Mapping):
        return Value(bound.value, city_label(bound.value, lang), dict(bound.value))
    elif slot.type == "phone":
        label = str(bound.value).removeprefix("+86")
    return Value(bound.value, label or str(bound.value), extra)


def _when(value: Mapping[str, Any], side: str) -> datetime | None:
    text = value.get(side)
    return datetime.fromisoformat(text) if text else None


def digest(value: object) -> str:
    """A short name for a value; equal values have equal ones."""
    plain = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]
