"""Flights, engineers' visits and the account's phone number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.demo.models import Booking, RepairVisit, ShopCustomer
from apps.demo.shop.timetable import cities, flight_of, flights
from tests.apps.demo.caller import Caller


def days(first: float, last: float) -> dict[str, str]:
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = today + timedelta(days=first), today + timedelta(days=last)
    return {"start": start.isoformat(), "end": end.isoformat()}


def city(name: str) -> dict[str, str]:
    return {"city": name, "en": cities()[name].english}


def route(origin: str = "北京", target: str = "上海", date: dict[str, str] | None = None) -> dict[str, Any]:
    return {"from": city(origin), "to": city(target), "date": date or days(3, 4)}


def found(caller: Caller, **kind: Any) -> list[dict[str, Any]]:
    return caller.options("flight.search", **route(**kind))


def seat(flight: str, person: str = "1") -> dict[str, str]:
    return {"flight": flight, "person": person}


def a_flight(caller: Caller, *, moves: bool) -> str:
    """One whose price moves once, or does not, within the next weeks."""
    every = (one for day in range(2, 40) for one in found(caller, date=days(day, day + 1)))
    return str(next(one["value"] for one in every if one["extra"]["no"].endswith("9") is moves))


# --- flights ----------------------------------------------------------------------------------------------------


def test_every_two_cities_have_flights_on_every_day() -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    names = list(cities().values())
    assert len(names) > 500
    for origin, target in zip(names, [*names[1:], names[0]], strict=True):
        assert len(flights(origin, target, tomorrow)) >= 3
    abroad = flights(cities()["上海"], cities()["东京"], tomorrow)
    assert min(flight.price for flight in abroad) > 1000


def test_the_timetable_stays_and_each_flight_is_found_by_its_value(caller: Caller) -> None:
    first = found(caller)
    assert first == found(caller)
    assert [one["extra"]["depart"] for one in first] == sorted(one["extra"]["depart"] for one in first)
    for one in first:
        flight = flight_of(one["value"])
        assert flight is not None
        assert (flight.no, flight.price) == (one["extra"]["no"], one["extra"]["price"])


@pytest.mark.parametrize(
    "value",
    ["", "YS1234", "YS1234_20260101_北京_上海", "_____", "YS1_2026013x_北京_上海", "YS1_20261301_北京_上海", "a_b_c_d"],
)
def test_what_names_no_flight_is_not_found(caller: Caller, value: str) -> None:
    assert flight_of(value) is None
    assert caller.call("flight.price", flight=value or "-", person="1")["status"] == "not_found"


def test_hours_that_the_customer_named_narrow_the_list(caller: Caller) -> None:
    whole = found(caller)
    first = datetime.fromisoformat(whole[0]["extra"]["depart"])
    narrow = found(caller, date={"start": first.isoformat(), "end": (first + timedelta(minutes=1)).isoformat()})
    assert [one["value"] for one in narrow] == [whole[0]["value"]]
    night = found(caller, date=days(3, 3 + 1 / 24))
    assert [one["value"] for one in night] == [one["value"] for one in whole]


def test_several_days_and_an_open_end_list_the_first_days(caller: Caller) -> None:
    for date in (days(3, 30), {"start": days(3, 4)["start"], "end": None}):
        listed = {one["extra"]["depart"][:10] for one in found(caller, date=date)}
        assert 2 <= len(listed) <= 3
        assert min(listed) == days(3, 4)["start"][:10]


def test_only_what_still_departs_can_be_booked(caller: Caller) -> None:
    soon = timezone.now() + timedelta(hours=1)
    assert all(datetime.fromisoformat(one["extra"]["depart"]) > soon for one in found(caller, date=days(0, 1)))
    for date in (days(-2, -1), days(400, 401)):
        assert list(caller.call("flight.search", **route(date=date))["slot_errors"]) == ["date"]


def test_the_same_city_twice_and_an_unknown_one_are_asked_for_again(caller: Caller) -> None:
    assert list(caller.call("flight.search", **route(target="北京"))["slot_errors"]) == ["to"]
    answer = caller.call("flight.search", **{**route(), "from": {"city": "亚特兰蒂斯"}})
    assert list(answer["slot_errors"]) == ["from"]


def test_a_flight_is_booked_at_the_price_that_was_quoted(caller: Caller) -> None:
    flight = a_flight(caller, moves=False)
    price = caller.out("flight.price", **seat(flight))["price"]
    wrong = caller.call("flight.book", **seat(flight), price=price - 1)
    assert (wrong["status"], wrong["out"]) == ("invalid", {"reason": "price_changed"})
    pnr = caller.out("flight.book", **seat(flight), price=price)["pnr"]
    booking = Booking.objects.get()
    assert (booking.no, booking.flight, int(booking.price), booking.passenger.no) == (pnr, flight, price, 1)


def test_a_price_moves_once_between_quote_and_booking(caller: Caller) -> None:
    flight = a_flight(caller, moves=True)
    quoted = caller.out("flight.price", **seat(flight))["price"]
    assert caller.call("flight.book", **seat(flight), price=quoted)["out"] == {"reason": "price_changed"}
    again = caller.out("flight.price", **seat(flight))["price"]
    assert again > quoted
    caller.out("flight.book", **seat(flight), price=again)
    assert caller.other("u2").out("flight.price", **seat(flight))["price"] == quoted


def test_a_sold_out_flight_is_neither_listed_nor_priced_nor_booked(caller: Caller) -> None:
    flight = a_flight(caller, moves=False)
    known = flight_of(flight)
    assert known is not None
    for _ in range(known.seats):
        last = caller.out("flight.book", **seat(flight), price=known.price)["pnr"]
    date = {"start": known.departs.isoformat(), "end": (known.departs + timedelta(hours=1)).isoformat()}
    assert flight not in {one["value"] for one in found(caller, date=date)}
    assert caller.call("flight.price", **seat(flight))["status"] == "not_found"
    assert caller.call("flight.book", **seat(flight), price=known.price)["status"] == "not_found"
    caller.out("flight.cancel", pnr=last)
    assert flight in {one["value"] for one in found(caller, date=date)}


def test_a_booking_is_cancelled_within_half_an_hour(caller: Caller) -> None:
    flight = a_flight(caller, moves=False)
    price = caller.out("flight.price", **seat(flight))["price"]
    pnr = caller.out("flight.book", **seat(flight), price=price)["pnr"]
    Booking.objects.update(created_at=timezone.now() - timedelta(minutes=31))
    assert caller.call("flight.cancel", pnr=pnr)["out"] == {"reason": "too_late"}
    Booking.objects.update(created_at=timezone.now() - timedelta(minutes=29))
    assert caller.out("flight.cancel", pnr=pnr) == caller.out("flight.cancel", pnr=pnr)


def test_passengers_are_the_customer_and_those_close_to_them(caller: Caller) -> None:
    options = caller.options("user.passengers")
    assert options[0]["label"] == "林一诺"
    assert "本人" in options[0]["words"]
    assert [one["value"] for one in options] == ["1", "2", "3"]
    flight = a_flight(caller, moves=False)
    for person in ("4", "x", "²"):
        assert caller.call("flight.price", flight=flight, person=person)["status"] == "not_found"


# --- repairs ----------------------------------------------------------------------------------------------------


def visits(caller: Caller, first: float, last: float) -> list[dict[str, Any]]:
    return caller.options("repair.slots", device="fridge", day=days(first, last))


def booking(visit: str) -> dict[str, str]:
    return {"device": "fridge", "fault": "不制冷", "visit": visit, "address": "云栖路 18 号", "phone": "13800001234"}


def test_free_visits_are_on_the_days_asked_for(caller: Caller) -> None:
    options = visits(caller, 2, 5)
    assert {one["extra"]["start"][:10] for one in options} <= {days(n, n + 1)["start"][:10] for n in (2, 3, 4)}
    assert 4 <= len(options) < 12
    start = datetime.fromisoformat(options[0]["extra"]["start"])
    narrow = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    assert [one["value"] for one in caller.options("repair.slots", device="tv", day=narrow)] == [options[0]["value"]]


@pytest.mark.parametrize(("first", "last"), [(-2, -1), (15, 16)])
def test_visits_are_within_two_weeks(caller: Caller, first: int, last: int) -> None:
    answer = caller.call("repair.slots", device="fridge", day=days(first, last))
    assert list(answer["slot_errors"]) == ["day"]


def test_a_visit_is_booked_once_and_free_again_when_cancelled(caller: Caller) -> None:
    visit = visits(caller, 2, 5)[0]["value"]
    booked = caller.out("repair.book", **booking(visit))
    assert booked["engineer"] == RepairVisit.objects.get().engineer
    assert visit not in {one["value"] for one in visits(caller, 2, 5)}
    assert caller.call("repair.book", **booking(visit))["status"] == "not_found"
    caller.out("repair.cancel", ticket=booked["ticket"])
    assert visit in {one["value"] for one in visits(caller, 2, 5)}


def test_what_is_no_free_visit_is_not_found(caller: Caller) -> None:
    for visit in ("tomorrow", "20200101T0900", "20261399T0900"):
        assert caller.call("repair.book", **booking(visit))["status"] == "not_found"


def test_a_visit_is_cancelled_within_two_hours(caller: Caller) -> None:
    ticket = caller.out("repair.book", **booking(visits(caller, 2, 5)[0]["value"]))["ticket"]
    RepairVisit.objects.update(created_at=timezone.now() - timedelta(hours=3))
    assert caller.call("repair.cancel", ticket=ticket)["out"] == {"reason": "too_late"}


# --- account ----------------------------------------------------------------------------------------------------


def test_a_phone_number_is_changed_and_restored(caller: Caller) -> None:
    check = caller.out("account.phone_check", phone="138 0000 9876")
    before = ShopCustomer.objects.get().phone
    assert check == {"allowed": True, "why": "", "current": f"{before[:3]}****{before[-4:]}"}
    assert caller.out("account.phone_change", phone="138 0000 9876") == {"phone": "138****9876"}
    assert ShopCustomer.objects.get().phone == "13800009876"
    assert caller.out("account.phone_restore") == {"phone": check["current"]}
    assert ShopCustomer.objects.get().phone == before
    assert caller.call("account.phone_restore")["out"] == {"reason": "too_late"}


def test_a_number_with_the_countrys_code_is_the_same_number(caller: Caller) -> None:
    assert caller.out("account.phone_change", phone="+8613800009876") == {"phone": "138****9876"}
    assert not caller.out("account.phone_check", phone="13800009876")["allowed"]
    assert caller.out("account.phone_change", phone="+44 7700 900127") == {"phone": "+44****0127"}


def test_the_old_number_is_gone_after_ten_minutes(caller: Caller) -> None:
    caller.out("account.phone_change", phone="13800009876")
    ShopCustomer.objects.update(phone_changed_at=timezone.now() - timedelta(minutes=11))
    assert caller.call("account.phone_restore")["out"] == {"reason": "too_late"}


def test_a_number_that_is_short_the_same_or_somebody_elses_is_not_taken(caller: Caller) -> None:
    caller.options("order.mine")
    other = caller.other("u2")
    other.options("order.mine")
    mine, theirs = ShopCustomer.objects.order_by("created_at").values_list("phone", flat=True)
    for phone in ("12345", mine, theirs):
        check = caller.out("account.phone_check", phone=phone)
        assert not check["allowed"]
        assert caller.call("account.phone_change", phone=phone)["message"] == check["why"]
    assert theirs not in caller.out("account.phone_check", phone=theirs)["why"]
