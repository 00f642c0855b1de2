"""Order and tracking numbers by patterns: those of the tenant, or the shapes that carriers and shops mostly use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from nlu.entities.numerals import DIGITS, digit_row
from nlu.entities.types import Found
from nlu.matching import validate_pattern

DEFAULT_PATTERNS: Mapping[str, tuple[str, ...]] = {
    "tracking_no": (
        r"(?:sf|yt|yd|sto|zto|zt|jt|ems|dpk|db|ky|ht|jjd|tt|ytg|bt)[ -]?\d{8,16}(?:cn)?",
        r"jd[a-z]{0,2}[ -]?\d{8,16}(?:-\d{1,3}){0,3}",
        r"[a-z]{2}\d{9}(?:cn|hk|us|gb|de|jp|sg|au)",
        r"1z[0-9a-z]{10,16}",
        r"tba\d{9,12}",
        r"(?:快递单号|运单号?|物流单号|快递号|物流号|tracking (?:number|no\.?|code|id))(?:是|为| is)?[:： #]*([a-z0-9]{8,24})",
    ),
    "order_no": (
        r"(?:订单编?号|订单|单号|编号|order (?:number|no\.?|id)|order|booking|po)"
        r"(?:是|为| is)?[:： #]*([a-z]{0,4}-?\d[a-z0-9-]{3,24})",
        r"(?:20\d{6}-?\d{3,12}|20\d{2}-\d{4}-\d{3,6}|20\d{2}-\d{2}-\d{2}-\d{3,6})",
        r"[a-z]{1,3}-?\d{4,14}(?:-\d{1,4})?",
        r"#[a-z]{0,3}-?\d{4,14}",
        r"\d{8,20}",
        r"\d{4,6}(?:-\d{2,6}){1,2}",
    ),
    "tail_no": (r"尾[号數数][:： ]?(?:是|为)?([a-z]{0,2}\d{3,6})", r"(?:ending|ends) (?:in|with)? ?(\d{3,6})"),
}
"""Kinds and their RE2 patterns, matched without regard to case; a group is the code, else all of it is."""

_TAIL_SAID = re.compile(rf"(?P<cue>尾[号数](?:是|为)?)(?P<n>[{DIGITS}]{{3,6}})")


@dataclass(frozen=True)
class Patterns:
    """Compiled patterns by kind. Immutable; safe to share between threads."""

    compiled: tuple[tuple[str, Any], ...]

    @classmethod
    def build(cls, patterns: Mapping[str, Iterable[str]]) -> Patterns:
        """Compiles a tenant's patterns.

        Raises:
            ValueError: a pattern cannot be used; the message names it and says why.
        """
        import re2

        options = re2.Options()
        options.case_sensitive = False
        options.log_errors = False
        made = []
        for kind, several in patterns.items():
            for pattern in several:
                reason = validate_pattern(pattern)
                if reason is not None:
                    raise ValueError(f"{kind}: {pattern!r}: {reason}")
                made.append((kind, re2.compile(pattern, options=options)))
        return cls(tuple(made))


@cache
def default_patterns() -> Patterns:
    return Patterns.build(DEFAULT_PATTERNS)


def codes(text: str, patterns: Patterns) -> Iterator[Found]:
    """Codes in a reading; they may overlap. A code never begins or ends inside a longer word or number."""
    for kind, pattern in patterns.compiled:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups and match.group(1) else 0
            start, end = match.span(group)
            if start < end and _on_borders(text, start, end):
                yield Found(kind, start, end, _value(text[start:end]))
    for match in _TAIL_SAID.finditer(text):
        yield Found("tail_no", match.start("n"), match.end("n"), digit_row(match["n"]))


def _on_borders(text: str, start: int, end: int) -> bool:
    before, first, last, after = text[start - 1 : start], text[start], text[end - 1], text[end : end + 1]
    return not (_narrow(before) and _narrow(first)) and not (_narrow(last) and _narrow(after))


def _narrow(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _value(text: str) -> str:
    return text.strip(" #").replace(" ", "").upper()
