"""Flights between all cities that the product knows, drawn from day and route: nothing is stored, all is repeatable.

The airlines are invented. Times are those of the shop's time zone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from django.utils import timezone

from nlu.entities.tables import rows

AIRLINES = (("YS", "云杉航空", "Spruce Air"), ("QL", "青岚航空", "Haze Air"), ("HT", "海棠航空", "Begonia Air"))
AHEAD = timedelta(days=330)
"""How long before its day a flight can be booked."""
MOVES_ONCE = "9"
"""The last digit of the flights whose price changes once, between the first quote and the booking."""
RISE = 60
_CHINA = re.compile(
    "北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    "|陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|台湾"
)


@dataclass(frozen=True, slots=True)
class City:
    name: str
    english: str
    abroad: bool

    def shown(self, lang: str) -> str:
        return self.name if lang == "zh" else self.english


@dataclass(frozen=True, slots=True)
class Flight:
    """``price`` is in yuan, before it moved; ``seats`` how many are for sale."""

    no: str
    airline: tuple[str, str]
    origin: City
    target: City
    departs: datetime
    arrives: datetime
    price: int
    seats: int

    @property
    def value(self) -> str:
        """What names it in requests: number, day and route."""
        return f"{self.no}_{self.departs:%Y%m%d}_{self.origin.name}_{self.target.name}"


@cache
def cities() -> dict[str, City]:
    """By name; a city of China's provinces or regions is none abroad."""
    return {
        name: City(name, english, not _CHINA.fullmatch(region)) for name, english, region, _, _ in rows("cities", 5)
    }


def flights(origin: City, target: City, on: date) -> tuple[Flight, ...]:
    """The flights of a day, by departure."""
    return tuple(sorted(_drawn(origin, target, on), key=lambda flight: flight.departs))


def flight_of(value: str) -> Flight | None:
    """The flight of an option's value; None for what names none."""
    no, day, origin, target, *rest = [*value.split("_"), "", "", "", ""]
    if any(rest) or origin not in cities() or target not in cities() or len(day) != 8:
        return None
    try:
        on = datetime.strptime(day, "%Y%m%d").replace(tzinfo=timezone.get_default_timezone()).date()
    except ValueError:
        return None
    return next((flight for flight in flights(cities()[origin], cities()[target], on) if flight.no == no), None)


def _drawn(origin: City, target: City, on: date) -> Iterator[Flight]:
    far = origin.abroad or target.abroad
    route = random.Random("-".join(sorted((origin.name, target.name))))
    minutes, base = (route.randrange(150, 780, 5), route.randrange(1800, 7600, 10)) if far else _near(route)
    draw = random.Random(f"{origin.name}-{target.name}-{on:%Y%m%d}")
    hours = sorted(draw.sample(range(6, 22), draw.randint(3, 4) if far else draw.randint(5, 7)))
    numbers = draw.sample(range(1_000, 10_000), len(hours))
    for hour, number in zip(hours, numbers, strict=True):
        code, zh, en = draw.choice(AIRLINES)
        start = datetime.combine(on, time(hour, draw.randrange(0, 60, 5)), timezone.get_default_timezone())
        yield Flight(
            no=f"{code}{number}",
            airline=(zh, en),
            origin=origin,
            target=target,
            departs=start,
            arrives=start + timedelta(minutes=minutes + draw.randrange(0, 20, 5)),
            price=round(base * draw.uniform(0.75, 1.3) / 10) * 10,
            seats=draw.choice((2, 5, 9, 20, 40)),
        )


def _near(route: random.Random) -> tuple[int, int]:
    minutes = route.randrange(70, 215, 5)
    return minutes, 250 + minutes * 5
