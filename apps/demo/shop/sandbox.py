"""A customer's own world: eight orders in every state, relative to when they first came, drawn from who they are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction

from apps.demo.shop.catalogue import Product, products
from apps.demo.shop.models import Order, Parcel, ParcelEvent, Passenger, ShopCustomer, ShopKey

Status = Order.Status
Code = ParcelEvent.Code


@dataclass(frozen=True, slots=True)
class Story:
    """What became of an order. ``age`` is the time since it was placed; of a parcel the hours from order to event, and
    ``eta`` in hours from now; what was sent and has none is stuck."""

    status: str
    age: timedelta
    events: Sequence[tuple[float, str]] = ()
    eta: float | None = None
    small: bool = True


STORIES = (
    Story(Status.UNPAID, timedelta(minutes=6)),
    Story(Status.PAID, timedelta(hours=3)),
    Story(Status.PAID, timedelta(hours=40), small=False),
    Story(Status.SHIPPED, timedelta(hours=44), ((5, Code.PACKED), (9, Code.TAKEN), (36, Code.ARRIVED)), eta=26),
    Story(
        Status.DELIVERED,
        timedelta(days=4),
        ((4, Code.PACKED), (8, Code.TAKEN), (38, Code.ARRIVED), (62, Code.OUT), (67, Code.DELIVERED)),
    ),
    Story(Status.SHIPPED, timedelta(days=6), ((6, Code.PACKED), (11, Code.TAKEN), (40, Code.ARRIVED))),
    Story(
        Status.DELIVERED,
        timedelta(days=40),
        ((5, Code.PACKED), (10, Code.TAKEN), (44, Code.ARRIVED), (68, Code.OUT), (72, Code.DELIVERED)),
        small=False,
    ),
    Story(Status.CANCELLED, timedelta(days=9)),
)
SMALL = ("a3", "c3", "h1", "e2pro", "m1", "p1")
LARGE = ("t55", "k35", "s7")
ADDRESSES = (
    ("杭州", "浙江省杭州市滨江区云栖路 18 号 3 幢 502 室"),
    ("上海", "上海市杨浦区松涛路 96 弄 7 号 1201 室"),
    ("成都", "四川省成都市高新区锦和街 55 号 2 单元 8 楼"),
    ("广州", "广东省广州市海珠区榕荫路 30 号 601 房"),
    ("武汉", "湖北省武汉市洪山区珞桐路 121 号 4 栋 903"),
)
DEPOT = "杭州"
"""All goods are sent from here."""
NAMES = (("林一诺", "Lin Yinuo"), ("周明远", "Zhou Mingyuan"), ("陈雨桐", "Chen Yutong"), ("许安", "Xu An"))
FAMILY = (
    ("mother", ("王秀珍", "李桂兰", "赵玉芬", "孙慧敏")),
    ("partner", ("沈亦凡", "何嘉", "唐文静", "叶知秋")),
)


def customer_of(key: ShopKey, external_id: str, name: str, now: datetime) -> ShopCustomer:
    """The caller's customer; one who comes for the first time gets a world of their own."""
    known = ShopCustomer.objects.filter(key=key, external_id=external_id).first()
    if known is not None:
        return known
    try:
        return _new_customer(key, external_id, name, now)
    except IntegrityError:  # their other request was first
        return ShopCustomer.objects.get(key=key, external_id=external_id)


@transaction.atomic
def _new_customer(key: ShopKey, external_id: str, name: str, now: datetime) -> ShopCustomer:
    draw = random.Random(f"{key.name}\n{external_id}")
    customer = ShopCustomer.objects.create(
        key=key,
        external_id=external_id,
        name=name[:80] or draw.choice(NAMES)[0],
        phone=f"1{draw.choice(('38', '59', '77', '86'))}0000{draw.randrange(1000, 10_000)}",
    )
    _passengers(customer, draw)
    city, address = draw.choice(ADDRESSES)
    small = draw.sample(SMALL, 6)
    large = draw.sample(LARGE, 2)
    tails = draw.sample(range(1_000, 10_000), len(STORIES))  # customers name orders by their last digits
    for story, tail in zip(STORIES, tails, strict=True):
        product = products()[(small if story.small else large).pop()]
        _order(customer, story, product, tail, (city, address), draw, now)
    return customer


def _passengers(customer: ShopCustomer, draw: random.Random) -> None:
    names = [("self", customer.name), *((relation, draw.choice(known)) for relation, known in FAMILY)]
    Passenger.objects.bulk_create(
        Passenger(customer=customer, no=no, name=name, relation=relation)
        for no, (relation, name) in enumerate(names, start=1)
    )


def _order(
    customer: ShopCustomer,
    story: Story,
    product: Product,
    tail: int,
    home: tuple[str, str],
    draw: random.Random,
    now: datetime,
) -> None:
    placed = (now - story.age).replace(microsecond=0)
    quantity = 2 if product.code == "p1" else 1
    order = Order.objects.create(
        customer=customer,
        no=f"{placed:%Y%m%d}{draw.randrange(10, 100)}{tail}",
        product=product.code,
        variant=draw.choice(product.variants).code,
        quantity=quantity,
        total=product.price * quantity + (Decimal(8) if product.price * quantity < 99 else 0),
        status=story.status,
        placed_at=placed,
        delivered_at=placed + timedelta(hours=story.events[-1][0]) if story.status == Status.DELIVERED else None,
        cancelled_at=placed + timedelta(hours=1) if story.status == Status.CANCELLED else None,
        address=home[1],
        person=customer.name,
        phone=customer.phone,
    )
    if story.events:
        _parcel(order, story, home[0], draw, now)


def _parcel(order: Order, story: Story, city: str, draw: random.Random, now: datetime) -> None:
    parcel = Parcel.objects.create(
        order=order,
        tracking_no=f"{'SF' if story.small else 'JD'}{draw.randrange(10**12, 10**13)}",
        eta=now + timedelta(hours=story.eta) if story.eta is not None else None,
    )
    ParcelEvent.objects.bulk_create(
        ParcelEvent(parcel=parcel, at=order.placed_at + timedelta(hours=hours), code=code, city=_place(code, city))
        for hours, code in story.events
    )


def _place(code: str, city: str) -> str:
    return DEPOT if code in (Code.PACKED, Code.TAKEN) else city
