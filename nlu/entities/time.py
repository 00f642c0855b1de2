"""Times and ranges of times in Chinese and English, as absolute half-open ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from nlu.entities import time_digits, time_en, time_en_clock, time_zh, time_zh_clock
from nlu.entities.atoms import Atom, Exact, Scene, apart, scan
from nlu.entities.days import day as one_day
from nlu.entities.days import finer, fixed
from nlu.entities.phrases import Phrase, phrases, resolve
from nlu.entities.types import Found, JsonValue

_ANY_ZH = re.compile(
    "[天日号周月年点时分前后内午晚早晨夜朝节昏昼刻儿]|星期|礼拜|季|现在|小时|[五六]一|国庆|中秋|春|清明|端午|元旦|圣诞|七夕|除夕|重阳"
    "|腊|元宵|过年|双十|双1|目前|此刻|跨年|冬至|618|黑五|q[1-4]|中元|万圣|三一五|平安"
)
_ANY_EN = re.compile(r"[a-z]")
_ANY_DIGITS = re.compile(r"\d[:/.-]\d")

_LINK = re.compile(r" ?(?:到了?|至|直?到|[-~—–]+|\bto\b|\buntil\b|\btill?\b|\bthrough\b|\bthru\b) ?")
_AND = re.compile(" ?(?:和|与|跟|and) ?")
_BETWEEN = re.compile(r"\bbetween (?:the )?$")
_ENCLOSED = re.compile(" ?(?:之间|期间|这段时间|的时候)")

_BEFORE_EN = re.compile(
    r"\b(?:(?P<before>before|earlier than|prior to)|(?P<by>by|no later than|not later than|until|till|up to)"
    r"|(?P<after>(?:any ?time )?after|later than)|(?P<since>(?:ever )?since)|(?P<begin>as of|starting(?: from| on)?|from)"
    r"|(?P<about>around|about|roughly)) (?:the )?$"
)
_BEFORE_ZH = re.compile(
    "(?:(?P<by>(?:最晚|最迟|不晚于|截止到?|截至到?|赶在)在?)|(?P<since>自从)|(?P<begin>从|自)|(?P<about>大概|大约|差不多))$"
)
_AFTER_ZH = re.compile(
    " ?的?(?:(?P<about>左右|前后|上下)|(?P<before>[之以]前|前(?![天年台面后往期提])|为止)"
    "|(?P<after>[之以]后|过后|后(?![天年台面续来]))|(?P<since>以来)|(?P<begin>起|开始))"
)
_AFTER_EN = re.compile(
    r" (?:(?P<begin>or later|onwards?|or after)|(?P<by>or earlier|or before|at the latest|latest))\b"
)
_ROLES = ("before", "by", "after", "since", "begin", "about")


def times(text: str, scene: Scene) -> list[Found]:
    """Times in a reading (see ``reading``), by place, not overlapping."""
    made = phrases(text, _atoms(text, scene), scene)
    found: list[Found] = []
    i = 0
    while i < len(made):
        one = _range(text, made[i], made[i + 1], scene) if i + 1 < len(made) else None
        i += 1 if one is None else 2
        one = one or _single(text, made[i - 1], scene)
        if one is not None:
            found.append(one)
    return found


def _atoms(text: str, scene: Scene) -> list[Atom]:
    atoms: list[Atom] = []
    if _ANY_ZH.search(text):
        atoms += scan(text, (*time_zh.rules(), *time_zh_clock.RULES), scene)
    if _ANY_EN.search(text):
        atoms += scan(text, (*time_en.rules(), *time_en_clock.RULES), scene)
    if _ANY_DIGITS.search(text):
        atoms += scan(text, time_digits.EN if scene.lang == "en" else time_digits.ZH, scene)
    return apart(atoms)


def _found(start: int, end: int, time: Exact) -> Found:
    value: dict[str, JsonValue] = {"start": _iso(time.start), "end": _iso(time.end)}
    return Found("time", start, end, value, time.grain, tuple(dict.fromkeys(time.assumed)))


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat(timespec="seconds")


# --- ranges -----------------------------------------------------------------------------------------------------


def _range(text: str, left: Phrase, right: Phrase, scene: Scene) -> Found | None:
    """``left`` to ``right`` where the words between them say so; None where they do not, or it would end too early."""
    if not _linked(text, left, right):
        return None
    left = _completed(left, right)
    for begin, finish in _pairs(left, right, scene):
        end = finish.start if right.clock is not None and right.exact is None else finish.end
        if begin.start is not None and end is not None and begin.start < end:
            extra = _ENCLOSED.match(text, right.end)
            first = _BETWEEN.search(text[: left.start])
            whole = Exact(begin.start, end, finer(begin.grain, finish.grain), (*begin.assumed, *finish.assumed))
            return _found(first.start() if first else left.start, extra.end() if extra else right.end, whole)
    return None


def _linked(text: str, left: Phrase, right: Phrase) -> bool:
    if left.end == right.start:
        return left.clock is not None and right.clock is not None  # 七八点
    if _LINK.fullmatch(text, left.end, right.start):
        return True
    if not _AND.fullmatch(text, left.end, right.start):
        return False
    return bool(left.role == "between" or _BETWEEN.search(text[: left.start]) or _ENCLOSED.match(text, right.end))


def _completed(left: Phrase, right: Phrase) -> Phrase:
    """The left side with what was said only once, at the right: the day of "2 to 5 tomorrow"."""
    if left.clock is not None and left.near is None and right.near is not None and right.clock is not None:
        return replace(left, near=right.near)
    return left


def _pairs(left: Phrase, right: Phrase, scene: Scene) -> Iterator[tuple[Exact, Exact]]:
    """Readings of both sides, the likeliest first."""
    for start in _starts(left, right):
        begin = resolve(start, scene)
        if begin is None or begin.start is None:
            continue
        for stop in _stops(left, right, begin.start):
            finish = resolve(stop, scene, begin.start)
            if finish is not None:
                yield begin, finish


def _starts(left: Phrase, right: Phrase) -> Iterator[Phrase]:
    """``2 to 4 pm`` begins in the afternoon, ``11 to 1 pm`` does not."""
    half = right.clock.half if right.clock else None
    if left.clock is not None and right.clock is not None and half and not left.clock.certain and left.part is None:
        same = left.clock.hour % 12 <= right.clock.hour % 12
        other: Literal["am", "pm"] = "am" if half == "pm" else "pm"
        yield replace(left, clock=replace(left.clock, half=half if same else other))
    elif left.clock is not None and left.part is None and right.part is not None and right.near is None:
        yield replace(left, part=right.part)
    yield left


def _stops(left: Phrase, right: Phrase, begin: datetime) -> Iterator[Phrase]:
    if right.near is not None or right.exact is not None:
        yield right
        return
    if left.clock is None and left.part is None:
        return  # a day does not last until a clock time
    same = fixed(one_day(begin.date()))
    if right.clock is not None and right.part is None and left.part is not None:
        yield replace(right, near=same, part=left.part)
    yield replace(right, near=same)
    yield replace(right, near=fixed(one_day(begin.date()), one_day(begin.date() + timedelta(1))))


# --- single times and their borders -----------------------------------------------------------------------------


def _single(text: str, phrase: Phrase, scene: Scene) -> Found | None:
    start, end, role = phrase.start, phrase.end, phrase.role
    before = _BEFORE_EN.search(text, 0, start) or _BEFORE_ZH.search(text, 0, start)
    after = None if phrase.exact else _AFTER_ZH.match(text, end) or _AFTER_EN.match(text, end)
    if before:
        role = _role(before)
        start = before.start()
    if after:
        role = _role(after)
        end = after.end()
    time = resolve(phrase, replace(scene, policy="past") if role == "since" else scene)
    if time is None:
        return None
    bounded = _bounded(time, role, scene, _window(phrase, time, scene)) if role else time
    return _found(start, end, bounded)


def _window(phrase: Phrase, time: Exact, scene: Scene) -> datetime:
    """Where "before ten" begins: with the morning or the day that was named with it, else now."""
    if phrase.clock is None or time.start is None or (phrase.near is None and phrase.part is None):
        return scene.now
    hours = phrase.part.first if phrase.part else 0
    return max(scene.now, scene.at(time.start.date(), 60 * hours))


def _role(match: re.Match[str]) -> str:
    return next(name for name in _ROLES if match.groupdict().get(name))


def _bounded(time: Exact, role: str, scene: Scene, window: datetime) -> Exact:
    """The range that 前, 后, since and their like make of a time; None on the side that stays open."""
    if role in ("about", "between") or time.start is None or time.end is None:
        return replace(time, assumed=(*time.assumed, "approx"))
    small = time.grain in ("minute", "hour")
    if role in ("before", "by"):
        last_third = "period" in time.assumed and time.end.day == 1  # 月底前 means the whole month
        end = time.end if (role == "by" and not small) or last_third else time.start
        begin = window if role == "before" and window < end else scene.now if scene.now < end else None
        return Exact(begin, end, time.grain, (*time.assumed, *(("now",) if begin == scene.now else ())))
    begin = time.end if role == "after" and not small else time.start
    if small:
        return Exact(begin, scene.at(begin.date() + timedelta(1)), time.grain, time.assumed)
    if role == "since" and begin <= scene.now:
        return Exact(begin, scene.now, time.grain, (*time.assumed, "now"))
    return Exact(begin, None, time.grain, time.assumed)
