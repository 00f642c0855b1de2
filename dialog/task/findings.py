"""Puts problems of flow files into words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from dialog.task.model import Problem, Severity


def finding(
    line: int, code: str, message: str, severity: Severity = "error", column: int = 1, **values: str
) -> Problem:
    """``message`` names its ``values`` in braces, so that a translation may put them elsewhere."""
    return Problem(line, column, severity, code, message.format(**values), values)


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that guesses what was meant; empty where nothing is near."""
    close = difflib.get_close_matches(name, list(known), 1, 0.7)
    return f" Did you mean “{close[0]}”?" if close else ""
