"""A small shop's publication, and turns to it: what the tests of the dialogue share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dialog.engine import Engine
from dialog.types import BotProfile, Entry, Pick, Publication, Reply, Rule, State, Turn, Word

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)

ENTRIES = (
    Entry("return", "怎么退货", "在订单页点申请售后。", ("咋退啊",), ("怎么退会员费",), "售后/退货"),
    Entry("exchange", "怎么换货", "在订单页点申请换货。", ("想换个颜色",), (), "售后/换货"),
    Entry("ship", "多久能发货", "下单后 24 小时内发出。", ("什么时候给我寄",), (), "物流"),
    Entry("invoice", "怎么开发票", "签收后在订单页点开发票。", (), (), "发票"),
    Entry(
        "return-en",
        "How do I return an item?",
        "Open your orders and choose Return.",
        ("send it back",),
        (),
        "en/returns",
    ),
)
RULES = (
    Rule("hours", "opening hours", "keyword", ("营业时间", "opening hours"), reply="九点到二十一点。"),
    Rule("lawyer", "lawyers", "keyword", ("律师函",), action="handoff", reply="马上请同事处理。"),
)
WORDS = (
    Word("赌博", "block", "这个不能聊。"),
    Word("色情", "block"),
    Word("垃圾店", "warn"),
    Word("颜色情况", "allow"),
)
PROFILE = BotProfile(slug="shop", suggestions={"zh": ("多久能发货", "怎么开发票")})


def publication(**changes: Any) -> Publication:
    return replace(Publication(3, ENTRIES, rules=RULES, words=WORDS, profile=PROFILE), **changes)


def respond(engine: Engine, text: str = "", **turn: Any) -> Reply:
    return engine.respond(Turn(text, **{"now": NOW, **turn}))


def press(engine: Engine, kind: Any, value: str = "", **turn: Any) -> Reply:
    return respond(engine, pick=Pick(kind, value), **turn)


def refused(times: int) -> State:
    return State(refusals=times)


def verdicts(reply: Reply) -> dict[str, str]:
    """Stage → verdict, in the order of the trace."""
    return {stage.name: stage.verdict for stage in reply.trace.stages}
