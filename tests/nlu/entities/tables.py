"""Reads the tables beside the tests: cells split by tabs, ``#`` starts a comment line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

NOW = datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Wednesday."""


def rows(name: str, cells: int) -> list[list[str]]:
    text = (Path(__file__).parent / f"{name}.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    assert all(len(line) <= cells for line in lines)
    return [line + [""] * (cells - len(line)) for line in lines]


def several(cell: str) -> list[str]:
    """The parts of a cell that describe one entity each."""
    return [part.strip() for part in cell.split(" |")]


@dataclass(frozen=True)
class Case:
    text: str
    found: list[tuple[str, str, Any, str]]
    """Text, kind, value, what was assumed."""


def cases(name: str) -> list[Case]:
    return [_case(*row) for row in rows(name, 5)]


def _case(text: str, found: str, kinds: str, values: str, assumed: str) -> Case:
    if found == "-":
        return Case(text, [])
    texts = several(found)
    guesses = several(assumed) if assumed else [""] * len(texts)
    parts = zip(texts, several(kinds), map(json.loads, several(values)), guesses, strict=True)
    return Case(text, list(parts))
