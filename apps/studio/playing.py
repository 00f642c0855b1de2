"""Actions that only play their part, for trying out a flow: reads answer what their schemas promise, writes go nowhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dialog.task.book import FlowBook
from dialog.task.model import Call, Slot
from dialog.task.ports import ActionOption, ActionRequest, ActionResult, Actions, ActionSpec
from dialog.task.scope import steps_of
from dialog.task.template import text_in
from dialog.types import Json

OPTIONS = 3
"""What a list holds that a customer may choose from."""
_TIMES: Mapping[str, str] = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T10:00:00+08:00",
    "uri": "https://example.com/",
}


@dataclass(frozen=True, slots=True)
class Played:
    """The twin of a business's systems. Stateless: the same call gets the same answer.

    ``real``: reads go there, and writes too with ``writes``; None plays everything.
    """

    book: FlowBook
    specs: Mapping[str, ActionSpec]
    real: Actions | None = None
    writes: bool = False

    def call(self, request: ActionRequest) -> ActionResult:
        if self.real is not None and self.sends(request):
            return self.real.call(request)
        spec = self.specs.get(request.action)
        out = plausible(spec.output if spec else {}, request.action)
        names = {name: name for name in self._outputs(request.action)}
        values = {**{name: _text(name) for name in names}, **(out if isinstance(out, dict) else {})}
        return ActionResult("ok", values, self._options(request))

    def sends(self, request: ActionRequest) -> bool:
        return self.real is not None and (request.effect == "read" or self.writes)

    def _outputs(self, action: str) -> list[str]:
        """What the flows read of an action's answer."""
        calls = [step for flow in self.book.flows for step in steps_of(flow).values() if isinstance(step, Call)]
        return [source for call in calls if call.action == action for source in call.out.values()]

    def _options(self, request: ActionRequest) -> tuple[ActionOption, ...]:
        slots = {
            name: slot
            for flow in self.book.flows
            for name, slot in self.book.slots(flow.name).items()
            if slot.options_from == request.action
        }
        slot = next(iter(slots.values()), None)
        return tuple(_option(slot, place, request.lang) for place in range(1, OPTIONS + 1)) if slot else ()


def _option(slot: Slot, place: int, lang: str) -> ActionOption:
    label = f"{text_in(slot.label, lang)} {place}"
    extra: dict[str, Json] = {"name": label, "no": f"{slot.name.upper()}{place:04}"}
    return ActionOption(f"{slot.name}-{place}", label, words=(f"{slot.name}{place}", f"{place:04}"), extra=extra)


def plausible(schema: Mapping[str, Any], name: str = "") -> Json:
    """A value that a JSON Schema would let pass, as far as its usual words say."""
    for key in ("const", "default"):
        if key in schema:
            return schema[key]  # type: ignore[no-any-return]
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]  # type: ignore[no-any-return]
    kind = schema.get("type", "object" if "properties" in schema else "")
    kind = next((one for one in kind if one != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object":
        return {key: plausible(part, key) for key, part in schema.get("properties", {}).items()}
    if kind == "array":
        return [plausible(schema.get("items", {}), name)] * max(1, int(schema.get("minItems", 0)))
    if kind in ("number", "integer"):
        return _number(schema, int if kind == "integer" else float)
    return True if kind == "boolean" else None if kind == "null" else _text(name, schema)


def _number(schema: Mapping[str, Any], kind: type[int] | type[float]) -> int | float:
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    high = schema.get("maximum", schema.get("exclusiveMaximum", low + 20))
    middle = kind((low + high) / 2)
    return int(middle) if float(middle).is_integer() else middle


def _text(name: str, schema: Mapping[str, Any] | None = None) -> str:
    found = schema or {}
    made = _TIMES.get(str(found.get("format")), f"{re.sub('[^a-zA-Z0-9]+', '-', name).strip('-') or 'text'}-1")
    return made.ljust(int(found.get("minLength", 0)), "0")[: int(found.get("maxLength", 200))]


@dataclass(slots=True)
class Recording:
    """Passes calls on and keeps what was asked and answered, in order. One for each turn."""

    actions: Actions
    calls: list[tuple[ActionRequest, ActionResult]] = field(default_factory=list)

    def call(self, request: ActionRequest) -> ActionResult:
        result = self.actions.call(request)
        self.calls.append((request, result))
        return result
