"""Simulated customers of the demo bot: what they want, and how they say it. Every value is drawn from a seeded Random."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

ENDINGS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "yes": {
        "zh": ("对", "确认", "可以", "嗯，提交吧", "没问题"),
        "en": ("yes", "yes please", "that's right", "go ahead"),
    },
    "no": {"zh": ("不对", "等等，不对"), "en": ("no", "that's not right")},
    "cancel": {"zh": ("算了", "不办了", "取消吧"), "en": ("never mind", "cancel", "forget it")},
    "repeat": {"zh": ("再说一遍", "没看清"), "en": ("say that again", "repeat that please")},
    "mumble": {"zh": ("嗯……那个", "哎呀怎么说呢"), "en": ("hmm well", "uh let me think about it")},
    "question": {
        "zh": ("多久能发货", "你们支持七天无理由退货吗", "怎么开发票"),
        "en": ("When will my order ship?", "How long is the warranty?"),
    },
    "skip": {"zh": ("跳过", "不用了"), "en": ("skip", "no thanks")},
}
"""What customers say of the dialogue itself."""

OPENINGS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "return_exchange": {
        "zh": ("我要{kind}", "帮我申请{kind}，{reason}", "{order}我想{kind}"),
        "en": ("I want to return my order", "{reason}, I want to return the order"),
    },
    "order_track": {
        "zh": ("订单到哪里了", "帮我查一下快递"),
        "en": ("please track my order", "can you track my parcel"),
    },
    "urge_delivery": {
        "zh": ("怎么还没发货，帮我催催", "帮我催一下发货，{order}"),
        "en": ("please chase my order", "hurry up my order please"),
    },
    "invoice": {
        "zh": ("给我开张发票", "开{buyer}抬头的发票", "{order}帮我开发票"),
        "en": ("I need an invoice for my order", "please issue an invoice to my {buyer}"),
    },
    "cancel_order": {
        "zh": ("我要取消那个订单", "拍错了，{order}的订单取消掉"),
        "en": ("I ordered by mistake, please cancel that order",),
    },
    "address_change": {
        "zh": ("地址写错了，帮我更改地址", "帮我改下收货地址"),
        "en": ("The address on my order is wrong, please correct the address",),
    },
    "complaint": {
        "zh": ("我要投诉快递员", "投诉你们卖家"),
        "en": ("I want to complain about the courier", "I'd like to file a complaint about your service"),
    },
    "repair_booking": {
        "zh": ("预约师傅上门修{device}", "{device}坏了，我要报修"),
        "en": ("I need a repair for my {device}", "book a repair for my {device}"),
    },
    "account_phone": {
        "zh": ("我要换绑手机号", "手机号换了，改成{phone}"),
        "en": ("I have a new mobile number, please update my account",),
    },
    "book_flight": {
        "zh": ("我要买机票", "订一张{date}从{from}到{to}的机票", "想飞去{to}，从{from}走"),
        "en": ("book a flight", "book a flight from {from} to {to} {date}", "I want to fly from {from} to {to}"),
    },
}
SAYINGS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "from": {"zh": ("{}", "从{}出发"), "en": ("{}", "from {}")},
    "to": {"zh": ("{}", "到{}"), "en": ("{}", "to {}")},
    "buyer": {"zh": ("{}", "开给{}"), "en": ("{}", "for a {}")},
    "reason": {"zh": ("{}", "因为{}"), "en": ("{}", "because {}")},
    "email": {"zh": ("{}", "发到 {}"), "en": ("{}", "send it to {}")},
}
"""How a value is told, where there is more to it than the value."""
CHANGES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "from": {"zh": ("说错了，从{}出发",), "en": ("sorry, I meant from {}",)},
    "to": {"zh": ("说错了，是到{}", "目的地改成到{}"), "en": ("sorry, I meant to {}",)},
    "": {"zh": ("不对，应该是{}", "改成{}"), "en": ("sorry, make it {}", "no, it should be {}")},
}
TEXTS = ("title", "address", "person", "fault", "complaint", "email", "tax_no")
"""Told only where they are asked for; changed by naming them first."""

_KINDS = {"return": ("退货", "return it"), "exchange": ("换货", "exchange it"), "refund": ("仅退款", "a refund only")}
_REASONS = {
    "size": ("买大了", "it is too big"),
    "defect": ("有质量问题", "it arrived broken"),
    "changed": ("不喜欢", "I don't need it"),
}
_DEVICES = {"washer": ("洗衣机", "washing machine"), "fridge": ("冰箱", "fridge"), "ac": ("空调", "air conditioner")}
_CITIES = {
    "北京": "Beijing",
    "上海": "Shanghai",
    "广州": "Guangzhou",
    "成都": "Chengdu",
    "杭州": "Hangzhou",
    "西安": "Xi'an",
}
_DAYS = (("明天", "tomorrow", 1), ("后天", "the day after tomorrow", 2))
_HOURS = (("上午十点", "10 am", 10), ("下午三点", "3 pm", 15), ("下午四点", "4 pm", 16))
_FAULTS = (("用着用着就没反应了", "it stops after a while"), ("声音特别大", "it makes a loud noise"))
_COMPLAINTS = (
    ("快递员把箱子扔在楼道里就走了", "The courier left my parcel in the rain"),
    ("打了三次电话都没有人接，太敷衍", "I called three times and nobody picked up"),
)
_ADDRESSES = (
    ("杭州市西湖区文一西路 100 号 3 幢 402", "12 Garden Road, Building 4, Hangzhou"),
    ("苏州市工业园区星湖街 328 号", "88 Lake Street, Flat 5, Suzhou"),
)
_NAMES = (("王小明", "Ann Lee"), ("李雷", "Bo Chen"))


@dataclass(frozen=True, slots=True)
class Want:
    """A value as its owner says it, and as an action should get it."""

    said: str
    value: Any


@dataclass(slots=True)
class Goal:
    """What a customer wants now; it changes with their mind. A slot that is not here they would rather leave out, and what
    has to be chosen from a list they choose when they see it."""

    flow: str
    lang: str
    wants: dict[str, Want] = field(default_factory=dict)

    def inputs(self) -> dict[str, Any]:
        """What the write of the flow should be sent, the price aside."""
        return {INPUTS[self.flow][name]: self.wants[name].value for name in self.inputs_by_slot()}

    def inputs_by_slot(self) -> list[str]:
        """The slots of those inputs."""
        return [name for name in INPUTS[self.flow] if name in self.wants and self._counts(name)]

    def _counts(self, name: str) -> bool:
        value = {slot: want.value for slot, want in self.wants.items()}
        match name:
            case "sku":
                return value.get("kind") == "exchange"
            case "pickup":
                return value.get("kind") != "refund"
            case "tax_no":
                return value.get("buyer") == "company"
            case "order" if self.flow == "complaint":
                return value.get("topic") == "order"
            case "person" | "phone" if self.flow == "address_change":
                return value.get("recipient") == "new"
        return True


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


INPUTS: Mapping[str, Mapping[str, str]] = {
    "return_exchange": _same("order", "kind", "reason", "sku", "pickup"),
    "order_track": {},
    "urge_delivery": _same("order"),
    "invoice": _same("order", "buyer", "title", "tax_no", "email"),
    "cancel_order": _same("order"),
    "address_change": _same("order", "address", "person", "phone"),
    "complaint": {"complaint": "reason", **_same("order", "phone")},
    "repair_booking": _same("device", "fault", "visit", "address", "phone"),
    "account_phone": _same("phone"),
    "book_flight": _same("flight", "person"),
}
"""Slots that a flow's write is sent, by flow, and the names they have there."""
STATUSES: Mapping[str, Sequence[str]] = {
    "return_exchange": ("delivered",),
    "order_track": ("shipped",),
    "urge_delivery": ("paid",),
    "invoice": ("delivered",),
    "cancel_order": ("paid",),
    "address_change": ("paid",),
    "complaint": ("paid", "shipped"),
}
"""Orders that a flow is for."""


