"""What one turn of a task may read: the bot's flows and actions, and who writes, when and in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dialog.task.book import FlowBook
from dialog.task.model import Flow, Slot, Step, Text
from dialog.task.ports import Actions, User
from dialog.task.scope import scope_of, steps_of
from dialog.task.state import Frame
from dialog.task.template import text_in
from dialog.task.texts import DEFAULTS
from dialog.types import Lang


def own_text(book: FlowBook, flow: str, key: str, lang: Lang, /, **values: str) -> str:
    """One of the dialogue's own texts (:mod:`dialog.task.texts`), as the flow's file words it; ``values`` fill the braces."""
    text = text_in(book.texts(flow).get(key) or DEFAULTS[key], lang)
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text.strip()


@dataclass(frozen=True, slots=True)
class Situation:
    """One per turn; reads only."""

    book: FlowBook
    actions: Actions
    user: User
    conversation: str
    now: datetime
    lang: Lang

    def flow(self, frame: Frame) -> Flow:
        return self.book.flow(frame.flow)

    def slots(self, frame: Frame) -> Mapping[str, Slot]:
        """The slots of the flow's domain."""
        return self.book.slots(frame.flow)

    def slot(self, frame: Frame, name: str) -> Slot:
        return self.slots(frame)[name]

    def steps(self, frame: Frame) -> Mapping[str, Step]:
        return steps_of(self.flow(frame))

    def scope(self, frame: Frame) -> dict[str, object]:
        return scope_of(frame, self.steps(frame), self.slots(frame), self.user, self.now, self.lang)

    def say(self, flow: str, key: str, /, **values: str) -> str:
        """One of the dialogue's own texts, as the flow's domain words it."""
        return own_text(self.book, flow, key, self.lang, **values)

    def label(self, flow: str) -> str:
        return self.text(self.book.flow(flow).label)

    def text(self, text: Text) -> str:
        return text_in(text, self.lang)
