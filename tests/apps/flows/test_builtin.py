"""A server that is part of the product: the same bytes without a socket and over one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from apps.bots.models import Bot
from apps.demo.flows import demo_flows
from apps.demo.models import Ticket
from apps.flows.builtin import builtin_name
from apps.flows.client import actions_of
from apps.flows.models import ActionServer
from dialog.task.ports import ActionRequest, ActionResult
from dialog.types import User
from tests.people import World

COMPLAINT = ActionRequest(
    "complaint.create",
    {"reason": "快递员摔箱子"},
    User("u1", True, "林一诺"),
    "conv",
    1,
    "submit",
    "write",
    "conv:1:submit:a",
)
ORDERS = replace(COMPLAINT, action="order.mine", inputs={}, effect="read", idempotency_key="conv:1:order:b")


@pytest.fixture
def bot(world: World) -> Bot:
    demo_flows(world.bot)
    world.bot.refresh_from_db()
    return world.bot


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("builtin:shop", "shop"),
        ("builtin:bank", ""),
        ("builtin:", ""),
        ("builtin:shop/", ""),
        ("BUILTIN:shop", ""),
        ("https://builtin:shop/", ""),
    ],
)
def test_only_what_is_there_is_built_in(url: str, name: str) -> None:
    assert builtin_name(url) == name


def call_both(bot: Bot) -> tuple[ActionResult, ActionResult]:
    actions = actions_of(bot)
    return actions.call(ORDERS), actions.call(COMPLAINT)


def test_the_shop_is_called_without_a_socket(bot: Bot) -> None:
    orders, ticket = call_both(bot)
    assert orders.status == "ok"
    assert len(orders.options) == 8
    assert Ticket.objects.get().no == ticket.out["ticket"]


@pytest.mark.parametrize(
    "changes",
    [
        {"HTTPS": True, "SECURE_SSL_REDIRECT": True},
        {"SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"), "SECURE_SSL_REDIRECT": True},
    ],
)
def test_the_shop_is_reached_however_the_site_is_served(bot: Bot, settings: Any, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(settings, name, value)
    assert call_both(bot)[0].status == "ok"


def test_a_call_leaves_language_and_transaction_as_they_are(bot: Bot) -> None:
    with transaction.atomic(), translation.override("zh-hans"):
        assert actions_of(bot).call(replace(ORDERS, lang="en")).status == "ok"
        assert translation.get_language() == "zh-hans"
        assert ActionServer.objects.filter(bot=bot).exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_actions_over_a_socket(world: World, live_server: Any, settings: Any) -> None:
    demo_flows(world.bot)
    inside = actions_of(world.bot).call(ORDERS)
    ActionServer.objects.update(url=f"{live_server.url}/demo/shop/actions/")
    settings.OUTBOUND_ALLOW = [live_server.url.removeprefix("http://")]
    orders, ticket = call_both(world.bot)
    assert [option.value for option in orders.options] == [option.value for option in inside.options]
    assert Ticket.objects.get().no == ticket.out["ticket"]
    again = actions_of(world.bot).call(COMPLAINT)
    assert again.out == ticket.out
    assert Ticket.objects.count() == 1
    settings.OUTBOUND_ALLOW = []
    assert actions_of(world.bot).call(ORDERS).status == "error"
