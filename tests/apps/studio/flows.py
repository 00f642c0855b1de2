"""A small shop's flows for the tests of the studio and the API."""

from __future__ import annotations

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.flows.models import Action, ActionServer, FlowFile
from apps.flows.services import flow_save, flows_publish

SOURCE = """\
version: 1
domain: shop
slots:
  order: {type: ref, options_from: order.mine, label: {zh: 订单, en: order}, ask: {zh: 哪一笔订单？, en: "Which order?"}}
  why: {type: text, min: 2, label: {zh: 原因, en: reason}, ask: {zh: 为什么取消？, en: "Why?"}}
flows:
  cancel_order:
    label: {zh: 取消订单, en: cancel an order}
    about: {zh: 取消订单, en: Cancel an order}
    start: {say: ["取消.{0,4}订单", "cancel .{0,8}order"]}
    steps:
      - collect: [order, why]
      - call: order.check
        id: check
        in: [order]
        out: [allowed, refund]
        fail: {other: handoff}
      - unless: allowed
        do: [{offer: {换个订单: {clear: order}, 算了: end}}]
      - confirm: {zh: "取消{order.name}（{why}），退 {refund} 元，确认吗？", en: "Cancel {order.name} ({why}) for {refund}?"}
      - {call: order.cancel, effect: write, in: [order, why], out: [ticket], fail: {other: handoff}}
      - say: {zh: "已取消，单号 {ticket}。", en: "Cancelled, number {ticket}."}
"""
BROKEN = SOURCE.replace("in: [order]\n", "in: [ordr]\n")
LINE_BROKEN = BROKEN.splitlines().index("      - call: order.check") + 1

_TEXT = {"type": "string"}
ACTIONS = {
    "order.mine": ("read", {}, {}),
    "order.check": ("read", {"order": _TEXT}, {"allowed": {"type": "boolean"}, "refund": {"type": "number"}}),
    "order.cancel": ("write", {"order": _TEXT, "why": _TEXT}, {"ticket": _TEXT}),
}


def register(bot: Bot) -> None:
    """A server that nobody can reach, and its actions."""
    server = ActionServer.objects.create(bot=bot, name="shop", url="https://shop.example/actions")
    for name, (effect, inputs, output) in ACTIONS.items():
        Action.objects.create(
            bot=bot, server=server, name=name, effect=effect, inputs=_schema(inputs), output=_schema(output)
        )


def _schema(properties: dict[str, object]) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def draft(bot: Bot, by: User, source: str = SOURCE, name: str = "orders") -> FlowFile:
    return flow_save(bot=bot, name=name, source=source, by=by)


def published(bot: Bot, by: User) -> FlowFile:
    """The draft, and the same published."""
    register(bot)
    file = draft(bot, by)
    flows_publish(bot=bot, by=by)
    bot.refresh_from_db()
    return file
