"""What is exported comes back exactly, and cannot run in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from apps.core.errors import Conflict, Invalid
from apps.knowledge.content import EntryContent
from apps.knowledge.exporting import export_bytes, export_file
from apps.knowledge.importing import knowledge_import
from apps.knowledge.models import Entry
from apps.knowledge.readers import read_file
from apps.knowledge.rows import Row
from apps.knowledge.services import entry_archive, entry_save
from tests.people import World

FORMATS = ["csv", "xlsx", "jsonl"]
RISKY = [
    '=HYPERLINK("http://x","y")',
    "+cmd|'/c calc'!A0",
    "-2+3",
    "@sum",
    "＝1+1",
    "'=1",
    "#N/A",
    "12",
    "_x0041_",
    "a\\|b|c",
]


@pytest.fixture
def risky(world: World) -> World:
    """Entries whose texts a table may take for something else."""
    for number, text in enumerate(RISKY):
        content = EntryContent(
            question=f"{text} 第{number}问",
            answer=f'{text}\n"引号", 逗号，\t制表符\n',
            similar=(f"{text} 甲{number}", f"乙|丙{number}\\"),
            negative=(f"{text} 丁{number}",),
            category="甲/乙",
        )
        entry_save(bot=world.bot, content=content, by=world.editor)
    return world


@pytest.mark.parametrize("kind", FORMATS)
def test_importing_an_export_changes_nothing(risky: World, tmp_path: Path, kind: str) -> None:
    dated = {
        "question": "双十一",
        "answer": "有",
        "valid_from": "2026-11-11",
        "valid_to": "2026-11-11T08:00:00.5+00:00",
    }
    knowledge_import(bot=risky.bot, rows=[Row(1, dated)], by=None)
    before = list(Entry.objects.order_by("pk").values())
    path = tmp_path / f"out.{kind}"
    assert export_file(bot=risky.bot, path=path) == len(RISKY) + 1
    report = knowledge_import(bot=risky.bot, rows=read_file(path), by=None)
    assert (report.created, report.changed, report.unchanged, report.bad) == (0, 0, len(RISKY) + 1, ())
    assert list(Entry.objects.order_by("pk").values()) == before
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_lost_bot_comes_back_from_its_export(risky: World, tmp_path: Path, kind: str) -> None:
    kept = set(Entry.objects.values_list("pk", "content_hash"))
    export_file(bot=risky.bot, path=tmp_path / f"out.{kind}")
    Entry.objects.all().delete()
    report = knowledge_import(bot=risky.bot, rows=read_file(tmp_path / f"out.{kind}"), by=None)
    assert report.created == len(RISKY)
    assert set(Entry.objects.values_list("pk", "content_hash")) == kept


def test_no_cell_of_a_table_starts_a_formula(risky: World) -> None:
    text = export_bytes(bot=risky.bot, name="a.csv")[0].decode("utf-8-sig")
    book = load_workbook(io.BytesIO(export_bytes(bot=risky.bot, name="a.xlsx")[0]))
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    cells += [cell.value or "" for row in book.active.iter_rows() for cell in row]
    assert len(cells) == 2 * 8 * (len(RISKY) + 1)
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r＝＋－＠"))]
    assert {cell.data_type for row in book.active.iter_rows() for cell in row if cell.value} == {"s"}


def test_jsonl_holds_the_documented_fields(shop: World) -> None:
    first = json.loads(export_bytes(bot=shop.bot, name="a.jsonl")[0].splitlines()[0])
    assert list(first) == ["id", "question", "answer", "similar", "negative", "category", "valid_from", "valid_to"]


def test_archived_entries_and_other_bots_stay_out(shop: World) -> None:
    entry_archive(entry=Entry.objects.get(question="怎么退货"), by=shop.editor)
    entry_save(bot=shop.foreign_bot, content=EntryContent("秘密", "秘密"), by=shop.stranger)
    text = export_bytes(bot=shop.bot, name="a.jsonl")[0].decode()
    assert "怎么换货" in text
    assert '"怎么退货"' not in text
    assert "秘密" not in text


def test_a_list_too_long_for_excel_is_refused_and_fits_csv(world: World) -> None:
    similar = tuple(f"{n}" + "长" * 490 for n in range(100))
    entry_save(bot=world.bot, content=EntryContent("很长", "答", similar), by=world.editor)
    with pytest.raises(Invalid, match="Excel"):
        export_bytes(bot=world.bot, name="a.xlsx")
    assert export_bytes(bot=world.bot, name="a.csv")[1] == 1


def test_places_and_formats_that_cannot_be_written(shop: World, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="cannot be written"):
        export_file(bot=shop.bot, path=tmp_path / "gone" / "a.csv")
    with pytest.raises(Invalid, match=r"\.jsonl"):
        export_file(bot=shop.bot, path=tmp_path / "a.ods")
