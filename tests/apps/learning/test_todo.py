"""What waits for a label, why, and how often; through the visitor's own door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.bots.services import bot_update
from apps.conversations.keys import text_key
from apps.conversations.models import Turn
from apps.learning.proposals import proposals
from apps.learning.selectors import (
    TodoFilter,
    labels_today,
    reasons_of,
    todo_count,
    todo_items,
    turns_alike,
)
from apps.learning.services import label_ignore
from tests.apps.conversations.visitor import Visitor
from tests.people import World

UNKNOWN = "火星上的葡萄怎么浇水"


def waiting(world: World, **wanted: Any) -> dict[str, int]:
    """The waiting questions and how often each was asked."""
    items, total = todo_items(world.bot, TodoFilter(**wanted), timezone.now())
    assert total == len(items)
    return {item.text: item.weight for item in items}


def turn(text: str) -> Turn:
    return Turn.objects.select_related("bot").filter(text=text).latest("created_at")


def listed(world: World, visitor: Visitor) -> dict[str, Any]:
    """A question that the bot answers with a list, as it is set not to answer anything directly."""
    bot_update(bot=world.bot, changes={"thresholds": {"answer": 1.1, "list": 0.0}})
    answer = visitor.say("退货还是换货")
    assert answer["outcome"] == "list"
    return answer


class TestReasons:
    def test_a_refused_question_waits(self, shop: World) -> None:
        Visitor("shop").say(UNKNOWN)
        assert waiting(shop) == {UNKNOWN: 1}
        assert reasons_of([turn(UNKNOWN)]) == {"refused": 1}

    def test_an_answered_question_does_not(self, shop: World) -> None:
        Visitor("shop").say("怎么退货")
        assert waiting(shop) == {}

    def test_a_list_waits_once_the_conversation_moved_on(self, shop: World) -> None:
        visitor = Visitor("shop")
        listed(shop, visitor)
        assert waiting(shop) == {}
        visitor.say("怎么开发票")
        assert waiting(shop, reason="not_picked") == {"退货还是换货": 1}

    def test_a_list_waits_after_two_minutes_of_silence(self, shop: World) -> None:
        listed(shop, Visitor("shop"))
        Turn.objects.update(finished_at=timezone.now() - timedelta(minutes=3))
        assert waiting(shop) == {"退货还是换货": 1}

    def test_a_picked_list_does_not_wait_and_neither_does_the_press(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.press(listed(shop, visitor)["replies"][0]["suggestions"][0]["id"])
        visitor.say("怎么开发票")
        assert waiting(shop) == {}

    def test_a_thumb_down_makes_an_answer_wait_and_a_thumb_up_takes_it_back(self, shop: World) -> None:
        visitor = Visitor("shop")
        reply = visitor.say("怎么退货")["replies"][0]["id"]
        visitor.call("post", f"/messages/{reply}/feedback", {"value": "down"})
        assert waiting(shop, reason="thumbs_down") == {"怎么退货": 1}
        visitor.call("post", f"/messages/{reply}/feedback", {"value": "up"})
        assert waiting(shop) == {}

    def test_asking_for_a_person_in_words_waits_with_the_question_before(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.say("怎么开发票")
        visitor.say("转人工")
        assert waiting(shop, reason="person") == {"怎么开发票": 1, "转人工": 1}

    def test_asking_for_a_person_by_button_makes_the_question_before_wait(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.say("多久能发货")
        visitor.say("怎么开发票")
        visitor.call("post", "/handoff", {})
        assert waiting(shop, reason="person") == {"怎么开发票": 1}

    def test_a_press_on_the_person_button_blames_the_question_and_not_the_press(self, shop: World) -> None:
        visitor = Visitor("shop")
        offer = visitor.say(UNKNOWN)["replies"][0]["suggestions"]
        visitor.press(next(s["id"] for s in offer if s["text"] == "转人工"))
        assert waiting(shop, reason="person") == {UNKNOWN: 1}

    def test_a_hand_over_that_the_bot_decided_blames_nobody(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.say("怎么开发票")
        assert visitor.say("我不想活了")["outcome"] == "handoff"
        assert waiting(shop) == {}

    def test_messages_to_a_person_do_not_wait(self, shop: World) -> None:
        visitor = Visitor("shop")
        visitor.call("post", "/handoff", {})
        visitor.say(UNKNOWN)
        assert waiting(shop) == {}

    @pytest.mark.parametrize("text", ["你好", "您好，请问在吗", "hello", "😀😀", "？？", "下午好"])
    def test_greetings_and_texts_without_words_do_not_wait(self, shop: World, text: str) -> None:
        Visitor("shop").say(text)
        assert waiting(shop) == {}

    def test_what_the_guard_stopped_does_not_wait(self, shop: World) -> None:
        from apps.knowledge.publishing import publication_create
        from apps.knowledge.services import word_save

        word_save(bot=shop.bot, text="赌博", level="block")
        publication_create(bot=shop.bot, by=shop.editor)
        assert Visitor("shop").say("哪里可以赌博")["replies"][0]["route"] == "guard"
        assert waiting(shop) == {}

    def test_another_bots_questions_stay_there(self, shop: World) -> None:
        Visitor("other").say(UNKNOWN)
        assert waiting(shop) == {}
        assert todo_count(shop.foreign_bot) == 1


class TestGroups:
    def test_one_question_in_several_spellings_is_one_item(self, shop: World) -> None:
        for text in (UNKNOWN, f"{UNKNOWN}？", f"请问{UNKNOWN}"):
            Visitor("shop").say(text)
        assert waiting(shop) == {f"请问{UNKNOWN}": 3}
        assert todo_count(shop.bot) == 1

    def test_order_is_by_weight_or_by_time(self, shop: World) -> None:
        for text in (UNKNOWN, UNKNOWN, "月球上有快递吗"):
            Visitor("shop").say(text)
        assert list(waiting(shop)) == [UNKNOWN, "月球上有快递吗"]
        assert list(waiting(shop, order="new")) == ["月球上有快递吗", UNKNOWN]

    def test_filters_narrow_the_list(self, shop: World) -> None:
        Visitor("shop").say(UNKNOWN)
        assert waiting(shop, text="葡萄") == waiting(shop, route="fallback") == {UNKNOWN: 1}
        assert waiting(shop, text="西瓜") == waiting(shop, route="kb") == waiting(shop, reason="person") == {}
        Turn.objects.update(created_at=timezone.now() - timedelta(days=8))
        assert waiting(shop, days=7) == {}
        assert waiting(shop, days=30) == {UNKNOWN: 1}

    def test_an_unknown_reason_means_all(self, shop: World) -> None:
        Visitor("shop").say(UNKNOWN)
        assert waiting(shop, reason="nonsense") == {UNKNOWN: 1}

    def test_the_list_takes_two_queries_however_long_it_is(self, shop: World, django_assert_num_queries: Any) -> None:
        for n in range(3):
            Visitor("shop").say(f"{UNKNOWN}{n}")
        with django_assert_num_queries(2):
            assert len(todo_items(shop.bot, TodoFilter(), timezone.now())[0]) == 3
        for n in range(3, 9):
            Visitor("shop").say(f"{UNKNOWN}{n}")
        with django_assert_num_queries(2):
            assert len(todo_items(shop.bot, TodoFilter(), timezone.now())[0]) == 9

    def test_turns_alike_holds_those_that_wait_and_the_turn_itself(self, shop: World) -> None:
        for text in (UNKNOWN, UNKNOWN, "月球上有快递吗"):
            Visitor("shop").say(text)
        assert [row.text for row in turns_alike(turn(UNKNOWN))] == [UNKNOWN, UNKNOWN]
        Visitor("shop").say("怎么退货")
        assert [row.text for row in turns_alike(turn("怎么退货"))] == ["怎么退货"]

    def test_todays_labels_are_counted_by_kind_and_person(self, shop: World) -> None:
        for text in (UNKNOWN, UNKNOWN):
            Visitor("shop").say(text)
        label_ignore(turn=turn(UNKNOWN), by=shop.editor)
        today = labels_today(shop.bot)
        assert (dict(today.kinds), dict(today.people), today.turns, today.done) == ({"ignore": 1}, {"bob": 1}, 2, 1)


class TestProposals:
    def test_they_name_the_entries_that_came_closest(self, shop: World) -> None:
        visitor = Visitor("shop")
        listed(shop, visitor)
        best = proposals(turn("退货还是换货"))
        assert {"怎么退货", "怎么换货"} <= {row.question for row in best}
        assert [row.probability for row in best] == sorted((row.probability for row in best), reverse=True)
        assert all(0 <= row.probability <= 1 and row.was is not None for row in best)

    def test_they_follow_what_was_published_since(self, shop: World) -> None:
        from apps.knowledge.content import EntryContent
        from apps.knowledge.publishing import publication_create
        from apps.knowledge.services import entry_save

        Visitor("shop").say(UNKNOWN)
        entry = entry_save(bot=shop.bot, content=EntryContent(UNKNOWN, "滴灌。"), by=shop.editor)
        publication_create(bot=shop.bot, by=shop.editor)
        best = proposals(turn(UNKNOWN))[0]
        assert (best.entry_id, best.probability, best.was) == (entry.pk, 1.0, None)

    def test_an_archived_entry_is_not_proposed(self, shop: World) -> None:
        from apps.knowledge.models import Entry
        from apps.knowledge.services import entry_archive

        listed(shop, Visitor("shop"))
        entry_archive(entry=Entry.objects.get(question="怎么退货"), by=shop.editor)
        assert "怎么退货" not in {row.question for row in proposals(turn("退货还是换货"))}

    def test_nothing_near_means_no_proposal(self, world: World) -> None:
        Visitor("shop").say(UNKNOWN)
        assert proposals(turn(UNKNOWN)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("怎么退货", "怎么退货？"), ("怎么退货", "请问怎么退货呢"), ("怎麼退貨", "怎么退货"), ("iPhone 15", "iphone 15")],
)
def test_spellings_of_one_question_share_a_key(one: str, other: str) -> None:
    assert text_key(one) == text_key(other) != ""


def test_other_questions_have_other_keys() -> None:
    assert text_key("怎么退货") != text_key("怎么换货")
    assert text_key("你好，怎么退货") == text_key("怎么退货")
