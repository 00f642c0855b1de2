"""Tables shipped in ``nlu/data/*.tsv``: UTF-8, one row a line, cells split by tabs, ``#`` starts a comment line."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def rows(name: str, cells: int) -> tuple[tuple[str, ...], ...]:
    """The rows of ``nlu/data/<name>.tsv``, short ones filled up with empty cells to ``cells``.

    Raises:
        ValueError: a row has more cells; the message names it.
    """
    text = files("nlu").joinpath("data", f"{name}.tsv").read_text(encoding="utf-8")
    return tuple(_cells(name, line, cells) for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _cells(name: str, line: str, cells: int) -> tuple[str, ...]:
    found = [cell.strip() for cell in line.split("\t")]
    if len(found) > cells:
        raise ValueError(f"{name}.tsv: {len(found)} cells instead of {cells} in {line!r}")
    return (*found, *[""] * (cells - len(found)))


def names(cell: str) -> tuple[str, ...]:
    """The comma-separated names of a cell."""
    return tuple(name.strip() for name in cell.split(",") if name.strip())
