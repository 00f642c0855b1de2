"""Excel workbooks of unknown origin → cells. What a workbook could do to the reader is checked before it is parsed."""

from __future__ import annotations

import io
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from apps.core.errors import Malformed, TooLarge

MAX_UNPACKED = 200_000_000
MAX_ENTRIES = 2_000
MAX_RATIO = 100
MAX_COLUMNS = 64
_RATIO_FROM = 1_000_000
"""Small parts may be packed as tightly as they like."""
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
_ACTIVE_PARTS = ("vbaproject", "macrosheets/", "externallinks/", "embeddings/", "activex/", "connections.xml")
_BROKEN = (
    BadZipFile, ParseError, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError,
    ValueError, TypeError, LookupError, AttributeError,
)  # fmt: skip
"""What the parser raises on a workbook whose parts do not fit each other."""


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell without a value to import, and why."""

    problem: str


def workbook_rows(data: bytes) -> Iterator[list[str | datetime | BadCell]]:
    """The rows of the first sheet, empty ones too; no more than ``MAX_COLUMNS`` cells each.

    Raises:
        Malformed: not a workbook, damaged, or with macros, links or other active parts.
        TooLarge: it would unpack to more than it may.
    """
    if data.startswith(_OLD_EXCEL):
        raise Malformed(_("This is an old or password-protected Excel file. Save it as .xlsx without a password."))
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            _check(archive)
        yield from _first_sheet(data)
    except _BROKEN as error:
        raise Malformed(_("The file is no sound Excel workbook (.xlsx).")) from error


def _check(archive: ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED or len(parts) > MAX_ENTRIES or any(map(_too_tight, parts)):
        raise TooLarge(_("The workbook unpacks to far more than a workbook may; it is not opened."))
    for part in parts:
        name = part.filename.lower().replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or any(active in name for active in _ACTIVE_PARTS):
            raise Malformed(_("The workbook holds macros, links or embedded files. Save it as a plain .xlsx."))
        with archive.open(part) as file:
            if file.read(4).startswith(_ARCHIVES):
                raise Malformed(_("The workbook holds another archive; it is not opened."))


def _too_tight(part: ZipInfo) -> bool:
    return part.file_size > _RATIO_FROM and part.file_size > MAX_RATIO * max(part.compress_size, 1)


def _first_sheet(data: bytes) -> Iterator[list[str | datetime | BadCell]]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # the size a sheet claims need not be true
        for cells in sheet.iter_rows(max_col=MAX_COLUMNS):
            yield [_value(cell) for cell in cells]
    finally:
        book.close()


def _value(cell: Any) -> str | datetime | BadCell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in ("f", "e"):
        what = _("a formula") if cell.data_type == "f" else _("an error")
        return BadCell(_("Cell %(at)s holds %(what)s; put its value there.") % {"at": cell.coordinate, "what": what})
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, float) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value)
