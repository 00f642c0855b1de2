"""Drafts, versions that run, and the registry of actions."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.errors import Conflict, Invalid, NotFound
from apps.core.signing import new_secret
from apps.flows.client import actions_of
from apps.flows.models import Action, ActionServer, FlowFile, FlowVersion
from apps.flows.selectors import action_specs, flow_drafts, flow_versions, flows_changed, flows_live
from apps.flows.services import (
    actions_import,
    flow_delete,
    flow_save,
    flows_publish,
    flows_rollback,
    server_delete,
    server_rotate,
    server_save,
)
from dialog.task.ports import ActionRequest, ActionSpec
from dialog.types import User
from tests.apps.flows.business import Business
from tests.apps.flows.flowing import CREATE, GET, flow_file, server_for
from tests.people import World


def revision(world: World) -> int:
    world.bot.refresh_from_db()
    return world.bot.revision


def live(world: World) -> tuple[str, ...]:
    world.bot.refresh_from_db()
    return flows_live(world.bot)


# --- drafts -----------------------------------------------------------------------------------------------------


def test_a_draft_may_have_problems_and_runs_nowhere(world: World) -> None:
    file = flow_save(bot=world.bot, name="desk", source="flows: [", by=world.editor, revision=0)
    assert (file.revision, file.updated_by) == (1, world.editor)
    assert live(world) == ()
    assert flows_changed(world.bot)


def test_a_saved_text_replaces_the_one_before(world: World) -> None:
    flow_save(bot=world.bot, name="desk", source="a", by=world.editor)
    flow_save(bot=world.bot, name="desk", source="b", by=world.owner, revision=1)
    same = flow_save(bot=world.bot, name="desk", source="b", by=world.editor, revision=2)
    assert (same.source, same.revision, same.updated_by) == ("b", 2, world.owner)
    assert list(flow_drafts(world.bot)) == [same]


@pytest.mark.parametrize("had", [0, 1, 7])
def test_nobody_overwrites_what_somebody_else_saved(world: World, had: int) -> None:
    flow_save(bot=world.bot, name="desk", source="a", by=world.editor)
    flow_save(bot=world.bot, name="desk", source="b", by=world.owner)
    with pytest.raises(Conflict, match="desk"):
        flow_save(bot=world.bot, name="desk", source="c", by=world.editor, revision=had)
    assert FlowFile.objects.get().source == "b"


def test_a_file_that_was_removed_meanwhile_is_not_brought_back(world: World) -> None:
    file = flow_save(bot=world.bot, name="desk", source="a", by=world.editor)
    flow_delete(file=file)
    with pytest.raises(Conflict):
        flow_save(bot=world.bot, name="desk", source="b", by=world.editor, revision=1)


@pytest.mark.parametrize("name", ["", "A", "售后", "a/b", "../a", "-a", "a" * 61])
def test_names_of_files_are_plain(world: World, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        flow_save(bot=world.bot, name=name, source="", by=world.editor)
    assert set(caught.value.fields) == {"name"}


def test_a_file_has_an_end(world: World) -> None:
    flow_save(bot=world.bot, name="desk", source="#" * 200_000, by=world.editor)
    with pytest.raises(Invalid, match="200000"):
        flow_save(bot=world.bot, name="desk", source="#" * 200_001, by=world.editor)


# --- publishing -------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(world: World) -> World:
    """A sound draft, and the actions that it calls."""
    server_for(world.bot)
    flow_save(bot=world.bot, name="desk", source=flow_file(), by=world.editor)
    return world


def test_published_drafts_run_and_processes_hear_of_it(desk: World) -> None:
    before = revision(desk)
    version = flows_publish(bot=desk.bot, by=desk.editor, note="first")
    assert (version.number, version.note, version.created_by) == (1, "first", desk.editor)
    assert live(desk) == (flow_file(),)
    assert desk.bot.live_flows == 1
    assert revision(desk) == before + 1
    assert not flows_changed(desk.bot)


def test_publishing_what_runs_already_changes_nothing(desk: World) -> None:
    first = flows_publish(bot=desk.bot, by=desk.editor)
    before = revision(desk)
    assert flows_publish(bot=desk.bot, by=desk.owner) == first
    assert (FlowVersion.objects.count(), revision(desk)) == (1, before)


def test_a_version_stays_as_it_was_published(desk: World) -> None:
    flows_publish(bot=desk.bot, by=desk.editor)
    flow_save(bot=desk.bot, name="desk", source=flow_file(say="工单到哪了"), by=desk.editor)
    assert live(desk) == (flow_file(),)
    second = flows_publish(bot=desk.bot, by=desk.editor)
    assert [version.number for version in flow_versions(desk.bot)] == [2, 1]
    assert FlowVersion.objects.get(number=1).files == {"desk": flow_file()}
    assert second.hash != FlowVersion.objects.get(number=1).hash


def test_flows_with_errors_are_not_published_and_the_first_are_named(desk: World) -> None:
    flow_save(bot=desk.bot, name="broken", source=flow_file("other", "other", "case.destroy", "注销"), by=desk.editor)
    with pytest.raises(Invalid, match=r"broken:\d+ .*case\.destroy"):
        flows_publish(bot=desk.bot, by=desk.editor)
    assert live(desk) == ()
    assert FlowVersion.objects.count() == 0


def test_two_files_may_have_neither_a_flow_nor_a_domain_in_common(desk: World) -> None:
    flow_save(bot=desk.bot, name="twin", source=flow_file("twin", say="看看进展"), by=desk.editor)
    with pytest.raises(Invalid, match="case_state"):
        flows_publish(bot=desk.bot, by=desk.editor)
    flow_save(bot=desk.bot, name="twin", source=flow_file("desk", "other", say="看看进展"), by=desk.editor)
    with pytest.raises(Invalid, match="domain “desk”"):
        flows_publish(bot=desk.bot, by=desk.editor)


def test_an_action_that_is_switched_off_cannot_be_published(desk: World) -> None:
    server = ActionServer.objects.get()
    server_save(bot=desk.bot, fields={"enabled": False}, server=server)
    with pytest.raises(Invalid, match=r"case\.get"):
        flows_publish(bot=desk.bot, by=desk.editor)


def test_without_any_file_there_is_nothing_to_publish(world: World) -> None:
    with pytest.raises(Conflict):
        flows_publish(bot=world.bot, by=world.editor)


def test_removing_every_file_ends_all_flows(desk: World) -> None:
    flows_publish(bot=desk.bot, by=desk.editor)
    flow_delete(file=FlowFile.objects.get())
    assert flows_publish(bot=desk.bot, by=desk.editor).number == 2
    assert live(desk) == ()


def test_an_earlier_version_runs_again_as_a_new_one(desk: World) -> None:
    flows_publish(bot=desk.bot, by=desk.editor)
    newer = flow_file(say="工单到哪了")
    flow_save(bot=desk.bot, name="desk", source=newer, by=desk.editor)
    flows_publish(bot=desk.bot, by=desk.editor)
    version = flows_rollback(bot=desk.bot, number=1, by=desk.owner)
    assert (version.number, version.restores, version.created_by) == (3, 1, desk.owner)
    assert live(desk) == (flow_file(),)
    assert FlowFile.objects.get().source == newer
    assert flows_changed(desk.bot)


def test_there_is_no_way_back_to_what_runs_or_to_nothing_or_to_what_is_broken_now(desk: World) -> None:
    flows_publish(bot=desk.bot, by=desk.editor)
    with pytest.raises(Conflict):
        flows_rollback(bot=desk.bot, number=1, by=desk.owner)
    with pytest.raises(NotFound):
        flows_rollback(bot=desk.bot, number=9, by=desk.owner)
    flow_delete(file=FlowFile.objects.get())
    flows_publish(bot=desk.bot, by=desk.editor)
    server_delete(server=ActionServer.objects.get())
    with pytest.raises(Invalid, match=r"case\.get"):
        flows_rollback(bot=desk.bot, number=1, by=desk.owner)
    assert live(desk) == ()


def test_another_bots_flows_are_untouched(desk: World) -> None:
    server_for(desk.foreign_bot)
    flow_save(bot=desk.foreign_bot, name="desk", source=flow_file(say="别家的"), by=desk.stranger)
    flows_publish(bot=desk.foreign_bot, by=desk.stranger)
    flows_publish(bot=desk.bot, by=desk.editor)
    assert live(desk) == (flow_file(),)
    desk.foreign_bot.refresh_from_db()
    assert flows_live(desk.foreign_bot) == (flow_file(say="别家的"),)


# --- servers ----------------------------------------------------------------------------------------------------


def test_a_server_gets_a_secret_and_keeps_it(world: World) -> None:
    before = revision(world)
    server = server_save(bot=world.bot, fields={"name": "crm", "url": "https://crm.example/a"})
    secret = server.secret
    assert secret.startswith("whsec_")
    changed = server_save(bot=world.bot, fields={"read_seconds": 5}, server=server)
    changed.refresh_from_db()
    assert (changed.secret, changed.read_seconds, changed.url) == (secret, 5, "https://crm.example/a")
    assert revision(world) == before + 2


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://crm.example/"},
        {"url": "https://10.0.0.1/"},
        {"url": "https://me:pw@crm.example/"},
        {"url": "builtin:nothing"},
        {"url": "builtin:../x"},
        {"url": ""},
        {"name": ""},
        {"read_seconds": 0},
        {"write_seconds": 21},
        {"bot_id": "x"},
        {"secret": ""},
        {"secret": "whsec_c2hvcnQ="},
        {"secret": "whsec_!"},
    ],
)
def test_what_is_no_server_is_not_stored(world: World, fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        server_save(bot=world.bot, fields={"name": "crm", "url": "https://crm.example/a", **fields})
    assert not ActionServer.objects.exists()


def test_two_servers_of_a_bot_have_two_names(world: World) -> None:
    server_for(world.bot)
    server_save(bot=world.foreign_bot, fields={"name": "crm", "url": "https://crm.example/a"})
    with pytest.raises(Conflict):
        server_save(bot=world.bot, fields={"name": "crm", "url": "https://crm.example/b"})


def test_both_secrets_sign_after_a_rotation(world: World, business: Business) -> None:
    server = server_for(world.bot, business.url, secret=business.secret)
    business.answer = {"status": "ok", "out": {"state": "open"}}
    before = revision(world)
    fresh = server_rotate(server=server)
    assert revision(world) == before + 1
    assert call(world, "case.create").status == "ok"
    business.secret = fresh
    assert call(world, "case.get").status == "ok"
    server_rotate(server=server)
    business.secret = new_secret()
    assert call(world, "case.get").status == "error"


def call(world: World, action: str) -> Any:
    request = ActionRequest(action, {"no": "A1"}, User("c-1", True), "conv", 1, "s", "read", f"conv:1:s:{action}")
    return actions_of(world.bot).call(request)


def test_a_server_that_is_switched_off_is_not_called(world: World, business: Business) -> None:
    server = server_for(world.bot, business.url, secret=business.secret, enabled=False)
    assert action_specs(world.bot) == {}
    assert call(world, "case.get").status == "error"
    assert business.got == []
    server_save(bot=world.bot, fields={"enabled": True}, server=server)
    business.answer = {"status": "ok", "out": {"state": "open"}}
    assert call(world, "case.get").out == {"state": "open"}


# --- actions ----------------------------------------------------------------------------------------------------


def test_imported_actions_are_the_registry(world: World) -> None:
    server = server_for(world.bot)
    specs = action_specs(world.bot)
    assert specs["case.get"] == ActionSpec("case.get", "read", GET["inputs"], GET["output"], "Looks a case up")
    assert specs["case.create"].effect == "write"
    assert action_specs(world.foreign_bot) == {}
    assert server.actions.count() == 2


def test_importing_again_changes_what_differs(world: World) -> None:
    server = server_for(world.bot)
    before = revision(world)
    assert actions_import(bot=world.bot, server=server, specs=[GET, CREATE]) == 0
    assert revision(world) == before
    assert actions_import(bot=world.bot, server=server, specs=[{**GET, "timeout_s": 9}]) == 1
    assert Action.objects.get(name="case.get").timeout_s == 9
    assert set(action_specs(world.bot)) == {"case.get", "case.create"}
    assert revision(world) == before + 1


def test_what_a_replacing_import_does_not_name_is_removed(world: World) -> None:
    server = server_for(world.bot)
    other = server_save(bot=world.bot, fields={"name": "erp", "url": "https://erp.example/a"})
    actions_import(bot=world.bot, server=other, specs=[{**GET, "name": "stock.get"}])
    assert actions_import(bot=world.bot, server=server, specs=[GET], replace=True) == 1
    assert set(action_specs(world.bot)) == {"case.get", "stock.get"}


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"name": "Case"},
        {"name": "case."},
        {"name": "case get", "effect": "read"},
        {"name": "case.get"},
        {"name": "case.get", "effect": "look"},
        {"name": "case.get", "effect": "read", "about": "x" * 301},
        {"name": "case.get", "effect": "read", "timeout_s": 21},
        {"name": "case.get", "effect": "read", "timeout_s": True},
        {"name": "case.get", "effect": "read", "colour": "red"},
        {"name": "case.get", "effect": "read", "inputs": []},
        {"name": "case.get", "effect": "read", "inputs": {"type": "array"}},
        {"name": "case.get", "effect": "read", "inputs": {"type": "object", "properties": {"no": {"type": "txt"}}}},
        {"name": "case.get", "effect": "read", "output": {"$ref": "https://169.254.169.254/"}},
    ],
)
def test_one_bad_row_stops_the_import(world: World, row: dict[str, Any]) -> None:
    server = server_save(bot=world.bot, fields={"name": "crm", "url": "https://crm.example/a"})
    with pytest.raises(Invalid):
        actions_import(bot=world.bot, server=server, specs=[CREATE, row])
    assert action_specs(world.bot) == {}


def test_an_action_belongs_to_one_server(world: World) -> None:
    server_for(world.bot)
    other = server_save(bot=world.bot, fields={"name": "erp", "url": "https://erp.example/a"})
    with pytest.raises(Conflict, match=r"case\.get"):
        actions_import(bot=world.bot, server=other, specs=[GET])
