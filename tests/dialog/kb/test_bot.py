"""What the KB-bot proposes from a small shop's knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialog.kb.bot import MAX_CANDIDATES, NEGATIVE_CAP, KnowledgeBot
from dialog.kb.index import KnowledgeIndex
from dialog.ports import RecallHit, RecallUnavailable
from dialog.types import Candidate, Entry, Proposal, Publication, Route
from nlu.normalize import normalise
from nlu.rank import FeatureRanker, Rankers

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
ENTRIES = (
    Entry("open", "怎么开通小额免密支付", "…", ("免密在哪打开",)),
    Entry("close", "怎么关闭小额免密支付", "…", ("免密怎么取消",)),
    Entry("return7", "签收7天内怎么退货", "…", ("七天无理由退货怎么申请",)),
    Entry("exchange15", "签收15天内怎么换货", "…"),
    Entry("address", "怎么修改收货地址", "…", ("地址填错了", "下单后想换个地址"), ("怎么修改退货地址",)),
    Entry("invoice", "电子发票在哪里下载", "…", ("发票开好了去哪看",)),
    Entry("nocode", "为什么收不到验证码", "…", ("验证码一直不来",)),
    Entry("usecode", "收到验证码以后填在哪里", "…"),
    Entry("track", "How do I track my order?", "…", ("where is my parcel",)),
    Entry("on", "How do I turn on two-step sign in?", "…"),
    Entry("off", "How do I turn off two-step sign in?", "…"),
    Entry("sale", "双十一活动什么时候开始", "…", valid_from=NOW, valid_to=NOW + timedelta(days=1)),
)
PUBLICATION = Publication(version=3, entries=ENTRIES, synonyms=(("小额免密支付", "快捷付"), ("发票", "小票")))


@pytest.fixture(scope="module")
def bot() -> KnowledgeBot:
    return KnowledgeBot(KnowledgeIndex.build(PUBLICATION), Rankers(FeatureRanker.load()))


def ask(bot: KnowledgeBot, text: str, now: datetime = NOW) -> Proposal:
    return bot.propose(normalise(text), now)


def named(proposal: Proposal, entry: str) -> Candidate:
    return next(candidate for candidate in proposal.candidates if candidate.entry_id == entry)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("请问怎么开通小额免密支付啊", "open"),
        ("小额免密支付怎样关闭", "close"),
        ("快捷付如何开启", "open"),
        ("收货地址能怎么修改", "address"),
        ("電子發票在哪裡下載？", "invoice"),
        ("电子小票去哪下载", "invoice"),
        ("收不到验证码", "nocode"),
        ("how can I track my orders", "track"),
        ("where's my parcel", "track"),
        ("turn off two-step sign in", "off"),
        ("签收7天内退货", "return7"),
    ],
)
def test_the_right_entry_comes_first(bot: KnowledgeBot, text: str, entry: str) -> None:
    assert ask(bot, text).candidates[0].entry_id == entry


@pytest.mark.parametrize(
    ("text", "right", "opposite"),
    [
        ("免密支付怎么开启", "open", "close"),
        ("把小额免密支付停用", "close", "open"),
        ("how to disable two-step sign in", "off", "on"),
        ("enable two-step sign in", "on", "off"),
    ],
)
def test_opposites_are_told_apart(bot: KnowledgeBot, text: str, right: str, opposite: str) -> None:
    proposal = ask(bot, text)
    assert named(proposal, right).flags == ()
    assert "antonym" in named(proposal, opposite).flags
    assert named(proposal, right).probability > named(proposal, opposite).probability


def test_other_numbers_are_flagged(bot: KnowledgeBot) -> None:
    assert "number" in named(ask(bot, "签收30天内怎么退货"), "return7").flags
    assert "number" not in named(ask(bot, "签收七天内怎么退货"), "return7").flags


def test_what_is_denied_is_flagged(bot: KnowledgeBot) -> None:
    assert "negation" in named(ask(bot, "没收到验证码"), "usecode").flags
    assert "negation" not in named(ask(bot, "没收到验证码"), "nocode").flags


def test_a_nearer_negative_question_is_a_veto(bot: KnowledgeBot) -> None:
    candidate = named(ask(bot, "怎么修改退货的地址"), "address")
    assert "negative_question" in candidate.flags
    assert candidate.probability <= NEGATIVE_CAP
    assert "negative_question" not in named(ask(bot, "怎么修改收货的地址"), "address").flags


def test_only_entries_valid_now_are_proposed(bot: KnowledgeBot) -> None:
    text = "双十一活动什么时候开始"
    assert ask(bot, text, NOW).candidates[0].entry_id == "sale"
    for other in (NOW - timedelta(seconds=1), NOW + timedelta(days=1)):
        assert "sale" not in [candidate.entry_id for candidate in ask(bot, text, other).candidates]


def test_the_text_of_an_entry_is_nearly_certain(bot: KnowledgeBot) -> None:
    for entry in ENTRIES:
        for text in (entry.question, *entry.similar):
            best = ask(bot, text).candidates[0]
            assert (best.entry_id, best.matched) == (entry.id, text)
            assert best.probability > 0.9


@pytest.mark.parametrize("text", ["今天天气真好", "你们老板叫什么", "what's the capital of France", "帮我写一首诗"])
def test_what_nobody_wrote_an_entry_for_is_improbable(bot: KnowledgeBot, text: str) -> None:
    assert ask(bot, text).probability < 0.35


@pytest.mark.parametrize("text", ["", "？？？", "😀😀", "\u200b", "x" * 5000, "的" * 2000, "AND OR \\ * ( "])
def test_odd_input_is_answered_with_something(bot: KnowledgeBot, text: str) -> None:
    proposal = ask(bot, text)
    assert proposal.bot is Route.KB
    assert all(0.0 <= candidate.probability <= 1.0 for candidate in proposal.candidates)


def test_evidence(bot: KnowledgeBot) -> None:
    proposal = ask(bot, "请问快捷付如何开通")
    assert proposal.detail["synonyms"] == ["快捷付 → 小额免密支付", "如何 → 怎么"]
    assert {"小额免密支付", "开通"} <= set(map(str, proposal.detail["keywords"] or []))
    best = proposal.candidates[0]
    assert best.legs.keys() == {"words", "bigrams"}
    assert best.score == pytest.approx(sum(best.legs.values()), abs=1e-3)
    assert 0 < best.features["cosine"] <= 1
    probabilities = [candidate.probability for candidate in proposal.candidates]
    assert probabilities == sorted(probabilities, reverse=True)


def test_a_proposal_keeps_few_candidates() -> None:
    entries = tuple(Entry(str(n), f"怎么开通第{n}种业务", "…") for n in range(40))
    bot = KnowledgeBot(KnowledgeIndex.build(Publication(1, entries)), Rankers(FeatureRanker.load()))
    assert len(ask(bot, "怎么开通业务").candidates) == MAX_CANDIDATES


def test_an_empty_publication_proposes_nothing() -> None:
    bot = KnowledgeBot(KnowledgeIndex.build(Publication(1)), Rankers(FeatureRanker.load()))
    assert ask(bot, "怎么退货").candidates == ()


class _Broken:
    def search(
        self, words: Sequence[str], bigrams: Sequence[str], *, limit: int, vector: object = None
    ) -> list[RecallHit]:
        raise RecallUnavailable("down")


def test_a_failed_recall_is_passed_on(bot: KnowledgeBot) -> None:
    with pytest.raises(RecallUnavailable):
        ask(replace(bot, index=replace(bot.index, recall=_Broken())), "怎么退货")
