"""Questions whose right answer is known, for the entries of ``shop``: enough to prove a precision of 80 %."""

from __future__ import annotations

import json
from pathlib import Path

ANSWERABLE: dict[str, list[str]] = {
    "怎么退货": [
        "我要退货怎么操作", "退货怎么办理", "这个怎么退货啊我不会", "退货要怎么弄", "怎么申请退货", "东西怎么退货",
        "退货在哪里退", "我想退货怎么退",
    ],
    "怎么换货": ["我要换货怎么操作", "换货怎么办理", "怎么申请换货", "东西怎么换货", "换货要怎么弄", "我想换货怎么换"],
    "多久能发货": ["下单多久能发货", "你们多久发货", "多久可以发货", "一般多久能发货", "大概多久能发货呢亲"],
    "怎么开发票": ["发票怎么开", "我要开发票怎么弄", "怎么申请开发票", "怎么给公司开发票", "在哪里开发票"],
}  # fmt: skip
UNANSWERABLE = [
    "火星上的葡萄怎么浇水", "今天股票会涨吗", "帮我写一首诗", "附近有什么好吃的", "明天下雨吗", "你会下围棋吗",
    "太阳离我们多远", "给我讲个故事",
]  # fmt: skip


def write_file(path: Path) -> Path:
    rows = [{"query": text, "gold": [entry]} for entry, texts in ANSWERABLE.items() for text in texts]
    rows += [{"query": text, "gold": []} for text in UNANSWERABLE]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path
