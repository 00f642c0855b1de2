"""Days and spans of days in English: next Friday, March 5th, the day after tomorrow, end of the month."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from nlu.entities import days as d
from nlu.entities import holidays
from nlu.entities.atoms import Atom, Day, Handler, Rule, Scene, only
from nlu.entities.numerals import EN_ORDINALS, english

_WEEKDAYS = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_STEPS = {
    "this": 0,
    "the": 0,
    "current": 0,
    "coming": 1,
    "next": 1,
    "following": 1,
    "last": -1,
    "past": -1,
    "previous": -1,
}
_ONES = "|".join(EN_ORDINALS)
_ORDINAL = rf"(?P<word>(?:twenty|thirty)[- ](?:{_ONES})|twentieth|thirtieth|{_ONES})"

_WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_SHORT_DAY = "(?:mon|tues?|weds?|thurs?|thu|fri|sat|sun)"
_MONTH = (
    "(?:january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)  # fmt: skip
_ORD = "(?:st|nd|rd|th)?"
_NUMBER = r"(?:3[01]|[12]\d|0?[1-9])"
_NOT_COUNTED = r"(?![\d:%]|[.,]\d)(?! ?(?:[ap]\.?m\b|o'? ?clock|items?|tickets?|people|of us))"
_DAY = rf"(?P<day>{_NUMBER}){_ORD}\b{_NOT_COUNTED}"
_TO = " ?(?:-|to|until|till|through|and) ?"
_AFTER_CUE = (
    "(?:"
    + "|".join(
        rf"(?<=\b{cue} )"
        for cue in (
            "on",
            "by",
            "before",
            "after",
            "until",
            "till",
            "from",
            "to",
            "for",
            "since",
            "in",
            "of",
            "early",
            "late",
            "mid",
        )
    )
    + "|(?<=-)|(?<=, )|(?<=[.] )|^)"
)
_YEAR = r"(?:,? ?(?P<year>20\d\d)(?!\d))?"


def _relative(match: re.Match[str], scene: Scene) -> Day:
    word = match["word"]
    step = -1 if word.startswith("y") else 1 if word.startswith(("tom", "tm")) else 0
    return only(d.day(scene.today + timedelta(step)))


def _beyond(match: re.Match[str], scene: Scene) -> Day:
    return only(d.day(scene.today + timedelta(2 if match["side"] == "after" else -2)))


def _this_part(match: re.Match[str], scene: Scene) -> Day:
    """this of this morning, last of last night."""
    return only(d.day(scene.today - timedelta(match[0].startswith("last"))))


def _weekday(match: re.Match[str], scene: Scene) -> Day:
    """next Friday is next week's; last Friday is the latest one before today, for weeks are seldom meant there."""
    number, step = _WEEKDAYS[match["name"][:3]], match["step"]
    if match["later"]:
        return only(d.day(_coming(scene.today, number) + timedelta(7)))
    if not step:
        return Day(d.weekday(number))
    if step in ("last", "past", "previous"):
        return only(d.day(_coming(scene.today, number) - timedelta(7)).assuming("week"))
    when = d.day(d.week(scene.today, int(step == "next")).first + timedelta(number))
    if "coming" in step or (when.first < scene.today and scene.policy == "future"):
        return only(d.day(_coming(scene.today, number)))
    return only(when.assuming("week") if step == "next" else when)


def _week_on(match: re.Match[str], scene: Scene) -> Day | None:
    """a week on Friday, two weeks from Monday."""
    said = match["weeks"]
    weeks = 1 if said in ("a", "one") else int(said) if said.isdecimal() else english(said)
    if not weeks or weeks > 60:
        return None
    coming = _coming(scene.today, _WEEKDAYS[match["name"][:3]])
    return only(d.day(coming + timedelta(7 * int(weeks))))


def _coming(today: date, number: int) -> date:
    return today + timedelta((number - today.weekday()) % 7 or 7)


def _month_first(match: re.Match[str], scene: Scene) -> Day | None:
    return _dated(match, int(match["day"]))


def _ordinal_first(match: re.Match[str], scene: Scene) -> Day | None:
    return _dated(match, _ordinal(match["word"]))


