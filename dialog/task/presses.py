"""Buttons of the task bot: what a press means, as the value of a ``Pick`` of kind ``task``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from dialog.types import Choice, Pick

PressKind = Literal["option", "yes", "no", "change", "skip", "cancel", "offer", "slot", "flow", "retry"]


@dataclass(frozen=True, slots=True)
class Press:
    """``run`` and ``token`` name the question that the button stood under; a button of another question is stale.

    An ``option`` (``at`` its slot) stays good as long as its flow runs: pressing an earlier one is a change of mind.
    """

    run: int
    token: str
    kind: PressKind
    at: str = ""
    value: str = ""

    def pick(self) -> Pick:
        return Pick("task", json.dumps([self.run, self.token, self.kind, self.at, self.value], ensure_ascii=False))


def press_of(pick: Pick) -> Press | None:
    """None where the value is none of ours."""
    try:
        run, token, kind, at, value = json.loads(pick.value)
    except (ValueError, TypeError):
        return None
    return Press(run, token, kind, at, value)


def button(text: str, press: Press) -> Choice:
    return Choice(text, press.pick())
