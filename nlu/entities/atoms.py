"""The words that times are made of, before anything is chosen: days, parts of days, clock times, points in time.

``time_zh``, ``time_en`` and ``time_digits`` find them; ``time`` puts them together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, TypeAlias

from nlu.entities.days import Days, Near, fixed
from nlu.entities.types import Grain, Policy
from nlu.types import Lang

HalfRule = Literal["am", "pm", "noon", "night", "dawn"]
"""How an hour from 1 to 12 is read beside a word for a part of the day."""


@dataclass(frozen=True, slots=True)
class Scene:
    """When, in which language and about what the text was written."""

    now: datetime
    policy: Policy
    lang: Lang = "zh"

    @property
    def today(self) -> date:
        return self.now.date()

    def at(self, when: date, minutes: int = 0) -> datetime:
        """``minutes`` after midnight of a day, by the clock on the wall."""
        return datetime.combine(when, time(), self.now.tzinfo) + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Day:
    near: Near


@dataclass(frozen=True, slots=True)
class Part:
    """Hours after midnight; ``last`` is beyond 24 where the part reaches into the next day."""

    first: int
    last: int
    rule: HalfRule

    def hour(self, hour: int) -> int:
        """The hour that a clock shows in this part: 晚上 8 is 20, 晚上 12 is 24, 凌晨 12 is 0."""
        if hour > 12 or hour == 0:
            return hour
        if self.rule == "dawn":
            return hour % 12
        if self.rule == "night":
            return hour + 12 if 5 <= hour <= 12 else hour + 24
        if self.rule == "pm" or (self.rule == "noon" and hour <= 4):
            return hour % 12 + 12
        return hour


@dataclass(frozen=True, slots=True)
class Clock:
    hour: int
    minute: int | None = None
    half: Literal["am", "pm"] | None = None
    approx: bool = False

    @property
    def certain(self) -> bool:
        return self.half is not None or self.hour > 12 or self.hour == 0

    def options(self, part: Part | None) -> tuple[int, ...]:
        """Minutes after midnight, the likelier reading first: 9 is the morning, 3 and 12 are around noon."""
        return tuple(60 * hour + (self.minute or 0) for hour in self._hours(part))

    def _hours(self, part: Part | None) -> tuple[int, ...]:
        if self.half is not None and self.hour <= 12:
            return (self.hour % 12 + (12 if self.half == "pm" else 0),)
        if part is not None:
            return (part.hour(self.hour),)
        if self.certain:
            return (self.hour,)
        if self.hour == 12:
            return (12, 24)
        return (self.hour, self.hour + 12) if self.hour >= 8 else (self.hour + 12, self.hour)


@dataclass(frozen=True, slots=True)
class Exact:
    """A finished answer; None where a side is open."""

    start: datetime | None
    end: datetime | None
    grain: Grain
    assumed: tuple[str, ...] = ()


What: TypeAlias = Day | Part | Clock | Exact


@dataclass(frozen=True, slots=True)
class Atom:
    start: int
    end: int
    what: What


Handler: TypeAlias = Callable[[re.Match[str], Scene], "What | list[Atom] | None"]
Rule: TypeAlias = tuple[re.Pattern[str], Handler]


def only(*days: Days) -> Day:
    """Days that nothing can shift."""
    return Day(fixed(*days))


def scan(text: str, rules: Iterable[Rule], scene: Scene) -> list[Atom]:
    """What the rules find in ``text``, the longest where they overlap, the earlier rule among equals."""
    found: list[Atom] = []
    for pattern, handler in rules:
        for match in pattern.finditer(text):
            made = handler(match, scene)
            if isinstance(made, list):
                found.extend(made)
            elif made is not None:
                found.append(Atom(match.start(), match.end(), made))
    return apart(found)


def apart(atoms: Sequence[Atom]) -> list[Atom]:
    """Atoms that do not overlap, by place; longer ones win, then earlier given ones."""
    if len(atoms) < 2:
        return list(atoms)
    kept: list[Atom] = []
    for atom in sorted(atoms, key=lambda atom: atom.start - atom.end):
        if all(atom.end <= other.start or other.end <= atom.start for other in kept):
            kept.append(atom)
    return sorted(kept, key=lambda atom: atom.start)
