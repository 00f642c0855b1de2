"""What the parts that read an answer have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialog.task.state import Frame, Waiting

if TYPE_CHECKING:
    from dialog.task.turn import TaskTurn


class Part:
    """Works on one turn."""

    def __init__(self, turn: TaskTurn) -> None:
        self.turn = turn
        self.runner = turn.runner
        self.log = turn.log
        self.filler = turn.filler

    @property
    def frame(self) -> Frame:
        return self.log.top

    @property
    def waiting(self) -> Waiting:
        waiting = self.frame.waiting
        return waiting if waiting is not None else Waiting("slot")

    @property
    def asked(self) -> str:
        """The slot that was asked for, or nothing."""
        return self.waiting.at if self.waiting.kind == "slot" else ""

    def say(self, key: str, /, **values: str) -> str:
        return self.turn.situation.say(self.frame.flow, key, **values)

    @property
    def label(self) -> str:
        """The running flow's name."""
        return self.turn.situation.label(self.frame.flow)
