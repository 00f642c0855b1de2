"""Where parcels are, and asking for them to be hurried."""

from __future__ import annotations

from datetime import timedelta

from apps.demo.shop.models import Order, ParcelEvent, Ticket
from apps.demo.shop.orders import State, order_of, state_of
from apps.demo.shop.types import Answer, Ask, done, invalid, not_found
from apps.demo.shop.wording import day, moment
from nlu.entities.tables import rows

Code = ParcelEvent.Code
SEND_WITHIN = timedelta(hours=24)


def get(ask: Ask) -> Answer:
    """``code`` is ``not_shipped``, ``moving``, ``stuck`` or ``delivered``; the rest is to be shown."""
    order = order_of(ask)
    state = state_of(order, ask.now)
    match state.status:
        case Order.Status.PAID:
            return _waiting(ask, order)
        case Order.Status.SHIPPED:
            return _on_its_way(ask, order)
        case Order.Status.DELIVERED:
            return _arrived(ask, order, state)
    raise not_found(ask.say("这笔订单没有物流。", "Nothing was sent for this order."))


def urge(ask: Ask) -> Answer:
    """One ticket an order: chasing again adds what is new to it."""
    order = order_of(ask)
    if state_of(order, ask.now).status not in (Order.Status.PAID, Order.Status.SHIPPED):
        raise invalid("not_open", ask.say("这笔订单没有在等发货或派送。", "This order is not waiting for anything."))
    ticket, created = Ticket.objects.get_or_create(
        customer=ask.customer,
        order=order,
        kind=Ticket.Kind.URGE,
        state=Ticket.State.OPEN,
        defaults={"no": ask.number("CD"), "text": ask.text("reason")[:1_000]},
    )
    if not created and ask.text("reason"):
        ticket.text = f"{ticket.text}\n{ask.text('reason')}".strip()[:1_000]
        ticket.save(update_fields=["text", "updated_at"])
    return done(ticket=ticket.no)


def _waiting(ask: Ask, order: Order) -> Answer:
    latest = order.placed_at + SEND_WITHIN
    if latest <= ask.now:
        status = ask.say("已付款，超过承诺时间还没有发货", "paid, not sent yet and overdue")
    else:
        zh, en = moment(latest, ask.now, "zh"), moment(latest, ask.now, "en")
        status = ask.say(f"已付款，最迟{zh}发出", f"paid, to be sent by {en}")
    return done(status=status, code="not_shipped", eta="", last="", tracking_no="")


def _on_its_way(ask: Ask, order: Order) -> Answer:
    last = order.parcel.events.last()
    eta = order.parcel.eta
    stuck = eta is None
    return done(
        status=ask.say("运输异常，长时间没有更新", "delayed, with no news for a while")
        if stuck
        else ask.say("运输中", "on its way"),
        code="stuck" if stuck else "moving",
        eta=day(eta, ask.now, ask.lang) if eta is not None else "",
        last=_event(ask, last) if last is not None else "",
        tracking_no=order.parcel.tracking_no,
    )


def _arrived(ask: Ask, order: Order, state: State) -> Answer:
    assert state.delivered_at is not None, "what is delivered was delivered at a time"
    when = moment(state.delivered_at, ask.now, ask.lang)
    return done(
        status=ask.say("已签收", "delivered"),
        code="delivered",
        eta="",
        last=ask.say(f"{when} 已签收", f"{when}, delivered"),
        tracking_no=order.parcel.tracking_no,
    )


def _event(ask: Ask, event: ParcelEvent) -> str:
    city = event.city if ask.lang == "zh" else english().get(event.city, event.city)
    zh, en = {
        Code.PACKED: (f"{city}仓库已打包", f"packed at the {city} warehouse"),
        Code.TAKEN: (f"快递员已在{city}揽收", f"collected by the carrier in {city}"),
        Code.ARRIVED: (f"已到达{city}转运中心", f"arrived at the {city} depot"),
        Code.OUT: (f"{city}快递员正在派送", f"out for delivery in {city}"),
        Code.DELIVERED: ("已签收", "delivered"),
    }[Code(event.code)]
    return ask.say(f"{moment(event.at, ask.now, 'zh')} {zh}", f"{moment(event.at, ask.now, 'en')}, {en}")


def english() -> dict[str, str]:
    """Cities' English names."""
    return {row[0]: row[1] for row in rows("cities", 5)}
