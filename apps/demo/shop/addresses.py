"""Changing where an order goes: once, before it is sent."""

from __future__ import annotations

from apps.demo.shop.models import Order
from apps.demo.shop.orders import order_of, state_of
from apps.demo.shop.types import Answer, Ask, done, invalid, wrong_slot

Status = Order.Status


def check(ask: Ask) -> Answer:
    order = order_of(ask)
    why = _why_not(ask, order)
    return done(allowed=not why, why=why, current=order.address)


def change(ask: Ask) -> Answer:
    order, address = order_of(ask), ask.text("address")
    why = _why_not(ask, order)
    if why:
        raise invalid("not_allowed", why)
    if len(address) < 5:
        raise wrong_slot("address", ask.say("请写到门牌号。", "Please give street and number."))
    order.address, order.address_changes = address[:200], order.address_changes + 1
    order.person, order.phone = ask.text("person")[:80] or order.person, ask.text("phone")[:40] or order.phone
    order.save(update_fields=["address", "address_changes", "person", "phone", "updated_at"])
    return done(address=order.address)


def _why_not(ask: Ask, order: Order) -> str:
    """Why its address cannot be changed; empty where it can."""
    match state_of(order, ask.now).status:
        case Status.SHIPPED:
            return ask.say(
                "这笔订单已经发货，只能请人工联系快递改派。",
                "This order was sent; only a person can have it redirected.",
            )
        case Status.DELIVERED:
            return ask.say("这笔订单已经签收。", "This order has arrived already.")
        case Status.CANCELLED:
            return ask.say("这笔订单已经取消。", "This order was cancelled.")
    if order.address_changes:
        return ask.say("这笔订单的地址已经改过一次。", "The address of this order was changed once already.")
    return ""
