"""A customer's orders, as lists to choose from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.demo.shop.catalogue import products
from apps.demo.shop.models import Order
from apps.demo.shop.types import Answer, Ask, Option, not_found
from apps.demo.shop.wording import day, number
from dialog.types import Json

Status = Order.Status
PAY_WITHIN = timedelta(minutes=30)
NAMES = {
    Status.UNPAID: ("待付款", "to be paid"),
    Status.PAID: ("待发货", "to be sent"),
    Status.SHIPPED: ("运输中", "on its way"),
    Status.DELIVERED: ("已签收", "delivered"),
    Status.CANCELLED: ("已取消", "cancelled"),
}


@dataclass(frozen=True, slots=True)
class State:
    """Where an order stands now: time alone cancels what nobody pays, and delivers what is on its way."""

    status: Order.Status
    delivered_at: datetime | None = None


def state_of(order: Order, now: datetime) -> State:
    status = Status(order.status)
    if status == Status.UNPAID and now - order.placed_at > PAY_WITHIN:
        return State(Status.CANCELLED)
    if status == Status.SHIPPED and order.parcel.eta is not None and order.parcel.eta <= now:
        return State(Status.DELIVERED, order.parcel.eta)
    return State(status, order.delivered_at)


def order_of(ask: Ask, name: str = "order") -> Order:
    """The order that the request names, if it is the customer's own.

    Raises:
        Refused: there is none.
    """
    order = Order.objects.filter(customer=ask.customer, no=ask.text(name)).select_related("parcel").first()
    if order is None:
        raise not_found(ask.say("没有找到这笔订单。", "There is no such order."))
    return order


def mine(ask: Ask) -> Answer:
    return _listed(ask, set(Status))


def returnable(ask: Ask) -> Answer:
    return _listed(ask, {Status.DELIVERED})


def open_(ask: Ask) -> Answer:
    return _listed(ask, {Status.PAID, Status.SHIPPED})


def unshipped(ask: Ask) -> Answer:
    return _listed(ask, {Status.PAID})


def alternatives(ask: Ask) -> Answer:
    """The other variants of the product that was ordered."""
    order = order_of(ask)
    product = products()[order.product]
    return Answer(
        options=tuple(
            Option(
                value=f"{product.code}-{variant.code}",
                label=variant.name(ask.lang),
                desc=product.name(ask.lang),
                words=(variant.zh, variant.zh.removesuffix("色"), variant.en),
                extra={"name": f"{product.name(ask.lang)} {variant.name(ask.lang)}"},
            )
            for variant in product.variants
            if variant.code != order.variant
        )
    )


def name_of(order: Order, lang: str) -> str:
    return products()[order.product].name(lang)


def label_of(order: Order, lang: str) -> str:
    tail = order.no[-4:]
    return f"{name_of(order, lang)}（尾号 {tail}）" if lang == "zh" else f"{name_of(order, lang)} (order ending {tail})"


def _listed(ask: Ask, wanted: Collection[Order.Status]) -> Answer:
    """The latest first."""
    orders = Order.objects.filter(customer=ask.customer).select_related("parcel").order_by("-placed_at")
    states = [(order, state_of(order, ask.now)) for order in orders]
    return Answer(options=tuple(_option(ask, order, state) for order, state in states if state.status in wanted))


def _option(ask: Ask, order: Order, state: State) -> Option:
    product = products()[order.product]
    variant = product.variant(order.variant)
    zh, en = NAMES[state.status]
    placed = day(order.placed_at, ask.now, ask.lang)
    extra: dict[str, Json] = {
        "name": product.name(ask.lang),
        "variant": variant.name(ask.lang) if variant else "",
        "no": order.no,
        "status": state.status.value,
        "total": number(order.total),
        "placed": order.placed_at.isoformat(),
        "tracking_no": tracking_of(order),
    }
    return Option(
        value=order.no,
        label=label_of(order, ask.lang),
        desc=ask.say(
            f"{zh} · {placed}下单 · {number(order.total)} 元", f"{en} · ordered {placed} · {number(order.total)} yuan"
        ),
        words=(product.zh, product.en, *product.words, order.no, order.no[-4:]),
        extra=extra,
    )


def tracking_of(order: Order) -> str:
    """Empty where nothing was sent."""
    parcel = getattr(order, "parcel", None)
    return parcel.tracking_no if parcel is not None else ""
