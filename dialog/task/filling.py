"""Puts what a message says into the slots of the flow that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dialog.task.control import asks
from dialog.task.extract import Found, extract, time_bound
from dialog.task.heard import Heard, heard_text
from dialog.task.model import TEXT_TYPES, Branch, Collect, Flow, Slot, Step
from dialog.task.options import matching
from dialog.task.runner import FlowRunner, bound_option, submitted_by
from dialog.task.state import Bound, Frame
from dialog.task.validate import slot_problem

_COARSE = ("day", "week", "month", "quarter", "year")


class Filler:
    """The values of one turn. Only slots of the running flow are filled."""

    def __init__(self, runner: FlowRunner) -> None:
        self._runner = runner
        self.problem = ""
        """Why the last value was refused, as the customer is told."""
        self.pending: tuple[str, Bound] | None = None
        """A change to what was submitted already; it needs the customer's word first."""
        self._asks = False

    def fill(self, heard: Heard, *, asked: str = "", corrects: bool = False) -> list[str]:
        """The slots that changed. ``corrects``: the customer said that something was wrong, so that values may be
        replaced that the message does not name."""
        frame = self._runner.log.top
        self._asks = asks(heard.message.text)  # 退款要多久 changes nothing
        found = self._extracted(heard, frame, asked)
        found = self._without_chance_finds(frame, found, asked, corrects)
        changed: list[str] = []
        for one in found:
            if self._replaces(frame, one, asked, corrects) and self._take(one, asked):
                changed.append(one.slot)
        return list(dict.fromkeys(changed))

    def _without_chance_finds(self, frame: Frame, found: list[Found], asked: str, corrects: bool) -> list[Found]:
        """Where the whole message may be the answer, what stands in it by chance is none: 没有人接 in a complaint. A
        correction of something else is no answer."""
        if not self._is_words(frame, asked):
            return found
        if corrects and any(one.sure and one.slot != asked and one.slot in frame.slots for one in found):
            return [one for one in found if one.slot != asked]
        slots = self._runner.situation.slots(frame)
        answered = any(one.slot == asked for one in found)
        return [one for one in found if one.slot == asked or not answered or slots[one.slot].type != "enum"]

    def would_fill(self, heard: Heard, asked: str) -> bool:
        """Whether the message holds a value for the slot that was asked for, or without one for any."""
        return any(not asked or one.slot == asked for one in self._extracted(heard, self._runner.log.top, asked))

    def _extracted(self, heard: Heard, frame: Frame, asked: str) -> list[Found]:
        situation = self._runner.situation
        slots = collectable(situation.flow(frame), situation.slots(frame))
        return extract(heard, slots, asked=asked, options=frame.options, filled=frame.slots)

    def _replaces(self, frame: Frame, one: Found, asked: str, corrects: bool) -> bool:
        """Whether a find may stand where a value stands already."""
        if one.slot == asked or one.slot not in frame.slots:
            return True
        return corrects or (one.sure and not self._is_words(frame, asked) and not self._asks)

    def _is_words(self, frame: Frame, asked: str) -> bool:
        """Whether the whole message may be the answer: what it mentions then corrects nothing by itself."""
        return bool(asked) and self._runner.situation.slot(frame, asked).type in TEXT_TYPES

    def _take(self, one: Found, asked: str) -> bool:
        if one.mention is not None:
            return self._mention(one.slot, one.mention, asked)
        assert one.bound is not None
        return self.set(one.slot, one.bound)

    def set(self, name: str, bound: Bound) -> bool:
        """Store one value if it is good and nothing was submitted with another one."""
        runner = self._runner
        frame = runner.log.top
        slot = runner.situation.slot(frame, name)
        bound = self._completed(slot, bound, frame)
        if self._lacks_clock(slot, bound):
            runner.log.add("mention", slot=name, found=[{"kind": "time", "value": None, "said": bound.extra["said"]}])
            self.problem = runner.situation.say(frame.flow, "which_time", day=str(bound.extra["said"]))
            return False
        old = frame.slots.get(name)
        if old is not None and old.value == bound.value and not old.skipped:
            return False
        problem = slot_problem(runner.situation, frame, slot, bound)
        if problem:
            self.problem = problem
            return False
        if submitted_by(frame, name) and old is not None:
            self.pending = (name, bound)
            return False
        runner.bind(name, bound)
        return True

    def _completed(self, slot: Slot, bound: Bound, frame: Frame) -> Bound:
        """A clock without a day stands on the day that was told before it (明天 … 下午三点)."""
        before = frame.mentions.get(slot.name, ())
        if slot.type != "time" or not before:
            return bound
        said: Any = before[-1]
        whole = heard_text(f"{said['said']} {bound.extra.get('said', '')}", self._runner.situation.now).kind("time")
        return time_bound(whole[0]) if len(whole) == 1 else bound

    def _lacks_clock(self, slot: Slot, bound: Bound) -> bool:
        return slot.type == "time" and slot.grain != "day" and bound.extra.get("grain") in _COARSE

    def _mention(self, name: str, mention: Mapping[str, Any], asked: str) -> bool:
        """Words that the slot's options will tell; a value that stands there is dropped if they mean another one."""
        log = self._runner.log
        if mention["kind"] == "same":
            last = log.state.session.get(name)
            if last is None:
                return False
            mention = {"kind": "value", "value": last.value, "said": mention["said"]}
        if name in log.top.slots:
            frame = log.top
            if not self._other(name, mention, asked):
                return False
            if mention["value"] == "other":
                others = _others(frame, name)
                if len(others) != 1:
                    return True
                mention = {"kind": "value", "value": others[0], "said": mention["said"]}
        found: list[Any] = [*log.top.mentions.get(name, ()), mention]
        log.add("mention", slot=name, found=found)
        return True

    def _other(self, name: str, mention: Mapping[str, Any], asked: str) -> bool:
        """Whether the mention means another option than the chosen one; then that one goes, unless it was submitted."""
        frame = self._runner.log.top
        options: Sequence[Any] = frame.options.get(name, ())
        places = matching(options, mention)
        if mention["value"] == "other":
            places = [i for i, option in enumerate(options) if option["value"] in _others(frame, name)]
        if any(options[place]["value"] == frame.slots[name].value for place in places):
            return False
        if not places and mention["kind"] in ("name", "time") and name != asked:
            return False
        if submitted_by(frame, name):
            if len(places) == 1:
                self.pending = (name, bound_option(options[places[0]]))
            return False
        self._runner.log.add("clear", slots=[name])
        return True


def _others(frame: Frame, name: str) -> list[Any]:
    """The options beside the chosen one."""
    options: Sequence[Any] = frame.options.get(name, ())
    return [option["value"] for option in options if option["value"] != frame.slots[name].value]


def collectable(flow: Flow, slots: Mapping[str, Slot]) -> list[Slot]:
    """The slots that a flow collects anywhere, in the order of its steps."""
    names: list[str] = []

    def visit(steps: Sequence[Step]) -> None:
        for step in steps:
            if isinstance(step, Collect):
                names.extend(step.slots)
            elif isinstance(step, Branch):
                visit(step.do)

    visit(flow.steps)
    return [slots[name] for name in dict.fromkeys(names)]
