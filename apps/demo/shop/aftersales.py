"""Returns, exchanges and refunds, by the shop's rules: seven days without a reason, fifteen for a fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from apps.demo.shop.catalogue import products
from apps.demo.shop.models import AfterSale, Order
from apps.demo.shop.orders import order_of, state_of
from apps.demo.shop.times import span
from apps.demo.shop.types import Answer, Ask, done, invalid, not_found, wrong_slot

ANY_REASON, FAULT = timedelta(days=7), timedelta(days=15)
RETURN_FEE = 10
PICKUP_WITHIN = timedelta(days=7)
CANCEL_WITHIN = timedelta(minutes=30)
FAULTS = frozenset({"defect", "wrong"})
FAULT_WORDS = (
    *("坏", "破", "碎", "裂", "漏", "瑕疵", "故障", "质量", "假货", "发错", "不符", "少发", "缺", "烂"),
    *(
        "没反应",
        "没声音",
        "没画面",
        "不亮",
        "不转",
        "不制冷",
        "开不了",
        "开不开",
        "充不进",
        "用不了",
        "连不上",
        "黑屏",
        "异响",
    ),
    *(
        "broken",
        "break",
        "defect",
        "fault",
        "damage",
        "crack",
        "leak",
        "wrong",
        "missing",
        "dead",
        "not work",
        "n't work",
    ),
    *("won't", "not as described"),
)
"""What makes a reason in a customer's own words a fault."""
Kind = AfterSale.Kind


@dataclass(frozen=True, slots=True)
class Ruling:
    """``why`` is empty where it is eligible; ``fee`` is what sending back costs the customer, in yuan."""

    eligible: bool
    why: str = ""
    fee: int = 0


def check(ask: Ask) -> Answer:
    ruling = _ruling(ask, order_of(ask))
    return done(eligible=ruling.eligible, why=ruling.why, fee=ruling.fee)


def create(ask: Ask) -> Answer:
    order = order_of(ask)
    ruling = _ruling(ask, order)
    if not ruling.eligible:
        raise invalid("not_eligible", ruling.why)
    start, end = span(ask, "pickup")
    if start is not None and not ask.now < start < ask.now + PICKUP_WITHIN:
        raise wrong_slot("pickup", ask.say("取件只能约在未来 7 天内。", "Pick-ups can be booked for the next 7 days."))
    case = AfterSale.objects.create(
        customer=ask.customer,
        order=order,
        no=ask.number("AS"),
        kind=_kind(ask),
        reason=ask.text("reason")[:500],
        fee=ruling.fee,
        variant=_variant(ask, order),
        pickup_from=start,
        pickup_to=end,
    )
    return done(ticket=case.no)


def cancel(ask: Ask) -> Answer:
    case = AfterSale.objects.filter(customer=ask.customer, no=ask.text("ticket")).first()
    if case is None:
        raise not_found(ask.say("没有找到这个售后单。", "There is no such case."))
    if case.state == AfterSale.State.OPEN and ask.now - case.created_at > CANCEL_WITHIN:
        raise invalid("too_late", ask.say("提交已超过 30 分钟。", "It was submitted more than 30 minutes ago."))
    case.state = AfterSale.State.WITHDRAWN
    case.save(update_fields=["state", "updated_at"])
    return done(ticket=case.no)


def _ruling(ask: Ask, order: Order) -> Ruling:
    state = state_of(order, ask.now)
    if state.delivered_at is None:
        return Ruling(False, _not_here(ask, state.status))
    faulty = _faulty(ask.text("reason"))
    why = _open_case(ask, order) or _against_the_rules(ask, ask.now - state.delivered_at, faulty)
    return Ruling(not why, why, 0 if why or faulty else RETURN_FEE)


def _not_here(ask: Ask, status: Order.Status) -> str:
    if status == Order.Status.SHIPPED:
        return ask.say(
            "这笔订单还在路上，签收后才能申请售后。", "This order is still on its way; ask again once it is there."
        )
    if status == Order.Status.CANCELLED:
        return ask.say("这笔订单已经取消。", "This order was cancelled.")
    return ask.say("这笔订单还没有发货，可以直接取消。", "This order was not sent yet; you can simply cancel it.")


def _open_case(ask: Ask, order: Order) -> str:
    case = order.after_sales.filter(state=AfterSale.State.OPEN).first()
    if case is None:
        return ""
    return ask.say(f"这笔订单已有售后单 {case.no}，正在处理。", f"Case {case.no} is open for this order already.")


def _against_the_rules(ask: Ask, age: timedelta, faulty: bool) -> str:
    """Why the shop does not take it back; empty where it does."""
    if _kind(ask) == Kind.REFUND and not faulty:
        return ask.say(
            "仅退款只适用于质量问题、发错或少件，您可以改为退货。",
            "A refund without a return is for faults or missing parts only; you can return it instead.",
        )
    if age > FAULT:
        return ask.say(
            "签收已超过 15 天，不能退换了，可以申请保修。",
            "It arrived more than 15 days ago, too long to send it back; the warranty still covers it.",
        )
    if age > ANY_REASON and not faulty:
        return ask.say(
            "签收已超过 7 天，不能无理由退换。",
            "It arrived more than 7 days ago, so it can only be sent back for a fault.",
        )
    return ""


def _kind(ask: Ask) -> AfterSale.Kind:
    try:
        return Kind(ask.text("kind"))
    except ValueError:
        raise wrong_slot(
            "kind", ask.say("可以退货、换货或仅退款。", "Return, exchange or refund are possible.")
        ) from None


def _faulty(reason: str) -> bool:
    return reason in FAULTS or any(word in reason.lower() for word in FAULT_WORDS)


def _variant(ask: Ask, order: Order) -> str:
    """The code of the variant that an exchange is for; empty for anything else.

    Raises:
        Refused: it is none of this product's.
    """
    if _kind(ask) != Kind.EXCHANGE:
        return ""
    product = products()[order.product]
    code = ask.text("sku").removeprefix(f"{product.code}-")
    if product.variant(code) is None:
        raise wrong_slot("sku", ask.say("这款商品没有这个款式。", "This product has no such variant."))
    return code
