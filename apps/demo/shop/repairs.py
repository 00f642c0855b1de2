"""Engineers' visits in the next two weeks, four a day; some are taken by others."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from apps.demo.shop.models import RepairVisit
from apps.demo.shop.times import span
from apps.demo.shop.types import Answer, Ask, Option, done, invalid, not_found, wrong_slot
from apps.demo.shop.wording import day, local

HOURS = ((9, 11), (11, 13), (14, 16), (16, 18))
AHEAD = timedelta(days=14)
NOTICE = timedelta(hours=2)
CANCEL_WITHIN = timedelta(hours=2)
MOST = 20
ENGINEERS = (("陈立", "Chen Li"), ("高振", "Gao Zhen"), ("罗平", "Luo Ping"), ("董志远", "Dong Zhiyuan"))
TAKEN = 0.2
"""The share of visits that others have booked."""


@dataclass(frozen=True, slots=True)
class Visit:
    start: datetime
    end: datetime

    @property
    def value(self) -> str:
        return f"{self.start:%Y%m%dT%H%M}"


def slots(ask: Ask) -> Answer:
    """The free visits on the days asked for, and within their hours where the customer named some."""
    start, end = span(ask, "day")
    first, last = start or ask.now, end or ask.now + AHEAD
    if last <= ask.now or first >= ask.now + AHEAD:
        raise wrong_slot("day", ask.say("上门只能约在未来 14 天内。", "Visits can be booked for the next 14 days."))
    free = [visit for on in _days(max(first, ask.now), last) for visit in _free(ask, on)]
    wanted = [visit for visit in free if first < visit.end and visit.start < last]
    return Answer(options=tuple(_option(ask, visit) for visit in (wanted or free)[:MOST]))


def book(ask: Ask) -> Answer:
    visit = next((one for one in _free(ask, _day_of(ask)) if one.value == ask.text("visit")), None)
    if visit is None:
        raise not_found(ask.say("这个时段已经约满。", "That time is taken."))
    zh, en = ENGINEERS[_draw(visit).randrange(len(ENGINEERS))]
    booked = RepairVisit.objects.create(
        customer=ask.customer,
        no=ask.number("WX"),
        device=ask.text("device")[:80],
        fault=ask.text("fault")[:500],
        starts_at=visit.start,
        ends_at=visit.end,
        address=ask.text("address")[:200],
        phone=ask.text("phone")[:40],
        engineer=zh,
    )
    return done(ticket=booked.no, engineer=ask.say(zh, en))


def cancel(ask: Ask) -> Answer:
    visit = RepairVisit.objects.filter(customer=ask.customer, no=ask.text("ticket")).first()
    if visit is None:
        raise not_found(ask.say("没有找到这个维修单。", "There is no such repair."))
    if visit.state == RepairVisit.State.OPEN and ask.now - visit.created_at > CANCEL_WITHIN:
        raise invalid("too_late", ask.say("预约已超过 2 小时。", "It was booked more than 2 hours ago."))
    visit.state = RepairVisit.State.WITHDRAWN
    visit.save(update_fields=["state", "updated_at"])
    return done(ticket=visit.no)


def _days(first: datetime, last: datetime) -> Iterator[date]:
    start, end = local(first).date(), local(last - timedelta(microseconds=1)).date()
    return (start + timedelta(days=n) for n in range(min((end - start).days, AHEAD.days) + 1))


def _day_of(ask: Ask) -> date:
    try:
        return datetime.strptime(ask.text("visit"), "%Y%m%dT%H%M").date()  # noqa: DTZ007
    except ValueError:
        raise not_found(ask.say("没有这个时段。", "There is no such time.")) from None


def _free(ask: Ask, on: date) -> Iterator[Visit]:
    booked = RepairVisit.objects.filter(customer=ask.customer, state=RepairVisit.State.OPEN)
    taken = set(booked.values_list("starts_at", flat=True))
    zone = timezone.get_default_timezone()
    for begin, end in HOURS:
        visit = Visit(datetime.combine(on, time(begin), zone), datetime.combine(on, time(end), zone))
        in_time = ask.now + NOTICE < visit.start < ask.now + AHEAD
        if in_time and visit.start not in taken and _draw(visit).random() >= TAKEN:
            yield visit


def _draw(visit: Visit) -> random.Random:
    return random.Random(visit.value)


def _option(ask: Ask, visit: Visit) -> Option:
    on = day(visit.start, ask.now, ask.lang)
    clock = f"{local(visit.start):%H:%M}–{local(visit.end):%H:%M}"
    return Option(
        value=visit.value,
        label=ask.say(f"{on}{clock}", f"{on}, {clock}"),
        # Only the start is an exact time: “eleven o'clock” is never the visit that ends then.
        extra={"start": visit.start.isoformat(), "end": f"{local(visit.end):%H:%M}"},
    )
