"""Holidays and the lunar calendar: dates from ``nlu/data/holidays.tsv`` and ``nlu/data/lunar_years.tsv``.

Lunar days are known from 2023 to 2031 only; outside these years a lunar holiday does not occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from nlu.entities.days import Days, Near, day, yearly
from nlu.entities.tables import names, rows


@dataclass(frozen=True, slots=True)
class Holiday:
    """``rule`` is ``MM-DD``; ``lunar MM-DD`` or ``lunar last``; ``nth MM N W`` (the N-th weekday W of a month, Monday
    is 1, N may be -1), and a fourth number of days after that; ``easter N`` (days from Easter Sunday); or ``on`` with
    the days of several years.

    Its days off begin ``off_from`` days after the day itself and last ``off_days``."""

    rule: str
    off_from: int
    off_days: int

    def in_year(self, number: int) -> Days | None:
        when = _on(self.rule, number)
        return None if when is None else day(when)

    def off(self, days: Days) -> Days:
        """The days off around the day; how long they are is set each year, so this is assumed."""
        first = days.first + timedelta(self.off_from)
        return Days(first, first + timedelta(self.off_days), "day", ("period",))


@cache
def by_name() -> dict[str, Holiday]:
    """Holidays by each of their names, Chinese and English, in lower case."""
    found = {}
    for rule, off_from, off_days, zh, en in rows("holidays", 5):
        holiday = Holiday(rule, int(off_from or 0), int(off_days or 1))
        found.update(dict.fromkeys((name.lower() for name in (*names(zh), *names(en))), holiday))
    return found


def near(holiday: Holiday) -> Near:
    return yearly(holiday.in_year, years=2)


def lunar_day(month: int, number: int) -> Near:
    """A day of the lunar calendar; ``number`` 0 is the last one of the month."""
    return yearly(lambda year: _day_or_none(lunar(year, month, number)), years=2)


def _day_or_none(when: date | None) -> Days | None:
    return None if when is None else day(when)


@cache
def _lunar_years() -> dict[int, tuple[date, tuple[int, ...], int]]:
    """New year's day, length of each month in days, and the place of the leap month among them (0 = none)."""
    return {
        int(year): (date.fromisoformat(first), tuple(map(int, lengths.split())), int(leap or 0))
        for year, first, lengths, leap in rows("lunar_years", 4)
    }


def lunar(year: int, month: int, number: int) -> date | None:
    """The Gregorian date of a lunar one whose lunar year began in ``year``; ``number`` 0 is the month's last day."""
    known = _lunar_years().get(year)
    if known is None:
        return None
    first, lengths, leap = known
    place = month - 1 + (1 if 0 < leap < month else 0)
    if number > lengths[place]:
        return None
    return first + timedelta(sum(lengths[:place]) + (number or lengths[place]) - 1)


def _on(rule: str, year: int) -> date | None:
    kind, _, rest = rule.partition(" ")
    if kind == "lunar":
        month, number = (12, 0) if rest == "last" else map(int, rest.split("-"))
        if month == 12:
            year -= 1  # the twelfth month lies mostly in the next Gregorian year
        return lunar(year, month, number)
    if kind == "nth":
        return _nth(year, *map(int, rest.split()))
    if kind == "easter":
        return easter(year) + timedelta(int(rest))
    if kind == "on":
        return next((date.fromisoformat(when) for when in rest.split() if when.startswith(f"{year}-")), None)
    return date(year, *map(int, kind.split("-")))


def _nth(year: int, month: int, place: int, weekday: int, later: int = 0) -> date:
    if place < 0:
        after = date(year + month // 12, month % 12 + 1, 1)
        return after - timedelta((after.isoweekday() - weekday - 1) % 7 + 1 - later)
    first = date(year, month, 1)
    return first + timedelta((weekday - first.isoweekday()) % 7 + 7 * (place - 1) + later)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the method of Gauss as Lichtenberg corrected it."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    seed = (19 * (year % 19) + moon) % 30
    correction = (seed + year % 19 // 11) // 29
    limit = 21 + seed - correction
    first_sunday = 7 - (year + year // 4 + sun) % 7
    return date(year, 3, 1) + timedelta(limit + 7 - (limit - first_sunday) % 7 - 1)
