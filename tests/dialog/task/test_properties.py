"""What holds for every conversation about tasks, whatever is said, pressed, waited for or broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dialog.engine import Engine
from dialog.task.bot import Tasks
from dialog.task.events import Event, apply, fold
from dialog.task.ports import ActionRequest, ActionResult
from dialog.task.scope import digest
from dialog.task.state import MAX_FRAMES, TaskState
from dialog.types import BotProfile, Choice, Publication, Reply, State, Turn, User
from tests.dialog.task.hotel import ENTRIES, NOW, Hotel, book

SAYINGS = (
    *("订个明天杭州的房间", "订酒店", "我要退房", "我要晚到", "book a room in Shanghai tomorrow", "cancel my booking"),
    *("大床房", "第一个", "第二间", "最后一个", "HT20261201", "外滩店", "另一个订单", "就刚才那单", "王小明", "高楼层"),
    *("杭州", "上海", "明天", "后天", "12月1号晚上十点", "今天早上六点", "太贵", "行程有变", "随便写点什么"),
    *("对", "好的", "确认", "yes", "不对", "不用了", "no", "改成后天", "换成上海", "对，不过换成双床房", "日期不对"),
    *("算了", "取消吧", "跳过", "撤销", "上一步", "再说一遍", "继续", "转人工", "never mind", "undo", "为什么要这个"),
    *(
        "算了，我要退房",
        "我要退房，再订个明天杭州的房间",
        "有wifi吗",
        "停车收费吗",
        "你们老板是谁",
        "嗯？",
        "😀",
        " ",
        "。",
    ),
    *("阿巴阿巴", "x" * 300, "不是大床房，是双床房", "订单号HT99990000", "改成昨天", "320块太贵了"),
)
ACTIONS = (
    "room.free",
    "room.price",
    "room.book",
    "room.release",
    "stay.mine",
    "stay.check",
    "stay.cancel",
    "stay.arrival",
)
TROUBLE = (
    ActionResult("unavailable"),
    ActionResult("unknown"),
    ActionResult("retry"),
    ActionResult("denied", message="不行。"),
    ActionResult("error"),
    ActionResult("not_found"),
    ActionResult("not_found", {"reason": "sold_out"}),
    ActionResult("invalid", {"reason": "price_changed"}),
    ActionResult("invalid", slot_errors={"guest": "名字不能用。", "stay": "换一个。"}),
)
ANSWERS = ("对", "好的", "确认", "第一个", "第二个", "改成后天", "改成明天", "换成上海", "换成杭州", "撤销")
"""Said more often than the rest, so that something gets done."""
DEEDS = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(ANSWERS)),
    st.tuples(st.just("say"), st.sampled_from(ANSWERS)),
    st.tuples(st.just("say"), st.sampled_from(SAYINGS)),
    st.tuples(st.just("press"), st.integers(0, 11)),
    st.tuples(st.just("press_old"), st.integers(0, 200)),
    st.tuples(st.just("wait"), st.sampled_from((1, 7, 20, 600, 2000))),
    st.tuples(st.just("trouble"), st.tuples(st.sampled_from(ACTIONS), st.sampled_from(TROUBLE))),
    st.tuples(st.just("price"), st.sampled_from((320, 350))),
)
ENGINE = Engine.build(Publication(1, entries=ENTRIES, profile=BotProfile("hotel")))
LIMITS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Visit:
    """One conversation with all that can be known about it afterwards."""

    hotel: Hotel = field(default_factory=Hotel)
    state: State = field(default_factory=State)
    events: list[Event] = field(default_factory=list)
    buttons: list[Choice] = field(default_factory=list)
    now: Any = NOW

    def __post_init__(self) -> None:
        self.engine = ENGINE.with_tasks(Tasks(book(), self.hotel))

    def do(self, deed: tuple[str, Any]) -> Reply | None:
        kind, what = deed
        match kind:
            case "say":
                return self.take(self.turn(what))
            case "press" | "press_old" if self.buttons:
                recent = self.buttons[-12:] if kind == "press" else self.buttons
                return self.take(self.turn("", recent[what % len(recent)]))
            case "wait":
                self.now += timedelta(minutes=what)
            case "trouble":
                self.hotel.answers.setdefault(what[0], []).append(what[1])
            case "price":
                self.hotel.answers.setdefault("room.price", []).append(ActionResult("ok", {"price": what}))
        return None

    def turn(self, text: str, choice: Choice | None = None) -> Turn:
        pick = choice.pick if choice else None
        return Turn(text, self.now, self.state, pick, "zh", User("guest", login=True), "c")

    def take(self, turn: Turn) -> Reply:
        reply = self.engine.respond(turn)
        self.state = State.from_json(json.loads(json.dumps(reply.state.to_json())))
        self.events += [Event.from_json(event) for event in json.loads(json.dumps(reply.events))]
        self.buttons += [choice for message in reply.messages for choice in message.choices]
        self.now += timedelta(seconds=10)
        return reply


BOOKING = [("say", text) for text in ("订个明天杭州的房间", "大床房", "王小明", "跳过")]
CANCELLING = [("say", text) for text in ("我要退房", "HT20261201", "太贵")]
OPENINGS = (BOOKING, CANCELLING, BOOKING[:1], [*CANCELLING[:1], *BOOKING])
SOLD_OUT = ("trouble", ("room.book", ActionResult("not_found", {"reason": "sold_out"})))
BUSY = ("trouble", ("room.book", ActionResult("unavailable")))
begun = st.builds(lambda opening, deeds: [*opening, *deeds], st.sampled_from(OPENINGS), st.lists(DEEDS, max_size=20))
"""Near a confirm, so that there is something to go wrong."""


@LIMITS
@given(begun)
def test_every_turn_ends_with_a_reply(deeds: list[tuple[str, Any]]) -> None:
    visit = Visit()
    for deed in deeds:
        reply = visit.do(deed)
        assert reply is None or all(message.text.strip() for message in reply.messages)
        assert reply is None or reply.messages


@LIMITS
@given(begun)
def test_the_log_told_again_gives_the_state_and_never_more_than_three_tasks(deeds: list[tuple[str, Any]]) -> None:
    visit = Visit()
    for deed in deeds:
        visit.do(deed)
    assert fold(visit.events).to_json() == TaskState.from_json(visit.state.task).to_json()
    assert [event.seq for event in visit.events] == list(range(1, len(visit.events) + 1))
    assert all(len(state.frames) <= MAX_FRAMES for state, _event in told(visit.events))


@LIMITS
@given(begun)
@example([*BOOKING, SOLD_OUT, ("say", "对"), ("say", "大床房")])
@example(
    [*BOOKING, BUSY, ("say", "对"), ("say", "改成后天"), ("say", "大床房"), ("say", "改成明天"), ("say", "大床房")]
)
def test_nothing_is_written_without_a_yes_to_exactly_that(deeds: list[tuple[str, Any]]) -> None:
    visit = Visit()
    for deed in deeds:
        visit.do(deed)
    sent = {request.idempotency_key: request for request in visit.hotel.requests if request.effect == "write"}
    for place, event in enumerate(visit.events):
        if event.kind == "started" and event.data["key"] in sent:
            request = sent[str(event.data["key"])]
            assert agreed(visit.events[:place], request), f"{request.action} {request.inputs}"


@LIMITS
@given(begun)
def test_a_turn_that_is_worked_on_twice_writes_once(deeds: list[tuple[str, Any]]) -> None:
    visit = Visit()
    for deed in deeds:
        if deed[0] != "say":
            visit.do(deed)
            continue
        turn, planned = visit.turn(deed[1]), json.dumps({name: len(said) for name, said in visit.hotel.answers.items()})
        first = visit.engine.respond(turn)
        undisturbed = planned == json.dumps({name: len(said) for name, said in visit.hotel.answers.items()})
        written = list(visit.hotel.writes)
        again = visit.take(turn)
        if undisturbed:
            assert visit.hotel.writes == written
            assert again.events == first.events
        assert len(visit.hotel.done) == len(visit.hotel.writes)


def told(events: list[Event]) -> Iterator[tuple[TaskState, Event]]:
    """The state after each event."""
    state = TaskState()
    for event in events:
        state = apply(state, event)
        yield state, event


def asks_to_confirm(state: TaskState) -> bool:
    return state.top is not None and state.top.waiting is not None and state.top.waiting.kind == "confirm"


def agreed(events: list[Event], request: ActionRequest) -> bool:
    """Whether the customer's last word on this write, after the last change to its flow, was a yes to these inputs; for
    taking one back, whether they asked for it."""
    if request.step.endswith(".undo"):
        heard = [event.data["name"] for event in events if event.kind == "command"]
        return heard[-1] in ("undo", "affirm")
    mark, yes = digest([[request.step, dict(request.inputs)]]), False
    for state, event in told(events):
        if state.top is None or state.top.run != request.run:
            continue
        if event.kind == "confirmed":
            yes = event.data["digest"] == mark
        elif event.kind in ("set", "clear") or (event.kind == "wait" and asks_to_confirm(state)):
            yes = False
    return yes
