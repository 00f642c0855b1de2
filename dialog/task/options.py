"""The options of a ``ref`` slot, and which of them a customer's words name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialog.task.ports import ActionOption
from dialog.types import Json
from nlu.normalize import normalise

MOST = 20
"""Options kept of a list; customers are shown fewer, and may name any of these."""
SHOWN = 8


def option_json(option: ActionOption) -> dict[str, Json]:
    return {
        "value": option.value,
        "label": option.label,
        "desc": option.desc,
        "words": list(option.words),
        "extra": {**option.extra, "label": option.label},
    }


def matching(options: Sequence[Mapping[str, Any]], mention: Mapping[str, Any]) -> list[int]:
    """The options that a mention fits, by place. A mention is ``{"kind", "value", "said"}``:

    ``value`` an option's own value · ``ordinal`` a place in the list as shown · ``code`` a number or its end · ``name`` words
    of it · ``time`` a range that one of its times lies in · ``recent`` the first, for lists begin with the latest
    """
    kind, value = mention["kind"], mention["value"]
    if kind == "value":
        return [i for i, option in enumerate(options) if option["value"] == value]
    if kind == "ordinal":
        return _at(value, len(options))
    if kind == "recent":
        return [0] if options else []
    if kind == "time":
        fits = _has_clock_in if mention.get("clock") else _has_time_in
        return [i for i, option in enumerate(options) if fits(option["extra"], value)]
    if kind == "code":
        return [i for i, option in enumerate(options) if _has_code(option, str(value))]
    return _named(options, str(value))


def _at(place: Any, size: int) -> list[int]:
    if place == "middle":
        return [size // 2] if size % 2 else []
    if place == "other":
        return [1] if size == 2 else []
    if isinstance(place, bool) or not isinstance(place, int):
        return []
    return [place % size] if size and -size <= place < size else []


def _has_time_in(extra: Mapping[str, Any], span: Mapping[str, Any]) -> bool:
    start = datetime.fromisoformat(span["start"]) if span.get("start") else None
    end = datetime.fromisoformat(span["end"]) if span.get("end") else None
    return any((start is None or start <= when) and (end is None or when < end) for when in _times(extra))


def _has_clock_in(extra: Mapping[str, Any], span: Mapping[str, Any]) -> bool:
    """On whichever day: 10 o'clock is in 9 to 12."""
    if not span.get("start") or not span.get("end"):
        return _has_time_in(extra, span)
    start, end = (datetime.fromisoformat(span[side]) for side in ("start", "end"))
    minutes = [(when.astimezone(start.tzinfo) - start).total_seconds() // 60 % (24 * 60) for when in _times(extra)]
    return any(minute < (end - start).total_seconds() / 60 for minute in minutes)


def _times(extra: Mapping[str, Any]) -> list[datetime]:
    found = []
    for value in extra.values():
        if isinstance(value, str) and len(value) >= 19 and value[4:5] == "-" and value[10:11] == "T":
            try:
                when = datetime.fromisoformat(value)
            except ValueError:
                continue
            if when.tzinfo is not None:
                found.append(when)
    return found


def _has_code(option: Mapping[str, Any], code: str) -> bool:
    wanted = _code(code)
    return bool(wanted) and any(_code(word).endswith(wanted) for word in _words(option))


def _code(text: str) -> str:
    return "".join(char for char in text.upper() if char.isalnum())


def _words(option: Mapping[str, Any]) -> list[str]:
    own = [str(value) for value in option["extra"].values() if isinstance(value, str)]
    return [option["value"], option["label"], *option["words"], *own]


def _named(options: Sequence[Mapping[str, Any]], said: str) -> list[int]:
    """Those whose words contain what was said or are contained in it; without one, the closest by shared bigrams."""
    key = normalise(said).text.replace(" ", "")
    if not key:
        return []
    texts = [
        [normalise(word).text.replace(" ", "") for word in (*option["words"], option["label"])] for option in options
    ]
    whole = [
        i for i, words in enumerate(texts) if any(key in word or (len(word) > 1 and word in key) for word in words)
    ]
    if whole or len(key) < 3:
        return whole
    shares = [max((_shared(key, word) for word in words), default=0.0) for words in texts]
    best = max(shares, default=0.0)
    return [i for i, share in enumerate(shares) if share == best] if best >= 0.5 else []


def _shared(a: str, b: str) -> float:
    """The share of ``a``'s character bigrams that ``b`` has too."""
    pairs = {a[i : i + 2] for i in range(len(a) - 1)}
    return len(pairs & {b[i : i + 2] for i in range(len(b) - 1)}) / len(pairs) if pairs else 0.0
