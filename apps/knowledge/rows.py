"""The form of a knowledge file: its heads, its rows, and how lists and risky texts are written into a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

HEADS = ("id", "question", "answer", "similar", "negative", "category", "valid_from", "valid_to")
LIST_HEADS = ("similar", "negative")
NEEDED_HEADS = ("question", "answer")

_RISKY = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠]")
_SEPARATOR = re.compile(r"(?<!\\)((?:\\\\)*)\|")
_ESCAPED = re.compile(r"\\([\\|])")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its number there, and its fields by head; or why it could not be read."""

    number: int
    fields: Mapping[str, object] = field(default_factory=dict)
    problem: str = ""


def guard_cell(text: str) -> str:
    """The text as a spreadsheet takes it for a text: what it would run as a formula gets a leading ``'``."""
    return f"'{text}" if _RISKY.match(text) else text


def unguard_cell(text: str) -> str:
    """The reverse of :func:`guard_cell`, exactly; other texts stay as they are."""
    return text[1:] if text.startswith("'") and _RISKY.match(text) else text


def join_list(texts: Iterable[str]) -> str:
    """Texts joined by ``|``; a ``|`` or backslash of their own gets a backslash before it."""
    return "|".join(re.sub(r"([\\|])", r"\\\1", text) for text in texts)


def split_list(cell: str) -> list[str]:
    """The reverse of :func:`join_list`; empty items are left out."""
    parts = _SEPARATOR.sub(lambda found: f"{found[1]}\0", cell).split("\0")
    return [_ESCAPED.sub(r"\1", part) for part in parts if part.strip()]
