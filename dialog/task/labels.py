"""How values are shown to customers: an absolute date always, so that a misread “next Friday” is seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

_WEEKDAYS = {
    "zh": ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    "en": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def time_label(value: Mapping[str, Any], now: datetime, lang: str) -> str:
    """``11月27日（周五）15:00–17:00`` or ``Fri 27 Nov, 15:00–17:00``; the year only where it is not this one."""
    start = datetime.fromisoformat(value["start"]).astimezone(now.tzinfo) if value.get("start") else None
    end = datetime.fromisoformat(value["end"]).astimezone(now.tzinfo) if value.get("end") else None
    if start is None or end is None:
        return _open_label(start, end, now, lang)
    if _midnight(start) and _midnight(end):
        last = end - timedelta(days=1)
        if last.date() == start.date():
            return day_label(start, now, lang)
        return f"{day_label(start, now, lang)}{'至' if lang == 'zh' else ' to '}{day_label(last, now, lang)}"
    clock = f"{start:%H:%M}" if end - start <= timedelta(minutes=1) else f"{start:%H:%M}–{end:%H:%M}"
    return day_label(start, now, lang) + (clock if lang == "zh" else f", {clock}")


def _open_label(start: datetime | None, end: datetime | None, now: datetime, lang: str) -> str:
    if start is not None:
        return f"{day_label(start, now, lang)}起" if lang == "zh" else f"from {day_label(start, now, lang)}"
    if end is not None:
        return f"{day_label(end, now, lang)}前" if lang == "zh" else f"before {day_label(end, now, lang)}"
    return ""


def day_label(day: datetime, now: datetime, lang: str) -> str:
    weekday = _WEEKDAYS["zh" if lang == "zh" else "en"][day.weekday()]
    if lang == "zh":
        return f"{'' if day.year == now.year else f'{day.year}年'}{day.month}月{day.day}日（{weekday}）"
    return f"{weekday} {day.day} {_MONTHS[day.month - 1]}{'' if day.year == now.year else f' {day.year}'}"


def _midnight(when: datetime) -> bool:
    return when.hour == when.minute == 0


def city_label(value: Mapping[str, Any], lang: str) -> str:
    """The city's name, with its airport where one was named."""
    name = str(value.get("city") if lang == "zh" else value.get("en") or value.get("city"))
    return f"{name} {value['airport']}" if value.get("airport") else name
