"""Where a flow stands: the first step that is not done, found anew after every change (data-flow evaluation).

There are no jumps. A ``collect`` is done when its slots are bound; a reading ``call`` when a result for the same inputs is
there, not older than ``fresh``; a writing one when it was done at all, for it is never done twice; a ``confirm`` when the
customer said yes to the same inputs of all writes up to the next one; a ``say`` when it was said for the same text and
the same last call; an ``offer`` when one of its buttons was chosen after the same last call. So a changed slot makes
exactly those steps undone that depend on it, and a branch no longer taken is not visited.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dialog.task.model import Branch, Call, Collect, Confirm, Flow, Offer, Say, Step
from dialog.task.scope import digest
from dialog.task.state import Frame
from dialog.task.template import render, text_in
from dialog.task.values import plain
from dialog.types import Json


@dataclass(frozen=True, slots=True)
class Point:
    """A step to be done. ``slot`` is what a ``collect`` lacks, ``inputs`` what a ``call`` sends, ``digest`` what the step is
    about now, ``text`` what it says."""

    step: Step
    slot: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict)
    digest: str = ""
    text: str = ""


def stand(frame: Frame, flow: Flow, scope: Mapping[str, object], now: datetime, lang: str) -> Point | None:
    """The first step that is not done, or None when the flow is through."""
    return _Walk(frame, scope, now, lang).steps(flow.steps, ())


def inputs_of(call: Call, scope: Mapping[str, object], collected: frozenset[str] | set[str]) -> dict[str, Json]:
    """What a call would send now; optional slots only where they were ``collected`` on the way and not skipped."""
    sent = {name: plain(expression.evaluate(scope)) for name, expression in call.inputs.items()}
    optional = {name: plain(scope.get(name)) for name in call.optional if name in collected}
    return sent | {name: value for name, value in optional.items() if value is not None}


class _Walk:
    """One pass over the steps that are taken, from the top."""

    def __init__(self, frame: Frame, scope: Mapping[str, object], now: datetime, lang: str) -> None:
        self.frame = frame
        self.scope = scope
        self.now = now
        self.lang = lang
        self.collected: set[str] = set()
        self.last_call = ""
        self.conditions: list[str] = []
        self.wrote = any(result.write for result in frame.results.values())

    def steps(self, steps: tuple[Step, ...], rest: tuple[Step, ...]) -> Point | None:
        for place, step in enumerate(steps):
            found = self.step(step, (*steps[place + 1 :], *rest))
            if found is not None:
                return found
        return None

    def step(self, step: Step, rest: tuple[Step, ...]) -> Point | None:
        match step:
            case Collect():
                return self.collect(step)
            case Call():
                return self.call(step)
            case Say():
                return self.say(step)
            case Confirm():
                return self.confirm(step, rest)
            case Offer():
                return self.offer(step)
            case Branch():
                return self.branch(step, rest)

    def collect(self, step: Collect) -> Point | None:
        self.collected |= set(step.slots)
        missing = next((name for name in step.slots if name not in self.frame.slots), None)
        return None if missing is None else Point(step, slot=missing)

    def call(self, step: Call) -> Point | None:
        inputs = inputs_of(step, self.scope, self.collected)
        mark = digest([step.action, inputs])
        result = self.frame.results.get(step.id)
        came_back = dict(result.out) if result else None
        self.last_call = digest([self.last_call, mark, came_back, self.frame.tries.get("round", 0)])
        if result is not None and (
            step.effect == "write" or (result.digest == mark and not self._old(step, result.at))
        ):
            return None
        return Point(step, inputs=inputs, digest=mark)

    def _old(self, step: Call, at: str) -> bool:
        """Prices grow old until they are paid; after a write nothing is asked again for its age alone."""
        return step.fresh is not None and not self.wrote and datetime.fromisoformat(at) + step.fresh < self.now

    def say(self, step: Say) -> Point | None:
        text = render(text_in(step.text, self.lang), self._seen())
        mark = digest([text, self.conditions, self.last_call])
        return None if self.frame.said.get(step.id) == mark else Point(step, digest=mark, text=text)

    def confirm(self, step: Confirm, rest: tuple[Step, ...]) -> Point | None:
        if self._guards_only_done(rest):
            return None
        mark = digest(self._guarded(rest))
        if self.frame.confirmed.get(step.id) == mark:
            return None
        return Point(step, digest=mark, text=render(text_in(step.text, self.lang), self._seen()))

    def _guards_only_done(self, rest: tuple[Step, ...]) -> bool:
        writes = self._writes(rest)
        return bool(writes) and all(write.id in self.frame.results for write in writes)

    def _guarded(self, rest: tuple[Step, ...]) -> list[Json]:
        """The inputs of every write up to the next confirm, on the way that is taken now."""
        return [[write.id, inputs_of(write, self.scope, self.collected)] for write in self._writes(rest)]

    def _writes(self, steps: tuple[Step, ...]) -> list[Call]:
        found: list[Call] = []
        for place, step in enumerate(steps):
            if isinstance(step, Confirm):
                break
            if isinstance(step, Branch) and step.when.evaluate(self.scope):
                return found + self._writes((*step.do, *steps[place + 1 :]))
            if isinstance(step, Call) and step.effect == "write":
                found.append(step)
        return found

    def offer(self, step: Offer) -> Point | None:
        mark = digest([step.id, self.conditions, self.last_call])
        return None if self.frame.chosen.get(step.id) == mark else Point(step, digest=mark)

    def _seen(self) -> dict[str, object]:
        """The scope as sentences may show it: without what was told for a way that is not taken any more."""
        return {**self.scope, **{name: None for name in self.frame.slots if name not in self.collected}}

    def branch(self, step: Branch, rest: tuple[Step, ...]) -> Point | None:
        if not step.when.evaluate(self.scope):
            return None
        self.conditions.append(step.id)
        found = self.steps(step.do, rest)
        self.conditions.pop()
        return found
