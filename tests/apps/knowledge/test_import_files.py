"""Files of every kind, sound and unsound, become rows or a sentence that says what is wrong."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.conf import LazySettings
from openpyxl import Workbook

from apps.core.errors import Invalid, Malformed, NotFound, TooLarge, ZhikeError
from apps.knowledge.readers import read_file, read_rows
from apps.knowledge.rows import guard_cell, join_list, split_list, unguard_cell

CSV = "question,answer,similar\r\n怎么退货,点申请售后,咋退|不想要了\r\n"


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, add: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in add:
                new.writestr(name, old.read(name))
        for name, content in add.items():
            new.writestr(name, content)
    return out.getvalue()


SOUND = workbook(("question", "answer"), ("怎么退货", "点申请售后"))


class TestSoundFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_csv_in_the_encodings_that_excel_writes(self, encoding: str) -> None:
        (row,) = read_rows("a.csv", CSV.encode(encoding))
        assert row.number == 2
        assert row.fields == {"question": "怎么退货", "answer": "点申请售后", "similar": ["咋退", "不想要了"]}

    def test_csv_rows_are_counted_as_in_a_spreadsheet(self) -> None:
        rows = read_rows("a.CSV", b'question,answer\n"a\nb",c\n\nd,e\n')
        assert [(row.number, row.fields["question"]) for row in rows] == [(2, "a\nb"), (4, "d")]

    def test_heads_in_any_order_and_case(self) -> None:
        (row,) = read_rows("a.csv", b" Answer ,QUESTION,,\nb,a,,\n")
        assert row.fields == {"question": "a", "answer": "b"}

    def test_xlsx_with_numbers_and_dates(self) -> None:
        data = workbook(("question", "answer", "valid_from", "valid_to"), ("q", 12.0, date(2026, 1, 1), "2026-02-01"))
        (row,) = read_rows("a.xlsx", data)
        assert row.fields["answer"] == "12"
        assert isinstance(row.fields["valid_from"], datetime)
        assert row.fields["valid_from"].isoformat() == "2026-01-01T00:00:00"
        assert row.fields["valid_to"] == "2026-02-01"

    def test_jsonl_with_blank_lines_and_a_mark(self) -> None:
        rows = read_rows("a.jsonl", b'\xef\xbb\xbf{"question": "a"}\n\n{"question": "b"}')
        assert [(row.number, row.fields["question"]) for row in rows] == [(1, "a"), (3, "b")]


class TestBrokenLines:
    def test_a_broken_json_line_is_one_bad_row(self) -> None:
        rows = read_rows("a.jsonl", b'{"question": \n[1]\n{"question": "\xff"}\n{"question": "ok"}\n')
        assert [bool(row.problem) for row in rows] == [True, True, True, False]
        assert "UTF-8" in rows[2].problem

    def test_a_row_with_more_cells_than_heads(self) -> None:
        rows = read_rows("a.csv", b"question,answer\na,b,c\nd,e\n")
        assert "quote" in rows[0].problem
        assert not rows[1].problem

    @pytest.mark.parametrize(("cell", "word"), [("=1+1", "formula"), ("#N/A", "error")])
    def test_cells_without_a_value_of_their_own(self, cell: str, word: str) -> None:
        good, bad = read_rows("a.xlsx", workbook(("question", "answer"), ("a", "b"), ("c", cell)))
        assert not good.problem
        assert "B3" in bad.problem
        assert word in bad.problem


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("a.csv", "问题,答案\n甲,乙\n".encode(), ["问题", "question", "answer"]),
            ("a.csv", b"question\na\n", ["missing: answer"]),
            ("a.csv", b"question,answer,answer\na,b,c\n", ["twice: answer"]),
            ("a.csv", b"question;answer\na;b\n", ["question;answer"]),
            ("a.csv", b"", ["no rows"]),
            ("a.csv", b"question,answer\n", ["no rows"]),
            ("a.jsonl", b"\n\n", ["no rows"]),
            ("a.md", b"# hello", [".md", ".csv", ".xlsx", ".jsonl"]),
            ("a.xlsm", SOUND, [".xlsm", ".xlsx"]),
            ("noending", b"", [".jsonl"]),
        ],
    )
    def test_wrong_form(self, name: str, data: bytes, words: list[str]) -> None:
        with pytest.raises(Invalid) as caught:
            read_rows(name, data)
        assert all(word in caught.value.detail for word in words)

    def test_a_formula_among_the_heads(self) -> None:
        with pytest.raises(Invalid, match="A1"):
            read_rows("a.xlsx", workbook(("=1+1", "answer"), ("a", "b")))

    def test_damaged_utf8_is_not_taken_for_chinese_gbk(self) -> None:
        good = ("question,answer\n" + "怎么申请退货退款,在订单页面申请售后服务\n" * 5).encode()
        damaged = good[:60] + good[61:]
        with pytest.raises(Malformed, match="line 2"):
            read_rows("a.csv", damaged)

    @pytest.mark.parametrize("data", [b'question,answer\n"a,b\nc,d\n', b'question,answer\n"a"b,c\n'])
    def test_csv_with_unbalanced_quotes(self, data: bytes) -> None:
        with pytest.raises(Malformed, match="line"):
            read_rows("a.csv", data)

    def test_too_many_bytes(self, settings: LazySettings, tmp_path: Path) -> None:
        settings.IMPORT_MAX_BYTES = 1_000
        path = tmp_path / "a.csv"
        path.write_bytes(CSV.encode() * 100)
        with pytest.raises(TooLarge, match="1,000"):
            read_file(path)

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match=r"gone\.csv"):
            read_file(tmp_path / "gone.csv")
        (tmp_path / "folder.csv").mkdir()
        with pytest.raises(NotFound):
            read_file(tmp_path / "folder.csv")


def _macro() -> bytes:
    return repacked(SOUND, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"})


def _bomb() -> bytes:
    return repacked(SOUND, {"xl/media/zeros.bin": bytes(30_000_000)})


def _crowd() -> bytes:
    return repacked(SOUND, {f"xl/media/{n}": b"x" for n in range(2_001)})


def _entities() -> bytes:
    lol = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    return repacked(SOUND, {"xl/workbook.xml": lol.encode(), "xl/worksheets/sheet1.xml": lol.encode()})


class TestUnsafeWorkbooks:
    @pytest.mark.parametrize(
        ("make", "error"),
        [
            (_macro, Malformed),
            (_bomb, TooLarge),
            (_crowd, TooLarge),
            (_entities, Malformed),
            (lambda: repacked(SOUND, {"xl/externalLinks/externalLink1.xml": b"<a/>"}), Malformed),
            (lambda: repacked(SOUND, {"xl/media/more": SOUND}), Malformed),
            (lambda: repacked(SOUND, {"../../evil": b"x"}), Malformed),
            (lambda: b"question,answer\na,b\n", Malformed),
            (lambda: b"\xd0\xcf\x11\xe0" + bytes(2_000), Malformed),
            (lambda: b"", Malformed),
            (lambda: SOUND[: len(SOUND) // 2], Malformed),
            (lambda: repacked(b"PK\x05\x06" + bytes(18), {"a.txt": b"no workbook"}), Malformed),
        ],
    )
    def test_it_is_refused_with_a_sentence(self, make: Callable[[], bytes], error: type[ZhikeError]) -> None:
        with pytest.raises(error) as caught:
            read_rows("a.xlsx", make())
        assert caught.value.detail.endswith((".", "。"))

    def test_a_sheet_that_claims_to_be_endless_is_read_as_it_is(self) -> None:
        with ZipFile(io.BytesIO(SOUND)) as archive:
            sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b'<dimension ref="A1:B2"' in sheet
        data = repacked(SOUND, {"xl/worksheets/sheet1.xml": sheet.replace(b"A1:B2", b"A1:XFD1048576")})
        assert len(read_rows("a.xlsx", data)) == 1

    def test_flipped_bytes_never_escape_as_another_error(self) -> None:
        rng = random.Random(5)
        for _ in range(150):
            damaged = bytearray(SOUND)
            for _ in range(rng.randint(1, 12)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            try:
                read_rows("a.xlsx", bytes(damaged))
            except ZhikeError:
                continue


class TestCells:
    @pytest.mark.parametrize("text", ["=1+1", "+a", "-2+3", "@x", "\t=1", "＝1", "'=1", "''-1", "'a", "a", "", "'"])
    def test_guarding_is_undone_exactly(self, text: str) -> None:
        guarded = guard_cell(text)
        assert unguard_cell(guarded) == text
        assert not guarded.startswith(tuple("=+-@\t\r＝＋－＠"))

    @pytest.mark.parametrize("texts", [["a", "b"], ["a|b", "c"], ["\\", "|"], ["a\\", "b"], ["\\|", "\\\\|"], []])
    def test_lists_come_back_as_they_were(self, texts: list[str]) -> None:
        assert split_list(join_list(texts)) == texts

    def test_empty_items_are_left_out(self) -> None:
        assert split_list("a||b| |") == ["a", "b"]
