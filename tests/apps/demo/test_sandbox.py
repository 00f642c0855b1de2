"""A customer's own world at the demo shop."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.core.signing import new_secret
from apps.demo.models import Order, ShopCustomer, Ticket
from tests.apps.demo.caller import Caller


def test_a_new_customer_finds_orders_in_every_state(caller: Caller) -> None:
    options = caller.options("order.mine")
    assert len(options) == 8
    assert {one["extra"]["status"] for one in options} == set(Order.Status)
    assert len({one["extra"]["name"] for one in options}) == 8
    assert len({one["value"][-4:] for one in options}) == 8


def test_lists_hold_the_orders_that_they_are_about_the_latest_first(caller: Caller) -> None:
    for action, wanted in [
        ("order.mine", set(Order.Status)),
        ("order.returnable", {"delivered"}),
        ("order.open", {"paid", "shipped"}),
        ("order.unshipped", {"paid"}),
    ]:
        options = caller.options(action)
        assert {one["extra"]["status"] for one in options} == wanted
        placed = [one["extra"]["placed"] for one in options]
        assert placed == sorted(placed, reverse=True)


def test_an_order_can_be_named_by_product_in_both_languages_and_by_its_last_digits(caller: Caller) -> None:
    for option in caller.options("order.mine"):
        number, words = option["value"], option["words"]
        assert {number, number[-4:]} < set(words)
        assert any(word.isascii() and word.isalpha() for word in words)
        assert any(not word.isascii() for word in words)
        assert number[-4:] in option["label"]


def test_coming_back_changes_nothing(caller: Caller) -> None:
    assert caller.options("order.mine") == caller.options("order.mine")
    assert Order.objects.count() == 8


def test_customers_see_only_their_own_world(caller: Caller) -> None:
    other, elsewhere = caller.other("u2"), Caller(new_secret())
    numbers = [{one["value"] for one in who.options("order.mine")} for who in (caller, other, elsewhere)]
    assert not numbers[0] & numbers[1]
    assert not numbers[0] & numbers[2]
    caller.out("order.cancel", order=caller.order("paid"))
    assert len(other.options("order.unshipped")) == 2
    assert set(Ticket.objects.values_list("customer__external_id", flat=True)) == {"u1"}


def test_the_same_customer_would_get_the_same_world_again(caller: Caller) -> None:
    first = [(one["extra"]["name"], one["value"][-6:]) for one in caller.options("order.mine")]
    ShopCustomer.objects.all().delete()
    assert [(one["extra"]["name"], one["value"][-6:]) for one in caller.options("order.mine")] == first


def test_texts_are_in_the_customers_language(caller: Caller) -> None:
    zh = caller.options("order.mine")
    en = Caller(caller.secret, "u1", "en").options("order.mine")
    assert [one["value"] for one in zh] == [one["value"] for one in en]
    assert all("尾号" in one["label"] and "下单" in one["desc"] for one in zh)
    assert all(f"{one['label']}{one['desc']}".replace("·", "").isascii() for one in en)


def test_time_cancels_what_nobody_pays_and_delivers_what_is_on_its_way(caller: Caller) -> None:
    unpaid, moving = caller.order("unpaid"), caller.order("shipped")
    Order.objects.filter(no=unpaid).update(placed_at=timezone.now() - timedelta(minutes=31))
    parcel = Order.objects.get(no=moving).parcel
    parcel.eta = timezone.now() - timedelta(hours=1)
    parcel.save()
    states = {one["value"]: one["extra"]["status"] for one in caller.options("order.mine")}
    assert states[unpaid] == "cancelled"
    assert states[moving] == "delivered"
    assert caller.out("logistics.get", order=moving)["code"] == "delivered"
    assert caller.out("aftersale.check", order=moving, kind="return", reason="不想要了")["eligible"]
