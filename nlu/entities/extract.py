"""All typed values of one message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from nlu.entities.amounts import amounts
from nlu.entities.atoms import Scene
from nlu.entities.codes import Patterns, codes, default_patterns
from nlu.entities.identity import id_numbers
from nlu.entities.numbers import numbers
from nlu.entities.ordinals import ordinals
from nlu.entities.phones import phones
from nlu.entities.places import places
from nlu.entities.reading import reading
from nlu.entities.time import times
from nlu.entities.types import Entity, Found, Policy
from nlu.entities.yesno import yes_no
from nlu.normalize import normalise
from nlu.types import Lang, Normalized

NUMBER_KINDS = frozenset({"number", "quantity", "duration", "digits"})
_FIXED: tuple[tuple[frozenset[str], Callable[[str], Iterable[Found]]], ...] = (
    (frozenset({"id_number"}), id_numbers),
    (frozenset({"phone"}), phones),
    (frozenset({"amount"}), amounts),
    (frozenset({"ordinal"}), ordinals),
    (NUMBER_KINDS, numbers),
    (frozenset({"city"}), places),
    (frozenset({"yes_no"}), yes_no),
)
READ = 600
"""Characters of a message that are looked at: nobody tells a date after that, and rows of them take their time."""
_ENDLESS = re.compile(r"[\d,.]{60,}")
"""A row of digits longer than any number or code; it is none, and would not fit into a float."""
_SPECIFIC = ("id_number", "phone", "tail_no", "tracking_no")
_GENERAL = ("time", "order_no", "amount", "city", "ordinal", "duration", "quantity", "number", "digits", "yes_no")
"""Among entities of one length the earlier kind wins; a tenant's own kinds stand between both rows."""


def entities(
    text: str | Normalized,
    *,
    now: datetime,
    lang: Lang | None = None,
    kinds: Iterable[str] | None = None,
    policy: Policy = "future",
    patterns: Patterns | None = None,
) -> list[Entity]:
    """The entities of a message by place, not overlapping; offsets are of the raw text.

    ``kinds`` limits what is looked for, and what is not looked for cannot take a place either: asked for ``number``
    alone, a phone number is a number. ``lang`` decides how dates in digits are read (18.06 is a date in English, a
    number in Chinese) and comes from the text where it is None; words are read in both languages. ``patterns`` are the
    tenant's instead of ``DEFAULT_PATTERNS``. The longest entity wins, then the more specific kind, then the earlier.

    Raises:
        ValueError: ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone: what today is depends on it")
    view = normalise(text) if isinstance(text, str) else text
    plain = _ENDLESS.sub(lambda row: " " * len(row[0]), reading(view)[:READ])
    wanted = None if kinds is None else frozenset(kinds)
    found: list[Found] = []
    if wanted is None or "time" in wanted:
        found += times(plain, Scene(now, policy, lang or view.lang))
    for made, extract in _FIXED:
        if wanted is None or wanted & made:
            found += extract(plain)
    used = default_patterns() if patterns is None else patterns
    if wanted is None or wanted & {kind for kind, _ in used.compiled}:
        found += codes(plain, used)
    if wanted is not None:
        found = [one for one in found if one.kind in wanted]
    return [_entity(view.raw, one) for one in apart(found)]


def apart(found: Sequence[Found]) -> list[Found]:
    """Those that keep their place: the longest, then the most specific, then the first."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, _rank(one.kind), one.start)):
        if one.start < one.end and all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _rank(kind: str) -> int:
    if kind in _SPECIFIC:
        return _SPECIFIC.index(kind)
    return len(_SPECIFIC) + 1 + _GENERAL.index(kind) if kind in _GENERAL else len(_SPECIFIC)


def _entity(raw: str, one: Found) -> Entity:
    return Entity(one.kind, one.start, one.end, raw[one.start : one.end], one.value, one.grain, one.assumed)
