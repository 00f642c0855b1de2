"""Which questions count as known, and that they are asked as if the bot had never been told of them."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.bots.models import ModelVersion
from apps.conversations.keys import text_key
from apps.conversations.models import Turn
from apps.conversations.wiring import bot_ref, engines
from apps.knowledge.content import EntryContent
from apps.knowledge.models import Entry
from apps.knowledge.publishing import publication_create
from apps.knowledge.services import entry_save
from apps.learning.calibrations import questions_of
from apps.learning.questions import Question, data_hash, known_questions
from apps.learning.replay import Replayed, replay
from apps.learning.services import (
    label_entry,
    label_ignore,
    label_negative,
    label_out_of_scope,
    label_similar,
    label_undo,
)
from tests.apps.conversations.visitor import Visitor
from tests.people import World

TOLD = "东西买错了想退掉"


def asked(text: str) -> Turn:
    Visitor("shop").say(text)
    return Turn.objects.select_related("bot").filter(text=text).latest("created_at")


def entry(question: str) -> Entry:
    return Entry.objects.get(question=question)


def known(shop: World) -> dict[str, tuple[frozenset[str], str]]:
    return {question.text: (question.gold, question.source) for question in known_questions(shop.bot)}


def replayed(shop: World, questions: list[Question]) -> Replayed:
    shop.bot.refresh_from_db()
    return replay(questions, engines().get_now(bot_ref(shop.bot)), now=timezone.now())


class TestWhatIsKnown:
    def test_each_kind_of_label(self, shop: World) -> None:
        by, returns = shop.editor, entry("怎么退货")
        label_similar(turn=asked(TOLD), entry=returns, by=by)
        label_negative(turn=asked("退货的规定谁写的"), entry=entry("怎么退货"), by=by)
        label_out_of_scope(turn=asked("火星上怎么种葡萄"), by=by)
        label_ignore(turn=asked("哈哈哈好玩"), by=by)
        made = label_entry(turn=asked("能开收据吗"), question="怎么开收据", answer="可以。", by=by)
        assert known(shop) == {
            TOLD: (frozenset({str(returns.pk)}), "label"),
            "退货的规定谁写的": (frozenset(), "label"),
            "火星上怎么种葡萄": (frozenset(), "label"),
            "能开收据吗": (frozenset({str(made.entry_id)}), "label"),
        }

    def test_a_label_that_was_undone_says_nothing(self, shop: World) -> None:
        label = label_out_of_scope(turn=asked("火星上怎么种葡萄"), by=shop.editor)
        label_undo(label=label, by=shop.editor)
        assert known(shop) == {}

    def test_what_visitors_confirm(self, shop: World) -> None:
        visitor = Visitor("shop")
        listed = visitor.say("我要换货怎么操作")
        assert listed["outcome"] == "list"
        visitor.press(listed["replies"][0]["suggestions"][0]["id"])
        answered = Visitor("shop")
        reply = answered.say("发票怎么开")["replies"][0]
        answered.call("post", f"/messages/{reply['id']}/feedback", {"value": "up"})
        assert known(shop) == {
            "我要换货怎么操作": (frozenset({str(entry("怎么换货").pk)}), "visitor"),
            "发票怎么开": (frozenset({str(entry("怎么开发票").pk)}), "visitor"),
        }

    def test_an_editors_word_stands_above_a_visitors(self, shop: World) -> None:
        visitor = Visitor("shop")
        reply = visitor.say("发票怎么开")["replies"][0]
        visitor.call("post", f"/messages/{reply['id']}/feedback", {"value": "up"})
        label_out_of_scope(turn=Turn.objects.get(text="发票怎么开"), by=shop.editor)
        assert known(shop) == {"发票怎么开": (frozenset(), "label")}

    def test_another_bots_labels_are_its_own(self, shop: World) -> None:
        label_out_of_scope(turn=asked("火星上怎么种葡萄"), by=shop.editor)
        assert known_questions(shop.foreign_bot) == []

    def test_the_hash_follows_the_answers(self) -> None:
        one, other = (Question("ab", "x", frozenset(gold), "file") for gold in ({"1"}, {"2"}))
        assert data_hash([one]) != data_hash([other])
        assert data_hash([one, other]) == data_hash([other, one])

    def test_a_ranker_of_the_bots_own_leaves_the_half_it_was_not_trained_on(self, shop: World) -> None:
        for text in ("火星上怎么种葡萄", "今天股票会涨吗", "帮我写一首诗", "明天会下雨吗", "你会下围棋吗"):
            label_out_of_scope(turn=asked(text), by=shop.editor)
        everything = known_questions(shop.bot)
        assert questions_of(shop.bot) == everything
        ModelVersion.objects.create(bot=shop.bot, kind="ranker", name="r", slot=f"ranker:{shop.bot.pk.hex}")
        half = questions_of(shop.bot)
        assert half == [question for question in everything if question.held_out]
        assert 0 < len(half) < len(everything)


class TestAskingAgain:
    def test_a_question_that_was_added_to_its_entry_is_taken_out_before_it_is_asked(self, shop: World) -> None:
        label_similar(turn=asked(TOLD), entry=entry("怎么退货"), by=shop.editor)
        publication_create(bot=shop.bot, by=shop.editor)
        assert Visitor("shop").say(TOLD)["replies"][0]["route"] == "exact"
        (row,) = replayed(shop, known_questions(shop.bot)).rows
        assert row.scored.score < 1
        assert all(candidate.matched != TOLD for candidate in row.proposal.candidates)

    def test_a_negative_question_is_taken_out_too(self, shop: World) -> None:
        text = "我要退货怎么弄呀"
        label_negative(turn=asked(text), entry=entry("怎么退货"), by=shop.editor)
        publication_create(bot=shop.bot, by=shop.editor)
        (row,) = replayed(shop, known_questions(shop.bot)).rows
        assert "negative_question" not in row.proposal.candidates[0].flags
        assert not row.scored.right

    @pytest.mark.parametrize("text", ["怎么退货", "转人工", "咋退啊"])
    def test_what_is_looked_up_or_ruled_is_left_out(self, shop: World, text: str) -> None:
        gold = frozenset({str(entry("怎么退货").pk)})
        assert replayed(shop, [Question(text_key(text), text, gold, "file")]).rows == ()

    def test_an_entry_that_is_not_published_cannot_be_found_yet(self, shop: World) -> None:
        label_entry(turn=asked("能开收据吗"), question="怎么开收据", answer="可以。", by=shop.editor)
        assert replayed(shop, known_questions(shop.bot)).rows == ()

    def test_an_entry_with_the_same_answer_is_right_as_well(self, shop: World) -> None:
        text, other = "我要退货怎么弄呀", entry("怎么换货")
        gold = frozenset({str(other.pk)})
        (before,) = replayed(shop, [Question(text_key(text), text, gold, "file")]).rows
        assert not before.scored.right
        same = entry("怎么退货").answer
        entry_save(bot=shop.bot, content=EntryContent(other.question, same), by=shop.editor, entry=other)
        publication_create(bot=shop.bot, by=shop.editor)
        (after,) = replayed(shop, [Question(text_key(text), text, gold, "file")]).rows
        assert after.scored.right
