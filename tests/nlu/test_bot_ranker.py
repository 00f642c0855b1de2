"""A bot's own rankers: what they learn from, what they keep of the shipped ones, and when there is nothing to learn."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from nlu.encode import Encoder, Reranker
from nlu.rank import Rankers
from nlu.semantic import UNSCALED, Scale
from nlu.training.bot_ranker import train
from tests.fakes.encoder import NgramEncoder


@dataclass(frozen=True)
class Entry:
    id: str
    question: str
    similar: tuple[str, ...] = ()
    answer: str = ""


@dataclass(frozen=True)
class Models:
    encoder: Encoder | None = None
    reranker: Reranker | None = None
    rankers: Rankers | None = None
    scale: Scale = UNSCALED


THINGS = ("收货地址", "手机号码", "登录密码", "电子发票", "会员积分", "优惠券", "运费险", "银行卡")
ENTRIES = [
    Entry(f"{act}-{thing}", f"{act}{thing}", (f"我想{act}{thing}", f"{thing}要{act}"), f"{thing}的{act}在设置里")
    for thing in THINGS
    for act in ("修改", "查看", "删除")
]
LABELLED = [(f"帮我{entry.question}一下", frozenset({entry.id})) for entry in ENTRIES[::2]]
LABELLED += [("今天天气怎么样", frozenset()), ("老板是谁", frozenset())]


@pytest.mark.parametrize("models", [Models(), Models(encoder=NgramEncoder())], ids=["words", "vectors"])
def test_it_learns_from_entries_and_labels_and_is_repeatable(models: Models) -> None:
    artefact, metrics = train(ENTRIES, LABELLED, models, seed=3)
    own = Rankers.from_json(artefact)
    assert own.fingerprint == Rankers.from_json(train(ENTRIES, LABELLED, models, seed=3)[0]).fingerprint
    assert own.fingerprint != Rankers.shipped().fingerprint
    assert metrics["labelled"] == len(LABELLED)
    assert metrics["questions"] > len(LABELLED)
    assert (own.dense is not None) == (models.encoder is not None)


def test_few_rows_leave_the_shipped_trees() -> None:
    own = Rankers.from_json(train(ENTRIES, LABELLED, Models(encoder=NgramEncoder()), seed=3)[0])
    shipped = Rankers.shipped().dense
    assert own.dense is not None
    assert shipped is not None
    assert own.dense.trees == shipped.trees
    assert own.dense.weights.tolist() != shipped.weights.tolist()


def test_labels_of_entries_that_are_gone_are_left_out() -> None:
    gone = [*LABELLED, ("旧问题", frozenset({"gone"}))]
    assert train(ENTRIES, gone, Models(), seed=3)[1]["labelled"] == len(LABELLED)


def test_without_anything_right_there_is_nothing_to_learn() -> None:
    plain = [Entry(entry.id, entry.question) for entry in ENTRIES]
    with pytest.raises(ValueError, match="nothing to learn from"):
        train(plain, [("今天天气怎么样", frozenset())], Models(), seed=3)
