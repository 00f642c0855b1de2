"""Calls of actions, written into the log before they go out and after they come back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from dialog.task.events import Log
from dialog.task.model import Call
from dialog.task.ports import ActionRequest, ActionResult
from dialog.task.scope import digest, scope_of, steps_of
from dialog.task.situation import Situation
from dialog.task.state import Frame, Result
from dialog.task.values import plain
from dialog.types import Json


class Caller:
    """The calls of one turn. Identity comes from the session, never from slots."""

    def __init__(self, situation: Situation, log: Log) -> None:
        self._situation = situation
        self._log = log

    def call(self, step: Call, inputs: Mapping[str, Json]) -> ActionResult:
        frame = self._log.top
        retry = step.retry if step.effect == "write" else max(step.retry, 1)
        return self._send(self._request(frame, step.id, step.action, step.effect, inputs, retry))

    def read(self, action: str, inputs: Mapping[str, Json], step: str) -> ActionResult:
        return self._send(self._request(self._log.top, step, action, "read", inputs, 1))

    def keep(self, step: Call, inputs: Mapping[str, Json], mark: str, result: ActionResult) -> None:
        """Store what came back."""
        stored = Result(step.action, mark, inputs, result.out, self._situation.now.isoformat(), step.effect == "write")
        self._log.add("result", step=step.id, result=stored.to_json())

    def take_back(self, frame: Frame, step: Call, result: Result) -> ActionResult:
        """Call the undo of a write that ``frame`` made."""
        assert step.undo is not None, "only what can be undone is asked for"
        book = self._situation.book
        slots = book.slots(frame.flow)
        now, lang = self._situation.now, self._situation.lang
        scope = scope_of(frame, steps_of(book.flow(frame.flow)), slots, self._situation.user, now, lang)
        scope |= {name: value for name, value in result.inputs.items() if scope.get(name) is None}
        inputs = {name: plain(expression.evaluate(scope)) for name, expression in step.undo.inputs.items()}
        return self._send(self._request(frame, f"{step.id}.undo", step.undo.action, "write", inputs, 1))

    def _request(
        self, frame: Frame, step: str, action: str, effect: str, inputs: Mapping[str, Json], retry: int
    ) -> ActionRequest:
        again = frame.tries.get(f"undone.{step.removesuffix('.undo')}", 0)
        name = f"{step}~{again}" if again else step
        conversation = self._situation.conversation
        return ActionRequest(
            action=action,
            inputs=inputs,
            user=self._situation.user,
            conversation=conversation,
            run=frame.run,
            step=step,
            effect="write" if effect == "write" else "read",
            idempotency_key=f"{conversation}:{frame.run}:{name}:{digest(dict(inputs))}",
            retry=retry,
            lang=self._situation.lang,
        )

    def _send(self, request: ActionRequest) -> ActionResult:
        self._log.add("started", step=request.step, action=request.action, key=request.idempotency_key)
        return self._situation.actions.call(request)


def still_undoable(step: Call, result: Result, now: datetime) -> bool:
    return step.undo is not None and now <= datetime.fromisoformat(result.at) + step.undo.within
