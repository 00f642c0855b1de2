from __future__ import annotations

import time

import pytest

from dialog.task.control import clauses, said_control, yes_or_no
from dialog.task.heard import heard_text
from nlu.normalize import normalise
from tests.dialog.task.hotel import NOW

STEERING = {
    "cancel": [
        "算了",
        "算了算了",
        "不办了",
        "先不弄了",
        "取消",
        "取消吧谢谢",
        "退出",
        "停",
        "别办了",
        "cancel",
        "never mind",
        "forget it",
        "stop please",
    ],
    "skip": ["跳过", "这个不填", "没有", "不知道", "下一个", "skip", "i don't know", "pass"],
    "repeat": ["再说一遍", "你刚才问什么", "没看清", "say that again", "pardon"],
    "undo": ["撤销", "撤回", "上一步", "退回上一步", "undo", "go back", "undo that"],
    "human": ["转人工", "我要人工客服", "talk to a person"],
    "resume": ["继续", "接着办", "go on", "continue please"],
}
ELSE = [
    "取消订单",
    "我要取消昨天那单",
    "不要这件了",
    "没有收到货",
    "退货",
    "cancel my order",
    "no",
    "继续教育发票",
    "下一班飞机",
]


@pytest.mark.parametrize(("steering", "words"), [(name, text) for name, texts in STEERING.items() for text in texts])
def test_words_that_steer(steering: str, words: str) -> None:
    assert said_control(normalise(words).text) == steering


@pytest.mark.parametrize("words", ELSE)
def test_words_about_the_matter_steer_nothing(words: str) -> None:
    assert said_control(normalise(words).text) is None


@pytest.mark.parametrize(
    ("words", "agrees"),
    [
        ("对的", True),
        ("嗯嗯可以", True),
        ("不对", False),
        ("不是的", False),
        ("yes please", True),
        ("nope", False),
        ("明天", None),
    ],
)
def test_yes_and_no(words: str, agrees: bool | None) -> None:
    assert yes_or_no(heard_text(words, NOW)) is agrees


def test_a_message_falls_into_its_wishes() -> None:
    assert clauses("先查下快递，顺便开张发票") == ["先查下快递", "开张发票"]
    assert clauses("cancel it, and also book a room") == ["cancel it", "and", "book a room"]
    assert clauses("订个明天杭州的房间") == ["订个明天杭州的房间"]


@pytest.mark.parametrize(
    "words", ["算了" * 900 + "x", "嗯，" * 600, "不用" * 900 + "?", " " * 1_900 + "停x", "a" * 1_999, "等等" * 900]
)
def test_no_message_takes_long_to_read(words: str) -> None:
    began = time.process_time()
    said_control(normalise(words).text)
    assert time.process_time() - began < 0.5, "a pattern backtracks without end"
