"""Word lists shipped in ``nlu/data``: UTF-8, one item a line, ``#`` starts a comment."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def lines(name: str) -> tuple[str, ...]:
    """The items of ``nlu/data/<name>.txt`` in file order, without comments and blank lines."""
    text = files("nlu").joinpath("data", f"{name}.txt").read_text(encoding="utf-8")
    stripped = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(line for line in stripped if line)


@cache
def words(name: str) -> frozenset[str]:
    """All words of a list whose lines hold one or more words separated by spaces."""
    return frozenset(word for line in lines(name) for word in line.split())


@cache
def columns(name: str, separator: str = "|") -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Lines of columns, each column a comma-separated list: ``开通,开启 | 关闭,停用``."""
    return tuple(
        tuple(tuple(item.strip() for item in column.split(",") if item.strip()) for column in line.split(separator))
        for line in lines(name)
    )
