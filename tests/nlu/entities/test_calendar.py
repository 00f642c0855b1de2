"""Facts that the calendar must get right: lunar new year, movable holidays, short months; and the tables of data."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from nlu.entities import holidays
from nlu.entities.days import day_of_month, month_day, shift_month
from nlu.entities.numerals import chinese, english, parse
from nlu.entities.tables import names, rows

YEARS = range(2024, 2031)


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("春节", "2024-02-10 2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03"),
        ("除夕", "2024-02-09 2025-01-28 2026-02-16 2027-02-05 2028-01-25 2029-02-12 2030-02-02"),
        ("元宵节", "2024-02-24 2025-02-12 2026-03-03 2027-02-20 2028-02-09 2029-02-27 2030-02-17"),
        ("端午节", "2024-06-10 2025-05-31 2026-06-19 2027-06-09 2028-05-28 2029-06-16 2030-06-05"),
        ("七夕", "2024-08-10 2025-08-29 2026-08-19 2027-08-08 2028-08-26 2029-08-16 2030-08-05"),
        ("中秋", "2024-09-17 2025-10-06 2026-09-25 2027-09-15 2028-10-03 2029-09-22 2030-09-12"),
        ("重阳节", "2024-10-11 2025-10-29 2026-10-18 2027-10-08 2028-10-26 2029-10-16 2030-10-05"),
        ("清明", "2024-04-04 2025-04-04 2026-04-05 2027-04-05 2028-04-04 2029-04-04 2030-04-05"),
        ("easter", "2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01 2030-04-21"),
        ("thanksgiving", "2024-11-28 2025-11-27 2026-11-26 2027-11-25 2028-11-23 2029-11-22 2030-11-28"),
        ("black friday", "2024-11-29 2025-11-28 2026-11-27 2027-11-26 2028-11-24 2029-11-23 2030-11-29"),
        ("memorial day", "2024-05-27 2025-05-26 2026-05-25 2027-05-31 2028-05-29 2029-05-28 2030-05-27"),
        ("母亲节", "2024-05-12 2025-05-11 2026-05-10 2027-05-09 2028-05-14 2029-05-13 2030-05-12"),
    ],
)
def test_movable_holidays(name: str, days: str) -> None:
    found = [holidays.by_name()[name].in_year(year) for year in YEARS]
    assert [str(one.first) for one in found if one] == days.split()


def test_lunar_years_join_without_a_gap() -> None:
    table = rows("lunar_years", 4)
    for (year, first, lengths, leap), (after, next_first, _, _) in pairwise(table):
        months = [int(length) for length in lengths.split()]
        assert int(after) == int(year) + 1
        assert len(months) == (13 if leap != "0" else 12)
        assert set(months) <= {29, 30}
        assert date.fromisoformat(first) + timedelta(sum(months)) == date.fromisoformat(next_first)


def test_a_leap_month_comes_after_its_month() -> None:
    assert holidays.lunar(2025, 6, 1) == date(2025, 6, 25)
    assert holidays.lunar(2025, 7, 1) == date(2025, 8, 23)


def test_days_that_a_month_or_year_lacks_are_passed_over() -> None:
    assert [days.first.month for days in day_of_month(31)(date(2026, 3, 11))] == [12, 1, 3, 5, 7]
    assert {days.first.year for days in month_day(2, 29)(date(2026, 3, 11))} == {2024, 2028}
    assert month_day(2, 30)(date(2026, 3, 11)) == ()
    assert shift_month(date(2026, 1, 31), 1) == date(2026, 2, 28)


@pytest.mark.parametrize("text", ["万", "百", "二三", "一万万千", "三五百", "十百"])
def test_what_only_looks_like_a_numeral_is_none(text: str) -> None:
    assert chinese(text) in (None, 1000)  # 十百 is a thousand, if anything
    assert parse(text) in (None, 1000)


@pytest.mark.parametrize("text", ["five twenty", "twenty thirty", "seven eight"])
def test_words_in_a_row_are_no_english_numeral(text: str) -> None:
    assert english(text) is None


def test_cities_are_all_there_and_named_once() -> None:
    table = rows("cities", 5)
    own = [row[0] for row in table]
    assert len(own) == len(set(own)) > 450
    assert all(row[1] for row in table)
    english_names = [row[1].lower() for row in table]
    assert len(english_names) == len(set(english_names))
    assert all(set(names(row[4])) <= {row[0], row[1].lower(), *names(row[3])} for row in table)
    assert {row[1] for row in rows("airports", 4)} <= set(own)
