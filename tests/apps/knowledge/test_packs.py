"""Starter packs: each imports whole, leaves an editor's work alone, and answers on the first day."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation

from apps.bots.models import Bot
from apps.knowledge.bulk import entries_archive
from apps.knowledge.content import EntryContent
from apps.knowledge.models import Entry, Publication
from apps.knowledge.packs import TRADES, Pack, packs
from apps.knowledge.placeholders import placeholders
from apps.knowledge.selectors import publication_load
from apps.knowledge.services import entry_content, entry_save
from apps.knowledge.starting import pack_import
from nlu.training.corpora import read_groups
from tests.apps.conversations.visitor import Visitor
from tests.people import World

PACKS = [pytest.param(pack, id=pack.name) for pack in packs()]


def run(*args: str) -> str:
    out = io.StringIO()
    call_command(*args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def answer(*args: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(run(*args, "--json"))
    return loaded


def test_every_group_is_in_a_pack_and_every_trade_has_a_name() -> None:
    assert sum(pack.entries for pack in packs()) == sum(len(group.meanings) for group in read_groups())
    assert {pack.trade for pack in packs()} == set(TRADES)
    assert {pack.lang for pack in packs()} == {"zh", "en"}


@pytest.mark.parametrize("pack", PACKS)
def test_each_pack_imports_without_a_bad_row_and_no_question_stands_twice(world: World, pack: Pack) -> None:
    report = pack_import(bot=world.bot, name=pack.name, by=None, dry_run=True)
    assert (report.created, report.changed, report.bad, report.warnings) == (pack.entries, 0, (), ())


@pytest.mark.parametrize(("lang", "title"), [("zh-hans", "电信"), ("en", "Telecoms")])
def test_a_pack_is_named_in_the_readers_language(lang: str, title: str) -> None:
    with translation.override(lang):
        assert {pack.title for pack in packs() if pack.trade == "telecom"} == {title}


def test_importing_again_changes_nothing(world: World) -> None:
    first = answer("import_knowledge", "shop", "pack:transit")
    assert (first["created"], first["kept"], first["published"]) == (Entry.objects.count(), 0, None)
    assert first["waiting"] == Entry.objects.exclude(placeholders="").count() > 50
    before = list(Entry.objects.order_by("pk").values())
    again = answer("import_knowledge", "shop", "pack:transit")
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, first["created"])
    assert list(Entry.objects.order_by("pk").values()) == before


def test_an_editors_work_on_a_pack_stays(world: World) -> None:
    entry_save(bot=world.bot, content=EntryContent("没有手机号能注册账号吗", "我们自己的答案。"), by=world.editor)
    pack_import(bot=world.bot, name="social", by=None)
    reworded = Entry.objects.get(question="怎么举报用户")
    entry_save(bot=world.bot, content=EntryContent("怎么举报一个人", "改过的。"), by=world.editor, entry=reworded)
    away = Entry.objects.get(question="账号为什么突然被封")
    entries_archive(bot=world.bot, ids=[away.pk], by=world.editor)
    again = pack_import(bot=world.bot, name="social", by=None)
    assert (again.created, again.changed, again.kept, again.bad) == (0, 0, 3, ())
    reworded.refresh_from_db()
    away.refresh_from_db()
    assert (reworded.question, away.archived_at is None) == ("怎么举报一个人", False)
    assert Entry.objects.get(question="没有手机号能注册账号吗").answer == "我们自己的答案。"
    text = run("import_knowledge", "shop", "pack:social")
    assert "3 are here already" in text
    assert "/studio/shop/figures/" in text


def test_two_bots_of_one_pack_share_nothing(world: World) -> None:
    pack_import(bot=world.bot, name="law", by=None)
    pack_import(bot=world.foreign_bot, name="law", by=None)
    ours, theirs = (Entry.objects.filter(bot=bot) for bot in (world.bot, world.foreign_bot))
    assert ours.count() == theirs.count() > 100
    assert not {entry.pk for entry in ours} & {entry.pk for entry in theirs}


@pytest.mark.parametrize(
    "args",
    [["import_knowledge", "shop", "pack:zoo"], ["create_bot", "mine", "--organisation", "Ours", "--pack", "zoo"]],
)
def test_an_unknown_pack_names_those_there_are(world: World, args: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        run(*args)
    assert all(pack.name in str(caught.value) for pack in packs())
    assert not Bot.objects.filter(slug="mine").exists()


@pytest.mark.parametrize("command", ["import_knowledge", "create_bot"])
def test_the_help_names_the_packs(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command(command, "--help")
    said = capsys.readouterr().out
    assert "telecom.en" in said


@pytest.mark.django_db
@pytest.mark.parametrize("pack", ["social", "law"])
def test_a_bot_with_a_pack_answers_on_its_first_day(pack: str) -> None:
    made = answer("create_bot", "first", "--pack", pack)
    assert (made["pack"], made["version"]) == (pack, 1)
    published = publication_load(Bot.objects.get(slug="first"), 1).publication.entries
    assert len(published) == made["entries"] - made["waiting"] > 50
    assert [entry.answer for entry in published if placeholders(entry.answer)] == []
    visitor = Visitor("first")
    told = published[0]
    assert visitor.say(told.question)["replies"][0]["text"] == told.answer
    held = Entry.objects.exclude(placeholders="").order_by("pk")[:5]
    for entry in held:
        said = visitor.say(entry.question)
        assert "{" not in json.dumps([reply["text"] for reply in said["replies"]]), entry.question


@pytest.mark.django_db
def test_create_bot_says_what_answers_and_what_waits() -> None:
    text = run("create_bot", "first", "--pack", "work.en")
    assert "v1 answers with" in text
    assert "/studio/first/figures/" in text
    assert Publication.objects.get().changes["waiting"] == Entry.objects.exclude(placeholders="").count()


def test_content_is_what_the_group_says(world: World) -> None:
    pack_import(bot=world.bot, name="telecom.en", by=None)
    group = next(group for group in read_groups() if group.lang == "en" and group.industry == "telecom")
    for meaning in group.meanings:
        content = entry_content(Entry.objects.get(question=meaning.question))
        assert (content.answer, content.category) == (meaning.answer, "Telecoms")
        assert set(content.similar) <= set(meaning.similar)
