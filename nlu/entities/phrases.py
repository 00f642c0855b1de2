"""Atoms that stand together become one phrase: day, part of the day and clock time, in any order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nlu.entities import days as d
from nlu.entities.atoms import Atom, Clock, Day, Exact, Part, Scene, What
from nlu.entities.days import Days, Near, both
from nlu.entities.types import Grain

_GLUE = re.compile(r"[ ,，、]*(?:的|那天|当天|这天|at|on|in|in the|of|from|t)?[ ,]*")
_ROLES = {
    "between": "between", "after": "after", "before": "before", "by": "by", "until": "by", "till": "by",
    "about": "about", "around": "about", "at about": "about", "at around": "about",
    "大概": "about", "大约": "about", "差不多": "about", "最晚": "by", "最迟": "by",
}  # fmt: skip
_ROLE_GLUE = re.compile(rf"[ ,，]*({'|'.join(_ROLES)}) ?")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A time as said, still with every reading it may have."""

    start: int
    end: int
    near: Near | None = None
    part: Part | None = None
    clock: Clock | None = None
    exact: Exact | None = None
    role: str = ""
    """What stands between day and clock in "Monday after 4": ``after``, ``before``, ``by``, ``about``, ``between``."""


def phrases(text: str, atoms: Sequence[Atom], scene: Scene) -> list[Phrase]:
    """Neighbouring atoms joined as long as they say different things about one time."""
    made: list[Phrase] = []
    for atom in atoms:
        alone = _phrase(atom)
        joined = _joined(text, made[-1], alone, scene) if made else None
        if joined is None:
            made.append(alone)
        else:
            made[-1] = joined
    return made


def _phrase(atom: Atom) -> Phrase:
    what: What = atom.what
    match what:
        case Day():
            return Phrase(atom.start, atom.end, near=what.near)
        case Part():
            return Phrase(atom.start, atom.end, part=what)
        case Clock():
            return Phrase(atom.start, atom.end, clock=what)
        case Exact():
            return Phrase(atom.start, atom.end, exact=what)


def _joined(text: str, left: Phrase, right: Phrase, scene: Scene) -> Phrase | None:
    if left.exact or right.exact:
        return None
    role = ""
    if not _GLUE.fullmatch(text, left.end, right.start):
        between = _ROLE_GLUE.fullmatch(text, left.end, right.start) if left.near and right.clock else None
        if between is None or right.near:
            return None
        role = _ROLES[between[1]]
    if (left.part and right.part) or (left.clock and right.clock):
        return None
    near = left.near or right.near
    if left.near and right.near:
        if left.clock or left.part:
            return None
        near = both(left.near, right.near)
        if not near(scene.today):
            return None
    return Phrase(
        left.start, right.end, near, left.part or right.part, left.clock or right.clock, role=role or left.role
    )


# --- from readings to one time ----------------------------------------------------------------------------------


def resolve(phrase: Phrase, scene: Scene, after: datetime | None = None) -> Exact | None:
    """The reading that the policy takes; with ``after``, as for the end of a range, the first one not before it.

    None where the phrase names a day that never occurs (30 February) or nothing lies after ``after``."""
    if phrase.exact is not None:
        return phrase.exact if after is None or phrase.exact.start is None or phrase.exact.start >= after else None
    days = phrase.near(after.date() if after else scene.today) if phrase.near else _around(scene)
    if after is not None:
        later = [time for day in days for time in _times(phrase, day, scene) if time.start and time.start >= after]
        return min(later, key=lambda time: str(time.start), default=None)
    if len(days) == 1:
        options = _times(phrase, days[0], scene)
        today = days[0].first == scene.today
        return next((time for time in options if fits(time, scene)), options[0]) if today else options[0]
    return _by_policy([(day, _times(phrase, day, scene)) for day in days], scene, dated=phrase.near is not None)


def fits(time: Exact, scene: Scene) -> bool:
    """Whether it is not over yet (future) or has begun (past)."""
    if scene.policy == "future":
        return time.end is None or time.end > scene.now
    return time.start is None or time.start <= scene.now


def _by_policy(days: list[tuple[Days, list[Exact]]], scene: Scene, *, dated: bool) -> Exact | None:
    for day, options in days if scene.policy == "future" else reversed(days):
        if fits(options[0], scene):
            return options[0]
        if not dated and day.first == scene.today and fits(options[-1], scene) and _waking(options[-1]):
            return options[-1]
    if not days:
        return None
    return days[-1 if scene.policy == "future" else 0][1][0]


def _waking(time: Exact) -> bool:
    """Nine in the morning gone by is tomorrow's, not nine at night; three in the afternoon is not three at night."""
    return time.start is not None and 6 <= time.start.hour <= 20


def _around(scene: Scene) -> tuple[Days, ...]:
    """Yesterday, today, tomorrow: what a clock time without a day may lie in."""
    return tuple(d.day(scene.today + timedelta(step)).assuming("day") for step in (-1, 0, 1))


def _times(phrase: Phrase, days: Days, scene: Scene) -> list[Exact]:
    """The phrase on these days; two where only the clock's half is open, the likelier one first."""
    if phrase.clock is None:
        if phrase.part is None:
            return [Exact(scene.at(days.first), scene.at(days.last), days.grain, days.assumed)]
        start = scene.at(days.first, 60 * phrase.part.first)
        end = scene.at(days.last - timedelta(1), 60 * phrase.part.last)
        return [Exact(start, end, "part", days.assumed)]
    options = phrase.clock.options(phrase.part)
    assumed = (*days.assumed, *(("ampm",) if len(options) > 1 else ()), *(("approx",) if phrase.clock.approx else ()))
    grain: Grain = "hour" if phrase.clock.minute is None else "minute"
    long = 60 if grain == "hour" else 1
    return [Exact(scene.at(days.first, at), scene.at(days.first, at + long), grain, assumed) for at in options]