def _ordinal(word: str) -> int:
    tens, _, ones = word.replace("-", " ").partition(" ")
    if ones:
        return (30 if tens == "thirty" else 20) + EN_ORDINALS[ones]
    return {"twentieth": 20, "thirtieth": 30}.get(word) or EN_ORDINALS[word]


def _dated(match: re.Match[str], day: int) -> Day | None:
    month, said = _MONTHS[match["month"][:3]], match["year"]
    near = d.month_day(month, day)
    return Day(d.both(d.fixed(d.year(int(said))), near) if said else near)


def _month(match: re.Match[str], scene: Scene) -> Day:
    month = _MONTHS[match["month"][:3]]
    step, said = match["step"], match["year"]
    if said:
        return only(d.month(date(int(said), month, 1)))
    if step in ("last", "past", "previous"):
        return only(d.month(date(scene.today.year - (month >= scene.today.month), month, 1)))
    if step == "next":
        return only(d.month(date(scene.today.year + (month <= scene.today.month), month, 1)).assuming("year"))
    return Day(d.month_of_year(month)) if step != "this" else only(d.month(date(scene.today.year, month, 1)))


def _day_of_month(match: re.Match[str], scene: Scene) -> Day | None:
    return Day(d.day_of_month(int(match["day"])))


def _year(match: re.Match[str], scene: Scene) -> Day:
    return only(d.year(int(match["year"])))


def _period(match: re.Match[str], scene: Scene) -> Day:
    """this week, next month, the weekend, last quarter."""
    step, unit = match["step"], match["unit"]
    steps = _STEPS[step]
    if unit == "weekend":
        if step == "the":
            return Day(d.weekend_near)
        return only(d.weekend(scene.today, 0 if step == "coming" else steps))
    return only(_whole(scene.today, unit, steps))


def _whole(today: date, unit: str, steps: int) -> d.Days:
    if unit == "week":
        return d.week(today, steps)
    if unit == "month":
        return d.month(today, steps)
    return d.quarter(today, steps) if unit == "quarter" else d.year(today.year + steps)


def _place(match: re.Match[str], scene: Scene) -> Day:
    """end of the month, beginning of next week, mid of last year."""
    whole = _whole(scene.today, match["unit"], _STEPS[match["step"] or "this"])
    return only(d.third_of(whole, _third(match["place"])))


def _third(word: str) -> str:
    if word.startswith(("beginning", "start", "early")):
        return "early"
    return "mid" if word.startswith("mid") else "late"


def _month_place(match: re.Match[str], scene: Scene) -> Day:
    near, place = d.month_of_year(_MONTHS[match["month"][:3]]), _third(match["place"])
    return Day(d.each(near, lambda month: d.third_of(month, place)))


def _quarter(match: re.Match[str], scene: Scene) -> Day:
    month = 3 * int(match["number"]) - 2
    if match["year"]:
        return only(d.quarter(date(int(match["year"]), month, 1)))
    return Day(d.yearly(lambda year: d.quarter(date(year, month, 1)), years=2))


def _two_days(match: re.Match[str], scene: Scene) -> list[Atom]:
    """5-8 March, 5th to 8th of March; March 5 to 8: both days are of the month said once."""
    month = _MONTHS[match["month"][:3]]
    first, last = (Day(d.month_day(month, int(match[name]))) for name in ("a", "b"))
    middle = match.end("a")
    return [Atom(match.start(), middle, first), Atom(match.start("b"), match.end(), last)]


def _holiday(match: re.Match[str], scene: Scene) -> Day:
    holiday = holidays.by_name()[match["name"]]
    near = holidays.near(holiday)
    if match["off"]:
        return Day(d.each(near, holiday.off))
    if match["side"]:
        step = -1 if match["side"] == "before" else 1
        return Day(d.each(near, lambda days: d.day(days.first + timedelta(step))))
    return Day(near)


def _holiday_rule() -> tuple[str, Handler]:
    found = sorted((name for name in holidays.by_name() if name[0] < "\u3000"), key=len, reverse=True)
    either = "|".join(map(re.escape, found))
    return (
        rf"\b(?:(?:the )?day (?P<side>before|after) )?(?P<name>{either})\b(?P<off> (?:holidays?|break|period))?",
        _holiday,
    )


