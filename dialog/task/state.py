"""What the task bot remembers of a conversation. Small, frozen, and stored as JSON; only events change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dialog.types import Json

MAX_FRAMES = 3
"""Flows that wait for each other in one conversation."""
MAX_DONE = 3
"""Finished flows whose writes may still be taken back."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A slot's value as an action gets it. ``label`` and ``extra`` come from the option that was chosen; ``skipped``:
    the customer would rather not say, the value is then null."""

    value: Json
    label: str = ""
    extra: Mapping[str, Json] = field(default_factory=dict)
    skipped: bool = False

    def to_json(self) -> dict[str, Json]:
        return {"value": self.value, "label": self.label, "extra": dict(self.extra), "skipped": self.skipped}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Bound:
        return cls(data["value"], data["label"], data["extra"], data["skipped"])


@dataclass(frozen=True, slots=True)
class Result:
    """A call that ended in ``ok``: with which inputs, what came back, and when (ISO 8601)."""

    action: str
    digest: str
    inputs: Mapping[str, Json]
    out: Mapping[str, Json]
    at: str
    write: bool

    def to_json(self) -> dict[str, Json]:
        return {
            "action": self.action,
            "digest": self.digest,
            "inputs": dict(self.inputs),
            "out": dict(self.out),
            "at": self.at,
            "write": self.write,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Result:
        return cls(data["action"], data["digest"], data["inputs"], data["out"], data["at"], data["write"])


WaitKind = Literal["slot", "confirm", "offer", "change", "retry", "undo", "resume", "interrupt"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the bot asked last. ``at`` is the slot or step, ``token`` tells this question from earlier ones like it, and
    ``detail`` holds what the answer will need."""

    kind: WaitKind
    at: str = ""
    token: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        return {"kind": self.kind, "at": self.at, "token": self.token, "detail": dict(self.detail)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Waiting:
        return cls(data["kind"], data["at"], data["token"], data["detail"])


@dataclass(frozen=True, slots=True)
class Frame:
    """One flow under way. ``run`` is the number of the event that started it, and so the same if the turn is worked on
    again. ``mentions`` are values named before the options they mean were at hand, by slot; ``said``, ``confirmed`` and
    ``chosen`` hold a digest by step of what they were about."""

    flow: str
    run: int
    touched: str
    slots: Mapping[str, Bound] = field(default_factory=dict)
    mentions: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    results: Mapping[str, Result] = field(default_factory=dict)
    confirmed: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    tries: Mapping[str, int] = field(default_factory=dict)
    waiting: Waiting | None = None
    options: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    """What was shown last, by slot: lists of options as :func:`dialog.task.options.option_json` makes them."""
    asked: bool = False
    """Whether the customer has been asked anything yet; a flow that only waits its turn goes on without a question."""

    def to_json(self) -> dict[str, Json]:
        return {
            "flow": self.flow,
            "run": self.run,
            "touched": self.touched,
            "slots": {name: bound.to_json() for name, bound in self.slots.items()},
            "mentions": {name: list(found) for name, found in self.mentions.items()},
            "results": {step: result.to_json() for step, result in self.results.items()},
            "confirmed": dict(self.confirmed),
            "said": dict(self.said),
            "chosen": dict(self.chosen),
            "tries": dict(self.tries),
            "waiting": self.waiting.to_json() if self.waiting else None,
            "options": {name: list(shown) for name, shown in self.options.items()},
            "asked": self.asked,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Frame:
        return cls(
            flow=data["flow"],
            run=data["run"],
            touched=data["touched"],
            slots={name: Bound.from_json(bound) for name, bound in data["slots"].items()},
            mentions=data["mentions"],
            results={step: Result.from_json(result) for step, result in data["results"].items()},
            confirmed=data["confirmed"],
            said=data["said"],
            chosen=data["chosen"],
            tries=data["tries"],
            waiting=Waiting.from_json(data["waiting"]) if data["waiting"] else None,
            options=data["options"],
            asked=data["asked"],
        )


@dataclass(frozen=True, slots=True)
class TaskState:
    """``frames`` from the lowest to the one that runs; ``parked`` were left too long and can be taken up again; ``done``
    are finished ones with a write that can still be taken back. ``seq`` numbers the events."""

    frames: tuple[Frame, ...] = ()
    parked: tuple[Frame, ...] = ()
    done: tuple[Frame, ...] = ()
    session: Mapping[str, Bound] = field(default_factory=dict)
    seq: int = 0

    @property
    def top(self) -> Frame | None:
        return self.frames[-1] if self.frames else None

    def with_top(self, frame: Frame) -> TaskState:
        return replace(self, frames=(*self.frames[:-1], frame))

    def to_json(self) -> dict[str, Json]:
        return {
            "frames": [frame.to_json() for frame in self.frames],
            "parked": [frame.to_json() for frame in self.parked],
            "done": [frame.to_json() for frame in self.done],
            "session": {name: bound.to_json() for name, bound in self.session.items()},
            "seq": self.seq,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TaskState:
        """An empty mapping is a conversation without tasks."""
        if not data:
            return cls()
        return cls(
            frames=tuple(Frame.from_json(frame) for frame in data["frames"]),
            parked=tuple(Frame.from_json(frame) for frame in data["parked"]),
            done=tuple(Frame.from_json(frame) for frame in data["done"]),
            session={name: Bound.from_json(bound) for name, bound in data["session"].items()},
            seq=data["seq"],
        )
