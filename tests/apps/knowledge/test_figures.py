"""Figures of a company: an answer that names one without a value is never published, and values come in on publishing."""

from __future__ import annotations

import io
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command

from apps.bots.models import Bot
from apps.core.errors import Conflict, Invalid
from apps.knowledge.changes import list_changes
from apps.knowledge.content import EntryContent
from apps.knowledge.figures import figures_of, figures_save, figures_wanted, waiting_count
from apps.knowledge.models import Entry, Publication
from apps.knowledge.publishing import publication_changes, publication_create, publication_restore
from apps.knowledge.selectors import drafts_count, entries_search, publication_load, status_counts
from apps.knowledge.services import entry_save
from tests.apps.conversations.visitor import Visitor
from tests.people import World

PHONE = EntryContent("怎么联系你们", "拨打{phone}。", ("电话多少",))
DAYS = EntryContent("多久能到账", "{days}天内到账，急用拨{phone}。")
PLAIN = EntryContent("开发票要钱吗", "不要钱。")


@pytest.fixture
def bot(world: World) -> Bot:
    for content in (PHONE, DAYS, PLAIN):
        entry_save(bot=world.bot, content=content, by=world.editor)
    return world.bot


def publish(bot: Bot) -> dict[str, str]:
    """Publish, and what answers then: question → answer."""
    publication_create(bot=bot, by=None)
    bot.refresh_from_db()
    return answers(bot)


def answers(bot: Bot) -> dict[str, str]:
    entries = publication_load(bot, bot.live_version).publication.entries
    return {entry.question: entry.answer for entry in entries}


def test_answers_that_wait_for_a_figure_are_left_out(bot: Bot) -> None:
    assert publish(bot) == {"开发票要钱吗": "不要钱。"}
    assert Publication.objects.get().changes["waiting"] == waiting_count(bot) == 2
    assert [entry.question for entry in entries_search(bot, status="waiting")] == ["多久能到账", "怎么联系你们"]
    assert status_counts(bot)["waiting"] == 2
    assert drafts_count(bot) == 0
    assert Entry.objects.get(question="怎么联系你们").status == "new"


def test_a_value_lets_the_answers_through_that_it_completes(bot: Bot) -> None:
    publish(bot)
    figures_save(bot=bot, values={"phone": " 400-800  "})
    assert [changes.name for changes in list_changes(bot)] == ["figures"]
    assert publish(bot) == {"开发票要钱吗": "不要钱。", "怎么联系你们": "拨打400-800。"}
    figures_save(bot=bot, values={"days": "7"})
    assert publish(bot)["多久能到账"] == "7天内到账，急用拨400-800。"
    assert waiting_count(bot) == 0
    assert Entry.objects.get(question="怎么联系你们").answer == "拨打{phone}。"


def test_a_changed_value_reaches_visitors_with_the_next_publication(bot: Bot) -> None:
    figures_save(bot=bot, values={"phone": "1"})
    publish(bot)
    figures_save(bot=bot, values={"phone": "2"})
    assert answers(bot)["怎么联系你们"] == "拨打1。"
    assert publish(bot)["怎么联系你们"] == "拨打2。"
    assert not publication_changes(bot)


def test_known_versions_are_filled_anew(bot: Bot) -> None:
    figures_save(bot=bot, values={"phone": "1"})
    publish(bot)
    first = publication_load(bot, 1)
    figures_save(bot=bot, values={"phone": "2"})
    publish(bot)
    again = publication_load(bot, 2, first.versions)
    assert {entry.answer for entry in again.publication.entries} == {"拨打2。", "不要钱。"}


def test_taking_a_value_away_takes_its_answers_out(bot: Bot) -> None:
    figures_save(bot=bot, values={"phone": "1", "days": "7"})
    publish(bot)
    figures_save(bot=bot, values={"phone": ""})
    changes = publication_changes(bot)
    assert {entry.question for entry in changes.removed} == {"怎么联系你们", "多久能到账"}
    assert publish(bot) == {"开发票要钱吗": "不要钱。"}
    assert not publication_changes(bot)
    figures_save(bot=bot, values={"phone": "3"})
    assert publish(bot)["怎么联系你们"] == "拨打3。"


