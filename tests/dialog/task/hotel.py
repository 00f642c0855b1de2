"""A hotel's systems as an in-memory twin of the actions port, and a guest who talks to its bot."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from dialog.engine import Engine
from dialog.task.book import FlowBook
from dialog.task.bot import Tasks
from dialog.task.events import Event, fold
from dialog.task.load import load
from dialog.task.ports import ActionOption, ActionRequest, ActionResult
from dialog.task.state import TaskState
from dialog.types import BotProfile, Choice, Entry, Json, Lang, Publication, Reply, State, Turn, User

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ROOMS = (
    ActionOption("r1", "大床房", "¥320", words=("大床",), extra={"name": "大床房"}),
    ActionOption("r2", "双床房", "¥360", words=("双床",), extra={"name": "双床房"}),
)
STAYS = (
    ActionOption("s1", "西湖店 大床房", "12-01", words=("HT20261201",), extra={"name": "西湖店", "no": "HT20261201"}),
    ActionOption("s2", "外滩店 双床房", "12-08", words=("HT20261208",), extra={"name": "外滩店", "no": "HT20261208"}),
)


@cache
def book() -> FlowBook:
    loaded = load((Path(__file__).parent / "hotel.yaml").read_text("utf-8"))
    assert loaded.domain is not None, loaded.problems
    return FlowBook.build([loaded.domain])


@dataclass
class Hotel:
    """Stores replies by key as a real one does. ``answers`` replace what it says to an action, one after the other."""

    answers: dict[str, list[ActionResult]] = field(default_factory=dict)
    requests: list[ActionRequest] = field(default_factory=list)
    done: dict[str, ActionResult] = field(default_factory=dict)
    writes: list[tuple[str, Mapping[str, Json]]] = field(default_factory=list)

    def call(self, request: ActionRequest) -> ActionResult:
        self.requests.append(request)
        if request.idempotency_key in self.done:
            return self.done[request.idempotency_key]
        planned = self.answers.get(request.action)
        result = planned.pop(0) if planned else self._answer(request)
        if request.effect == "write" and result.status == "ok":
            self.writes.append((request.action, dict(request.inputs)))
            self.done[request.idempotency_key] = result
        return result

    def _answer(self, request: ActionRequest) -> ActionResult:
        said: Mapping[str, Callable[[], ActionResult]] = {
            "room.free": lambda: ActionResult("ok", options=ROOMS),
            "room.price": lambda: ActionResult("ok", {"price": 320}),
            "room.book": lambda: ActionResult("ok", {"code": f"B{len(self.writes) + 1}"}),
            "stay.mine": lambda: ActionResult("ok", options=STAYS),
            "stay.check": lambda: ActionResult("ok", {"allowed": request.inputs["stay"] == "s1", "reason": "已过期限"}),
            "stay.cancel": lambda: ActionResult("ok", {"refund": 320}),
        }
        return said.get(request.action, lambda: ActionResult("ok"))()

    def count(self, action: str) -> int:
        return sum(name == action for name, _ in self.writes)


ENTRIES = (
    Entry("wifi", "酒店有无线网吗", "有的，全店免费无线网。", similar=("有wifi吗", "无线网密码是多少")),
    Entry("parking", "停车收费吗", "住店客人停车免费。"),
)


@dataclass
class Guest:
    """Says one thing after the other to a bot that knows the hotel; ``events`` is the whole log of the conversation."""

    hotel: Hotel = field(default_factory=Hotel)
    now: datetime = NOW
    lang: Lang = "zh"
    user: User = field(default_factory=lambda: User("guest-1", login=True))
    state: State = field(default_factory=State)
    events: list[Event] = field(default_factory=list)
    shown: list[Choice] = field(default_factory=list)
    """Every button so far."""

    def __post_init__(self) -> None:
        self.engine = Engine.build(
            Publication(1, entries=ENTRIES, profile=BotProfile("hotel")), tasks=Tasks(book(), self.hotel)
        )

    def say(self, text: str) -> Reply:
        return self._turn(Turn(text, self.now, self.state, lang=self.lang, user=self.user, conversation="c"))

    def press(self, text: str) -> Reply:
        """The latest button with this text in it."""
        choice = next(choice for choice in reversed(self.shown) if text in choice.text)
        turn = Turn(choice.text, self.now, self.state, choice.pick, self.lang, self.user, "c")
        return self._turn(turn)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def _turn(self, turn: Turn) -> Reply:
        reply = self.engine.respond(turn)
        self.state = State.from_json(json.loads(json.dumps(reply.state.to_json())))
        self.events += [Event.from_json(event) for event in reply.events]
        self.shown += [choice for message in reply.messages for choice in message.choices]
        self.now += timedelta(seconds=10)
        assert fold(self.events).to_json() == self.task.to_json(), "the state is the fold of the log"
        return reply

    @property
    def task(self) -> TaskState:
        return TaskState.from_json(self.state.task)

    def value(self, slot: str) -> Json:
        """What stands in a slot of the flow that runs."""
        top = self.task.top
        assert top is not None, "no flow runs"
        return top.slots[slot].value


def text(reply: Reply) -> str:
    return "\n".join(message.text for message in reply.messages)


def buttons(reply: Reply) -> list[str]:
    return [choice.text for message in reply.messages for choice in message.choices]
