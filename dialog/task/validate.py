"""Whether a value may stand in a slot; if not, the sentence that says why and asks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dialog.task.model import Slot
from dialog.task.scope import value_of
from dialog.task.situation import Situation
from dialog.task.state import Bound, Frame


def slot_problem(situation: Situation, frame: Frame, slot: Slot, bound: Bound) -> str:
    """Empty when the value is good."""
    ask = situation.text(slot.ask)
    if slot.type in ("text", "address") and isinstance(bound.value, str):
        if len(bound.value) > slot.max:
            return situation.say(frame.flow, "too_long", max=str(slot.max), ask=ask)
        if len(bound.value) < slot.min:
            return situation.say(frame.flow, "too_short", min=str(slot.min), ask=ask)
    if slot.type == "time" and slot.prefer == "future" and _past(bound, situation.now, slot.grain):
        return situation.text(slot.invalid) if slot.invalid else situation.say(frame.flow, "past", ask=ask)
    if slot.check is not None and not _passes(situation, frame, slot, bound):
        return situation.text(slot.invalid) or situation.say(frame.flow, "not_understood", ask=ask)
    return ""


def _passes(situation: Situation, frame: Frame, slot: Slot, bound: Bound) -> bool:
    assert slot.check is not None
    without = replace(frame, slots={name: one for name, one in frame.slots.items() if name != slot.name})
    scope = situation.scope(without)
    value = value_of(slot, bound, situation.now, situation.lang)
    return bool(slot.check.evaluate({**scope, "value": value, slot.name: value}))


def _past(bound: Bound, now: datetime, grain: str) -> bool:
    if not isinstance(bound.value, Mapping):
        return False
    end = bound.value.get("end")
    if not isinstance(end, str):
        return False
    latest = now.replace(hour=0, minute=0, second=0, microsecond=0) if grain == "day" else now - timedelta(minutes=1)
    return datetime.fromisoformat(end) <= latest
