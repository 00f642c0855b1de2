"""Electronic invoices: one an order, within ninety days of its arrival."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from apps.demo.shop.models import Invoice, Order
from apps.demo.shop.orders import order_of, state_of
from apps.demo.shop.types import Answer, Ask, done, invalid, wrong_slot

WITHIN = timedelta(days=90)


def check(ask: Ask) -> Answer:
    why = _why_not(ask, order_of(ask))
    return done(allowed=not why, why=why)


def issue(ask: Ask) -> Answer:
    order = order_of(ask)
    why = _why_not(ask, order)
    if why:
        raise invalid("not_allowed", why)
    invoice = Invoice.objects.create(
        order=order,
        no=ask.number("FP"),
        buyer=_buyer(ask),
        title=ask.text("title")[:200],
        tax_no=ask.text("tax_no")[:40],
        email=ask.text("email")[:254],
        amount=order.total,
    )
    return done(url=ask.origin + reverse("shop-invoice", args=[invoice.pk]), no=invoice.no)


def _buyer(ask: Ask) -> Invoice.Buyer:
    buyer = ask.text("buyer")
    if buyer not in Invoice.Buyer:
        raise wrong_slot("buyer", ask.say("发票可以开给个人或企业。", "Invoices are for a person or a company."))
    if buyer == Invoice.Buyer.COMPANY and not ask.text("tax_no"):
        raise wrong_slot("tax_no", ask.say("企业发票需要税号。", "An invoice for a company needs its tax number."))
    return Invoice.Buyer(buyer)


def _why_not(ask: Ask, order: Order) -> str:
    """Why there is no invoice for it now; empty where there can be."""
    state = state_of(order, ask.now)
    if state.status == Order.Status.CANCELLED:
        return ask.say("这笔订单已经取消，不能开发票。", "This order was cancelled; there is no invoice for it.")
    if state.delivered_at is None:
        return ask.say("签收后才能开发票。", "Invoices are issued once an order has arrived.")
    if (invoice := Invoice.objects.filter(order=order).first()) is not None:
        return ask.say(
            f"这笔订单已经开过发票，号码 {invoice.no}。", f"Invoice {invoice.no} was issued for this order already."
        )
    if ask.now - state.delivered_at > WITHIN:
        return ask.say("收货已超过 90 天，不能再开发票。", "It arrived more than 90 days ago, too long for an invoice.")
    return ""
