"""Two versions of a text as pieces that stayed, went and came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# Compared by characters where that stays quick, by lines above.
_BY_CHARACTER = 2_000
_PIECES = re.compile(r"[A-Za-z0-9]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Literal["same", "gone", "new"]
    text: str


def text_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in reading order; those that stayed or went spell ``before``, those that stayed or came ``after``."""
    split = _PIECES.findall if max(len(before), len(after)) <= _BY_CHARACTER else _lines
    old, new = split(before), split(after)
    pieces: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(Piece("same", "".join(old[a:b])))
            continue
        if b > a:
            pieces.append(Piece("gone", "".join(old[a:b])))
        if d > c:
            pieces.append(Piece("new", "".join(new[c:d])))
    return tuple(pieces)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def lines_diff(before: tuple[str, ...], after: tuple[str, ...]) -> tuple[Piece, ...]:
    """Lists of questions: what went, then what came; what stayed is left out."""
    gone = tuple(Piece("gone", text) for text in before if text not in after)
    return gone + tuple(Piece("new", text) for text in after if text not in before)
