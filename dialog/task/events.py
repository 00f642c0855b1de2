"""The log of a conversation's tasks. State is the fold of its events: ``fold(events) == state``, always.

========== =====================================================================================================
kind       data
========== =====================================================================================================
user       text, or the press: what the customer did
command    name and its values: how it was understood
push       flow, run, at
pop        how: done, cancelled, handed_over, replaced; ``keep``: its writes can be taken back
park       what was left too long
unpark     flow: taken up again
drop       flow: a parked one that is not wanted any more
set        slot, bound (see ``Bound``), session
clear      slots
mention    slot, found
forget     step: its result does not count any more
started    step, action, key: a call goes out
result     step and what ``Result`` holds
failed     what: a slot or step that failed once more
confirmed  step, digest; an empty digest takes a yes back
said       step, digest
chosen     step, digest
round      nothing: an offer led back, so that what follows the calls is said anew
options    slot, options
wait       kind, at, token, detail; or nothing at all: the bot waits for nothing
undone     flow, run, step: a write was taken back
bot        text: what the bot said
========== =====================================================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from dialog.task.state import MAX_DONE, Bound, Frame, Result, TaskState, Waiting
from dialog.types import Json

Data: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """``seq`` counts from 1 within a conversation."""

    seq: int
    kind: str
    data: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        return {"seq": self.seq, "kind": self.kind, "data": dict(self.data)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Event:
        return cls(data["seq"], data["kind"], data["data"])


def fold(events: Iterable[Event], state: TaskState | None = None) -> TaskState:
    """The state after ``events``, from nothing or from an earlier state."""
    state = state or TaskState()
    for event in events:
        state = apply(state, event)
    return state


def apply(state: TaskState, event: Event) -> TaskState:
    """The state after one more event; :class:`KeyError` for a kind that is none."""
    return replace(_KINDS[event.kind](state, event.data), seq=event.seq)


def _same(state: TaskState, _data: Data) -> TaskState:
    return state


def _push(state: TaskState, data: Data) -> TaskState:
    return replace(state, frames=(*state.frames, Frame(data["flow"], data["run"], data["at"])))


def _pop(state: TaskState, data: Data) -> TaskState:
    frame = state.frames[-1]
    done = (*state.done, replace(frame, waiting=None))[-MAX_DONE:] if data.get("keep") else state.done
    return replace(state, frames=state.frames[:-1], done=done)


def _park(state: TaskState, _data: Data) -> TaskState:
    frame = state.frames[-1]
    others = tuple(parked for parked in state.parked if parked.flow != frame.flow)
    return replace(state, frames=state.frames[:-1], parked=(*others, frame))


def _unpark(state: TaskState, data: Data) -> TaskState:
    frame = next(parked for parked in state.parked if parked.flow == data["flow"])
    rest = tuple(parked for parked in state.parked if parked is not frame)
    return replace(state, frames=(*state.frames, replace(frame, touched=data["at"], waiting=None)), parked=rest)


def _drop(state: TaskState, data: Data) -> TaskState:
    return replace(state, parked=tuple(parked for parked in state.parked if parked.flow != data["flow"]))


def _on_top(change: Callable[[Frame, Data], Frame]) -> Callable[[TaskState, Data], TaskState]:
    def changed(state: TaskState, data: Data) -> TaskState:
        return state.with_top(change(state.frames[-1], data))

    return changed


def _set(state: TaskState, data: Data) -> TaskState:
    bound, slot = Bound.from_json(data["bound"]), data["slot"]
    frame = state.frames[-1]
    mentions = {name: found for name, found in frame.mentions.items() if name != slot}
    changed = replace(frame, slots={**frame.slots, slot: bound}, mentions=mentions)
    session = {**state.session, slot: bound} if data.get("session") else state.session
    return replace(state.with_top(changed), session=session)


def _clear(frame: Frame, data: Data) -> Frame:
    gone = set(data["slots"])
    return replace(
        frame,
        slots={name: bound for name, bound in frame.slots.items() if name not in gone},
        options={name: shown for name, shown in frame.options.items() if name not in gone},
    )


def _mention(frame: Frame, data: Data) -> Frame:
    found = list(data["found"])
    mentions = {name: old for name, old in frame.mentions.items() if name != data["slot"]}
    return replace(frame, mentions={**mentions, data["slot"]: found} if found else mentions)


def _forget(frame: Frame, data: Data) -> Frame:
    return replace(frame, results={step: result for step, result in frame.results.items() if step != data["step"]})


def _result(frame: Frame, data: Data) -> Frame:
    return replace(frame, results={**frame.results, data["step"]: Result.from_json(data["result"])})


def _failed(frame: Frame, data: Data) -> Frame:
    return replace(frame, tries={**frame.tries, data["what"]: frame.tries.get(data["what"], 0) + 1})


def _confirmed(frame: Frame, data: Data) -> Frame:
    return replace(frame, confirmed={**frame.confirmed, data["step"]: data["digest"]})


def _said(frame: Frame, data: Data) -> Frame:
    return replace(frame, said={**frame.said, data["step"]: data["digest"]})


def _chosen(frame: Frame, data: Data) -> Frame:
    return replace(frame, chosen={**frame.chosen, data["step"]: data["digest"]})


def _round(frame: Frame, _data: Data) -> Frame:
    return replace(frame, tries={**frame.tries, "round": frame.tries.get("round", 0) + 1})


def _options(frame: Frame, data: Data) -> Frame:
    return replace(frame, options={**frame.options, data["slot"]: data["options"]})


def _wait(state: TaskState, data: Data) -> TaskState:
    if not state.frames:
        return state
    waiting = Waiting.from_json(data["waiting"]) if data.get("waiting") else None
    frame = state.frames[-1]
    touched = data.get("at", frame.touched)
    return state.with_top(replace(frame, waiting=waiting, touched=touched, asked=frame.asked or waiting is not None))


def _undone(state: TaskState, data: Data) -> TaskState:
    def without(frame: Frame) -> Frame:
        if frame.run != data["run"]:
            return frame
        count = frame.tries.get(f"undone.{data['step']}", 0) + 1
        tries = {**frame.tries, f"undone.{data['step']}": count}  # doing it once more is another write
        rest = {step: one for step, one in frame.results.items() if step != data["step"]}
        return replace(frame, results=rest, tries=tries)

    done = tuple(frame for frame in map(without, state.done) if any(r.write for r in frame.results.values()))
    return replace(state, frames=tuple(map(without, state.frames)), done=done)


_KINDS: Mapping[str, Callable[[TaskState, Data], TaskState]] = {
    "user": _same,
    "command": _same,
    "started": _same,
    "bot": _same,
    "push": _push,
    "pop": _pop,
    "park": _park,
    "unpark": _unpark,
    "drop": _drop,
    "set": _set,
    "clear": _on_top(_clear),
    "mention": _on_top(_mention),
    "forget": _on_top(_forget),
    "result": _on_top(_result),
    "failed": _on_top(_failed),
    "confirmed": _on_top(_confirmed),
    "said": _on_top(_said),
    "chosen": _on_top(_chosen),
    "round": _on_top(_round),
    "options": _on_top(_options),
    "wait": _wait,
    "undone": _undone,
}


class Log:
    """Collects the events of one turn; ``state`` is the fold of all there are."""

    def __init__(self, state: TaskState) -> None:
        self.state = state
        self.events: list[Event] = []

    def add(self, kind: str, **data: Json) -> None:
        event = Event(self.state.seq + 1, kind, data)
        self.state = apply(self.state, event)
        self.events.append(event)

    @property
    def top(self) -> Frame:
        """The flow that runs; there must be one."""
        frame = self.state.top
        assert frame is not None, "no flow runs"
        return frame
