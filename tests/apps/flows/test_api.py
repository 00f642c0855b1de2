"""Flows over the operators' API, and what a message is understood as."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from apps.conversations.models import Conversation
from apps.flows.models import FlowFile
from tests.apps.studio.flows import BROKEN, LINE_BROKEN, SOURCE, draft, published, register
from tests.people import World


class Operator:
    """The editor of the shop, speaking JSON."""

    def __init__(self, world: World) -> None:
        self.client = Client()
        self.client.force_login(world.editor)

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        data = json.dumps(body) if body is not None else ""
        return self.client.generic(method, f"/api/v1/bots/shop/{path}", data, content_type="application/json")


@pytest.fixture
def operator(world: World) -> Operator:
    register(world.bot)
    return Operator(world)


def test_a_file_is_written_read_and_removed(operator: Operator) -> None:
    made = operator("POST", "flows/files", {"name": "orders", "source": BROKEN})
    assert (made.status_code, made.json()["revision"], made.json()["errors"]) == (201, 1, 3)
    assert next((one["code"], one["line"]) for one in made.json()["problems"]) == ("unknown_name", LINE_BROKEN)
    saved = operator("PUT", "flows/files/orders", {"source": SOURCE, "revision": 1})
    assert (saved.json()["revision"], saved.json()["problems"]) == (2, [])
    assert operator("GET", "flows/files/orders").json()["source"] == SOURCE
    assert [row["name"] for row in operator("GET", "flows").json()["items"]] == ["orders"]
    assert operator("DELETE", "flows/files/orders").status_code == 204
    assert operator("GET", "flows/files/orders").status_code == 404


def test_nobody_is_overwritten(operator: Operator, world: World) -> None:
    draft(world.bot, world.owner)
    draft(world.bot, world.owner, SOURCE + "# theirs\n")
    assert operator("POST", "flows/files", {"name": "orders", "source": "mine"}).status_code == 409
    assert operator("PUT", "flows/files/orders", {"source": "mine", "revision": 1}).status_code == 409
    assert FlowFile.objects.get().source.endswith("# theirs\n")


def test_checking_stores_nothing(operator: Operator) -> None:
    found = operator("POST", "flows/check", {"source": BROKEN}).json()["problems"]
    assert {one["code"] for one in found} == {"unknown_name", "unknown_input", "missing_input"}
    assert not FlowFile.objects.exists()


def test_publishing_and_rolling_back(operator: Operator, world: World) -> None:
    draft(world.bot, world.editor, BROKEN)
    refused = operator("POST", "flows/publish", {})
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
    draft(world.bot, world.editor)
    assert operator("POST", "flows/publish", {"note": "first"}).json()["number"] == 1
    draft(world.bot, world.editor, SOURCE + "# more\n")
    assert operator("POST", "flows/publish", {}).json()["number"] == 2
    assert operator("POST", "flows/versions/1/restore").json()["restores"] == 1
    listed = operator("GET", "flows/versions").json()
    assert (listed["live"], [row["number"] for row in listed["items"]]) == (3, [3, 2, 1])
    assert operator("GET", "flows/versions/3").json()["files"] == {"orders": SOURCE}


def test_a_message_is_parsed_without_anything_being_done(operator: Operator, world: World) -> None:
    published_file(world)
    found = operator("POST", "nlu/parse", {"text": "取消订单，明天的", "lang": "zh"}).json()
    assert found["commands"][0] == {"command": "start", "flow": "cancel_order"}
    assert ("time", "明天") in [(one["kind"], one["text"]) for one in found["entities"]]
    assert found["flows"][0][0] == "cancel_order"
    assert operator("POST", "nlu/parse", {"text": "你好"}).json()["commands"] == []
    assert not Conversation.objects.exists()


def test_a_bot_without_flows_says_that_it_cannot_parse(operator: Operator) -> None:
    refused = operator("POST", "nlu/parse", {"text": "取消订单"})
    assert refused.status_code == 409
    assert "Publish a flow first" in refused.json()["detail"]


def published_file(world: World) -> None:
    world.bot.actions.all().delete()
    world.bot.action_servers.all().delete()
    published(world.bot, world.editor)
