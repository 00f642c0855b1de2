"""Complaints, and taking one back for a day."""

from __future__ import annotations

from datetime import timedelta

from apps.demo.shop.models import Ticket
from apps.demo.shop.orders import order_of
from apps.demo.shop.types import Answer, Ask, done, invalid, not_found

WITHDRAW_WITHIN = timedelta(hours=24)


def create(ask: Ask) -> Answer:
    ticket = Ticket.objects.create(
        customer=ask.customer,
        order=order_of(ask) if ask.text("order") else None,
        no=ask.number("TS"),
        kind=Ticket.Kind.COMPLAINT,
        text=ask.text("reason")[:1_000],
        phone=ask.text("phone")[:40],
    )
    return done(ticket=ticket.no)


def withdraw(ask: Ask) -> Answer:
    mine = Ticket.objects.filter(customer=ask.customer, kind=Ticket.Kind.COMPLAINT)
    ticket = mine.filter(no=ask.text("ticket")).first()
    if ticket is None:
        raise not_found(ask.say("没有找到这个投诉单。", "There is no such complaint."))
    if ticket.state == Ticket.State.OPEN and ask.now - ticket.created_at > WITHDRAW_WITHIN:
        raise invalid("too_late", ask.say("提交已超过 24 小时。", "It was submitted more than 24 hours ago."))
    ticket.state = Ticket.State.WITHDRAWN
    ticket.save(update_fields=["state", "updated_at"])
    return done(ticket=ticket.no)
