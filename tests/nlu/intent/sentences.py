"""Customers' sentences for the tests, slots marked in place: ``改到[明天](date)``."""

from __future__ import annotations

import re

from nlu.intent.types import OUT_OF_SCOPE, Example, SlotMark

_MARK = re.compile(r"\[([^\]]+)\]\((\w+)\)")

SENTENCES = {
    "track": (
        "我的快递到哪里了", "查一下快递单号[SF1234567890123](number)", "包裹怎么还没有动静", "物流好几天没更新了",
        "帮我查查[YT8765432109876](number)到哪了", "快递什么时候能送到", "我的包裹走到哪一站了", "where is my parcel",
        "track [SF9988776655443](number) please", "has my parcel been shipped yet",
    ),
    "flight": (
        "订一张[北京](from)到[上海](to)的机票", "我要从[广州](from)飞[成都](to)", "帮我买[杭州](from)去[西安](to)的机票",
        "[深圳](from)到[重庆](to)有航班吗", "想订从[南京](from)到[厦门](to)的机票", "买一张[武汉](from)到[大连](to)的飞机票",
        "[上海](from)飞[北京](to)的机票多少钱", "book a flight from [London](from) to [Paris](to)",
        "I want to fly from [Berlin](from) to [Rome](to)", "订从[成都](from)到[广州](to)的机票",
    ),
    "invoice": (
        "给我开一张发票", "发票抬头怎么写", "这个订单能开电子发票吗", "麻烦补开发票", "发票什么时候寄给我",
        "要一张公司抬头的发票", "我的发票开错了", "can I have an invoice", "send me the invoice again", "专用发票能开吗",
    ),
    "refund": (
        "我想退款", "钱什么时候退回来", "退款怎么还没到账", "这个东西不要了退钱", "申请退款", "退款进度查一下",
        "不想要了把钱退给我", "I want my money back", "where is my refund", "退货退款怎么弄",
    ),
}  # fmt: skip
OTHERS = (
    "今天天气真不错",
    "给我讲个笑话",
    "你们公司在哪里招聘",
    "tell me a story",
    "明天会下雨吗",
    "谁是世界上最高的人",
)


def example(marked: str, intent: str, *, asked: str = "") -> Example:
    """The example that a marked sentence stands for."""
    text, slots, at = "", list[SlotMark](), 0
    for match in _MARK.finditer(marked):
        text += marked[at : match.start()]
        slots.append(SlotMark(match[2], len(text), len(text) + len(match[1])))
        text, at = text + match[1], match.end()
    return Example(text + marked[at:], intent, tuple(slots), asked=asked)


def examples(*, others: bool = False) -> list[Example]:
    found = [example(text, intent) for intent, texts in SENTENCES.items() for text in texts]
    return found + [Example(text, OUT_OF_SCOPE) for text in OTHERS if others]
