"""Taking back what was done: the latest write while its time lasts, before any write the latest answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dialog.task.asking import Asking
from dialog.task.calls import still_undoable
from dialog.task.model import Call
from dialog.task.part import Part
from dialog.task.state import Bound, Frame, Result

if TYPE_CHECKING:
    from dialog.task.turn import TaskTurn


class Undoing(Part):
    """The undoing of a turn."""

    def __init__(self, turn: TaskTurn) -> None:
        super().__init__(turn)
        self.asking = Asking(turn)

    def ask(self, name: str, bound: Bound) -> bool:
        """Something was submitted with the old value: take that back first, if the customer wants and time allows."""
        frame = self.frame
        step, result = self._write_with(frame, name)
        if not still_undoable(step, result, self.turn.situation.now):
            return not self.runner.hand_over("undo_late", "undo_late")
        self.turn.command("correct", slot=name)
        self.runner.wait("undo", step.id, slot=name, bound=bound.to_json())
        self.asking.yes_no("undo_offer", "undo_yes", "undo_no")
        return True

    def _write_with(self, frame: Frame, slot: str) -> tuple[Call, Result]:
        steps = self.turn.situation.steps(frame)
        for step_id, result in frame.results.items():
            step = steps[step_id]
            if result.write and slot in result.inputs and isinstance(step, Call):
                return step, result
        raise LookupError(f"no write of {frame.flow} sent {slot}")

    def then_change(self, detail: Mapping[str, Any]) -> None:
        frame = self.frame
        step, result = self._write_with(frame, detail["slot"])
        if self._take_back(frame, step, result):
            self.runner.bind(detail["slot"], Bound.from_json(detail["bound"]))
            self.runner.advance()

    def last(self) -> None:
        """Take back the latest write that can be; before any write, the latest answer."""
        frame = self.log.state.top
        if frame is not None and not any(result.write for result in frame.results.values()):
            self._step_back(frame)
            return
        frames = ([frame] if frame else []) + list(reversed(self.log.state.done))
        for one in frames:
            steps = self.turn.situation.steps(one)
            for step_id, result in reversed(list(one.results.items())):
                step = steps.get(step_id)
                if result.write and isinstance(step, Call) and step.undo:
                    self._undo(one, step, result)
                    return
        flow = frames[0].flow if frames else next(iter(self.turn.situation.book.flows)).name
        self.runner.say(self.turn.situation.say(flow, "undo_nothing"))

    def _undo(self, frame: Frame, step: Call, result: Result) -> None:
        if not still_undoable(step, result, self.turn.situation.now):
            self.runner.hand_over("undo_late", "undo_late")
            return
        if self._take_back(frame, step, result) and frame is self.log.state.top and self.runner.end_flow("cancelled"):
            self.runner.advance()

    def _take_back(self, frame: Frame, step: Call, result: Result) -> bool:
        answer = self.runner.take_back(frame, step, result)
        if answer.status != "ok":
            self.runner.hand_over("undo_failed", "undo_failed")
            return False
        self.log.add("undone", flow=frame.flow, run=frame.run, step=step.id)
        label = self.turn.situation.label(frame.flow)
        self.runner.say(self.turn.situation.say(frame.flow, "undone", flow=label))
        return True

    def _step_back(self, frame: Frame) -> None:
        if not frame.slots:
            self.asking.again(self.say("undo_nothing"))
            return
        self.log.add("clear", slots=[list(frame.slots)[-1]])
        self.runner.say(self.say("stepped_back"))
        self.runner.advance()
