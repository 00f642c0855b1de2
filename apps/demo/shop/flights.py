"""Finding, pricing, booking and cancelling flights; each customer sees the same timetable with seats of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from apps.demo.shop.models import Booking, FareChange, Passenger
from apps.demo.shop.times import span
from apps.demo.shop.timetable import AHEAD, MOVES_ONCE, RISE, City, Flight, cities, flight_of, flights
from apps.demo.shop.types import Answer, Ask, Option, done, invalid, not_found, wrong_slot
from apps.demo.shop.wording import day, local

MOST = 20
DAYS = 3
CANCEL_WITHIN = timedelta(minutes=30)
WORDS: Mapping[str, tuple[str, ...]] = {
    "self": ("本人", "我自己", "自己", "myself"),
    "mother": ("我妈", "妈妈", "母亲", "my mum", "my mom", "my mother"),
    "partner": ("爱人", "老婆", "老公", "my partner", "my wife", "my husband"),
}


def passengers(ask: Ask) -> Answer:
    known = Passenger.objects.filter(customer=ask.customer)
    return Answer(
        options=tuple(
            Option(str(one.no), one.name, words=WORDS.get(one.relation, ()), extra={"name": one.name}) for one in known
        )
    )


def search(ask: Ask) -> Answer:
    """What can still be booked on the first days of the time asked for, and within its hours where it names some."""
    origin, target = _city(ask, "from"), _city(ask, "to")
    if origin == target:
        raise wrong_slot("to", ask.say("目的地和出发地不能相同。", "You cannot fly to where you start from."))
    start, end = _span(ask, "date")
    taken = _taken(ask)
    every = [flight for on in _days(start, end) for flight in flights(origin, target, on)]
    found = [flight for flight in every if _on_sale(ask, flight, taken)]
    wanted = [flight for flight in found if start <= flight.departs < end]
    return Answer(options=tuple(_option(ask, flight) for flight in (wanted or found)[:MOST]))


def price(ask: Ask) -> Answer:
    flight, _ = _flight(ask), _passenger(ask)
    return done(price=_price(ask, flight))


def book(ask: Ask) -> Answer:
    """Books at the price that the customer agreed to, and at no other."""
    flight, passenger = _flight(ask), _passenger(ask)
    if _moves_now(ask, flight):
        FareChange.objects.create(customer=ask.customer, flight=flight.value)
    if ask.inputs.get("price") != _price(ask, flight):
        message = ask.say("票价刚有变动。", "The price has just changed.")
        return Answer("invalid", out={"reason": "price_changed"}, message=message)
    booking = Booking.objects.create(
        customer=ask.customer,
        no=ask.number("YX"),
        passenger=passenger,
        flight=flight.value,
        departs_at=flight.departs,
        price=_price(ask, flight),
    )
    return done(pnr=booking.no)


def cancel(ask: Ask) -> Answer:
    booking = Booking.objects.filter(customer=ask.customer, no=ask.text("pnr")).first()
    if booking is None:
        raise not_found(ask.say("没有找到这笔预订。", "There is no such booking."))
    if booking.state == Booking.State.OPEN and ask.now - booking.created_at > CANCEL_WITHIN:
        raise invalid("too_late", ask.say("出票已超过 30 分钟。", "It was booked more than 30 minutes ago."))
    booking.state = Booking.State.WITHDRAWN
    booking.save(update_fields=["state", "updated_at"])
    return done(pnr=booking.no)


def _city(ask: Ask, name: str) -> City:
    value = ask.inputs.get(name)
    city = cities().get(str(value.get("city") if isinstance(value, dict) else value))
    if city is None:
        raise wrong_slot(name, ask.say("没有这个城市的航班。", "There are no flights for this city."))
    return city


def _span(ask: Ask, name: str) -> tuple[datetime, datetime]:
    """A time value's two ends; an open one is two weeks long, and nothing begins before now."""
    first, last = span(ask, name)
    start = max(first or ask.now, ask.now)
    end = last or start + timedelta(days=14)
    if end <= ask.now or start > ask.now + AHEAD:
        raise wrong_slot(
            name, ask.say("这一天的机票订不了，请换一天。", "That day cannot be booked. Please choose another.")
        )
    return start, max(end, start + timedelta(minutes=1))


def _days(start: datetime, end: datetime) -> Iterator[date]:
    first, last = local(start).date(), local(end - timedelta(microseconds=1)).date()
    return (first + timedelta(days=n) for n in range(min((last - first).days + 1, DAYS)))


def _flight(ask: Ask) -> Flight:
    flight = flight_of(ask.text("flight"))
    if flight is None or not _on_sale(ask, flight, _taken(ask)):
        raise not_found(ask.say("这个航班已经售罄或停售。", "This flight is sold out or no longer on sale."))
    return flight


def _on_sale(ask: Ask, flight: Flight, taken: Counter[str]) -> bool:
    return flight.departs > ask.now + timedelta(hours=1) and taken[flight.value] < flight.seats


def _taken(ask: Ask) -> Counter[str]:
    """How many seats of each flight the customer has booked."""
    mine = Booking.objects.filter(customer=ask.customer, state=Booking.State.OPEN)
    return Counter(mine.values_list("flight", flat=True))


def _passenger(ask: Ask) -> Passenger:
    no = ask.text("person")
    found = Passenger.objects.filter(customer=ask.customer, no=int(no)).first() if no.isdecimal() else None
    if found is None:
        raise not_found(ask.say("没有找到这位乘机人。", "There is no such passenger."))
    return found


def _moves_now(ask: Ask, flight: Flight) -> bool:
    return flight.no.endswith(MOVES_ONCE) and not _moved(ask, flight)


def _moved(ask: Ask, flight: Flight) -> bool:
    return FareChange.objects.filter(customer=ask.customer, flight=flight.value).exists()


def _price(ask: Ask, flight: Flight) -> int:
    return flight.price + (RISE if flight.no.endswith(MOVES_ONCE) and _moved(ask, flight) else 0)


def _option(ask: Ask, flight: Flight) -> Option:
    cost = _price(ask, flight)
    clock = f"{local(flight.departs):%H:%M}–{local(flight.arrives):%H:%M}"
    zh, en = flight.airline
    on = day(flight.departs, ask.now, ask.lang)
    abroad = flight.origin.abroad or flight.target.abroad
    beijing = ask.say("（北京时间）", " (Beijing time)") if abroad else ""
    return Option(
        value=flight.value,
        label=ask.say(f"{flight.no} {clock}", f"{flight.no}, {clock}"),
        desc=ask.say(f"{zh} · {on}{beijing} · {cost} 元", f"{en} · {on}{beijing} · {cost} yuan"),
        words=(flight.no, zh, en),
        # Only the departure is an exact time: “the one at ten” is never the one that arrives at ten.
        extra={
            "no": flight.no,
            "depart": flight.departs.isoformat(),
            "arrive": f"{local(flight.arrives):%H:%M}",
            "price": cost,
        },
    )
