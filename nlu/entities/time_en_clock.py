"""Clock times, parts of days, and points at a distance in English: half past five, tomorrow at 5pm, within 3 days."""

from __future__ import annotations

import re

from nlu.entities.atoms import Atom, Clock, Exact, Part, Rule, Scene, What
from nlu.entities.distance import away, moment, within
from nlu.entities.numerals import EN_NUMERAL, english
from nlu.entities.types import Grain

_HOURS = {
    word: hour
    for hour, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
_PARTS = {
    "morning": Part(6, 12, "am"),
    "afternoon": Part(12, 18, "pm"),
    "arvo": Part(12, 18, "pm"),
    "lunchtime": Part(11, 14, "noon"),
    "pm": Part(12, 18, "pm"),
    "evening": Part(17, 22, "night"),
    "night": Part(18, 24, "night"),
}
_UNITS: dict[str, tuple[Grain, int]] = {
    "min": ("minute", 1), "hour": ("minute", 60), "hr": ("minute", 60), "day": ("day", 1),
    "week": ("week", 1), "fortnight": ("week", 2), "month": ("month", 1), "year": ("year", 1),
}  # fmt: skip
_MINUTES = {
    "half": 30,
    "a quarter": 15,
    "quarter": 15,
    "five": 5,
    "ten": 10,
    "twenty": 20,
    "twenty-five": 25,
    "twenty five": 25,
}


def _part(match: re.Match[str], scene: Scene) -> Part:
    return _PARTS[match["part"]]


def _noon(match: re.Match[str], scene: Scene) -> Clock:
    return Clock(24) if match[0] == "midnight" else Clock(12, None, "pm")


def _hour(text: str) -> int:
    return _HOURS.get(text) or int(text)


def _clock(match: re.Match[str], scene: Scene) -> Clock:
    minute = int(match["min"]) if match["min"] else None
    return Clock(_hour(match["h"]), minute, "am" if match["half"] == "a" else "pm")


def _bare(match: re.Match[str], scene: Scene) -> Clock:
    return Clock(_hour(match["h"]))


def _half_past(match: re.Match[str], scene: Scene) -> Clock:
    hour, minutes = _hour(match["h"]), _MINUTES[match["min"]]
    return Clock(hour, minutes) if match["way"] == "past" else Clock(hour - 1 or 12, 60 - minutes)


def _two_hours(match: re.Match[str], scene: Scene) -> list[Atom]:
    """between 2 and 5."""
    return [Atom(match.start(name), match.end(name), Clock(_hour(match[name]))) for name in ("a", "b")]


def _now(match: re.Match[str], scene: Scene) -> Exact:
    return moment(scene, 0)


def _amount(match: re.Match[str]) -> tuple[float, Grain] | None:
    """How far, in units of the grain."""
    grain, factor = _UNITS[re.sub(r"^(?:business|working) |(?:ute)?s?$", "", match["unit"])]
    said = (match["n"] or "one").removesuffix(" of").strip()
    if said in ("a", "an", "the"):
        value: float | None = 1
    else:
        value = float(said) if said[0].isdecimal() else english(said)
    if value is None:
        return None
    return (value + (0.5 if match["half"] else 0)) * factor, grain


def _ahead(match: re.Match[str], scene: Scene) -> What | None:
    return _away(match, scene, back=False)


def _ago(match: re.Match[str], scene: Scene) -> What | None:
    return _away(match, scene, back=match["side"] in ("ago", "back", "before", "earlier"))


def _away(match: re.Match[str], scene: Scene, *, back: bool) -> What | None:
    far = _amount(match)
    return None if far is None else away(scene, far[0], far[0], far[1], back=back)


def _within(match: re.Match[str], scene: Scene) -> Exact | None:
    far = _amount(match)
    return None if far is None else within(scene, far[0], far[1], back=False)


def _lately(match: re.Match[str], scene: Scene) -> Exact | None:
    far = _amount(match)
    return None if far is None else within(scene, far[0], far[1], back=True)


_N = rf"(?P<n>\d{{1,4}}(?:\.\d)?|an?|{EN_NUMERAL})"
_UNIT = r"(?P<unit>minutes?|mins?|hours?|hrs?|(?:business |working )?days?|weeks?|fortnights?|months?|years?)\b"
_SPAN = rf"{_N} ?{_UNIT}(?P<half> and a half)?"
_H = "(?:1[0-2]|0?[1-9]|" + "|".join(sorted(_HOURS, key=len, reverse=True)) + ")"
_BORDER = (
    r"(?=\s*(?:$|[,;?!)]|\.(?!\d)|(?:on|to|till|until|tomorrow|today|tonight|in the|and|or|please|pls|if|is|for|this|next|would"
    r"|will|at|sharp|ish|mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|works|when|as"
    r"|because|so|but|cos|from|i|we)\b))"
)  # fmt: skip
_COUNTED = (
    r"(?:days?|weeks?|hours?|minutes?|mins?|months?|years?|items?|people|pieces?|tickets?|pounds?|dollars?|%|kg|km)"
)
_BEFORE_HOUR = (
    "(?:"
    + "|".join(rf"(?<=\b{cue} )" for cue in ["at", "after", "before", "by", "around", "about", "until", "till", "past"])
    + ")"
)

RULES: tuple[Rule, ...] = tuple(
    (re.compile(pattern), handler)
    for pattern, handler in (
        (r"(?<!good )(?:\bin the |\bat )?(?:(?:\bearly|\blate) )?(?:\b|(?<=\bto))"
            r"(?P<part>morning|afternoon|arvo|lunchtime|evening|night)\b", _part),
        (r"(?<=[a-z] )(?P<part>pm)\b", _part),
        (r"\b(?:noon|midday|midnight)\b", _noon),
        (r"(?<![\d:.])(?P<h>1[0-2]|0?[1-9])(?:[:.](?P<min>[0-5]\d))? ?(?P<half>[ap])\.?m\b\.?", _clock),
        (rf"\b(?P<h>{_H}) ?o'? ?clock\b", _bare),
        (rf"\b(?P<min>half|(?:a )?quarter) (?P<way>past|to) (?P<h>{_H})\b", _half_past),
        (rf"\b(?P<min>five|ten|twenty(?:[- ]five)?) (?P<way>past) (?P<h>{_H})\b", _half_past),
        (rf"{_BEFORE_HOUR}(?P<h>{_H})\b(?![:.]\d){_BORDER}", _bare),
        (rf"\b(?:from|between) (?P<a>{_H}) ?(?:to|and|till|until|-) ?(?P<b>{_H})\b(?![:.]\d){_BORDER}", _two_hours),
        (rf"\bbetween (?P<a>{_H}) ?(?:to|and|-) ?(?P<b>{_H})\b(?![:.%]\d)(?! ?{_COUNTED})", _two_hours),
        (rf"(?<![\d:.])\b(?P<h>{_H})(?= ?(?:-|to|and|till|until) ?(?:1[0-2]|0?[1-9])(?:[:.]\d\d)? ?[ap]\.?m\b)", _bare),
        (r"\bright now\b|\bas of now\b|^now(?=[.!]?$)", _now),
        (rf"\bin {_SPAN}(?:'? time)?", _ahead),
        (rf"\b{_SPAN} (?P<side>ago|back|earlier|from now|from today|later)\b", _ago),
        (rf"\b(?:within|in (?:the )?next|over the next|(?:the )?next|inside) (?:the next )?{_SPAN}", _within),
        (rf"\b(?:(?:in|over|during|within) )?(?:the )?(?:last|past) {_SPAN}", _lately),
        (rf"\b(?:in|over|during|within) the past (?P<n>)(?P<half>){_UNIT}", _lately),
    )
)  # fmt: skip
