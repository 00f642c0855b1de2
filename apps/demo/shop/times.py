"""Time values of requests: ``{"start", "end"}``, ISO 8601, half-open, null where a side is open."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from apps.demo.shop.types import Ask, wrong_slot
from dialog.types import Json


def span(ask: Ask, name: str) -> tuple[datetime | None, datetime | None]:
    """The two ends of a time value; both open where none was sent.

    Raises:
        Refused: it is no time value; the slot is told so.
    """
    value = ask.inputs.get(name) or {}
    try:
        if not isinstance(value, dict):
            raise ValueError
        return _when(value.get("start")), _when(value.get("end"))
    except ValueError:
        raise wrong_slot(name, ask.say("没看懂这个时间。", "That time could not be read.")) from None


def _when(value: Json) -> datetime | None:
    """A time without an offset is the shop's own."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError
    when = datetime.fromisoformat(value)
    return timezone.make_aware(when) if timezone.is_naive(when) else when
