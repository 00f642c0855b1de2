"""Asking once more, and what to do when nobody makes sense of the answer."""

from __future__ import annotations

from typing import Any

from dialog.task import speech
from dialog.task.filling import collectable
from dialog.task.model import Slot
from dialog.task.part import Part
from dialog.task.state import Bound

TRIES = 3
"""Answers to a question that is about no slot, as for a slot that says nothing else."""


class Asking(Part):
    """The standing question of a turn."""

    def text(self) -> str:
        if self.waiting.kind != "slot" or not self.waiting.at:
            return ""
        return self.turn.situation.text(self.turn.situation.slot(self.frame, self.waiting.at).ask)

    def again(self, lead: str) -> None:
        """The standing question once more, with ``lead`` in place of its words where it has any."""
        waiting = self.waiting
        if waiting.kind in ("slot", "confirm", "offer"):
            if waiting.kind != "slot" and lead:
                self.runner.say(lead)
            self.runner.advance(lead if waiting.kind == "slot" else "")
            return
        if lead:
            self.runner.say(lead)
        if waiting.kind == "change":
            self.change()
        elif waiting.kind == "resume":
            self.runner.ask_resume()
        elif waiting.kind == "retry":
            self.runner.ask_retry(waiting.at)
        elif waiting.kind == "interrupt":
            self.interrupt()
        else:
            self.yes_no("undo_offer", "undo_yes", "undo_no")

    def yes_no(self, *keys: str, other: str = "") -> None:
        """The question that waits, with its two buttons: three texts by their keys."""
        texts = (self.say(key, flow=self.label, other=other) for key in keys)
        self.runner.says.append(speech.ask_yes_no(self.turn.situation, self.frame, self.waiting.token, *texts))

    def interrupt(self) -> None:
        """Whether to put the running flow aside for the one that was asked for."""
        wishes: Any = self.waiting.detail["wishes"]
        other = self.turn.situation.label(wishes[0][0])
        self.yes_no("interrupt", "interrupt_yes", "interrupt_no", other=other)

    def not_understood(self) -> None:
        """Counted by what was asked; with examples the second time, a person in the end."""
        self.turn.command("cannot_handle")
        what = self.waiting.at or self.waiting.kind
        if not self.one_try_more(what):
            lead = self.say("not_understood", ask=self.text())
            self.again(lead if self.frame.tries.get(what, 0) < 2 else lead + self._examples())

    def one_try_more(self, what: str) -> bool:
        """Count a failed try; True when it was the last: a person takes over, or what is optional is left out."""
        slot = self.turn.situation.slots(self.frame).get(what)
        if not self.runner.fails(what, slot.tries if slot else TRIES):
            return False
        if slot is not None and slot.optional:
            self.runner.say(self.say("left_out"))
            self.runner.bind(what, Bound(None, skipped=True))
            self.runner.advance()
            return True
        return not self.runner.hand_over("too_many_tries", "slots_failed")

    def _examples(self) -> str:
        slot = self.turn.situation.slots(self.frame).get(self.waiting.at)
        if slot is None or not slot.values:
            return ""
        labels = [self.turn.situation.text(value.label) for value in slot.values[:3]]
        return self.say(
            "examples", examples="、".join(labels) if self.turn.situation.lang == "zh" else ", ".join(labels)
        )

    def change(self) -> None:
        """Which of the things told is wrong?"""
        self.runner.wait("change")
        slots = [slot for slot in self.slots() if slot.name in self.frame.slots]
        token = self.waiting.token
        self.runner.says.append(speech.ask_change(self.turn.situation, self.frame, token, slots))

    def slots(self) -> list[Slot]:
        return collectable(self.turn.situation.flow(self.frame), self.turn.situation.slots(self.frame))
