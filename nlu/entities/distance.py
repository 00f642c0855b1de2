"""Points and spans of time at a distance from now: three days on, an hour ago, within two weeks."""

from __future__ import annotations

from datetime import timedelta

from nlu.entities import days as d
from nlu.entities.atoms import Exact, Scene, What, only
from nlu.entities.types import Grain

_FAR: dict[Grain, int] = {"minute": 60 * 24 * 400, "day": 4000, "week": 600, "month": 240, "year": 50}
"""No customer speaks of times further away; beyond this a number is something else."""


def moment(scene: Scene, minutes: float) -> Exact:
    """The minute that lies ``minutes`` from now."""
    start = (scene.now + timedelta(minutes=minutes)).replace(second=0, microsecond=0)
    return Exact(start, start + timedelta(minutes=1), "minute")


def away(scene: Scene, low: float, high: float, grain: Grain, *, back: bool) -> What | None:
    """The day or minute at a distance; from ``low`` to ``high`` where they differ. None where it is out of reach."""
    if not 0 <= low <= high <= _FAR[grain]:
        return None
    sign = -1 if back else 1
    if grain == "minute":
        points = sorted((moment(scene, sign * low), moment(scene, sign * high)), key=lambda point: str(point.start))
        return Exact(points[0].start, points[1].end, "minute")
    ends = sorted((_shift(scene, sign * low, grain), _shift(scene, sign * high, grain)), key=lambda days: days.first)
    assumed = () if grain == "day" else ("day",)
    return only(d.Days(ends[0].first, ends[1].last, "day", assumed))


def _shift(scene: Scene, steps: float, grain: Grain) -> d.Days:
    if grain == "day":
        return d.day(scene.today + timedelta(int(steps)))
    if grain == "week":
        return d.day(scene.today + timedelta(int(steps * 7)))
    months = steps * 12 if grain == "year" else steps
    whole = int(months)
    return d.day(d.shift_month(scene.today, whole) + timedelta(round((months - whole) * 30)))


def within(scene: Scene, steps: float, grain: Grain, *, back: bool) -> Exact | None:
    """From now until the end of the last day (or to the minute), or the same backwards up to now."""
    if not 0 <= steps <= _FAR[grain]:
        return None
    if grain == "minute":
        there = scene.now + timedelta(minutes=-steps if back else steps)
        there = there.replace(second=0, microsecond=0)
        return Exact(there, scene.now, "minute") if back else Exact(scene.now, there, "minute")
    days = _shift(scene, -steps if back else steps, grain)
    return Exact(scene.at(days.first), scene.now, "day") if back else Exact(scene.now, scene.at(days.last), "day")
