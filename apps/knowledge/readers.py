"""Files of knowledge → rows with their numbers. Nothing is trusted: size, encoding, heads and workbooks are checked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path, PurePath
from typing import TypeAlias

import orjson
from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.errors import Invalid, Malformed, NotFound, TooLarge
from apps.knowledge.rows import HEADS, LIST_HEADS, NEEDED_HEADS, Row, split_list, unguard_cell
from apps.knowledge.workbook import BadCell, workbook_rows

MAX_ROWS = 100_000
_LATER = (".md", ".html", ".htm", ".docx", ".pdf", ".txt")
_GBK_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_COMMON_LEADS = range(0xA1, 0xD8)
_COMMON_SHARE = 0.85

Cell: TypeAlias = "str | datetime | BadCell"


def read_file(path: Path) -> list[Row]:
    """As :func:`read_rows`, from a file on this machine.

    Raises:
        NotFound: it cannot be opened.
    """
    _reader(path.suffix.lower())
    return read_rows(path.name, file_bytes(path, settings.IMPORT_MAX_BYTES + 1))


def file_bytes(path: Path, most: int = -1) -> bytes:
    """A file on this machine, its first ``most`` bytes (-1: all).

    Raises:
        NotFound: it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise NotFound(
            _("The file “%(path)s” cannot be opened: %(why)s") % {"path": path, "why": error.strerror}
        ) from error


def read_rows(name: str, data: bytes) -> list[Row]:
    """The rows of a csv, xlsx or jsonl file. Row numbers are as an editor counts: the heads are row 1 of a table.

    Raises:
        Malformed: the file is not what its name says, or not in a readable encoding.
        Invalid: no such format, wrong heads, or no rows.
        TooLarge: more bytes than IMPORT_MAX_BYTES, or more rows than ``MAX_ROWS``.
    """
    reader = _reader(PurePath(name).suffix.lower())
    if len(data) > settings.IMPORT_MAX_BYTES:
        text = _("The file has more than %(most)s bytes. Split it, or raise IMPORT_MAX_BYTES.")
        raise TooLarge(text % {"most": f"{settings.IMPORT_MAX_BYTES:,}"})
    rows: list[Row] = []
    for row in reader(data):
        if len(rows) == MAX_ROWS:
            raise TooLarge(_("The file has more than %d rows. Split it.") % MAX_ROWS)
        rows.append(row)
    if not rows:
        raise Invalid(_("The file holds no rows."))
    return rows


def _reader(suffix: str) -> Callable[[bytes], Iterator[Row]]:
    readers = {".jsonl": json_rows, ".csv": _csv_rows, ".xlsx": _xlsx_rows}
    if suffix in readers:
        return readers[suffix]
    values = {"suffix": suffix or "?", "formats": ", ".join(readers)}
    if suffix in _LATER:
        raise Invalid(_("Documents (%(suffix)s) cannot be imported yet. These formats can: %(formats)s.") % values)
    raise Invalid(_("Files of the kind “%(suffix)s” cannot be imported. These can: %(formats)s.") % values)


# --- jsonl ------------------------------------------------------------------------------------------------------


def json_rows(data: bytes) -> Iterator[Row]:
    """One object a line, whatever its fields; a line that is none becomes a row with its problem."""
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if line.strip():
            yield _json_row(number, line)


def _json_row(number: int, line: bytes) -> Row:
    try:
        line.decode("utf-8")
        value = orjson.loads(line)
    except UnicodeDecodeError:
        return Row(number, problem=_("The line is not UTF-8."))
    except orjson.JSONDecodeError as error:
        return Row(number, problem=_("The line is no JSON: %s") % error.msg)
    if not isinstance(value, dict):
        return Row(number, problem=_("The line is no JSON object {…}."))
    return Row(number, value)


# --- tables -----------------------------------------------------------------------------------------------------


def _csv_rows(data: bytes) -> Iterator[Row]:
    return _table_rows(_csv_records(_decoded(data)))


def _csv_records(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        values = {"line": reader.line_num, "why": error}
        raise Malformed(
            _("The file is no sound CSV, see the cell that ends in line %(line)d: %(why)s") % values
        ) from error


def _decoded(data: bytes) -> str:
    """UTF-8 with or without a mark, or what Excel writes on a Chinese computer (GB 18030)."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if _looks_chinese(data):
            try:
                return data.decode("gb18030")
            except UnicodeDecodeError:
                pass
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(
            _("The file is not UTF-8, see line %d. Save it as “CSV UTF-8” and try again.") % line
        ) from error


def _looks_chinese(data: bytes) -> bool:
    """Whether the pairs of bytes are mostly everyday characters in GBK; damaged UTF-8 gives rare ones."""
    leads = [pair[0] for pair in _GBK_PAIR.findall(data)]
    return bool(leads) and sum(lead in _COMMON_LEADS for lead in leads) >= _COMMON_SHARE * len(leads)


def _xlsx_rows(data: bytes) -> Iterator[Row]:
    return _table_rows(workbook_rows(data))


def _table_rows(records: Iterable[Sequence[Cell]]) -> Iterator[Row]:
    heads: list[str] = []
    for number, cells in enumerate(records, 1):
        if not any(cells):
            continue
        if heads:
            yield _table_row(number, heads, cells)
        else:
            heads = _heads(cells)


def _heads(cells: Sequence[Cell]) -> list[str]:
    problems = [cell.problem for cell in cells if isinstance(cell, BadCell)]
    if problems:
        raise Invalid(" ".join(problems))
    heads = [str(cell).strip().lower() for cell in cells]
    while heads and not heads[-1]:
        heads.pop()
    unknown = [head or "?" for head in heads if head not in HEADS]
    missing = [head for head in NEEDED_HEADS if head not in heads]
    twice = sorted({head for head in heads if heads.count(head) > 1})
    wrong = {_("unknown"): unknown, _("missing"): missing, _("twice"): [] if unknown else twice}
    found = "; ".join(f"{what}: {', '.join(names)[:200]}" for what, names in wrong.items() if names)
    if found:
        values = {"found": found, "needed": ", ".join(NEEDED_HEADS), "heads": ", ".join(HEADS)}
        text = _("The heads in the first row are wrong (%(found)s). Needed: %(needed)s. Possible: %(heads)s.")
        raise Invalid(text % values)
    return heads


def _table_row(number: int, heads: Sequence[str], cells: Sequence[Cell]) -> Row:
    problems = [cell.problem for cell in cells if isinstance(cell, BadCell)]
    if any(cells[len(heads) :]):
        problems.append(_("The row has more cells than there are heads; quote cells that hold a comma."))
    if problems:
        return Row(number, problem=" ".join(problems))
    return Row(number, {head: _field(head, cell) for head, cell in zip(heads, cells, strict=False) if cell != ""})


def _field(head: str, cell: Cell) -> object:
    if not isinstance(cell, str):
        return cell
    text = unguard_cell(cell)
    return split_list(text) if head in LIST_HEADS else text
