"""The knowledge table and the sheet: what each action leaves in the database, and what undo brings back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.knowledge.content import EntryContent
from apps.knowledge.models import Entry
from apps.knowledge.services import entry_save
from tests.people import World

HX = {"HX-Request": "true"}


@pytest.fixture
def editor(shop: World) -> Client:
    client = Client(headers=HX)
    client.force_login(shop.editor)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"studio:{name}", args=["shop", *args])


def entry_named(question: str) -> Entry:
    return Entry.objects.get(question=question)


def form_of(entry: Entry, **changes: Any) -> dict[str, Any]:
    names = ("question", "answer", "similar", "negative", "category", "revision")
    return {**{name: getattr(entry, name) for name in names}, "entry": str(entry.pk), **changes}


def undo(client: Client, response: Any) -> Any:
    """Press what the notice offers."""
    offer = json.loads(response["HX-Trigger"])["zk-undo"]
    return client.post(offer["url"], offer["values"])


# --- the table --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found", "left_out"),
    [
        ({"q": "咋退"}, "怎么退货", "怎么换货"),
        ({"q": "申请換貨"}, "怎么换货", "怎么退货"),
        ({"category": "售后"}, "怎么换货", "怎么开发票"),
        ({"q": "退货", "category": "发票"}, "没有找到", "怎么退货"),
        ({"page": "999"}, "怎么退货", "没有符合"),
        ({"status": "nonsense"}, "怎么退货", "没有符合"),
    ],
)
def test_filters_stand_in_the_address(editor: Client, query: dict[str, str], found: str, left_out: str) -> None:
    page = editor.get(url("knowledge"), query).content.decode()
    rows = page[page.find("<table") :] if "<table" in page else page
    assert found in rows or query.get("category") == "发票"
    assert f">{left_out}<" not in rows


def test_status_chips_count_and_filter(editor: Client) -> None:
    entry = entry_named("怎么退货")
    editor.post(url("entry", entry.pk), form_of(entry, answer="改过的答案"))
    page = editor.get(url("knowledge"), {"status": "changed"}).content.decode()
    assert "怎么退货" in page
    assert "怎么换货" not in page
    assert 'data-status="changed"' in page


def test_the_table_takes_as_many_queries_for_many_rows_as_for_few(editor: Client, shop: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            editor.get(url("knowledge"))
        return len(captured)

    few = queries()
    for number in range(30):
        entry_save(bot=shop.bot, content=EntryContent(f"第 {number} 个问题", "答案"), by=shop.editor)
    assert queries() == few


# --- the sheet --------------------------------------------------------------------------------------------------


def test_a_new_entry_is_stored_as_a_draft_and_the_address_follows(editor: Client, shop: World) -> None:
    form = {
        "question": " 能开收据吗 ",
        "answer": "可以。",
        "similar": ["给个收据", "", "给个收据"],
        "category": " 发票 / 收据 ",
    }
    response = editor.post(url("entry_new"), form)
    entry = entry_named("能开收据吗")
    assert response["HX-Push-Url"] == url("entry", entry.pk)
    assert (entry.similar, entry.category, entry.status) == (["给个收据"], "发票/收据", "new")
    assert entry.updated_by == shop.editor


def test_what_is_wrong_is_said_at_the_field_and_the_text_stays(editor: Client) -> None:
    response = editor.post(url("entry_new"), {"question": "能开收据吗", "similar": ["给个收据"], "valid_from": "soon"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "能开收据吗" in page
    assert "给个收据" in page
    assert not Entry.objects.filter(question="能开收据吗").exists()


def test_somebody_elses_save_is_not_overwritten_unawares(editor: Client) -> None:
    entry = entry_named("怎么退货")
    editor.post(url("entry", entry.pk), form_of(entry, answer="同事写的"))
    response = editor.post(url("entry", entry.pk), form_of(entry, answer="我写的"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "<del>同事</del><ins>我</ins>写的" in page
    entry.refresh_from_db()
    assert entry.answer == "同事写的"
    again = editor.post(url("entry", entry.pk), form_of(entry, answer="我写的", revision=1, over=entry.revision))
    entry.refresh_from_db()
    assert (again.status_code, entry.answer) == (200, "我写的")


def test_saving_the_form_unchanged_leaves_a_published_entry_published(editor: Client, shop: World) -> None:
    content = EntryContent("国庆放假吗", "不放假。")
    entry = entry_save(bot=shop.bot, content=content, by=None)
    dated = form_of(entry, valid_from="2026-10-01T00:00", valid_to="2026-10-08T00:00")
    editor.post(url("entry", entry.pk), dated)
    editor.post(url("publish"))
    sheet = editor.get(url("entry", entry.pk)).content.decode()
    assert 'value="2026-10-01T00:00"' in sheet
    entry.refresh_from_db()
    editor.post(url("entry", entry.pk), {**dated, "revision": entry.revision})
    entry.refresh_from_db()
    assert entry.status == "published"


def test_revert_brings_the_published_text_back(editor: Client) -> None:
    entry = entry_named("怎么退货")
    before = entry.answer
    editor.post(url("entry", entry.pk), form_of(entry, answer="写坏了"))
    editor.post(url("entry_back", entry.pk))
    entry.refresh_from_db()
    assert (entry.answer, entry.status) == (before, "published")


def test_the_same_question_under_two_entries_is_pointed_out(editor: Client) -> None:
    entry = entry_named("怎么换货")
    page = editor.post(url("entry", entry.pk), form_of(entry, similar=["咋退啊！"])).content.decode()
    assert "咋退啊！" in page[page.find("notice-warn") :]
    assert url("entry", entry_named("怎么退货").pk) in page


# --- many at once -----------------------------------------------------------------------------------------------


def test_archiving_ticked_entries_and_undoing_it(editor: Client) -> None:
    ids = [str(entry_named(name).pk) for name in ("怎么退货", "怎么换货")]
    response = editor.post(url("entries_away"), {"id": [*ids, "nonsense"]})
    assert {entry_named(name).status for name in ("怎么退货", "怎么换货")} == {"removing"}
    undo(editor, response)
    assert {entry_named(name).status for name in ("怎么退货", "怎么换货")} == {"published"}


def test_undo_does_not_bring_back_a_question_that_another_entry_took(editor: Client, shop: World) -> None:
    entry = entry_named("怎么退货")
    response = editor.post(url("entries_away"), {"id": [str(entry.pk)]})
    entry_save(bot=shop.bot, content=EntryContent("怎么退货？", "新的一条"), by=None)
    assert undo(editor, response).status_code == 409
    entry.refresh_from_db()
    assert entry.archived_at is not None


def test_moving_ticked_entries_and_undoing_it_gives_each_its_own_category_back(editor: Client) -> None:
    names = ("怎么退货", "怎么开发票")
    ids = [str(entry_named(name).pk) for name in names]
    response = editor.post(url("entries_to"), {"id": ids, "category": "常见/最常见"})
    assert [entry_named(name).category for name in names] == ["常见/最常见"] * 2
    assert [entry_named(name).status for name in names] == ["changed"] * 2
    undo(editor, response)
    assert [entry_named(name).category for name in names] == ["售后/退货", "发票"]
    assert [entry_named(name).status for name in names] == ["published"] * 2


# --- hit test ---------------------------------------------------------------------------------------------------


def test_a_hit_test_runs_on_the_unsaved_form_and_stores_nothing(editor: Client) -> None:
    entry = entry_named("怎么退货")
    form = form_of(entry, similar=[*entry.similar, "货不对板咋整"], answer="没保存的答案", **{"try": "货不对板咋整"})
    page = editor.post(url("entry_try"), form).content.decode()
    assert 'data-outcome="answer"' in page
    assert "没保存的答案" in page
    assert '"name": "exact"' in page
    entry.refresh_from_db()
    assert "货不对板咋整" not in entry.similar


def test_a_hit_test_is_never_stale(editor: Client) -> None:
    ask = {"try": "能开收据吗"}
    before = editor.post(url("entry_try"), ask).content.decode()
    editor.post(url("entry_new"), {"question": "能开收据吗", "answer": "刚存的答案"})
    after = editor.post(url("entry_try"), ask).content.decode()
    assert "刚存的答案" not in before
    assert "刚存的答案" in after
    editor.post(url("entries_away"), {"id": [str(entry_named("能开收据吗").pk)]})
    assert "刚存的答案" not in editor.post(url("entry_try"), ask).content.decode()


def test_an_own_question_that_leads_elsewhere_is_named(editor: Client) -> None:
    entry = entry_named("怎么换货")
    page = editor.post(url("entry_try"), form_of(entry, similar=["怎么退货"], **{"try": ""})).content.decode()
    misses = page[page.find("misses") :]
    assert "怎么退货" in misses
    assert "怎么换货" not in misses


def test_a_viewer_tests_what_is_stored(shop: World) -> None:
    client = Client(headers=HX)
    client.force_login(shop.viewer)
    page = client.post(url("entry_try"), {"entry": str(entry_named("怎么退货").pk), "try": "咋退啊"}).content.decode()
    assert "pill-ok" in page


# --- files ------------------------------------------------------------------------------------------------------


def upload(client: Client, text: str, **fields: str) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return client.post(url("import"), {"file": SimpleUploadedFile("rows.csv", text.encode()), **fields})


def digest_in(page: str) -> str:
    return page.split('name="digest" value="')[1].split('"')[0]


def test_a_file_is_looked_at_first_and_written_after_confirmation(editor: Client) -> None:
    text = "question,answer\n新问题一,答案\n"
    report = upload(editor, text).content.decode()
    assert not Entry.objects.filter(question="新问题一").exists()
    upload(editor, text, digest=digest_in(report))
    assert entry_named("新问题一").status == "new"


def test_a_file_that_changed_after_it_was_looked_at_is_looked_at_again(editor: Client) -> None:
    report = upload(editor, "question,answer\n新问题一,答案\n").content.decode()
    upload(editor, "question,answer\n新问题二,答案\n", digest=digest_in(report))
    assert not Entry.objects.filter(question__startswith="新问题").exists()


def test_bad_rows_are_named_with_their_reason_and_left_out_on_request(editor: Client) -> None:
    text = "question,answer\n新问题一,答案\n没有答案的,\n"
    report = upload(editor, text).content.decode()
    assert '<td class="number">3</td>' in report
    upload(editor, text, digest=digest_in(report))
    assert not Entry.objects.filter(question="新问题一").exists()
    upload(editor, text, digest=digest_in(report), skip_bad="on")
    assert Entry.objects.filter(question="新问题一").exists()


def test_what_is_no_table_is_refused_in_a_sentence(editor: Client) -> None:
    assert upload(editor, "was,ist\ndas,?\n").status_code == 422
    assert editor.post(url("import")).status_code == 422


def test_an_export_imports_again_without_a_change(editor: Client) -> None:
    exported = editor.get(url("export", "csv"))
    report = upload(editor, exported.content.decode("utf-8-sig")).content.decode()
    assert 'name="skip_bad"' not in report
    assert 'class="button button-primary"' not in report
    assert editor.get(url("export", "exe")).status_code == 404
