"""Rows become drafts: matched, checked against each other, all or none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Organisation
from apps.bots.services import bot_create
from apps.knowledge.importing import ImportReport, knowledge_import
from apps.knowledge.models import Entry
from apps.knowledge.rows import Row
from apps.knowledge.services import entry_archive
from tests.people import World


def bring(world: World, *fields: Mapping[str, object], **options: Any) -> ImportReport:
    rows = [Row(number, item) for number, item in enumerate(fields, 1)]
    return knowledge_import(bot=world.bot, rows=rows, by=world.editor, **options)


def item(question: str, answer: str = "答", **fields: object) -> dict[str, object]:
    return {"question": question, "answer": answer, **fields}


def questions(world: World) -> set[str]:
    return set(Entry.objects.filter(bot=world.bot, archived_at=None).values_list("question", flat=True))


def test_rows_land_as_drafts(world: World) -> None:
    report = bring(
        world, item("怎么退货", "点申请售后", similar=["咋退"], negative=["怎么换货"], category=" 售后 / 退货 ")
    )
    assert (report.written, report.created, report.bad) == (True, 1, ())
    entry = Entry.objects.get(bot=world.bot)
    assert (entry.similar, entry.negative, entry.category) == (["咋退"], ["怎么换货"], "售后/退货")
    assert (entry.status, entry.updated_by) == ("new", world.editor)
    assert "咋退" in entry.search_text


def test_the_same_rows_again_change_nothing(world: World) -> None:
    rows = [item("怎么退货", similar=["咋退"], valid_from="2026-01-01T00:00:00+08:00"), item("怎么换货")]
    bring(world, *rows)
    before = list(Entry.objects.order_by("pk").values())
    report = bring(world, *rows)
    assert (report.created, report.changed, report.unchanged) == (0, 0, 2)
    assert list(Entry.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("spelling", ["怎么退货？", "怎麼退貨", " 怎么退货 "])
def test_a_row_is_matched_by_its_normalised_question(shop: World, spelling: str) -> None:
    report = bring(shop, item(spelling, "新的答案"))
    assert (report.created, report.changed) == (0, 1)
    entry = Entry.objects.get(bot=shop.bot, answer="新的答案")
    assert (entry.status, entry.revision) == ("changed", 2)


def test_a_row_is_matched_by_id_before_its_question(shop: World) -> None:
    entry = Entry.objects.get(question="怎么退货")
    report = bring(shop, item("退货要怎么操作", id=str(entry.pk)))
    assert (report.created, report.changed) == (0, 1)
    entry.refresh_from_db()
    assert entry.question == "退货要怎么操作"


def test_two_entries_may_swap_their_questions(shop: World) -> None:
    one, two = Entry.objects.get(question="怎么退货"), Entry.objects.get(question="怎么换货")
    report = bring(shop, item("怎么换货", "退", id=str(one.pk)), item("怎么退货", "换", id=str(two.pk)))
    assert (report.changed, report.bad) == (2, ())
    one.refresh_from_db()
    assert (one.question, one.answer) == ("怎么换货", "退")


def test_an_id_may_not_take_the_question_of_another_entry(shop: World) -> None:
    entry = Entry.objects.get(question="怎么退货")
    report = bring(shop, item("怎么换货", id=str(entry.pk)))
    assert not report.written
    assert "怎么换货" in report.bad[0].reason


def test_a_refused_rename_leaves_the_entry_to_be_found_by_its_question(shop: World) -> None:
    entry = Entry.objects.get(question="怎么退货")
    report = bring(shop, item("怎么退货", "新"), item("怎么换货", id=str(entry.pk)), skip_bad=True)
    assert ([row.number for row in report.bad], report.created, report.changed) == ([2], 0, 1)
    assert Entry.objects.filter(bot=shop.bot, question="怎么退货").count() == 1


def test_an_archived_entry_with_the_same_question_is_revived(shop: World) -> None:
    entry = Entry.objects.get(question="怎么退货")
    entry_archive(entry=entry, by=shop.editor)
    report = bring(shop, item("怎么退货", "又有了"))
    assert (report.created, report.changed) == (0, 1)
    entry.refresh_from_db()
    assert (entry.archived_at, entry.answer) == (None, "又有了")


def test_an_unknown_id_is_kept_and_one_of_another_bot_is_not(shop: World) -> None:
    other = bot_create(organisation=Organisation.objects.create(name="别家"), slug="elsewhere")
    foreign = Entry.objects.get(question="怎么退货")
    fresh = uuid4()
    rows = [Row(1, item("甲", id=str(foreign.pk))), Row(2, item("乙", id=str(fresh)))]
    report = knowledge_import(bot=other, rows=rows, by=None)
    assert report.created == 2
    assert Entry.objects.get(pk=fresh).bot == other
    foreign.refresh_from_db()
    assert (foreign.bot, foreign.question) == (shop.bot, "怎么退货")
    assert Entry.objects.filter(bot=other).count() == 2


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (item(""), "standard question"),
        (item("？！"), "no words"),
        (item("问", ""), "answer"),
        (item("问" * 501), "501"),
        (item("问", "答" * 10_000), "10000"),
        (item("问", similar=["问" * 501]), "similar"),
        (item("问", similar="不是列表"), "similar"),
        (item("问", similar=[1]), "similar"),
        (item("问", 12), "answer"),  # type: ignore[arg-type]
        (item("问", negative=["问"]), "negative"),
        (item("问", id="17"), "17"),
        (item("问", valid_from="明天"), "明天"),
        (item("问", valid_from="2026-02-01", valid_to="2026-01-01"), "valid to"),
        (item("问", valid_from="0001-01-01"), "0001"),
        (item("问", colour="red"), "colour"),
    ],
)
def test_a_bad_row_has_a_reason_and_nothing_is_written(world: World, bad: dict[str, object], word: str) -> None:
    report = bring(world, item("好的"), bad)
    assert not report.written
    assert [row.number for row in report.bad] == [2]
    assert word in report.bad[0].reason
    assert not Entry.objects.filter(bot=world.bot).exists()


def test_skip_bad_imports_the_others(world: World) -> None:
    report = bring(world, item("好的"), item(""), item("也好"), skip_bad=True)
    assert (report.written, report.created, len(report.bad)) == (True, 2, 1)
    assert questions(world) == {"好的", "也好"}


def test_a_dry_run_tells_the_same_and_writes_nothing(shop: World) -> None:
    before = list(Entry.objects.order_by("pk").values())
    report = bring(shop, item("怎么退货", "新"), item("新的问题"), dry_run=True)
    assert (report.written, report.created, report.changed) == (False, 1, 1)
    assert list(Entry.objects.order_by("pk").values()) == before


def test_duplicates_inside_the_file_are_named(world: World) -> None:
    identity = str(uuid4())
    report = bring(world, item("甲", id=identity), item("乙"), item("乙？"), item("丙", id=identity))
    assert [(row.number, "2" in row.reason, "1" in row.reason) for row in report.bad] == [
        (3, True, False),
        (4, False, True),
    ]


def test_a_question_under_two_entries_is_a_warning(shop: World) -> None:
    report = bring(
        shop, item("甲", similar=["共用的"]), item("乙", similar=["共用的！", "咋退啊"]), item("丙", similar=["甲"])
    )
    assert report.written
    assert [(row.number, row.reason) for row in report.warnings] == [
        (2, "“共用的！” also belongs to “甲”."),
        (2, "“咋退啊” also belongs to “怎么退货”."),
        (3, "“甲” also belongs to “甲”."),
    ]


def test_a_date_alone_means_the_whole_day(world: World) -> None:
    bring(world, item("双十一", valid_from="2026-11-11", valid_to="2026-11-11"))
    entry = Entry.objects.get()
    assert entry.valid_from == datetime(2026, 11, 10, 16, tzinfo=UTC)
    assert entry.valid_to == datetime(2026, 11, 11, 16, tzinfo=UTC)


def test_the_last_day_of_the_calendar_means_for_ever(world: World) -> None:
    bring(world, item("一直有", valid_to="9999-12-31"))
    assert Entry.objects.get().valid_to == datetime(9999, 12, 30, 16, tzinfo=UTC)


def test_what_a_database_refuses_is_left_out(world: World) -> None:
    bring(world, item("怎\x00么退货", "第一行\r\n第二行\x07", similar=["咋\ud800退"]))
    entry = Entry.objects.get()
    assert (entry.question, entry.answer, entry.similar) == ("怎么退货", "第一行\n第二行", ["咋退"])


def test_entries_of_other_bots_are_out_of_reach(shop: World) -> None:
    other = bot_create(organisation=Organisation.objects.create(name="别家"), slug="elsewhere")
    knowledge_import(bot=other, rows=[Row(1, item("怎么退货", "别家的"))], by=None)
    assert Entry.objects.get(bot=shop.bot, question="怎么退货").answer == "在订单页点申请售后。"


def test_there_is_no_query_per_row(world: World) -> None:
    with CaptureQueriesContext(connection) as queries:
        bring(world, *(item(f"第{n}个问题", similar=[f"说法{n}"]) for n in range(300)))
    assert len(queries) < 20
