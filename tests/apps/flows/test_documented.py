"""What docs/actions.md shows works as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from time import time
from typing import Any

import orjson

from apps.core.signing import new_secret, sign
from apps.flows.selectors import action_specs
from apps.flows.services import actions_import, server_save
from apps.flows.wire import SAID, Sender, read_answer, request_body
from dialog.task.ports import ActionRequest
from dialog.types import User
from tests.people import World

TEXT = (Path(__file__).parents[3] / "docs" / "actions.md").read_text("utf-8")


def block(language: str, number: int) -> str:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[number]


def test_the_python_of_the_page_verifies_our_signatures() -> None:
    names: dict[str, Any] = {}
    exec(block("python", 0), names)
    verified, secret, body = names["verified"], new_secret(), '{"a": "你好"}'.encode()
    headers = sign([new_secret(), secret], id="m1", timestamp=int(time()), body=body)
    assert verified(secret, headers, body)
    assert not verified(new_secret(), headers, body)
    assert not verified(secret, headers, body + b" ")
    assert not verified(secret, headers | {"webhook-id": "m2"}, body)
    assert not verified(secret, sign([secret], id="m1", timestamp=int(time()) - 301, body=body), body)


def test_the_list_of_the_page_can_be_imported(world: World) -> None:
    server = server_save(bot=world.bot, fields={"name": "crm", "url": "https://crm.example/"})
    assert actions_import(bot=world.bot, server=server, specs=orjson.loads(block("json", 0))) == 1
    assert action_specs(world.bot)["order.cancel"].effect == "write"


def test_the_request_of_the_page_has_the_fields_that_are_sent() -> None:
    request = ActionRequest("a.b", {}, User("u"), "c", 1, "s", "read", "k")
    sent = orjson.loads(request_body(Sender("t", "b"), request, deadline_ms=1))
    shown = orjson.loads(block("json", 1))
    assert sent.keys() == shown.keys()
    assert sent["user"].keys() == shown["user"].keys()


def test_the_answer_of_the_page_is_one(world: World) -> None:
    answer = read_answer(block("json", 2).encode())
    assert (answer.result.status, answer.after_s, answer.result.options[0].words) == ("ok", 0.5, ("2401", "耳机"))
    assert {status for status in SAID if f"| `{status}` |" in TEXT} == SAID
