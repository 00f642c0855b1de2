"""Another bot's flows and actions are as unknown as those that do not exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.bots.models import Bot
from apps.core.errors import NotFound
from apps.flows.access import action_of, example_of, file_of, server_of, version_of
from apps.flows.client import actions_of
from apps.flows.examples import examples_import
from apps.flows.models import ActionServer, FlowFile, FlowVersion, NluExample
from apps.flows.selectors import action_servers, action_specs, flow_drafts, flow_versions, flows_live, nlu_examples
from apps.flows.services import flow_save, flows_publish
from dialog.task.ports import ActionRequest
from dialog.types import User
from tests.apps.flows.business import Business
from tests.apps.flows.flowing import flow_file, server_for
from tests.people import World

DOORS: list[tuple[Callable[[Bot, Any], Any], Callable[[], Any]]] = [
    (file_of, lambda: FlowFile.objects.get().name),
    (version_of, lambda: FlowVersion.objects.get().number),
    (action_of, lambda: "case.get"),
    (server_of, lambda: ActionServer.objects.get().pk),
    (server_of, lambda: str(ActionServer.objects.get().pk)),
    (example_of, lambda: NluExample.objects.get().pk),
]


@pytest.fixture
def ours(world: World) -> World:
    """One thing of each kind, all of one bot."""
    server_for(world.bot)
    flow_save(bot=world.bot, name="desk", source=flow_file(), by=world.editor)
    flows_publish(bot=world.bot, by=world.editor)
    examples_import(bot=world.bot, rows=[{"text": "查工单", "intent": "case_state"}])
    world.bot.refresh_from_db()
    return world


@pytest.mark.parametrize(("door", "key"), DOORS)
def test_a_thing_is_found_under_its_own_bot_alone(
    ours: World, door: Callable[[Bot, Any], Any], key: Callable[[], Any]
) -> None:
    assert door(ours.bot, key()).bot == ours.bot
    with pytest.raises(NotFound):
        door(ours.foreign_bot, key())


@pytest.mark.parametrize("door", [server_of, example_of])
@pytest.mark.parametrize("key", ["", "1", "no-such-id", "0" * 32, "' OR 1=1"])
def test_nonsense_is_not_found_either(ours: World, door: Callable[[Bot, Any], Any], key: str) -> None:
    with pytest.raises(NotFound):
        door(ours.bot, key)


def test_lists_hold_the_own_things_alone(ours: World) -> None:
    for listed in (action_servers, flow_drafts, flow_versions):
        assert listed(ours.bot).count() == 1
        assert listed(ours.foreign_bot).count() == 0
    assert flows_live(ours.foreign_bot) == ()
    assert action_specs(ours.foreign_bot) == {}
    assert nlu_examples(ours.foreign_bot) == ()


def test_a_version_number_of_another_bot_leads_to_nothing(ours: World) -> None:
    ours.foreign_bot.live_flows = 1
    with pytest.raises(FlowVersion.DoesNotExist):
        flows_live(ours.foreign_bot)


def test_actions_of_another_bot_cannot_be_called(ours: World, business: Business) -> None:
    ActionServer.objects.update(url=business.url, secret=business.secret)
    request = ActionRequest("case.get", {"no": "A1"}, User("c-1", True), "conv", 1, "s", "read", "conv:1:s:x")
    business.answer = {"status": "ok", "out": {"state": "open"}}
    assert actions_of(ours.foreign_bot).call(request).status == "error"
    assert business.got == []
    assert actions_of(ours.bot).call(request).status == "ok"
    sent = business.got[0]
    assert (sent["tenant"], sent["bot"]) == (str(ours.bot.organisation_id), "shop")
