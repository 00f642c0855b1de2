"""Flow files, their editor and the try-out in the studio."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.conversations.models import Conversation
from apps.flows.models import FlowFile, FlowVersion
from apps.flows.selectors import action_specs
from apps.studio.flow_template import template
from apps.studio.playing import Played, Recording, plausible
from dialog.engine import Engine
from dialog.stories import read_stories, run_story
from dialog.task.book import FlowBook
from dialog.task.bot import Tasks
from dialog.task.load import load
from dialog.task.model import Effect
from dialog.task.ports import ActionRequest, ActionResult
from dialog.task.scripted import ScriptedActions
from dialog.types import BotProfile, Publication, User
from tests.apps.studio.flows import BROKEN, LINE_BROKEN, SOURCE, draft, published, register
from tests.people import World

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def editor(world: World) -> Client:
    client = Client()
    client.force_login(world.editor)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"studio:{name}", args=["shop", *args])


def page(client: Client) -> str:
    return client.get(url("flows")).content.decode()


def undo(client: Client, response: Any) -> Any:
    offer = json.loads(response["HX-Trigger"])["zk-undo"]
    return client.post(offer["url"], offer["values"], headers={"HX-Request": "true"})


def bring_back(client: Client, response: Any) -> Any:
    """Press undo as the page does, with the text as a file."""
    was = response.context["undo"]
    return client.post(url("flow_back"), {"name": was.name, "source": SimpleUploadedFile("x", was.source.encode())})


# --- files ------------------------------------------------------------------------------------------------------


def test_a_new_file_starts_with_a_flow_that_has_no_problems(editor: Client, world: World) -> None:
    response = editor.post(url("flow_new"), {"name": "After Sales"})
    assert response["Location"] == url("flow", "after-sales")
    data = editor.get(response["Location"]).context["data"]
    assert data["problems"] == []
    assert [flow["name"] for flow in data["flows"]] == ["after_sales_message"]
    assert FlowFile.objects.get().source == template("after-sales")


@pytest.mark.parametrize("name", ["orders", "…", ""])
def test_a_name_that_cannot_be_used_is_refused_with_a_reason(editor: Client, world: World, name: str) -> None:
    draft(world.bot, world.editor)
    response = editor.post(url("flow_new"), {"name": name})
    assert response.status_code in (409, 422)
    assert "notice-danger" in response.content.decode()
    assert FlowFile.objects.get().source == SOURCE


def test_the_list_names_flows_problems_and_actions(editor: Client, world: World) -> None:
    register(world.bot)
    draft(world.bot, world.editor, BROKEN)
    text = page(editor)
    assert "cancel an order" in text
    assert f"orders:{LINE_BROKEN}" in text
    assert f"{url('flow', 'orders')}#{LINE_BROKEN}" in text
    assert "order.cancel" in text
    assert "why* string" in text
    assert "flow-actions" in text


def test_an_imported_file_replaces_its_namesake_and_undo_brings_that_back(editor: Client, world: World) -> None:
    draft(world.bot, world.editor)
    given = SimpleUploadedFile("orders.yaml", ("\ufeff" + BROKEN.replace("\n", "\r\n")).encode())
    response = editor.post(url("flow_import"), {"file": given}, headers={"HX-Request": "true"})
    assert FlowFile.objects.get().source == BROKEN
    assert bring_back(editor, response).status_code == 200
    assert FlowFile.objects.get().source == SOURCE


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"x" * 900_000, None])
def test_what_is_no_flow_file_is_refused_and_nothing_is_stored(editor: Client, data: bytes | None) -> None:
    sent = {"file": SimpleUploadedFile("orders.yaml", data)} if data else {}
    response = editor.post(url("flow_import"), sent)
    assert response.status_code in (413, 422)
    assert not FlowFile.objects.exists()


def test_a_download_is_what_was_written(editor: Client, world: World) -> None:
    draft(world.bot, world.editor)
    response = editor.get(url("flow_download", "orders"))
    assert response.content.decode() == SOURCE
    assert response["Content-Disposition"] == 'attachment; filename="orders.yaml"'


def test_deleting_a_file_can_be_undone(editor: Client, world: World) -> None:
    draft(world.bot, world.editor)
    response = editor.post(url("flow_away", "orders"), headers={"HX-Request": "true"})
    assert not FlowFile.objects.exists()
    assert bring_back(editor, response).status_code == 200
    assert FlowFile.objects.get().source == SOURCE


# --- publishing -------------------------------------------------------------------------------------------------


def test_publishing_and_the_way_back(editor: Client, world: World) -> None:
    published(world.bot, world.editor)
    assert "Everything here runs" in page(editor)
    draft(world.bot, world.editor, SOURCE.replace("为什么取消", "为何取消"))
    assert "changed" in page(editor)
    response = editor.post(url("flows_live"), {"note": "shorter"}, headers={"HX-Request": "true"})
    world.bot.refresh_from_db()
    assert world.bot.live_flows == 2
    assert undo(editor, response).status_code == 200
    world.bot.refresh_from_db()
    assert FlowVersion.objects.get(number=world.bot.live_flows).files == {"orders": SOURCE}
    assert editor.post(url("flows_live"), headers={"HX-Request": "true"}).status_code == 200


def test_an_error_keeps_the_flows_from_being_published_and_is_named_with_its_line(editor: Client, world: World) -> None:
    register(world.bot)
    draft(world.bot, world.editor, BROKEN)
    response = editor.post(url("flows_live"))
    assert response.status_code == 422
    assert f"orders:{LINE_BROKEN}" in response.content.decode()
    assert not FlowVersion.objects.exists()


def test_publishing_what_runs_already_says_so(editor: Client, world: World) -> None:
    published(world.bot, world.editor)
    assert editor.post(url("flows_live")).status_code == 409
    assert FlowVersion.objects.count() == 1


# --- the editor -------------------------------------------------------------------------------------------------


def test_checking_stores_nothing_and_draws_every_flow(editor: Client, world: World) -> None:
    register(world.bot)
    draft(world.bot, world.editor)
    found = editor.post(url("flow_check", "orders"), {"source": BROKEN}).json()
    assert ("unknown_name", LINE_BROKEN) in {(one["code"], one["line"]) for one in found["problems"]}
    kinds = [node["kind"] for node in found["flows"][0]["diagram"]["nodes"]]
    assert kinds.count("write") == 1
    assert FlowFile.objects.get().source == SOURCE


@pytest.mark.parametrize("source", ["", "- a\n- b", "a: [", "\x00", "flows: *x"])
def test_a_text_that_cannot_be_read_has_a_problem_and_no_diagram(editor: Client, world: World, source: str) -> None:
    draft(world.bot, world.editor)
    found = editor.post(url("flow_check", "orders"), {"source": source}).json()
    assert found["problems"][0]["severity"] == "error"
    assert found["flows"] is None


def test_saving_keeps_line_ends_and_counts_revisions(editor: Client, world: World) -> None:
    draft(world.bot, world.editor)
    sent = {"source": BROKEN.replace("\n", "\r\n"), "revision": "1"}
    saved = editor.post(url("flow", "orders"), sent).json()
    assert saved["revision"] == 2
    assert FlowFile.objects.get().source == BROKEN


def test_a_late_save_overwrites_nobody_and_brings_the_other_text(editor: Client, world: World) -> None:
    draft(world.bot, world.owner)
    draft(world.bot, world.owner, SOURCE + "# theirs\n")
    response = editor.post(url("flow", "orders"), {"source": SOURCE + "# mine\n", "revision": "1"})
    assert response.status_code == 409
    assert response.json()["source"].endswith("# theirs\n")
    assert response.json()["by"] == "alice"
    again = {"source": SOURCE + "# mine\n", "revision": response.json()["revision"]}
    assert editor.post(url("flow", "orders"), again).status_code == 200
    assert FlowFile.objects.get().source.endswith("# mine\n")


def test_a_viewer_reads_a_file_and_is_offered_no_change(world: World) -> None:
    draft(world.bot, world.editor)
    client = Client()
    client.force_login(world.viewer)
    response = client.get(url("flow", "orders"))
    assert "readonly" in response.content.decode()
    assert response.context["data"]["writable"] is False
    assert client.post(url("flow_try", "orders"), {"text": "取消订单", "source": SOURCE}).status_code == 403


# --- the try-out ------------------------------------------------------------------------------------------------


class Trier:
    """Talks to the draft as the panel does; ``turn`` is the answer at hand."""

    def __init__(self, client: Client, source: str = SOURCE, **more: str) -> None:
        self.client, self.source, self.more = client, source, more
        self.turn: Mapping[str, Any] = {"state": ""}

    def send(self, **said: str) -> Mapping[str, Any]:
        sent = {"source": self.source, "state": self.turn["state"], "lang": "zh", **self.more, **said}
        response = self.client.post(url("flow_try", "orders"), sent)
        assert response.status_code == 200, response.content.decode()
        self.turn = response.json()
        return self.turn

    def press(self, text: str) -> Mapping[str, Any]:
        shown = [one for reply in self.turn["replies"] for one in reply["suggestions"]]
        return self.send(pick=next(one["id"] for one in shown if text in one["text"]))

    def cancel_an_order(self) -> Mapping[str, Any]:
        self.send(text="我要取消订单")
        self.press("订单 2")
        self.send(text="买错了")
        return self.press("确认")


@pytest.fixture
def trier(editor: Client, world: World) -> Trier:
    register(world.bot)
    draft(world.bot, world.editor, "# nothing of it is saved")
    return Trier(editor)


def test_the_unsaved_text_can_be_talked_to_and_shows_what_it_made_of_a_message(trier: Trier) -> None:
    begun = trier.send(text="我要取消订单")
    assert begun["commands"] == ["start flow=cancel_order"]
    assert begun["stack"][0] == {"flow": "cancel_order", "label": "cancel an order", "waits": "order", "slots": []}
    assert [(call["action"], call["played"]) for call in begun["calls"]] == [("order.mine", True)]
    chosen = trier.press("订单 2")
    assert chosen["stack"][0]["slots"] == [{"name": "order", "label": "order", "value": "订单 2"}]
    assert any("order = 订单 2" in event["text"] for event in chosen["events"])
    trier.send(text="买错了")
    done = trier.press("确认")
    assert [(call["action"], call["write"], call["played"]) for call in done["calls"]] == [("order.cancel", True, True)]
    assert "已取消" in done["replies"][-1]["text"]
    assert done["stack"] == []
    assert done["trace"]["route"] == "task"


def test_a_try_out_leaves_nothing_behind(trier: Trier) -> None:
    trier.cancel_an_order()
    assert not Conversation.objects.exists()
    assert FlowFile.objects.get().source == "# nothing of it is saved"


def test_knowledge_answers_in_between(shop: World) -> None:
    client = Client()
    client.force_login(shop.editor)
    register(shop.bot)
    draft(shop.bot, shop.editor)
    trier = Trier(client)
    trier.send(text="我要取消订单")
    between = trier.send(text="怎么开发票")
    assert "在订单页点开发票" in between["replies"][0]["text"]
    assert between["stack"][0]["waits"] == "order"


def test_real_actions_read_for_real_and_never_write_outside_a_sandbox(trier: Trier) -> None:
    trier.more["mode"] = "real"
    begun = trier.send(text="我要取消订单")
    assert next((call["action"], call["played"], call["status"]) for call in begun["calls"]) == (
        "order.mine",
        False,
        "unavailable",
    )


def test_flows_with_errors_do_not_run_and_say_why(editor: Client, trier: Trier) -> None:
    sent = {"source": SOURCE.replace("- confirm:", "- say:"), "text": "取消订单"}
    response = editor.post(url("flow_try", "orders"), sent)
    assert response.status_code == 422
    assert "write_without_confirm" in [one["code"] for one in response.json()["problems"]]


def test_actions_that_nobody_registered_can_be_played(editor: Client, world: World) -> None:
    draft(world.bot, world.editor)
    assert "已取消，单号 ticket" in Trier(editor).cancel_an_order()["replies"][-1]["text"]


def test_a_broken_file_beside_it_does_no_harm(editor: Client, trier: Trier, world: World) -> None:
    draft(world.bot, world.editor, "flows: [", name="aside")
    assert trier.send(text="我要取消订单")["commands"] == ["start flow=cancel_order"]


@pytest.mark.parametrize("state", ["forged", "x:y:z"])
def test_a_state_that_is_not_ours_is_refused(editor: Client, trier: Trier, state: str) -> None:
    response = editor.post(url("flow_try", "orders"), {"source": SOURCE, "text": "取消订单", "state": state})
    assert response.status_code == 400
    assert editor.post(url("flow_story", "orders"), {"state": state}).status_code == 400


def test_a_state_belongs_to_its_bot(trier: Trier, world: World) -> None:
    trier.send(text="我要取消订单")
    register(world.foreign_bot)
    draft(world.foreign_bot, world.stranger)
    stranger = Client()
    stranger.force_login(world.stranger)
    address = reverse("studio:flow_try", args=["other", "orders"])
    sent = {"source": SOURCE, "text": "你好", "state": trier.turn["state"]}
    assert stranger.post(address, sent).status_code == 400


def test_a_try_out_becomes_a_story_that_passes(trier: Trier, world: World) -> None:
    trier.cancel_an_order()
    text = trier.client.post(url("flow_story", "orders"), {"state": trier.turn["state"], "name": "取消订单"}).json()[
        "text"
    ]
    [story] = read_stories(text)
    assert (story.name, story.bot, story.lang, len(story.turns)) == ("取消订单", "shop", "zh", 4)
    assert story.writes == {"order.cancel": 1}
    domain = load(SOURCE).domain
    assert domain is not None
    assert not _failures(text, FlowBook.build([domain]))
    assert _failures(text.replace("flow: cancel_order", "flow: another"), FlowBook.build([domain]))


def _failures(text: str, book: FlowBook) -> list[Any]:
    """What of a story fails where no system of the business can be reached."""
    [story] = read_stories(text)
    nobody = ScriptedActions({})
    engine = Engine.build(Publication(1, profile=BotProfile("shop")), tasks=Tasks(book, nobody))
    return list(run_story(story, engine, None, User("someone", login=True), NOW).failures)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "boolean"}, True),
        ({"type": "integer", "minimum": 3, "maximum": 5}, 4),
        ({"type": "string", "enum": ["a", "b"]}, "a"),
        ({"type": ["null", "string"], "minLength": 8}, "name-100"),
        ({"type": "array", "items": {"type": "number"}, "minItems": 2}, [10, 10]),
        ({"properties": {"a": {"const": 1}}}, {"a": 1}),
    ],
)
def test_played_values_fit_their_schema(schema: Mapping[str, Any], value: Any) -> None:
    assert plausible(schema, "name") == value


@pytest.mark.parametrize(("writes", "sent"), [(False, ["order.mine"]), (True, ["order.mine", "order.cancel"])])
def test_writes_leave_the_house_only_where_that_is_allowed(world: World, writes: bool, sent: list[str]) -> None:
    register(world.bot)
    domain = load(SOURCE).domain
    assert domain is not None
    business = Recording(ScriptedActions({"order.mine": [ActionResult("ok")], "order.cancel": [ActionResult("ok")]}))
    actions = Played(FlowBook.build([domain]), action_specs(world.bot), business, writes)
    effects: list[tuple[str, Effect]] = [("order.mine", "read"), ("order.cancel", "write")]
    for name, effect in effects:
        request = ActionRequest(name, {}, User("someone"), "c", 1, "step", effect, name)
        assert actions.call(request).status == "ok"
    assert [request.action for request, _ in business.calls] == sent