def goal_of(flow: str, lang: str, draw: Random, now: datetime, orders: Sequence[Any]) -> Goal:
    """A customer's wish; ``orders`` are theirs, as options."""
    goal = Goal(flow, lang)
    for name in SLOTS[flow]:
        want = wanted(name, goal, draw, now)
        if want is not None:
            goal.wants[name] = want
    mine = [order for order in orders if order.extra.get("status") in STATUSES.get(flow, ())]
    if mine and flow in STATUSES:
        order = mine[0] if flow in ("return_exchange", "invoice") else draw.choice(mine)
        goal.wants["order"] = Want(order_said(order, lang, draw), order.value)
    return goal


SLOTS: Mapping[str, Sequence[str]] = {
    "return_exchange": ("reason", "kind", "pickup"),
    "order_track": (),
    "urge_delivery": (),
    "invoice": ("buyer", "title", "tax_no", "email"),
    "cancel_order": (),
    "address_change": ("address", "recipient", "person", "phone"),
    "complaint": ("complaint", "topic", "phone"),
    "repair_booking": ("device", "fault", "day", "address", "phone"),
    "account_phone": ("phone",),
    "book_flight": ("from", "to", "date"),
}


def order_said(order: Any, lang: str, draw: Random) -> str:
    tail, name = str(order.value)[-4:], order.words[0 if lang == "zh" else 1]
    return draw.choice((f"尾号{tail}那单", name) if lang == "zh" else (f"the order ending in {tail}", f"the {name}"))


