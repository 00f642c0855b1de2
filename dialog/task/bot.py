"""The task bot of one version of a bot's flows: compiled once, and asked for a fresh turn with each message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dialog.task.book import FlowBook
from dialog.task.ports import Actions, Understander
from dialog.task.situation import Situation, own_text
from dialog.task.speech import message
from dialog.task.starts import Starts
from dialog.task.state import TaskState
from dialog.task.template import text_in
from dialog.task.turn import TaskTurn
from dialog.types import Lang, Message, User
from nlu.types import Normalized


@dataclass(frozen=True, slots=True)
class Tasks:
    """What a bot can do for customers: its flows, the actions they call, and what it understands them with.

    Without ``understander`` patterns, examples and typed values have to do. ``version`` names the flows in the trace.
    """

    book: FlowBook
    actions: Actions
    understander: Understander | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class TaskBot:
    """Immutable; safe in several threads."""

    tasks: Tasks
    _starts: Starts

    @classmethod
    def build(cls, tasks: Tasks) -> TaskBot:
        """Raises ValueError where a pattern is not RE2."""
        return cls(tasks, Starts.build(tasks.book))

    def turn(
        self,
        heard: Normalized,
        state: Mapping[str, Any],
        *,
        user: User,
        conversation: str,
        now: datetime,
        lang: Lang,
        history: Sequence[str] = (),
    ) -> TaskTurn:
        """One message; ``state`` as :meth:`TaskState.to_json` made it, empty for a conversation without tasks."""
        situation = Situation(self.tasks.book, self.tasks.actions, user, conversation, now, lang)
        return TaskTurn(situation, self._starts, self.tasks.understander, TaskState.from_json(state), heard, history)

    def reminder(self, state: Mapping[str, Any], lang: Lang) -> Message | None:
        """A word to a customer whom a flow waits for."""
        top = TaskState.from_json(state).top
        if top is None or not self.tasks.book.knows(top.flow):
            return None
        book = self.tasks.book
        label = text_in(book.flow(top.flow).label, lang)
        return message(own_text(book, top.flow, "reminder", lang, flow=label))

    @property
    def versions(self) -> dict[str, Any]:
        understander = self.tasks.understander
        return {"flows": self.tasks.version, "nlu": understander.fingerprint if understander else ""}
