"""Conversations and drafts that make the screens look like a day's work; all through the public ways in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.live import Site

Row = dict[str, Any]

REFUSED = [
    ("zh", "你们能帮我把旧手机里的照片导出来吗", 3),
    ("zh", "门店能寄存行李吗", 2),
    ("zh", "可以用公司的购物卡付一半吗", 1),
    ("en", "Can you engrave a name on the power bank?", 2),
]
LISTED = [("zh", "东西不想要了"), ("zh", "耳机"), ("en", "cancel")]
THUMBED_DOWN = [("zh", "怎么开发票", "内容有误"), ("en", "How long is the warranty?", "Incomplete")]
WAITING = [("zh", "包裹显示签收了，可我没收到"), ("en", "I was charged twice")]
RATED = [("zh", "多久能发货", 5, "很快就答上了"), ("en", "When will my order ship?", 2, "Too short")]
PUBLISHED: list[Row] = [
    {
        "question": "能把名字刻在充电宝上吗",
        "answer": "可以，下单时在备注里写上要刻的字，最多 8 个。",
        "category": "产品/定制",
    },
]
DRAFTS: list[Row] = [
    {
        "question": "能开具英文发票吗",
        "answer": "可以，申请时选“英文”，三天内发到邮箱。",
        "similar": ["invoice 能写英文吗"],
        "category": "发票/类型",
    },
    {
        "question": "怎么下单购买",
        "answer": "打开商品页，选好规格，点“立即购买”，核对地址后付款。",
        "category": "订单/下单",
    },
]
KNOWN = Path(__file__).parents[2] / "benchmarks" / "data" / "demo_questions.jsonl"
"""Questions for a calibration of the demo."""
FILES = ("published.jsonl", "drafts.jsonl", "half-bad.csv")
HALF_BAD = "question,answer,category\n怎么预约上门安装,在订单页点“预约安装”。,服务/安装\n怎么预约上门回收,,服务/回收\n"


@dataclass(frozen=True)
class Seeded:
    """What the screens need to know of the seed. ``texts`` is everything that people wrote."""

    waiting: str
    half_bad: Path
    texts: tuple[str, ...]


def seed(site: Site, folder: Path) -> Seeded:
    """Fill the demo; the bot ``empty`` has nothing in it, ``parcels`` a starter pack with figures to fill in."""
    site.manage("create_bot", "empty", "--name", "Empty")
    site.manage("create_bot", "parcels", "--name", "快递", "--pack", "parcel")
    for lang, text, visitors in REFUSED:
        for _ in range(visitors):
            Visitor(site, lang).say(text)
    for lang, text in LISTED:
        Visitor(site, lang).say(text)
    for lang, text, reason in THUMBED_DOWN:
        Visitor(site, lang).thumb_down(text, reason)
    for lang, text, score, comment in RATED:
        Visitor(site, lang).rate(text, score, comment)
    waiting = [Visitor(site, lang).wait(text) for lang, text in WAITING]
    _import(site, folder / FILES[0], PUBLISHED, "--publish")
    _import(site, folder / FILES[1], DRAFTS)
    site.manage("calibrate", "demo", "--precision", "0.9", "--file", str(KNOWN))
    half_bad = folder / FILES[2]
    half_bad.write_text(HALF_BAD, "utf-8")
    return Seeded(waiting[0], half_bad, _texts())


class Visitor:
    """Somebody who talks to the demo through the API."""

    def __init__(self, site: Site, lang: str) -> None:
        self.site = site
        session = site.api("chat/sessions", {"bot": "demo", "locale": lang})
        self.token, self.conversation = session["token"], session["conversation"]

    def say(self, text: str) -> Any:
        return self.site.api("chat/messages", {"text": text}, self.token)["replies"][0]

    def thumb_down(self, text: str, reason: str) -> None:
        reply = self.say(text)
        self.site.api(f"chat/messages/{reply['id']}/feedback", {"value": "down", "reason": reason}, self.token)

    def rate(self, text: str, score: int, comment: str) -> None:
        self.say(text)
        self.site.api("chat/rating", {"score": score, "comment": comment}, self.token)

    def wait(self, text: str) -> str:
        self.say(text)
        self.site.api("chat/handoff", {}, self.token)
        return str(self.conversation)


def _import(site: Site, path: Path, rows: list[Row], *options: str) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    site.manage("import_knowledge", "demo", str(path), *options)


def _texts() -> tuple[str, ...]:
    said: list[Any] = [text for _lang, text, *_rest in (*REFUSED, *LISTED, *WAITING)]
    said += [word for _lang, *words in THUMBED_DOWN for word in words]
    said += [comment for *_rest, comment in RATED]
    return (*said, "快递", json.dumps(PUBLISHED + DRAFTS, ensure_ascii=False), HALF_BAD, *FILES)
