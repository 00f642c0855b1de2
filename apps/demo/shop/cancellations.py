"""Cancelling an order that was not sent, and taking that back for ten minutes."""

from __future__ import annotations

from datetime import timedelta

from apps.demo.shop.models import Order, Ticket
from apps.demo.shop.orders import order_of, state_of
from apps.demo.shop.types import Answer, Ask, done, invalid
from apps.demo.shop.wording import number

Status = Order.Status
RESTORE_WITHIN = timedelta(minutes=10)


def check(ask: Ask) -> Answer:
    order = order_of(ask)
    why = _why_not(ask, order)
    return done(allowed=not why, why=why, refund=0 if why else _refund(order))


def cancel(ask: Ask) -> Answer:
    order = order_of(ask)
    why = _why_not(ask, order)
    if why:
        raise invalid("not_allowed", why)
    refund = _refund(order)
    order.status_before, order.status, order.cancelled_at = order.status, Status.CANCELLED, ask.now
    order.save(update_fields=["status_before", "status", "cancelled_at", "updated_at"])
    ticket = Ticket.objects.create(
        customer=ask.customer,
        order=order,
        no=ask.number("QX"),
        kind=Ticket.Kind.CANCEL,
        text=ask.text("reason")[:1_000],
    )
    return done(refund=refund, ticket=ticket.no)


def restore(ask: Ask) -> Answer:
    order = order_of(ask)
    if order.status != Status.CANCELLED:
        return done(order=order.no)
    if not order.status_before or order.cancelled_at is None or ask.now - order.cancelled_at > RESTORE_WITHIN:
        raise invalid("too_late", ask.say("取消已超过 10 分钟。", "It was cancelled more than 10 minutes ago."))
    order.status, order.status_before, order.cancelled_at = order.status_before, "", None
    order.save(update_fields=["status_before", "status", "cancelled_at", "updated_at"])
    order.tickets.filter(kind=Ticket.Kind.CANCEL).update(state=Ticket.State.WITHDRAWN, updated_at=ask.now)
    return done(order=order.no)


def _why_not(ask: Ask, order: Order) -> str:
    """Why it cannot be cancelled; empty where it can."""
    match state_of(order, ask.now).status:
        case Status.SHIPPED:
            return ask.say(
                "这笔订单已经发货，收到后可以申请退货。",
                "This order was sent; you can return it when it arrives.",
            )
        case Status.DELIVERED:
            return ask.say("这笔订单已经签收，可以申请退货。", "This order has arrived; you can return it.")
        case Status.CANCELLED:
            return ask.say("这笔订单已经取消了。", "This order is cancelled already.")
    return ""


def _refund(order: Order) -> int | float:
    return number(order.total) if order.status == Status.PAID else 0
