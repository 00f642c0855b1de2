"""Drafts → a file that, imported again, changes nothing."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePath
from typing import TypeAlias

import orjson
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.core.errors import Conflict, Invalid
from apps.knowledge.models import Entry
from apps.knowledge.rows import HEADS, LIST_HEADS, guard_cell, join_list

CELL_MAX = 32_767
"""Characters that Excel keeps in one cell."""
_WIDTHS = {"id": 12, "question": 40, "answer": 80, "similar": 60, "negative": 40, "category": 20}

Record: TypeAlias = "Mapping[str, str | Sequence[str] | None]"


def export_file(*, bot: Bot, path: Path) -> int:
    """Write the bot's drafts to ``path``, whole or not at all; the number of entries.

    Raises:
        Invalid: no such format, or a list too long for a cell of it.
        Conflict: the file cannot be written.
    """
    data, count = export_bytes(bot=bot, name=path.name)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Conflict(_("“%(path)s” cannot be written: %(why)s") % {"path": path, "why": error.strerror}) from error
    return count


def export_bytes(*, bot: Bot, name: str) -> tuple[bytes, int]:
    """The drafts as a file of the kind that ``name`` ends in, and how many they are. Raises as :func:`export_file`."""
    writers: dict[str, Callable[[Iterable[Record]], bytes]] = {".jsonl": _jsonl, ".csv": _csv, ".xlsx": _xlsx}
    suffix = PurePath(name).suffix.lower()
    if suffix not in writers:
        values = {"suffix": suffix or "?", "formats": ", ".join(writers)}
        raise Invalid(_("“%(suffix)s” is no format of an export. These are: %(formats)s.") % values)
    records = list(_records(bot))
    return writers[suffix](records), len(records)


def _records(bot: Bot) -> Iterator[Record]:
    for entry in Entry.objects.filter(bot=bot, archived_at=None).order_by("category", "created_at", "pk"):
        yield {
            "id": str(entry.pk),
            "question": entry.question,
            "answer": entry.answer,
            "similar": entry.similar,
            "negative": entry.negative,
            "category": entry.category,
            "valid_from": _date(entry.valid_from),
            "valid_to": _date(entry.valid_to),
        }


def _date(date: datetime | None) -> str | None:
    return timezone.localtime(date).isoformat() if date else None


def _jsonl(records: Iterable[Record]) -> bytes:
    return b"".join(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records)


def _csv(records: Iterable[Record]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADS)
    writer.writerows(_cells(record) for record in records)
    return out.getvalue().encode("utf-8-sig")  # with the mark Excel reads it as UTF-8


def _xlsx(records: Iterable[Record]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    rows = [[_fitting(text) for text in cells] for cells in (HEADS, *map(_cells, records))]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("knowledge")
    sheet.freeze_panes = "A2"
    for number, head in enumerate(HEADS):
        sheet.column_dimensions["ABCDEFGH"[number]].width = _WIDTHS.get(head, 26)
    for texts in rows:
        cells = [WriteOnlyCell(sheet, value=text) for text in texts]
        for cell in cells:
            cell.data_type = "s"  # a text that looks like an error code is a text
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cells(record: Record) -> list[str]:
    return [
        guard_cell(join_list(record[head] or ()) if head in LIST_HEADS else str(record[head] or "")) for head in HEADS
    ]


def _fitting(text: str) -> str:
    if len(text) > CELL_MAX:
        raise Invalid(_("“%s…” is too long for a cell of Excel. Export to .jsonl or .csv.") % text[:40])
    return text
