"""What the extractors return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"

Grain = Literal["minute", "hour", "part", "day", "week", "month", "quarter", "year"]
"""The finest unit that the customer named; ``part`` is a part of a day (下午, evening)."""

Policy = Literal["future", "past"]
"""Which of several readings a time takes: the next one (bookings) or the latest one (orders)."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A value found at ``raw[start:end] == text``.

    ``value`` by kind:

    - ``time``: ``{"start", "end"}``, ISO 8601 with offset, half-open; None where that side is open
    - ``duration``, ``quantity``: ``{"amount", "unit"}``, and ``"to"`` where two numbers were said (三四个)
    - ``number``: int or float; ``digits``: a spoken or spaced row of digits as a string (leading zeros stay)
    - ``amount``: ``{"amount", "currency"}``, the currency as in ISO 4217
    - ``ordinal``: an index into the list shown last, from 0, negative from its end; ``"middle"``; ``"other"``; or a
      list of indexes (前两个)
    - ``phone``: E.164 where the country is known, else the digits; an extension follows as ``;ext=``
    - ``id_number``, ``tracking_no``, ``order_no``, ``tail_no`` and a tenant's own kinds: a string, upper case, without
      spaces
    - ``city``: ``{"city", "en"}``, and ``"airport"`` (IATA) where an airport was named
    - ``yes_no``: bool

    ``assumed`` names what the customer did not say and the extractor chose: for times ``year``, ``month``, ``week``,
    ``day``, ``ampm``, ``order`` (of day and month), ``now`` (as the open end), ``period`` (how long 月初 or a holiday
    lasts), ``approx``; elsewhere ``approx``, ``currency``, ``country``.
    """

    kind: str
    start: int
    end: int
    text: str
    value: JsonValue
    grain: Grain | None = None
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """An entity before it meets its text: what one extractor saw at ``[start, end)``."""

    kind: str
    start: int
    end: int
    value: JsonValue
    grain: Grain | None = None
    assumed: tuple[str, ...] = ()