_THIRD = "(?:the )?(?P<place>beginning|start|early|middle|mid|end|late)[ -](?:of |in )?"
_STEP = "(?P<step>this coming|coming|this|next|last|past|previous)"
_NOUN = (  # a noun after "the 5th" makes it a place in a row; these words do not
    r"(?! (?!(?:at|to|till?|until|or|and|in|please|pls|for|is|was|from|but|so|through|if|on|by|between|around|morning"
    r"|afternoon|evening|works|will|would|instead|of (?:the|this|next|last))\b)[a-z])"
)  # fmt: skip
_RULES: tuple[tuple[str, Handler], ...] = (
    (r"\b(?P<word>today|to(?=night\b)|tom+o+r+o+w|tomoz|tmrw?|tmw|yesterday)(?:'s)?", _relative),
    (r"\b(?:the )?day (?P<side>after|before) (?:tom+o+r+o+w|yesterday)\b", _beyond),
    (r"\b(?:this(?= (?:morning|afternoon|evening|night|arvo|lunchtime)\b)|last(?= night\b))", _this_part),
    (rf"\b(?:{_STEP} )?(?P<name>{_WEEKDAY}|weds)\b(?P<later> week\b)?(?:'s)?", _weekday),
    (rf"(?:\b{_STEP} |{_AFTER_CUE})(?P<name>{_SHORT_DAY})\b(?P<later> week\b)?", _weekday),
    (
        rf"(?<!\bthe )\b(?P<step>)(?P<later>)(?P<name>{_SHORT_DAY})\b"
        r"(?=\.?(?: (?:morning|afternoon|evening|night|at|pm|\d)|$|[,?!;.]))",
        _weekday,
    ),
    (rf"\b(?P<weeks>a|one|two|three|four|\d) weeks? (?:on|from) (?P<name>{_WEEKDAY})\b", _week_on),
    (rf"\b(?P<month>{_MONTH})\b\.? (?:the )?{_DAY}{_YEAR}", _month_first),
    (rf"\b(?:the )?(?P<day>{_NUMBER}){_ORD} (?:of )?(?P<month>{_MONTH})\b\.?{_YEAR}", _month_first),
    (rf"\b(?P<month>{_MONTH}) (?:the )?{_ORDINAL}\b{_YEAR}", _ordinal_first),
    (rf"\b(?:the )?{_ORDINAL} of (?P<month>{_MONTH})\b{_YEAR}", _ordinal_first),
    (rf"\b(?P<a>{_NUMBER}){_ORD}{_TO}(?:the )?(?P<b>{_NUMBER}){_ORD} (?:of )?(?P<month>{_MONTH})\b", _two_days),
    (rf"\b(?P<month>{_MONTH}) (?P<a>{_NUMBER}){_ORD}{_TO}(?:the )?(?P<b>{_NUMBER}){_ORD}\b{_NOT_COUNTED}", _two_days),
    (rf"\b(?:{_STEP} )?(?P<month>(?!(?:may|mar|march)\b){_MONTH})\b{_YEAR}", _month),
    (rf"(?:\b{_STEP} |{_AFTER_CUE})(?P<month>may|march|mar)\b{_YEAR}", _month),
    (rf"(?:\bthe |(?<=\bon )|^)(?P<day>{_NUMBER})(?:st|nd|rd|th)\b{_NOUN}", _day_of_month),
    (r"(?<=\bin )(?P<year>20\d\d)\b", _year),
    (r"\b(?P<step>this|next|last|previous|coming|following|current) (?P<unit>week(?:end)?|month|quarter|year)\b", _period),
    (r"\b(?P<step>the) (?P<unit>weekend)\b", _period),
    (rf"\b{_THIRD}(?:(?P<step>this|the|next|last) )?(?P<unit>week|month|year)\b", _place),
    (rf"\b{_THIRD}(?P<month>{_MONTH})\b", _month_place),
    (r"\bq(?P<number>[1-4])\b(?: (?P<year>20\d\d))?", _quarter),
)  # fmt: skip


@cache
def rules() -> tuple[Rule, ...]:
    """Compiled once, when first asked for: the names of the holidays are read from a file."""
    return tuple((re.compile(pattern), handler) for pattern, handler in (*_RULES, _holiday_rule()))
