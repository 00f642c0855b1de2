"""Days, weeks, months as a calendar sees them, and days that come again (周三, 5号, 3月5日, 春节).

A day that comes again is a function from a date to its occurrences around that date, in order. What the customer
meant is chosen later, when the rest of the phrase is known.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias

from nlu.entities.types import Grain

FIRST_YEAR, LAST_YEAR = 1900, 2199
_SIZES: dict[Grain, int] = {"minute": 0, "hour": 1, "part": 2, "day": 3, "week": 4, "month": 5, "quarter": 6, "year": 7}


@dataclass(frozen=True, slots=True)
class Days:
    """The half-open range of days from ``first`` to ``last``."""

    first: date
    last: date
    grain: Grain
    assumed: tuple[str, ...] = ()

    def holds(self, other: Days) -> bool:
        return self.first <= other.first and other.last <= self.last

    def assuming(self, *assumed: str) -> Days:
        return replace(self, assumed=assumed)


Near: TypeAlias = Callable[[date], tuple[Days, ...]]


def finer(left: Grain, right: Grain) -> Grain:
    return min(left, right, key=_SIZES.__getitem__)


def fixed(*days: Days) -> Near:
    return lambda anchor: days


def day(when: date) -> Days:
    return Days(when, when + timedelta(1), "day")


def week(when: date, weeks: int = 0) -> Days:
    """The week from Monday that lies ``weeks`` after the one of ``when``."""
    monday = when - timedelta(when.weekday()) + timedelta(weeks=weeks)
    return Days(monday, monday + timedelta(7), "week")


def weekend(when: date, weeks: int = 0) -> Days:
    monday = week(when, weeks).first
    return Days(monday + timedelta(5), monday + timedelta(7), "day")


def shift_month(when: date, months: int) -> date:
    """The same day ``months`` later, or the last one of a shorter month."""
    year, month = divmod(when.year * 12 + when.month - 1 + months, 12)
    return date(year, month + 1, min(when.day, monthrange(year, month + 1)[1]))


def month(when: date, months: int = 0) -> Days:
    first = shift_month(when.replace(day=1), months)
    return Days(first, shift_month(first, 1), "month")


def quarter(when: date, quarters: int = 0) -> Days:
    first = shift_month(date(when.year, (when.month - 1) // 3 * 3 + 1, 1), 3 * quarters)
    return Days(first, shift_month(first, 3), "quarter")


def year(number: int) -> Days:
    return Days(date(number, 1, 1), date(number + 1, 1, 1), "year")


def third_of(days: Days, place: str) -> Days:
    """``early``, ``mid`` or ``late`` of a month (ten days each), a week (two, three, two) or a year (by months)."""
    if days.grain == "month":
        cuts = {"early": (0, 10), "mid": (10, 20), "late": (20, 31)}[place]
    elif days.grain == "week":
        cuts = {"early": (0, 2), "mid": (2, 5), "late": (5, 7)}[place]
    else:
        first = {"early": 1, "mid": 6, "late": 12}[place]
        start = date(days.first.year, first, 1)
        return Days(start, shift_month(start, 1 if place == "late" else 2), "month", ("period",))
    start = days.first + timedelta(cuts[0])
    return Days(start, min(days.first + timedelta(cuts[1]), days.last), "day", ("period",))


def half_of(days: Days, second: bool) -> Days:
    """The first or second half of a year or month."""
    middle = date(days.first.year, 7, 1) if days.grain == "year" else days.first + timedelta(15)
    grain: Grain = "month" if days.grain == "year" else "day"
    return Days(middle, days.last, grain) if second else Days(days.first, middle, grain)


# --- days that come again ---------------------------------------------------------------------------------------


def weekday(number: int) -> Near:
    """Monday is 0."""

    def near(anchor: date) -> tuple[Days, ...]:
        monday = week(anchor).first
        return tuple(day(monday + timedelta(7 * w + number)).assuming("week") for w in range(-2, 4))

    return near


def weekend_near(anchor: date) -> tuple[Days, ...]:
    return tuple(weekend(anchor, weeks).assuming("week") for weeks in range(-2, 4))


def day_of_month(number: int) -> Near:
    """Months that have no such day are passed over."""

    def near(anchor: date) -> tuple[Days, ...]:
        firsts = [month(anchor, months).first for months in range(-3, 5)]
        return tuple(
            day(first.replace(day=number)).assuming("month")
            for first in firsts
            if number <= monthrange(first.year, first.month)[1]
        )

    return near


def yearly(of_year: Callable[[int], Days | None], *, years: int = 4) -> Near:
    """One occurrence a year, from the year before to ``years`` after the anchor's; None where a year has none."""

    def near(anchor: date) -> tuple[Days, ...]:
        numbers = range(max(anchor.year - years, FIRST_YEAR), min(anchor.year + years, LAST_YEAR) + 1)
        found = [of_year(number) for number in numbers]
        return tuple(days.assuming("year", *days.assumed) for days in found if days is not None)

    return near


def month_day(month_number: int, day_number: int) -> Near:
    """29 February lies only in leap years; a day that no year has (30 February) never occurs."""

    def of_year(number: int) -> Days | None:
        if day_number > monthrange(number, month_number)[1]:
            return None
        return day(date(number, month_number, day_number))

    return yearly(of_year)


def month_of_year(month_number: int) -> Near:
    return yearly(lambda number: month(date(number, month_number, 1)), years=2)


def each(near: Near, change: Callable[[Days], Days]) -> Near:
    """Every occurrence changed: a month to its last third, a holiday to the day before it."""

    def changed(anchor: date) -> tuple[Days, ...]:
        return tuple(_also(change(days), days.assumed) for days in near(anchor))

    return changed


def _also(days: Days, assumed: tuple[str, ...]) -> Days:
    return replace(days, assumed=tuple(dict.fromkeys((*assumed, *days.assumed))))


def both(left: Near, right: Near) -> Near:
    """Days that satisfy both: 明年 and 3月5号, 3月12日 and 周四. The smaller range is kept.

    Where exactly one is left, nothing about which one is assumed any more.
    """

    def near(anchor: date) -> tuple[Days, ...]:
        outer = left(anchor)
        found = [pair for o in outer for i in right(o.first if len(outer) == 1 else anchor) for pair in _nested(o, i)]
        unique = tuple(dict.fromkeys(found))
        if len(unique) == 1:
            kept = tuple(name for name in unique[0].assumed if name not in ("year", "month", "week"))
            return (replace(unique[0], assumed=kept),)
        return unique

    return near


def _nested(left: Days, right: Days) -> list[Days]:
    if left.holds(right):
        return [right]
    return [left] if right.holds(left) else []