def test_an_edit_that_waits_leaves_the_published_answer(bot: Bot, world: World) -> None:
    publish(bot)
    plain = Entry.objects.get(question="开发票要钱吗")
    edited = EntryContent("开发票要钱吗", "收{amount}元。")
    entry_save(bot=bot, content=edited, by=world.editor, entry=plain)
    figures_save(bot=bot, values={"phone": "1"})
    assert publish(bot) == {"开发票要钱吗": "不要钱。", "怎么联系你们": "拨打1。"}


def test_going_back_brings_the_figures_of_then(bot: Bot) -> None:
    figures_save(bot=bot, values={"phone": "1"})
    publish(bot)
    figures_save(bot=bot, values={"phone": "2"})
    publish(bot)
    publication_restore(bot=bot, version=1, by=None)
    bot.refresh_from_db()
    assert answers(bot)["怎么联系你们"] == "拨打1。"
    assert figures_of(bot) == {"phone": "2"}
    assert publish(bot)["怎么联系你们"] == "拨打2。"


def test_where_every_answer_waits_nothing_is_published(world: World) -> None:
    entry_save(bot=world.bot, content=PHONE, by=world.editor)
    with pytest.raises(Conflict, match="figure"):
        publication_create(bot=world.bot, by=None)
    assert not Publication.objects.exists()


def test_a_visitor_never_sees_a_name_in_braces(bot: Bot) -> None:
    publish(bot)
    said = Visitor("shop").say("怎么联系你们")
    assert "{" not in "".join(reply["text"] for reply in said["replies"])
    figures_save(bot=bot, values={"phone": "400-800"})
    publish(bot)
    assert Visitor("shop").say("电话多少")["replies"][0]["text"] == "拨打400-800。"


def test_the_command_says_how_many_wait(bot: Bot) -> None:
    out = io.StringIO()
    call_command("publish", "shop", stdout=out)
    assert "2 answers name figures" in out.getvalue()
    assert "/studio/shop/figures/" in out.getvalue()


def test_wanted_figures_come_contacts_first_with_count_and_example(bot: Bot) -> None:
    figures_save(bot=bot, values={"old": "x"})
    rows = [(row.label, row.value, row.entries, row.example, row.is_contact) for row in figures_wanted(bot)]
    assert rows == [
        ("{phone}", "", 2, "拨打{phone}。", True),
        ("{days}", "", 1, "{days}天内到账，急用拨{phone}。", False),
        ("{old}", "x", 0, "", False),
    ]


@pytest.mark.parametrize(
    ("name", "value"), [("phone", "x" * 201), ("phone", "{days}"), ("phone", "a}"), ("", "1"), ("a b", "1"), ("7", "1")]
)
def test_what_is_no_figure_is_refused_and_nothing_stored(bot: Bot, name: str, value: str) -> None:
    with pytest.raises(Invalid) as caught:
        figures_save(bot=bot, values={"days": "7", name: value})
    assert set(caught.value.fields) == {name}
    assert figures_of(bot) == {}


def test_saving_keeps_the_rest_of_the_profile(bot: Bot) -> None:
    bot.profile = {"texts": {"greeting": {"zh": "您好"}}}
    bot.save()
    before = bot.revision
    figures_save(bot=bot, values={"phone": "1"})
    figures_save(bot=bot, values={"days": "7"})
    figures_save(bot=bot, values={"days": "7"})
    assert bot.profile == {"texts": {"greeting": {"zh": "您好"}}, "figures": {"phone": "1", "days": "7"}}
    assert bot.revision == before + 2


def test_entries_saved_before_know_their_figures_after_the_migration(bot: Bot) -> None:
    Entry.objects.update(placeholders="")
    import_module("apps.knowledge.migrations.0003_entry_placeholders").note_placeholders(apps, None)
    assert sorted(Entry.objects.values_list("placeholders", flat=True)) == ["", "days phone", "phone"]
