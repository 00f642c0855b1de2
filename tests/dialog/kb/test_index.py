"""Building a publication, and building the next one on top of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialog.kb.bot import KnowledgeBot
from dialog.kb.index import KnowledgeIndex
from dialog.types import Entry, Publication
from nlu.normalize import normalise
from nlu.rank import FeatureRanker, Rankers
from tests.dialog.kb.test_bot import ENTRIES, NOW, PUBLICATION

QUESTIONS = ["怎么开通小额免密", "小票在哪下载", "how do i track orders", "地址错了", "新活动怎么参加", "退货"]


@pytest.fixture(scope="module")
def first() -> KnowledgeIndex:
    return KnowledgeIndex.build(PUBLICATION)


def proposals(index: KnowledgeIndex) -> list[object]:
    bot = KnowledgeBot(index, Rankers(FeatureRanker.load()))
    return [bot.propose(normalise(text), NOW) for text in QUESTIONS]


CHANGES = {
    "added": replace(PUBLICATION, version=4, entries=(*ENTRIES, Entry("new", "新活动怎么参加", "…", ("活动",)))),
    "removed": replace(PUBLICATION, version=4, entries=ENTRIES[2:]),
    "edited": replace(PUBLICATION, version=4, entries=(replace(ENTRIES[0], similar=("免密开一下",)), *ENTRIES[1:])),
    "reordered": replace(PUBLICATION, version=4, entries=ENTRIES[::-1]),
    "synonyms": replace(PUBLICATION, version=4, synonyms=(("发票", "票据"), ("退货", "退东西"))),
    "repeated": replace(PUBLICATION, version=4, entries=(*ENTRIES, replace(ENTRIES[0], id="again"))),
    "emptied": replace(PUBLICATION, version=4, entries=()),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_build_on_top_of_another_equals_a_fresh_one(first: KnowledgeIndex, change: str) -> None:
    grown, fresh = KnowledgeIndex.build(CHANGES[change], first), KnowledgeIndex.build(CHANGES[change])
    assert grown.texts == fresh.texts
    assert grown.views == fresh.views
    assert grown.weights.words == fresh.weights.words
    assert grown.weights.grams == fresh.weights.grams
    assert proposals(grown) == proposals(fresh)


def test_unchanged_texts_are_taken_over_and_old_ones_forgotten(first: KnowledgeIndex) -> None:
    grown = KnowledgeIndex.build(CHANGES["edited"], first)
    assert grown.views["怎么修改收货地址"] is first.views["怎么修改收货地址"]
    assert "免密在哪打开" not in grown.views
    assert "免密在哪打开" in first.views


def test_a_new_synonym_changes_only_texts_that_hold_it(first: KnowledgeIndex) -> None:
    grown = KnowledgeIndex.build(CHANGES["synonyms"], first)
    assert grown.views["地址填错了"] is first.views["地址填错了"]
    assert grown.views["签收7天内怎么退货"] is not first.views["签收7天内怎么退货"]


def test_the_version_is_the_publications(first: KnowledgeIndex) -> None:
    assert first.version == 3
    assert KnowledgeIndex.build(CHANGES["added"], first).version == 4


def test_a_similar_question_equal_to_another_text_is_kept_once() -> None:
    index = KnowledgeIndex.build(Publication(1, (Entry("a", "怎么退货", "…", ("怎么退货", "咋退货", "咋退货")),)))
    assert index.written == (("怎么退货", "咋退货"),)
    assert len(index.texts[0].positive) == 2
