"""Dates and clock times written in digits, alike in both languages: 2026-03-12, 3/12, 18.06., 17:30, 5:30pm."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from nlu.entities import days as d
from nlu.entities.atoms import Clock, Day, Rule, Scene, only

_ALONE = r"(?<![a-z\d./:-])"
_END = r"(?![\d/:-]|\.\d|[a-z])"


def _full(match: re.Match[str], scene: Scene) -> Day | None:
    return _day_of(int(match["y"]), int(match["m"]), int(match["d"]))


def _day_of(year: int, month: int, day: int) -> Day | None:
    if not (d.FIRST_YEAR <= year <= d.LAST_YEAR and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return only(d.day(date(year, month, day)))


def _year_last(match: re.Match[str], scene: Scene) -> Day | None:
    order = _month_and_day(int(match["a"]), int(match["b"]))
    if order is None:
        return None
    year = int(match["y"])
    return _day_of(year if year > 99 else 2000 + year, *order[0])


def _year_month(match: re.Match[str], scene: Scene) -> Day | None:
    year, month = int(match["y"]), int(match["m"])
    return only(d.month(date(year, month, 1))) if 1 <= month <= 12 and year <= d.LAST_YEAR else None


def _month_day(match: re.Match[str], scene: Scene) -> Day | None:
    order = _month_and_day(int(match["a"]), int(match["b"]))
    if order is None:
        return None
    (month, day), sure = order
    near = d.month_day(month, day)
    return Day(near if sure else d.each(near, lambda days: days.assuming("order")))


def _month_and_day(first: int, second: int) -> tuple[tuple[int, int], bool] | None:
    """((month, day), whether the order of both is beyond doubt); None where neither order makes a date."""
    orders = [(month, day) for month, day in ((first, second), (second, first)) if 1 <= month <= 12 and 1 <= day <= 31]
    if not orders:
        return None
    return orders[0], len(orders) == 1 or first == second


def _zh_month_day(match: re.Match[str], scene: Scene) -> Day | None:
    """The month comes first in Chinese, wherever it can."""
    order = _month_and_day(int(match["a"]), int(match["b"]))
    return None if order is None else Day(d.month_day(*order[0]))


def _clock(match: re.Match[str], scene: Scene) -> Clock | None:
    hour, minute = int(match["h"]), int(match["min"])
    half = match["half"]
    if hour > 24 or minute > 59 or (half and hour > 12):
        return None
    if not half:
        return Clock(hour, minute)
    return Clock(hour, minute, "am" if half.startswith("a") else "pm")


_TIME = r"(?<![\d:.])(?P<h>\d{1,2}):(?P<min>\d{2})(?::\d{2})?(?![\d:])(?: ?(?P<half>[ap])\.?m\b\.?)?"
_ISO = rf"{_ALONE}(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>0?[1-9]|1[0-2])(?P=sep)(?P<d>\d{{1,2}})(?:(?![\d/-]|\.\d)|(?=t\d\d:))"
_COMMON = ((_ISO, _full), (rf"{_ALONE}(?P<y>20\d\d)[-/](?P<m>0[1-9]|1[0-2]){_END}", _year_month), (_TIME, _clock))
_WITH_YEAR = rf"{_ALONE}(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)(?P<y>20\d\d|\d\d){_END}"
_SLASHED = rf"{_ALONE}(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}}){_END}"
_DOTTED = rf"{_ALONE}(?P<a>\d{{1,2}})\.(?P<b>\d{{2}}){_END}(?=\.?(?:$| (?:at|on|from|to|until|in|please|for)\b|[,;?!]))"
_ZH_BORDERED = (
    r"(?<![\d./:a-z¥$-])(?P<a>\d{1,2})\.(?P<b>\d{1,2})"
    r"(?= ?(?:的?(?:航班|飞机|机票|票|车票|高铁)|[之以]?[前后]|[到至]|那天|出发|上午|下午|晚上|早上))"
)

ZH: tuple[Rule, ...] = tuple(
    (re.compile(pattern), handler)
    for pattern, handler in (
        *_COMMON,
        (_WITH_YEAR, _year_last),
        (rf"(?<![\da-z./:-])(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}}){_END}", _zh_month_day),
        (_ZH_BORDERED, _zh_month_day),
    )
)
EN: tuple[Rule, ...] = tuple(
    (re.compile(pattern), handler)
    for pattern, handler in (*_COMMON, (_WITH_YEAR, _year_last), (_SLASHED, _month_day), (_DOTTED, _month_day))
)
