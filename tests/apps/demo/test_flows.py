"""The demo bot's connection with the demo shop: registered actions, published flows, signed calls that arrive."""

from __future__ import annotations

import pytest

from apps.bots.models import Bot
from apps.demo.flows import demo_flows
from apps.demo.models import ShopCustomer, Ticket
from apps.demo.shop.actions import HANDLERS
from apps.flows.client import actions_of
from apps.flows.models import ActionServer, FlowFile, FlowVersion
from apps.flows.selectors import action_specs, flows_live
from apps.flows.services import flow_save
from dialog.task.lint import lint
from dialog.task.load import load
from dialog.task.ports import ActionRequest, ActionResult
from dialog.types import Json, User
from tests.people import World

FLOWS = {
    *("return_exchange", "order_track", "urge_delivery", "invoice", "cancel_order", "address_change", "complaint"),
    *("repair_booking", "account_phone", "book_flight"),
}


@pytest.fixture
def bot(world: World) -> Bot:
    demo_flows(world.bot)
    world.bot.refresh_from_db()
    return world.bot


def call(bot: Bot, action: str, *, key: str = "c:1:s:d", user: str = "u1", **inputs: Json) -> ActionResult:
    spec = action_specs(bot)[action]
    who = User(user, login=True, name="林一诺")
    request = ActionRequest(action, inputs, who, "c", 1, "s", spec.effect, key)
    return actions_of(bot).call(request)


def test_the_shops_actions_are_registered_and_its_flows_published(bot: Bot) -> None:
    assert set(action_specs(bot)) == set(HANDLERS)
    domains = [load(source).domain for source in flows_live(bot)]
    assert {name for domain in domains if domain for name in domain.flows} == FLOWS


def test_the_flows_are_without_errors_and_warnings(bot: Bot) -> None:
    for source in flows_live(bot):
        loaded = load(source)
        assert loaded.domain is not None
        assert [*loaded.problems, *lint(loaded.domain, action_specs(bot))] == []


def test_refreshing_changes_nothing_and_keeps_what_the_tenant_added(bot: Bot) -> None:
    source = "version: 1\ndomain: own\nflows:\n  hello:\n    steps: [{say: hello}]\n"
    flow_save(bot=bot, name="own", source=source, by=None)
    assert demo_flows(bot) == 2
    assert demo_flows(bot) == 2
    assert FlowVersion.objects.filter(bot=bot).count() == 2
    assert FlowFile.objects.filter(bot=bot, name="own").exists()
    assert ActionServer.objects.filter(bot=bot).count() == 1


def test_a_changed_flow_is_set_back(bot: Bot) -> None:
    before = flows_live(bot)
    file = FlowFile.objects.filter(bot=bot).order_by("name")[0]
    flow_save(bot=bot, name=file.name, source=f"{file.source}\n# mine\n", by=None)
    demo_flows(bot)
    bot.refresh_from_db()
    assert flows_live(bot) == before


def test_calls_of_the_product_reach_the_shop(bot: Bot) -> None:
    found = call(bot, "order.mine")
    assert found.status == "ok"
    assert len(found.options) == 8
    assert found.options[0].extra["name"]
    first = call(bot, "complaint.create", reason="快递员摔箱子")
    assert first.status == "ok"
    assert call(bot, "complaint.create", reason="快递员摔箱子").out == first.out
    assert Ticket.objects.count() == 1


def test_each_bots_customers_are_their_own(bot: Bot, world: World) -> None:
    demo_flows(world.foreign_bot)
    call(bot, "order.mine")
    call(world.foreign_bot, "order.mine")
    assert ShopCustomer.objects.filter(external_id="u1").count() == 2


def test_a_visitor_who_is_not_known_is_denied(bot: Bot) -> None:
    request = ActionRequest("order.mine", {}, User(), "c", 1, "s", "read", "k")
    assert actions_of(bot).call(request).status == "denied"