def wanted(name: str, goal: Goal, draw: Random, now: datetime) -> Want | None:
    """A value for a slot; None: they leave it out."""
    make = _MAKERS.get(name)
    return make(draw, goal, now) if make else None


def _of(table: Mapping[str, tuple[str, str]]) -> Callable[[Random, Goal, datetime], Want]:
    def make(draw: Random, goal: Goal, _now: datetime) -> Want:
        key = draw.choice(sorted(table))
        return Want(_in(table[key], goal), key)

    return make


def _words(pairs: Sequence[tuple[str, str]]) -> Callable[[Random, Goal, datetime], Want]:
    def make(draw: Random, goal: Goal, _now: datetime) -> Want:
        said = _in(draw.choice(pairs), goal)
        return Want(said, said)

    return make


def _in(pair: Sequence[Any], goal: Goal) -> str:
    return str(pair[0 if goal.lang == "zh" else 1])


def _kind(draw: Random, goal: Goal, _now: datetime) -> Want:
    """By the shop's rules: a refund alone is for faults."""
    faulty = goal.wants["reason"].value == "defect"
    key = draw.choice([kind for kind in sorted(_KINDS) if faulty or kind != "refund"])
    if goal.lang == "en" and "kind" not in goal.wants:
        key = "return"  # as the openings have it
    return Want(_in(_KINDS[key], goal), key)


def _reason(draw: Random, goal: Goal, _now: datetime) -> Want:
    kind = goal.wants.get("kind")
    key = "defect" if kind is not None and kind.value == "refund" else draw.choice(sorted(_REASONS))
    return Want(_in(_REASONS[key], goal), key)


def _city(draw: Random, goal: Goal, _now: datetime) -> Want:
    taken = [want.value for want in goal.wants.values()]
    name = draw.choice([city for city in sorted(_CITIES) if city not in taken])
    return Want(name if goal.lang == "zh" else _CITIES[name], name)


def _day(draw: Random, goal: Goal, now: datetime) -> Want:
    zh, en, days = draw.choice(_DAYS)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return Want(zh if goal.lang == "zh" else en, start)


def _pickup(draw: Random, goal: Goal, now: datetime) -> Want:
    day, (zh, en, hour) = _day(draw, goal, now), draw.choice(_HOURS)
    said = f"{day.said}{zh}" if goal.lang == "zh" else f"{day.said} at {en}"
    return Want(said, day.value + timedelta(hours=hour))


def _phone(draw: Random, _goal: Goal, _now: datetime) -> Want:
    number = f"13{draw.randrange(10**8, 10**9)}"
    return Want(number, f"+86{number}")


def _maybe(make: Callable[[Random, Goal, datetime], Want]) -> Callable[[Random, Goal, datetime], Want | None]:
    return lambda draw, goal, now: make(draw, goal, now) if draw.random() < 0.5 or goal.flow in _PHONES else None


_PHONES = ("account_phone", "repair_booking")
"""Flows that need one."""


def _email(draw: Random, _goal: Goal, _now: datetime) -> Want:
    address = f"user{draw.randrange(1000)}@example.com"
    return Want(address, address)


def _tax_no(draw: Random, _goal: Goal, _now: datetime) -> Want:
    number = f"9133010{draw.randrange(10**9, 10**10)}T"
    return Want(number, number)


_MAKERS: Mapping[str, Callable[[Random, Goal, datetime], Want | None]] = {
    "kind": _kind,
    "reason": _reason,
    "pickup": _pickup,
    "buyer": _of({"person": ("个人", "person"), "company": ("企业", "company")}),
    "title": _words((("王小明", "Ann Lee"), ("云栖软件", "Spruce Labs"), ("松涛贸易", "Lake Trading"))),
    "tax_no": _tax_no,
    "email": _maybe(_email),
    "address": _words(_ADDRESSES),
    "recipient": _of({"same": ("不用改", "no change"), "new": ("要改", "change them")}),
    "person": _maybe(_words(_NAMES)),
    "phone": _maybe(_phone),
    "complaint": _words(_COMPLAINTS),
    "topic": _of({"order": ("和订单有关", "it is about an order"), "other": ("和订单无关", "not about an order")}),
    "device": _of(_DEVICES),
    "fault": _words(_FAULTS),
    "day": _day,
    "from": _city,
    "to": _city,
    "date": _day,
}
