"""The shop's rules for orders: returns, cancellations, addresses, invoices, tracking, complaints."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.demo.models import AfterSale, Invoice, Order, Ticket
from tests.apps.demo.caller import Caller


def delivered(number: str, *, days: float) -> None:
    Order.objects.filter(no=number).update(delivered_at=timezone.now() - timedelta(days=days))


def late(model: Any, **age: float) -> None:
    model.objects.update(created_at=timezone.now() - timedelta(**age))


# --- returns ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "kind", "reason", "eligible", "fee"),
    [
        (3, "return", "changed", True, 10),
        (3, "return", "用不上了", True, 10),
        (3, "return", "defect", True, 0),
        (3, "exchange", "wrong", True, 0),
        (3, "refund", "changed", False, 0),
        (3, "refund", "少发了一根数据线", True, 0),
        (8, "return", "changed", False, 0),
        (8, "return", "开不了机", True, 0),
        (8, "exchange", "The left one doesn't work", True, 0),
        (16, "return", "defect", False, 0),
    ],
)
def test_what_can_be_sent_back(caller: Caller, days: float, kind: str, reason: str, eligible: bool, fee: int) -> None:
    order = caller.order("delivered")
    delivered(order, days=days)
    ruling = caller.out("aftersale.check", order=order, kind=kind, reason=reason)
    assert (ruling["eligible"], ruling["fee"]) == (eligible, fee)
    assert bool(ruling["why"]) is not eligible
    created = caller.call("aftersale.create", order=order, kind="return" if kind == "exchange" else kind, reason=reason)
    assert created["status"] == ("ok" if eligible else "invalid")
    assert AfterSale.objects.exists() is eligible


@pytest.mark.parametrize(("status", "word"), [("shipped", "路上"), ("paid", "还没有发货"), ("cancelled", "取消")])
def test_what_has_not_arrived_cannot_be_sent_back(caller: Caller, status: str, word: str) -> None:
    ruling = caller.out("aftersale.check", order=caller.order(status), kind="return", reason="defect")
    assert not ruling["eligible"]
    assert word in ruling["why"]


def test_an_order_has_one_open_case_until_it_is_taken_back(caller: Caller) -> None:
    order = caller.order("delivered")
    ticket = caller.out("aftersale.create", order=order, kind="return", reason="defect")["ticket"]
    assert ticket in caller.out("aftersale.check", order=order, kind="return", reason="defect")["why"]
    assert caller.call("aftersale.create", order=order, kind="return", reason="defect")["out"] == {
        "reason": "not_eligible"
    }
    caller.out("aftersale.cancel", ticket=ticket)
    caller.out("aftersale.create", order=order, kind="return", reason="defect")
    assert AfterSale.objects.filter(state="open").count() == 1


def test_a_case_can_be_taken_back_for_half_an_hour_and_taking_back_twice_is_fine(caller: Caller) -> None:
    ticket = caller.out("aftersale.create", order=caller.order("delivered"), kind="return", reason="defect")["ticket"]
    late(AfterSale, minutes=31)
    assert caller.call("aftersale.cancel", ticket=ticket)["out"] == {"reason": "too_late"}
    late(AfterSale, minutes=29)
    assert caller.out("aftersale.cancel", ticket=ticket) == caller.out("aftersale.cancel", ticket=ticket)


def test_an_exchange_is_for_another_variant_of_the_same_product(caller: Caller) -> None:
    order = caller.order("delivered")
    row = Order.objects.get(no=order)
    options = caller.options("order.alternatives", order=order)
    assert options
    assert f"{row.product}-{row.variant}" not in {one["value"] for one in options}
    for sku in ("t99-gold", "", None):
        answer = caller.call("aftersale.create", order=order, kind="exchange", reason="defect", sku=sku)
        assert list(answer["slot_errors"]) == ["sku"]
    caller.out("aftersale.create", order=order, kind="exchange", reason="defect", sku=options[0]["value"])
    assert f"{row.product}-{AfterSale.objects.get().variant}" == options[0]["value"]


def test_a_pick_up_is_within_seven_days(caller: Caller) -> None:
    order = caller.order("delivered")
    for days in (-1, 8):
        pickup = {"start": (timezone.now() + timedelta(days=days)).isoformat(), "end": None}
        answer = caller.call("aftersale.create", order=order, kind="return", reason="defect", pickup=pickup)
        assert list(answer["slot_errors"]) == ["pickup"]
    start = timezone.now() + timedelta(days=2)
    end = start + timedelta(hours=2)
    pickup = {"start": start.isoformat(), "end": end.isoformat()}
    caller.out("aftersale.create", order=order, kind="return", reason="defect", pickup=pickup)
    assert (AfterSale.objects.get().pickup_from, AfterSale.objects.get().pickup_to) == (start, end)


# --- cancelling -------------------------------------------------------------------------------------------------


def test_a_paid_order_is_cancelled_refunded_and_restored(caller: Caller) -> None:
    order = caller.order("paid")
    total = float(Order.objects.get(no=order).total)
    assert caller.out("order.cancel_check", order=order) == {"allowed": True, "why": "", "refund": total}
    assert caller.out("order.cancel", order=order)["refund"] == total
    assert not caller.out("order.cancel_check", order=order)["allowed"]
    assert Order.objects.get(no=order).status == "cancelled"
    assert caller.out("order.restore", order=order) == caller.out("order.restore", order=order) == {"order": order}
    assert Order.objects.get(no=order).status == "paid"
    assert Ticket.objects.get().state == "withdrawn"


def test_a_cancellation_is_final_after_ten_minutes(caller: Caller) -> None:
    order = caller.order("paid")
    caller.out("order.cancel", order=order)
    Order.objects.filter(no=order).update(cancelled_at=timezone.now() - timedelta(minutes=11))
    assert caller.call("order.restore", order=order)["out"] == {"reason": "too_late"}
    assert caller.call("order.restore", order=caller.order("cancelled", -1))["out"] == {"reason": "too_late"}


def test_an_unpaid_order_is_cancelled_without_a_refund(caller: Caller) -> None:
    assert caller.out("order.cancel", order=caller.order("unpaid"))["refund"] == 0


@pytest.mark.parametrize("status", ["shipped", "delivered", "cancelled"])
def test_what_was_sent_cannot_be_cancelled(caller: Caller, status: str) -> None:
    order = caller.order(status)
    check = caller.out("order.cancel_check", order=order)
    assert (check["allowed"], check["refund"]) == (False, 0)
    assert caller.call("order.cancel", order=order)["message"] == check["why"]
    assert Ticket.objects.count() == 0


# --- addresses --------------------------------------------------------------------------------------------------


def test_an_address_changes_once_before_the_order_is_sent(caller: Caller) -> None:
    order, before = caller.order("paid"), Order.objects.get(no=caller.order("paid"))
    assert caller.out("address.check", order=order) == {"allowed": True, "why": "", "current": before.address}
    caller.out("address.change", order=order, address="武汉市洪山区珞桐路 9 号", person="林夏")
    after = Order.objects.get(no=order)
    assert (after.address, after.person, after.phone) == ("武汉市洪山区珞桐路 9 号", "林夏", before.phone)
    assert not caller.out("address.check", order=order)["allowed"]
    assert caller.call("address.change", order=order, address="上海市杨浦区松涛路 1 号")["status"] == "invalid"


@pytest.mark.parametrize("status", ["shipped", "delivered", "cancelled"])
def test_the_address_of_what_was_sent_stays(caller: Caller, status: str) -> None:
    order = caller.order(status)
    assert caller.out("address.check", order=order)["why"]
    assert caller.call("address.change", order=order, address="武汉市洪山区珞桐路 9 号")["status"] == "invalid"


def test_an_address_without_street_is_asked_for_again(caller: Caller) -> None:
    answer = caller.call("address.change", order=caller.order("paid"), address="武汉")
    assert list(answer["slot_errors"]) == ["address"]


# --- invoices ---------------------------------------------------------------------------------------------------


def test_an_invoice_is_issued_once_and_its_link_shows_it(caller: Caller) -> None:
    order = caller.order("delivered")
    assert caller.out("invoice.check", order=order) == {"allowed": True, "why": ""}
    issued = caller.out("invoice.issue", order=order, buyer="person", title="林一诺 <b>")
    page = Client().get(issued["url"])
    assert page.status_code == 200
    assert issued["no"] in page.content.decode()
    assert "林一诺 &lt;b&gt;" in page.content.decode()
    assert issued["no"] in caller.out("invoice.check", order=order)["why"]
    assert caller.call("invoice.issue", order=order, buyer="person", title="林一诺")["status"] == "invalid"
    assert Invoice.objects.count() == 1


def test_a_link_to_no_invoice_leads_nowhere(db: None) -> None:
    assert Client().get("/demo/shop/invoices/00000000-0000-7000-8000-000000000000/").status_code == 404


def test_a_company_needs_its_tax_number(caller: Caller) -> None:
    answer = caller.call("invoice.issue", order=caller.order("delivered"), buyer="company", title="云禾贸易")
    assert list(answer["slot_errors"]) == ["tax_no"]


@pytest.mark.parametrize(("status", "days"), [("paid", 0), ("shipped", 0), ("cancelled", 0), ("delivered", 91)])
def test_there_is_no_invoice_before_the_order_arrives_or_after_ninety_days(
    caller: Caller, status: str, days: int
) -> None:
    order = caller.order(status)
    if days:
        delivered(order, days=days)
    check = caller.out("invoice.check", order=order)
    assert not check["allowed"]
    assert caller.call("invoice.issue", order=order, buyer="person", title="林一诺")["message"] == check["why"]


# --- tracking and complaints ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "place", "code"),
    [("paid", 0, "not_shipped"), ("shipped", 0, "moving"), ("shipped", 1, "stuck"), ("delivered", 0, "delivered")],
)
def test_where_a_parcel_is(caller: Caller, status: str, place: int, code: str) -> None:
    found = caller.out("logistics.get", order=caller.order(status, place))
    assert found["code"] == code
    assert bool(found["eta"]) is (code == "moving")
    assert bool(found["last"]) is bool(found["tracking_no"]) is (code != "not_shipped")


@pytest.mark.parametrize("status", ["unpaid", "cancelled"])
def test_what_will_not_be_sent_has_no_parcel(caller: Caller, status: str) -> None:
    assert caller.call("logistics.get", order=caller.order(status))["status"] == "not_found"


def test_chasing_twice_is_one_ticket_with_both_reasons(caller: Caller) -> None:
    order = caller.order("paid")
    first = caller.out("logistics.urge", order=order, reason="急用")
    assert caller.out("logistics.urge", order=order, reason="周末前要") == first
    assert Ticket.objects.get().text == "急用\n周末前要"


@pytest.mark.parametrize("status", ["unpaid", "delivered", "cancelled"])
def test_only_what_is_waited_for_is_chased(caller: Caller, status: str) -> None:
    assert caller.call("logistics.urge", order=caller.order(status))["out"] == {"reason": "not_open"}


def test_a_complaint_can_be_withdrawn_for_a_day(caller: Caller) -> None:
    ticket = caller.out("complaint.create", reason="快递员摔箱子", phone="13800001234")["ticket"]
    late(Ticket, hours=25)
    assert caller.call("complaint.withdraw", ticket=ticket)["out"] == {"reason": "too_late"}
    late(Ticket, hours=23)
    assert caller.out("complaint.withdraw", ticket=ticket) == {"ticket": ticket}
    assert Ticket.objects.get().state == "withdrawn"


def test_times_that_sentences_show_are_those_of_the_shop(caller: Caller) -> None:
    found = caller.out("logistics.get", order=caller.order("shipped"))
    last = Order.objects.get(no=caller.order("shipped")).parcel.events.last()
    assert last is not None
    shown: datetime = timezone.localtime(last.at)
    assert f"{shown:%H:%M}" in found["last"]
    assert f"{shown.month}月{shown.day}日" in found["last"]
