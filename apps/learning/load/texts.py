"""Knowledge and messages in any amount, put together from a shop's entries and made-up products. For load, not quality."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.knowledge.rows import Row

KINDS = ("exact", "rule", "kb", "refusal")
RULE = {"name": "营业时间", "kind": "keyword", "patterns": ["营业时间"], "reply": "每天 9:00–21:00。", "priority": 10}

_MAKERS = ("云川", "青禾", "远帆", "北辰", "木槿", "Lumen", "Kite", "Arbor", "星渡", "白鹭")
_PRODUCTS = (
    "电饭煲",
    "投影仪",
    "加湿器",
    "空气炸锅",
    "洗碗机",
    "台灯",
    "音箱",
    "键盘",
    "电动牙刷",
    "净水器",
    "风扇",
    "路由器",
)
_SIMILAR = 3
_OTHER_TOPICS = ("红烧肉", "马拉松", "二次函数", "敦煌壁画", "养猫", "股票", "吉他", "签证", "火星", "诗词")
_OTHER_ASKS = ("给我讲讲{}的历史", "{}入门看哪本书", "{}和天气有关系吗", "写一段关于{}的话", "{}哪个朋友最懂")
_DAYS = ("今天", "明天", "周六", "周日", "国庆", "元旦", "除夕", "下周一")


def load_rows(base: Sequence[Mapping[str, Any]], count: int) -> list[Row]:
    """``count`` entries of four texts each: the base's questions, each asked of many products."""
    rows = []
    for number in range(count):
        item, product = base[number % len(base)], _product(number)
        fields = {
            "question": f"{product}{item['question']}",
            "answer": f"{product}：{item['answer']}",
            "similar": [_about(product, text, place) for place, text in enumerate(item["similar"][:_SIMILAR])],
            "category": item.get("category", ""),
        }
        rows.append(Row(number + 1, fields))
    return rows


def messages(kind: str, rows: Sequence[Row], seed: int) -> Iterator[str]:
    """Endless messages of a kind: to be answered word for word, by the rule, from the knowledge, or not at all."""
    rng = random.Random(f"{kind} {seed}")
    while True:
        if kind == "rule":
            yield f"{rng.choice(_DAYS)}的营业时间是几点到几点"
        elif kind == "refusal":
            yield f"{rng.choice(_OTHER_ASKS).format(rng.choice(_OTHER_TOPICS))}{rng.choice(('', '呀', '，急', '，谢谢'))}"
        else:
            texts = _texts(rng.choice(rows))
            yield rng.choice(texts) if kind == "exact" else _reworded(rng.choice(texts), rng)


def _texts(row: Row) -> list[str]:
    similar = row.fields.get("similar")
    return [str(row.fields["question"]), *(map(str, similar) if isinstance(similar, list) else ())]


def _product(number: int) -> str:
    maker, product = _MAKERS[number % len(_MAKERS)], _PRODUCTS[number // len(_MAKERS) % len(_PRODUCTS)]
    return f"{maker}{chr(65 + number % 26)}{100 + number}{product}"


def _about(product: str, text: str, place: int) -> str:
    return (f"{product}{text}", f"{text}，我买的是{product}", f"家里的{product}，{text}")[place % 3]


def _reworded(text: str, rng: random.Random) -> str:
    """Near the text and no longer equal to it: one character is lost, and something is said around it."""
    lost = rng.randrange(len(text))
    start, end = rng.choice((("问一下，", "呢"), ("我想知道", ""), ("", "，有人知道不"), ("刚才看到", "是真的？")))
    return f"{start}{text[:lost]}{text[lost + 1 :]}{end}"
