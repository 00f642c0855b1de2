"""What a name stands for while a flow runs: a value with what sentences show of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dialog.types import Json


@dataclass(frozen=True, slots=True)
class Value:
    """A slot's value or a call's answer. ``label`` is what customers read, empty where the value itself is shown.

    ``extra`` is what else may be read of it by name: ``order.total``; a time has the datetimes ``start`` and ``end``.
    """

    value: Json
    label: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)


def bare(found: object) -> object:
    """What a comparison sees: the value itself, without its label."""
    return found.value if isinstance(found, Value) else found


def lookup(scope: Mapping[str, object], path: str) -> object:
    """What a dotted path names (``order.name``); None where any part of it is not there."""
    root, *parts = path.split(".")
    found = scope.get(root)
    for part in parts:
        found = _part(found, part)
    return found


def _part(found: object, name: str) -> object:
    if isinstance(found, Value):
        if name == "label":
            return found.label or found.value
        return found.extra[name] if name in found.extra else _part(found.value, name)
    return found.get(name) if isinstance(found, Mapping) else None


def plain(found: object) -> Json:
    """As JSON: labels are dropped, times are ISO 8601, durations seconds."""
    value: Any = bare(found)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value if isinstance(value, bool | int | float | str) else None
