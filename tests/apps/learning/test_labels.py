"""Each label's effect on the stored rows, and that taking it back is exact."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.conversations.models import Turn
from apps.core.errors import Conflict, Invalid, NotFound
from apps.knowledge.content import EntryContent
from apps.knowledge.models import Entry
from apps.knowledge.publishing import publication_create, publication_restore
from apps.knowledge.services import entry_archive, entry_content, entry_save
from apps.learning.access import label_of, turn_of
from apps.learning.models import Label
from apps.learning.selectors import last_action_of, todo_count
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

UNKNOWN = "火星上的葡萄怎么浇水"


@pytest.fixture
def asked(shop: World) -> Turn:
    """One question, asked twice and refused; its latest turn."""
    for _ in range(2):
        Visitor("shop").say(UNKNOWN)
    return Turn.objects.select_related("bot").filter(text=UNKNOWN).latest("created_at")


@pytest.fixture
def returns(shop: World) -> Entry:
    return Entry.objects.get(question="怎么退货")


def drafts() -> dict[str, str]:
    """Every draft's content, to see whether two moments are the same."""
    return {entry.question: entry.content_hash for entry in Entry.objects.filter(archived_at=None)}


class TestEffects:
    def test_similar_adds_the_text_and_labels_all_turns_with_it(self, shop: World, asked: Turn, returns: Entry) -> None:
        label = label_similar(turn=asked, entry=returns, by=shop.editor)
        returns.refresh_from_db()
        assert returns.similar[-1] == UNKNOWN
        assert returns.status == "changed"
        assert returns.updated_by == shop.editor
        rows = Label.objects.filter(action=label.pk, active=True, kind="similar", entry_id=returns.pk, by=shop.editor)
        assert rows.count() == 2
        assert todo_count(shop.bot) == 0

    def test_similar_twice_in_one_entry_changes_nothing_the_second_time(
        self, shop: World, asked: Turn, returns: Entry
    ) -> None:
        content = entry_content(returns)
        saved = entry_save(
            bot=shop.bot, content=EntryContent("怎么退货", content.answer, (UNKNOWN,)), by=shop.editor, entry=returns
        )
        label = label_similar(turn=asked, entry=saved, by=shop.editor)
        assert label.undo == {}
        assert Entry.objects.get(pk=returns.pk).revision == saved.revision

    def test_similar_takes_the_text_off_the_negative_list(self, shop: World, returns: Entry) -> None:
        Visitor("shop").say("怎么退会员费")
        turn = Turn.objects.select_related("bot").get()
        label_similar(turn=turn, entry=returns, by=shop.editor)
        returns.refresh_from_db()
        assert ("怎么退会员费" in returns.similar, returns.negative) == (True, [])

    def test_negative_adds_the_text_and_takes_it_off_the_similar_list(self, shop: World, returns: Entry) -> None:
        visitor = Visitor("shop")
        reply = visitor.say("咋退啊")["replies"][0]["id"]
        visitor.call("post", f"/messages/{reply}/feedback", {"value": "down"})
        label_negative(turn=Turn.objects.select_related("bot").get(), entry=returns, by=shop.editor)
        returns.refresh_from_db()
        assert (returns.negative[-1], "咋退啊" in returns.similar) == ("咋退啊", False)

    def test_the_entrys_own_question_cannot_be_its_negative(self, shop: World, returns: Entry) -> None:
        Visitor("shop").say("怎么退货")
        with pytest.raises(Invalid):
            label_negative(turn=Turn.objects.select_related("bot").get(), entry=returns, by=shop.editor)
        assert not Label.objects.exists()

    def test_a_new_entry_holds_the_visitors_words_too(self, shop: World, asked: Turn) -> None:
        label = label_entry(turn=asked, question="火星葡萄的灌溉", answer="滴灌。", category="种植", by=shop.editor)
        entry = Entry.objects.get(pk=label.entry_id)
        assert (entry.question, entry.answer, entry.category, entry.similar) == (
            "火星葡萄的灌溉",
            "滴灌。",
            "种植",
            [UNKNOWN],
        )
        assert entry.status == "new"
        assert set(Label.objects.values_list("entry_id", flat=True)) == {entry.pk}

    def test_a_new_entry_without_an_answer_leaves_nothing_behind(self, shop: World, asked: Turn) -> None:
        before = drafts()
        with pytest.raises(Invalid) as caught:
            label_entry(turn=asked, question=UNKNOWN, answer=" ", by=shop.editor)
        assert "answer" in caught.value.fields
        assert (drafts(), Label.objects.count()) == (before, 0)

    def test_numbers_that_identify_a_person_are_masked_in_the_knowledge(self, shop: World, returns: Entry) -> None:
        Visitor("shop").say("我的手机13812345678收不到退款短信咋整")
        turn = Turn.objects.select_related("bot").get()
        label_similar(turn=turn, entry=returns, by=shop.editor)
        returns.refresh_from_db()
        assert "13812345678" not in "".join(returns.similar)
        assert "138****5678" in returns.similar[-1]

    def test_a_question_of_another_entry_is_refused_by_name(self, shop: World, returns: Entry) -> None:
        Visitor("shop").say("想换个颜色")
        with pytest.raises(Conflict, match="怎么换货"):
            label_similar(turn=Turn.objects.select_related("bot").get(), entry=returns, by=shop.editor)
        with pytest.raises(Conflict, match="怎么换货"):
            label_entry(turn=Turn.objects.select_related("bot").get(), question="换颜色", answer="能。", by=shop.editor)

    @pytest.mark.parametrize(("label", "kind"), [(label_out_of_scope, "oos"), (label_ignore, "ignore")])
    def test_settling_changes_no_draft_and_holds_for_later_turns(
        self, shop: World, asked: Turn, label: Callable[..., Label], kind: str
    ) -> None:
        before = drafts()
        assert label(turn=asked, by=shop.editor).kind == kind
        assert drafts() == before
        entry_save(bot=shop.bot, content=EntryContent("门店几点开门", "九点。"), by=shop.editor)
        version = publication_create(bot=shop.bot, by=shop.editor).version
        Visitor("shop").say(f"{UNKNOWN}？")
        assert Turn.objects.latest("created_at").publication == version > asked.publication
        assert todo_count(shop.bot) == 0

    def test_a_turn_has_one_label_and_the_second_editor_learns_whose(
        self, shop: World, asked: Turn, returns: Entry
    ) -> None:
        label_ignore(turn=asked, by=shop.editor)
        with pytest.raises(Conflict, match="bob"):
            label_similar(turn=asked, entry=returns, by=shop.owner)
        assert Label.objects.filter(active=True, kind="similar").count() == 0


