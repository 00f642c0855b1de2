"""Buttons: what a press means, if anything any more."""

from __future__ import annotations

from typing import Any

from dialog.task.answers import Answers
from dialog.task.model import Offer
from dialog.task.presses import Press
from dialog.task.runner import bound_option
from dialog.task.state import Bound, Frame
from dialog.task.wishes import Wish


class Pressing(Answers):
    """A press is an answer whose meaning needs no reading."""

    def press(self, press: Press) -> bool:
        """Whether the button still means something."""
        if press.kind == "flow":
            return self._start_pressed(press)
        frame = self.log.state.top
        if frame is None or frame.run != press.run:
            return False
        if press.kind == "option":
            return self._option(frame, press)
        if press.token != self.waiting.token:
            return False
        match press.kind:
            case "yes":
                return self._yes()
            case "no":
                return self._no()
            case "change":
                self._deny()
            case "cancel":
                return self.cancel()
            case "skip":
                return self.skip()
            case "slot":
                return press.at in frame.slots and self.reopen(press.at)
            case "offer":
                offer = self.turn.situation.steps(frame)[press.at]
                return isinstance(offer, Offer) and self.choose(offer, int(press.value))
            case _:
                return False
        return True

    def _start_pressed(self, press: Press) -> bool:
        if not self.turn.situation.book.knows(press.at):
            return False
        self.turn.begin([Wish(press.at, press.value)])
        return True

    def _option(self, frame: Frame, press: Press) -> bool:
        """One of the shown options or values; pressing an earlier one again is a change of mind."""
        slot = self.turn.situation.slots(frame).get(press.at)
        if slot is None or slot not in self.asking.slots():
            return False
        if slot.type == "enum":
            bound = Bound(press.value) if any(value.key == press.value for value in slot.values) else None
        else:
            options: Any = frame.options.get(slot.name, ())
            bound = next((bound_option(option) for option in options if option["value"] == press.value), None)
        if bound is None:
            return False
        before = dict(frame.slots)
        if self.filler.set(slot.name, bound):
            self._note_sets([slot.name], before, self.asked)
        if self.filler.pending:
            return self.undoing.ask(*self.filler.pending)
        self.runner.advance(self.filler.problem)
        return True
