"""The actions port as a story scripts it, over the real one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from dialog.task.ports import ActionRequest, ActionResult, Actions
from dialog.types import Json

NOBODY = ActionResult("unavailable")
"""What an action answers that is neither scripted nor real: nothing was done."""


class ScriptedActions:
    """One for each story. Answers of an action come one after the other, and the last one stays; None, and what is not
    scripted, goes to ``real``. As with a real system, a write with the same key is done once."""

    def __init__(self, answers: Mapping[str, Sequence[ActionResult | None]], real: Actions | None = None) -> None:
        self._left = {action: list(said) for action, said in answers.items()}
        self._real = real
        self._done: dict[str, ActionResult] = {}
        self.sent: dict[str, Mapping[str, Json]] = {}
        """The inputs of each action's last call."""
        self.writes: Counter[str] = Counter()
        """How often each write was done."""

    def call(self, request: ActionRequest) -> ActionResult:
        if request.idempotency_key in self._done:
            return self._done[request.idempotency_key]
        self.sent[request.action] = request.inputs
        result = self._answer(request)
        if request.effect == "write" and result.status == "ok":
            self._done[request.idempotency_key] = result
            self.writes[request.action] += 1
        return result

    def _answer(self, request: ActionRequest) -> ActionResult:
        left = self._left.get(request.action)
        scripted = None if not left else left.pop(0) if len(left) > 1 else left[0]
        if scripted is not None:
            return scripted
        return self._real.call(request) if self._real is not None else NOBODY