class TestAfterTheLabel:
    def test_the_same_text_does_not_wait_before_the_label_is_published(
        self, shop: World, asked: Turn, returns: Entry
    ) -> None:
        label_similar(turn=asked, entry=returns, by=shop.editor)
        Visitor("shop").say(UNKNOWN)
        assert todo_count(shop.bot) == 0

    def test_the_same_text_waits_again_when_the_published_label_did_not_help(
        self, shop: World, asked: Turn, returns: Entry
    ) -> None:
        version = shop.bot.live_version
        label_similar(turn=asked, entry=returns, by=shop.editor)
        publication_create(bot=shop.bot, by=shop.editor)
        Visitor("shop").say(UNKNOWN)
        assert todo_count(shop.bot) == 0
        shop.bot.refresh_from_db()
        publication_restore(bot=shop.bot, version=version, by=shop.editor)
        Visitor("shop").say(UNKNOWN)
        assert todo_count(shop.bot) == 1


class TestUndo:
    def test_it_restores_every_draft_and_makes_the_turns_wait_again(
        self, shop: World, asked: Turn, returns: Entry
    ) -> None:
        before = drafts()
        label = label_similar(turn=asked, entry=returns, by=shop.editor)
        assert drafts() != before
        assert label_undo(label=label, by=shop.editor) == 2
        assert (drafts(), todo_count(shop.bot)) == (before, 1)
        assert Entry.objects.get(pk=returns.pk).status == "published"

    def test_a_new_entry_goes_away(self, shop: World, asked: Turn) -> None:
        before = drafts()
        label = label_entry(turn=asked, question=UNKNOWN, answer="滴灌。", by=shop.editor)
        label_undo(label=label, by=shop.editor)
        assert (drafts(), todo_count(shop.bot)) == (before, 1)

    def test_labels_on_one_entry_are_taken_back_last_first(self, shop: World, asked: Turn, returns: Entry) -> None:
        before = drafts()
        Visitor("shop").say("月球上有快递吗")
        other = Turn.objects.select_related("bot").get(text="月球上有快递吗")
        first = label_similar(turn=asked, entry=returns, by=shop.editor)
        returns.refresh_from_db()
        second = label_similar(turn=other, entry=returns, by=shop.editor)
        with pytest.raises(Conflict, match="怎么退货"):
            label_undo(label=first, by=shop.editor)
        label_undo(label=second, by=shop.editor)
        label_undo(label=first, by=shop.editor)
        assert drafts() == before

    def test_a_change_since_then_is_kept_and_named(self, shop: World, asked: Turn, returns: Entry) -> None:
        label = label_similar(turn=asked, entry=returns, by=shop.editor)
        saved = entry_save(bot=shop.bot, content=EntryContent("怎么退货", "新答案。"), by=shop.owner, entry=returns)
        with pytest.raises(Conflict, match="alice"):
            label_undo(label=label, by=shop.editor)
        assert Entry.objects.get(pk=returns.pk).content_hash == saved.content_hash
        assert Label.objects.filter(action=label.pk, active=True).count() == 2

    def test_an_entry_archived_since_then_is_left_alone(self, shop: World, asked: Turn, returns: Entry) -> None:
        label = label_similar(turn=asked, entry=returns, by=shop.editor)
        entry_archive(entry=returns, by=shop.owner)
        with pytest.raises(Conflict):
            label_undo(label=label, by=shop.editor)

    def test_it_works_once(self, shop: World, asked: Turn) -> None:
        label = label_ignore(turn=asked, by=shop.editor)
        label_undo(label=label, by=shop.editor)
        with pytest.raises(Conflict):
            label_undo(label=label, by=shop.editor)

    def test_any_label_of_the_action_leads_to_all(self, shop: World, asked: Turn) -> None:
        label = label_ignore(turn=asked, by=shop.editor)
        other = Label.objects.exclude(pk=label.pk).get()
        assert label_undo(label=other, by=shop.editor) == 2
        assert not Label.objects.filter(active=True).exists()

    def test_the_turn_can_be_labelled_anew(self, shop: World, asked: Turn) -> None:
        label_undo(label=label_ignore(turn=asked, by=shop.editor), by=shop.editor)
        assert label_out_of_scope(turn=asked, by=shop.editor).active

    def test_the_last_action_is_the_persons_own(self, shop: World, asked: Turn) -> None:
        label = label_ignore(turn=asked, by=shop.editor)
        assert last_action_of(shop.bot, shop.editor) == label
        assert last_action_of(shop.bot, shop.owner) is None
        label_undo(label=label, by=shop.editor)
        assert last_action_of(shop.bot, shop.editor) is None


class TestAccess:
    def test_another_bots_turns_and_labels_are_unknown(self, shop: World, asked: Turn) -> None:
        label = label_ignore(turn=asked, by=shop.editor)
        assert turn_of(shop.bot, asked.pk) == asked
        assert label_of(shop.bot, label.pk) == label
        for bot_turn in (lambda: turn_of(shop.foreign_bot, asked.pk), lambda: label_of(shop.foreign_bot, label.pk)):
            with pytest.raises(NotFound):
                bot_turn()
        with pytest.raises(NotFound):
            turn_of(shop.bot, "no id at all")
