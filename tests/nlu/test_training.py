"""Training end to end on a handful of groups, and the promises of its data: no leaks, hold-outs kept apart."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path

import numpy as np
import pytest

from nlu.normalize import match_key, normalise
from nlu.rank import FeatureRanker
from nlu.training import logistic
from nlu.training.perturb import lookalike, paraphrase
from nlu.training.ranker import lexical_rows, scores, train
from nlu.training.rows import featurise
from nlu.training.sources import Source, read_sources
from nlu.training.tasks import (
    Group,
    class_groups,
    class_task,
    faq_task,
    own_groups,
    pair_groups,
    pair_task,
    translation_groups,
)

THINGS = [
    "收货地址",
    "手机号码",
    "登录密码",
    "电子发票",
    "会员积分",
    "优惠券",
    "运费险",
    "退款金额",
    "物流信息",
    "订单备注",
    "昵称头像",
    "绑定银行卡",
]
ACTS = ["怎么修改{}", "{}在哪里看", "为什么{}不对", "删除{}要多久", "{}可以找回吗"]


def groups() -> list[Group]:
    return [
        Group(
            (
                act.format(thing),
                f"我想知道{act.format(thing)}",
                f"{act.format(thing)}，急用",
                f"客服，{thing}的事，{act.format('它')}",
            ),
            ((f"{thing}被别人改了", f"有人动了我的{thing}"),),
        )
        for thing in THINGS
        for act in ACTS
    ]


@pytest.mark.parametrize("make", [faq_task, pair_task, class_task])
def test_no_question_stands_in_the_knowledge(make: type[object]) -> None:
    task = make("t", groups(), random.Random(1))  # type: ignore[call-arg]
    known = {match_key(normalise(text).text) for texts in task.entries for text in texts}  # type: ignore[attr-defined]
    asked = [match_key(normalise(text).text) for text, _ in task.questions]  # type: ignore[attr-defined]
    assert asked
    assert known.isdisjoint(asked)


def test_a_task_has_questions_with_and_without_an_answer() -> None:
    task = faq_task("t", groups(), random.Random(1))
    golds = [gold for _, gold in task.questions]
    assert 0.1 < sum(gold is None for gold in golds) / len(golds) < 0.6
    assert all(gold is None or 0 <= gold < len(task.entries) for gold in golds)


def test_features_find_the_gold_of_easy_questions() -> None:
    questions = featurise(faq_task("t", groups(), random.Random(1)))
    answerable = [question for question in questions if question.gold is not None]
    assert sum(question.gold in question.entries for question in answerable) > 0.9 * len(answerable)
    assert all(len(question.rows) == len(question.entries) for question in questions)


def test_training_learns_and_is_repeatable() -> None:
    source = Source("own", tuple(groups()), faq_task, 1.0)
    first = train("lexical", [source], lexical_rows, seed=3, penalty=1e-3, log=io.StringIO())
    second = train("lexical", [source], lexical_rows, seed=3, penalty=1e-3, log=io.StringIO())
    assert first.fingerprint == second.fingerprint
    assert scores(first, [source], lexical_rows, seed=3)["own"]["auroc"] > 0.7


def test_held_out_groups_are_never_trained_on() -> None:
    source = Source("own", tuple(groups()), pair_task, 1.0)
    kept = {text for group in source.groups if group.held_out for text in group.texts}
    seen = {text for task in source.tasks(random.Random(1), held_out=False) for texts in task.entries for text in texts}
    assert kept
    assert seen
    assert kept.isdisjoint(seen)


def test_readers() -> None:
    own = own_groups([{"question": "q", "similar": ["s"], "near": [{"question": "n", "similar": []}]}, {"text": "x"}])
    assert own == [Group(("q", "s"), (("n",),))]
    pairs = pair_groups([{"a": "退货", "b": "怎么退货", "label": 1}, {"a": "退货", "b": "换货", "label": 0}])
    assert pairs == [Group(("退货", "怎么退货"), (("换货",),))]
    scored = pair_groups([{"a": "一", "b": "二", "score": 4.8}, {"a": "三", "b": "四", "score": 2.0}])
    assert scored == [Group(("一", "二"))]
    same = translation_groups([{"a": "Hi.", "b": "嗨。"}, {"a": "Hi.", "b": "你们好。"}, {"a": "Bye.", "b": "嗨。"}])
    assert same == [Group(("嗨。", "你们好。")), Group(("Hi.", "Bye."))]
    classes = class_groups(
        [{"text": t, "intent": "i", "lang": "en"} for t in ("a one", "b two", "c three", "A one")], "intent"
    )
    assert classes == [Group(("a one", "b two", "c three"))]


def test_sources_are_read_from_folders_and_files(tmp_path: Path) -> None:
    row = {"lang": "zh", "question": "怎么退货", "similar": ["退"], "near": []}
    (tmp_path / "shop.jsonl").write_text(json.dumps(row) + "\n" + json.dumps({"text": "no group"}), encoding="utf-8")
    pairs = tmp_path / "pairs.tsv.jsonl"
    pairs.write_text(json.dumps({"a": "x", "b": "y", "label": 1}), encoding="utf-8")
    found = read_sources([tmp_path / "shop.jsonl"], [pairs], [])
    assert [(source.name, len(source.groups)) for source in found] == [("groups-zh", 1), ("pairs.tsv", 1)]


@pytest.mark.parametrize("text", ["怎么修改收货地址", "为什么不能退货", "how do i cancel my order", "退", ""])
def test_paraphrases_are_repeatable_and_keep_negations(text: str) -> None:
    for seed in range(60):
        written = paraphrase(text, random.Random(seed))
        assert written == paraphrase(text, random.Random(seed))
        assert "不" in written or "不" not in text


def test_a_lookalike_differs_in_one_word() -> None:
    made = lookalike("怎么修改收货地址", "电子发票", random.Random(0))
    assert made is not None
    assert made != "怎么修改收货地址"
    assert any(word in made for word in ("电子", "发票"))
    assert lookalike("的了", "电子发票", random.Random(0)) is None
    assert lookalike("怎么修改", "吗", random.Random(0)) is None


def test_the_fit_recovers_known_weights_within_their_bounds() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(20_000, 3))
    chance = 1 / (1 + np.exp(-(rows @ np.array([1.5, -1.0, 0.5]) - 0.3)))
    labels = (rng.random(20_000) < chance).astype(float)
    free = logistic.fit(rows, labels, np.ones(20_000), np.zeros(3), penalty=1e-6)
    assert free.weights / free.scales == pytest.approx([1.5, -1.0, 0.5], abs=0.1)
    bound = logistic.fit(rows, labels, np.ones(20_000), np.array([1.0, 1.0, -1.0]), penalty=1e-6)
    assert bound.weights[0] > 1
    assert bound.weights[1:].tolist() == [0.0, 0.0]
    model = FeatureRanker("t", free.weights, free.means, free.scales, free.bias)
    assert np.mean(model.probabilities(rows.tolist())) == pytest.approx(labels.mean(), abs=0.01)


def test_labels_of_one_kind_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="both kinds"):
        logistic.fit(np.ones((4, 1)), np.ones(4), np.ones(4), np.zeros(1), penalty=0.1)
