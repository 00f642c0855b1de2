"""What a story can expect of a reply.

=================  ====================================================================================
outcome, route     one of these; with ``not_`` before it, none of these
entry              the question of the entry that was answered
finds              the entry that was answered, or else the first one offered
offers             questions that must be among those offered
suggestions        texts of buttons, or parts of them; with ``not_`` before it, none of them
first_suggestion   the text of the first button
contains           parts of the text; with ``not_`` before it, none of them
reason             why a person is wanted
flow               the flow that runs now, or null
flows              all flows under way, the one that runs first
asks               what the bot waits for: a slot, or confirm, offer, change, retry, undo, resume, interrupt,
                   clarify; null: nothing
slots              values of the running flow by slot: a value, its label or a part of it, for a time also the
                   words that tell it (``明天``); null: none
cleared            slots and results that do not count any more
sends              inputs of an action's last call, by action; those named
writes             how often each of these writes was done so far
=================  ====================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from dialog.task.heard import heard_text
from dialog.task.model import Call, Slot
from dialog.task.scope import digest, value_of
from dialog.task.scripted import ScriptedActions
from dialog.task.situation import Situation
from dialog.task.state import Frame, TaskState
from dialog.task.walk import inputs_of
from dialog.types import Json, Outcome, Reply, Route


@dataclass(frozen=True, slots=True)
class Seen:
    """A turn as a story sees it: the reply, and the tasks before and after it. ``questions`` are those of the entries,
    by id; ``situation`` is None where the bot has no tasks."""

    reply: Reply
    before: TaskState
    after: TaskState
    questions: Mapping[str, str]
    situation: Situation | None
    actions: ScriptedActions
    now: datetime

    @property
    def text(self) -> str:
        return "\n".join(message.text for message in self.reply.messages)

    @property
    def buttons(self) -> list[str]:
        return [choice.text for message in self.reply.messages for choice in message.choices]

    def events(self, kind: str) -> Iterator[Mapping[str, Any]]:
        """What the events of one kind tell."""
        for event in self.reply.events:
            if event["kind"] == kind:
                data: Any = event["data"]
                yield data


Check: TypeAlias = Callable[[Seen, Any], str | None]
"""What was found where it is not as expected; None where it is."""

# --- any reply --------------------------------------------------------------------------------------------------


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _one_of(found: Callable[[Seen], str]) -> Check:
    return lambda seen, wanted: None if found(seen) in many(wanted) else found(seen) or "nothing"


def _none_of(found: Callable[[Seen], str]) -> Check:
    return lambda seen, unwanted: found(seen) if found(seen) in many(unwanted) else None


def _all_in(found: Callable[[Seen], str]) -> Check:
    def check(seen: Seen, wanted: Any) -> str | None:
        return None if all(str(part) in found(seen) for part in many(wanted)) else found(seen) or "nothing"

    return check


def _none_in(found: Callable[[Seen], str]) -> Check:
    def check(seen: Seen, unwanted: Any) -> str | None:
        return found(seen) if any(str(part) in found(seen) for part in many(unwanted)) else None

    return check


def _outcome(seen: Seen) -> str:
    return seen.reply.outcome.value


def _route(seen: Seen) -> str:
    return seen.reply.trace.route.value


def _entry(seen: Seen) -> str:
    entry = seen.reply.messages[0].entry_id if seen.reply.messages else ""
    return seen.questions.get(entry, entry)


def _offered(seen: Seen) -> list[str]:
    picks = [choice.pick for message in seen.reply.messages for choice in message.choices]
    return [seen.questions.get(pick.value, pick.value) for pick in picks if pick.kind == "entry"]


def _found(seen: Seen) -> str:
    return next(iter(_offered(seen)), "") if seen.reply.outcome is Outcome.LIST else _entry(seen)


def _offers(seen: Seen, wanted: Any) -> str | None:
    offered = _offered(seen)
    return None if all(question in offered for question in many(wanted)) else " | ".join(offered) or "nothing"


# --- tasks ------------------------------------------------------------------------------------------------------


def _flow(seen: Seen, wanted: Any) -> str | None:
    found = seen.after.top.flow if seen.after.top else None
    return None if found == wanted else found or "no flow"


def _flows(seen: Seen, wanted: Any) -> str | None:
    found = [frame.flow for frame in reversed(seen.after.frames)]
    return None if found == (many(wanted) if wanted else []) else ", ".join(found) or "no flow"


def asks(seen: Seen) -> str:
    """The slot or the kind of question that the bot waits for; empty: none."""
    if any(command.get("name") == "clarify" for command in seen.events("command")):
        return "clarify"
    waiting = seen.after.top.waiting if seen.after.top else None
    return "" if waiting is None else waiting.at if waiting.kind == "slot" else waiting.kind


def _asks(seen: Seen, wanted: Any) -> str | None:
    found = asks(seen)
    return None if found in ([""] if wanted is None else many(wanted)) else found or "nothing"


def _slots(seen: Seen, wanted: Any) -> str | None:
    frame, situation = seen.after.top, seen.situation
    if frame is None or situation is None:
        return "no flow"
    known = situation.slots(frame)
    wrong = [name for name, value in wanted.items() if name not in known or not _is(seen, frame, known[name], value)]
    return ", ".join(f"{name}: {_shown(seen, frame, known.get(name))}" for name in wrong) or None


def _is(seen: Seen, frame: Frame, slot: Slot, wanted: Json) -> bool:
    bound = frame.slots.get(slot.name)
    if bound is None or bound.skipped or wanted is None:
        return (bound is None or bound.skipped) == (wanted is None)
    if bound.value == wanted or str(bound.value) == str(wanted):
        return True
    if slot.type == "time" and isinstance(bound.value, Mapping):
        told = heard_text(str(wanted), seen.now).kind("time")
        return str(wanted) in _shown(seen, frame, slot) or any(_start(one.value) == _start(bound.value) for one in told)
    parts = bound.value.values() if isinstance(bound.value, Mapping) else bound.extra.values()
    return str(wanted) in _shown(seen, frame, slot) or str(wanted) in [str(part) for part in parts]


def _start(span: Any) -> datetime | None:
    return datetime.fromisoformat(span["start"]) if span.get("start") else None


def _shown(seen: Seen, frame: Frame, slot: Slot | None) -> str:
    bound = frame.slots.get(slot.name) if slot else None
    if slot is None or bound is None or seen.situation is None:
        return "no such slot" if slot is None else "nothing"
    return value_of(slot, bound, seen.now, seen.situation.lang).label


def _cleared(seen: Seen, wanted: Any) -> str | None:
    before = seen.before.top
    if before is None or seen.situation is None:
        return "no flow"
    gone = {str(name) for event in seen.events("clear") for name in event["slots"]} & set(before.slots)
    after = next((frame for frame in seen.after.frames if frame.run == before.run), None)
    gone |= set() if after is None else set(before.slots) - set(after.slots)
    gone |= {step for step in before.results if not _counts(seen, after, before, step)}
    return None if set(many(wanted)) <= gone else ", ".join(sorted(gone)) or "nothing"


def _counts(seen: Seen, after: Frame | None, before: Frame, step_id: str) -> bool:
    """Whether the result that a call had before the turn still stands for what it would send now."""
    situation = seen.situation
    assert situation is not None, "only bots with tasks have results"
    result = after.results.get(step_id) if after else None
    step = situation.steps(before).get(step_id)
    if after is None or result is None or result.digest != before.results[step_id].digest or not isinstance(step, Call):
        return False
    inputs = inputs_of(step, situation.scope(after), set(after.slots))
    return digest([step.action, inputs]) == result.digest


def _sends(seen: Seen, wanted: Any) -> str | None:
    for action, inputs in wanted.items():
        sent = seen.actions.sent.get(action)
        if sent is None or any(sent.get(name) != value for name, value in inputs.items()):
            return "never called" if sent is None else ", ".join(f"{name}: {value}" for name, value in sent.items())
    return None


def _writes(seen: Seen, wanted: Any) -> str | None:
    found = seen.actions.writes
    if all(found[action] == count for action, count in wanted.items()):
        return None
    return told(found)


def told(writes: Mapping[str, int]) -> str:
    """Writes in words."""
    return ", ".join(f"{action}: {count}" for action, count in sorted(writes.items())) or "nothing written"


CHECKS: Mapping[str, Check] = {
    "outcome": _one_of(_outcome),
    "not_outcome": _none_of(_outcome),
    "route": _one_of(_route),
    "not_route": _none_of(_route),
    "entry": _one_of(_entry),
    "finds": _one_of(_found),
    "offers": _offers,
    "suggestions": _all_in(lambda seen: "\n".join(seen.buttons)),
    "not_suggestions": _none_in(lambda seen: "\n".join(seen.buttons)),
    "first_suggestion": _one_of(lambda seen: next(iter(seen.buttons), "")),
    "contains": _all_in(lambda seen: seen.text),
    "not_contains": _none_in(lambda seen: seen.text),
    "reason": _one_of(lambda seen: seen.reply.handoff_reason),
    "flow": _flow,
    "flows": _flows,
    "asks": _asks,
    "slots": _slots,
    "cleared": _cleared,
    "sends": _sends,
    "writes": _writes,
}
KNOWN_VALUES: Mapping[str, Sequence[str]] = {
    **{name: [one.value for one in Outcome] for name in ("outcome", "not_outcome")},
    **{name: [one.value for one in Route] for name in ("route", "not_route")},
}
"""What these may name; anything else is a slip of the pen."""
MAPPINGS = ("slots", "sends")
"""Checks that take a mapping."""
