"""Tenants know nothing of each other: every address that names a bot, or a thing of one, is tried by those who may not.

The routes are read from the resolver. A route with an argument that :data:`ARGUMENTS` does not know, or an operation of
the API with a body that :data:`BODIES` does not know, fails the test until it has a case.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.models import Member, Organisation, Role, User
from apps.bots.access import bots_for_member
from apps.bots.models import Bot
from apps.bots.services import bot_create
from apps.config.api import api
from apps.conversations.models import Conversation, Message, Turn
from apps.flows.models import FlowFile, FlowVersion
from apps.flows.services import flow_save, flows_publish
from apps.knowledge.content import EntryContent
from apps.knowledge.models import Entry, Rule, SensitiveWord, SynonymGroup
from apps.knowledge.publishing import publication_create
from apps.knowledge.services import entry_save, rule_save, synonyms_save, word_save
from apps.learning.calibrations import calibration_request
from apps.learning.models import Calibration, Label
from apps.learning.services import label_ignore
from apps.studio.flow_template import template
from tests.apps.conversations.visitor import PREFIX, Visitor
from tests.people import World

ROUTE_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>|{(\w+)}")
NOT_OURS = ("admin/", "i18n/", "api/", "demo/")
"""Routes of frameworks, and of the demo shop, which has keys of its own; those of the API are read from its schema below."""
PUBLIC = {"landing", "chat", "widget", "login", "logout", "shop", "shop-invoice", None}
OPEN_POSTS = {"bot", "rail", "entry_try"}
"""A viewer may post to these: they store nothing."""
READING_POSTS = {"POST search", "POST flows/check", "POST nlu/parse"}
"""Of the API: a text to look for is too long for an address."""
UNKNOWN = "火星上的葡萄怎么浇水"


@dataclass(frozen=True)
class Things:
    """One of everything that belongs to a bot, by the name of the argument that names it."""

    slug: str
    entry_id: Any
    rule: Any
    synonym: Any
    word: Any
    turn_id: Any
    label_id: Any
    conversation_id: Any
    message_id: Any
    calibration_id: Any
    file: str
    version: int

    def argument(self, name: str, route: str) -> str:
        if name == "row_id":
            kind = next(kind for kind in ("rule", "synonym", "word") if f"/{kind}" in route)
            return str(getattr(self, kind))
        return ARGUMENTS.get(name) or str(getattr(self, name))

    def path(self, route: str) -> str:
        """The address of a route, its arguments filled with these things."""
        return ROUTE_ARGUMENT.sub(lambda match: self.argument(match[1] or match[2], route), route)


ARGUMENTS: Mapping[str, str] = {"form": "csv", "move": "take"}
"""Arguments that name nothing of a bot."""
ENTRY = {"question": "盗来的问题", "answer": "盗来的答案"}
RULE = {"name": "x", "kind": "keyword", "patterns": ["x"], "reply": "y"}
BODIES: Mapping[str, Any] = {
    "POST entries": ENTRY,
    "PUT entries": ENTRY,
    "POST synonyms": {"words": ["甲", "乙"]},
    "PUT synonyms": {"words": ["甲", "乙"]},
    "POST rules": RULE,
    "PUT rules": RULE,
    "POST search": {"text": "怎么退货"},
    "POST words": {"text": "某词", "level": "warn"},
    "PUT words": {"text": "某词", "level": "warn"},
    "POST publications": {"note": "x"},
    "POST calibrations": {"precision": 0.9},
    "POST calibrations/apply": {"precision": 0.9},
    "POST flows/files": {"name": "stolen", "source": "version: 1"},
    "PUT flows/files": {"source": "version: 1"},
    "POST flows/check": {"source": "version: 1"},
    "POST flows/publish": {"note": "x"},
    "POST nlu/parse": {"text": "取消订单"},
}


@dataclass(frozen=True)
class Everything:
    """Two tenants with a thing of each kind each."""

    world: World
    ours: Things
    theirs: Things


def things_of(bot: Bot, by: User) -> Things:
    entry = entry_save(bot=bot, content=EntryContent(f"{bot.slug} 怎么退货", "点申请售后。"), by=by)
    publication_create(bot=bot, by=by)
    flow_save(bot=bot, name=f"{bot.slug}-flows", source=template(bot.slug), by=by)
    flows_publish(bot=bot, by=by)
    visitor = Visitor(bot.slug)
    answered = visitor.say(UNKNOWN)
    turn = Turn.objects.select_related("bot").get(pk=answered["trace_id"])
    fields = {"name": "n", "kind": "keyword", "patterns": ["营业时间"], "action": "reply", "reply": "九点。"}
    return Things(
        slug=bot.slug,
        entry_id=entry.pk,
        rule=rule_save(bot=bot, fields=fields).pk,
        synonym=synonyms_save(bot=bot, words=["空调", "冷气"]).pk,
        word=word_save(bot=bot, text="某个词", level="warn").pk,
        turn_id=turn.pk,
        label_id=label_ignore(turn=turn, by=by).pk,
        conversation_id=turn.conversation_id,
        message_id=answered["message"]["id"],
        calibration_id=calibration_request(bot=bot, by=by, precision=0.9).pk,
        file=f"{bot.slug}-flows",
        version=1,
    )


@pytest.fixture
def everything(world: World) -> Everything:
    return Everything(world, things_of(world.bot, world.editor), things_of(world.foreign_bot, world.stranger))


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """(route, name) of every address of the site but those of frameworks."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            if not route.startswith(NOT_OURS):
                yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.name


STAFF = [route for route, name in routes() if name not in PUBLIC]
OF_BOT = [route for route in STAFF if "slug>" in route]
OF_THING = [route for route in OF_BOT if set(re.findall(r":(\w+)>", route)) - {"slug", *ARGUMENTS}]
NAMES = dict(routes())


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def stored() -> dict[str, list[Any]]:
    """Every row of the product, to see that nothing was written."""
    models = [m for m in apps.get_models() if m.__module__.startswith("apps.") and m is not User]
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in models}


def test_the_resolver_shows_the_routes() -> None:
    assert len(OF_BOT) > 20
    assert len(OF_THING) > 5
    known = {*Things.__annotations__, *ARGUMENTS, "row_id"}
    assert {name for route in STAFF for name in re.findall(r"<(?:\w+:)?(\w+)>", route)} <= known


def test_whoever_is_not_logged_in_goes_to_the_login_page(everything: Everything) -> None:
    before = stored()
    for route in STAFF:
        path = f"/{everything.ours.path(route)}"
        for response in (Client().get(path), Client().post(path)):
            assert response.status_code == 302, path
            assert response["Location"].startswith("/login/?next="), path
        asked = Client().get(path, headers={"HX-Request": "true"})
        assert asked.status_code in (204, 302), path
        assert stored() == before, path


def test_a_strangers_bot_does_not_exist(everything: Everything) -> None:
    before, client = stored(), logged_in(everything.world.stranger)
    assert client.get("/studio/there-is-no-such-bot/").status_code == 404
    for route in OF_BOT:
        path = f"/{everything.ours.path(route)}"
        for response in (client.get(path), client.post(path)):
            assert response.status_code == 404, path
            assert everything.world.bot.name not in response.content.decode().replace(path, ""), path
        assert stored() == before, path


def test_another_bots_thing_does_not_exist_under_ones_own_bot(everything: Everything) -> None:
    before, client = stored(), logged_in(everything.world.owner)
    for route in OF_THING:
        path = f"/{everything.theirs.path(route)}".replace("/other/", "/shop/", 1)
        if "version>" in route:  # versions are counted per bot, so another bot's number may be one's own
            path = path.replace("/1/", "/99/")
        statuses = {client.get(path).status_code, client.post(path).status_code}
        assert statuses in ({404}, {404, 405}), (path, statuses)
        assert stored() == before, path


def test_a_viewer_changes_nothing(everything: Everything) -> None:
    before, client = stored(), logged_in(everything.world.viewer)
    for route in OF_BOT:
        path = f"/{everything.ours.path(route)}"
        status = client.post(path, {"question": "x", "answer": "y", "text": "z"}).status_code
        assert status in ((200, 302) if NAMES[route] in OPEN_POSTS else (403, 405)), (path, status)
        assert stored() == before, path


def test_a_member_sees_the_bots_of_the_own_organisation_alone(world: World) -> None:
    assert [bot.slug for bot in bots_for_member(world.viewer)] == ["shop"]
    assert "Other" not in logged_in(world.viewer).get("/studio/shop/knowledge/").content.decode()


def test_nobody_sees_the_bots_of_an_organisation_without_members(world: World) -> None:
    bot_create(organisation=Organisation.objects.create(name="Empty"), slug="lonely")
    assert list(bots_for_member(AnonymousUser())) == []


def test_a_dismissed_member_is_a_stranger(everything: Everything) -> None:
    client = logged_in(everything.world.owner)
    Member.objects.filter(user=everything.world.owner).delete()
    assert client.get("/studio/shop/knowledge/").status_code == 404


@pytest.mark.parametrize("needed", list(Role))
@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_what_the_roles_below_it_may(role: Role, needed: Role) -> None:
    assert role.covers(needed) is (list(Role).index(role) >= list(Role).index(needed))


# --- the operators' API -----------------------------------------------------------------------------------------


def operations() -> list[tuple[str, str, bool]]:
    """(method, path, takes a body) of every operation under a bot."""
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    return [
        (method.upper(), path, "requestBody" in operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "{slug}" in path
    ]


def test_every_body_of_the_api_has_a_sample() -> None:
    assert {_operation(method, path) for method, path, body in operations() if body} <= set(BODIES)


def _operation(method: str, path: str) -> str:
    """The words of an address after the bot: ``PUT flows/files``."""
    words = path.split("/bots/")[1].split("/")[1:]
    return f"{method} {'/'.join(word for word in words if '{' not in word)}"


def call(client: Client, method: str, path: str, things: Things, body: bool) -> Any:
    sample = BODIES[_operation(method, path)] if body else None
    return client.generic(method, things.path(path), _json(sample), content_type="application/json")


def _json(body: Any) -> str:
    return json.dumps(body) if body is not None else ""


@pytest.mark.parametrize(
    ("who", "reads", "writes"), [(None, 401, 401), ("stranger", 404, 404), ("viewer", 200, 403), ("agent", 200, 403)]
)
def test_the_operators_api(everything: Everything, who: str | None, reads: int, writes: int) -> None:
    before, client = stored(), logged_in(getattr(everything.world, who)) if who else Client()
    for method, path, body in operations():
        response = call(client, method, path, everything.ours, body)
        reading = method == "GET" or _operation(method, path) in READING_POSTS
        assert response.status_code == (reads if reading else writes), (method, path)
        assert response.status_code == 200 or response["Content-Type"] == "application/problem+json", (method, path)
        assert stored() == before, (method, path)


def test_another_bots_thing_does_not_exist_for_the_operators_api(everything: Everything) -> None:
    before, client = stored(), logged_in(everything.world.owner)
    for method, path, body in operations():
        if path.count("{") > 1:
            address = path.replace("{slug}", everything.ours.slug).replace("{version}", "99")
            response = call(client, method, address, everything.theirs, body)
            assert response.status_code == 404, (method, path)
            assert stored() == before, (method, path)


# --- visitors ---------------------------------------------------------------------------------------------------

CHAT = [
    ("get", "/messages"),
    ("post", "/messages"),
    ("get", "/messages/{message_id}/trace"),
    ("post", "/messages/{message_id}/feedback"),
    ("post", "/handoff"),
    ("post", "/rating"),
    ("delete", "/sessions"),
]
CHAT_BODIES = {
    "/messages": {"text": "怎么退货"},
    "/messages/{message_id}/feedback": {"value": "up"},
    "/rating": {"score": 5},
}


class TestVisitors:
    def test_every_address_of_the_chat_has_a_case(self) -> None:
        paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
        there = {(m, path.removeprefix(PREFIX)) for path, ms in paths.items() if path.startswith(PREFIX) for m in ms}
        assert there == {*CHAT, ("post", "/sessions")}

    def test_nothing_without_a_token(self, everything: Everything) -> None:
        before = stored()
        for (method, path), token in product(CHAT, ["", "Bearer ", "Bearer forged", "Basic eDp5"]):
            response = Client().generic(
                method.upper(),
                PREFIX + everything.ours.path(path),
                _json(CHAT_BODIES.get(path, {})),
                content_type="application/json",
                headers={"Authorization": token} if token else {},
            )
            assert (response.status_code, response.json()["code"]) == (401, "unauthenticated"), path
        assert stored() == before

    @pytest.mark.parametrize(("method", "path"), [(m, path) for m, path in CHAT if "{" in path])
    def test_another_conversations_message_does_not_exist(self, everything: Everything, method: str, path: str) -> None:
        Bot.objects.update(shows_traces=True)
        other = Visitor("shop")
        reply = Message.objects.filter(turn=everything.ours.turn_id, role="bot").get()
        address = path.format(message_id=reply.pk)
        assert other.call(method, address, CHAT_BODIES.get(path)).status_code == 404

    def test_a_token_opens_its_own_conversation_alone(self, everything: Everything) -> None:
        assert Visitor("shop").history()["messages"] == []
        assert Conversation.objects.count() >= 3

    def test_a_button_of_another_conversation_is_stale(self, everything: Everything) -> None:
        first = Visitor("shop")
        button = first.say(UNKNOWN)["replies"][0]["suggestions"][-1]["id"]
        answer = Visitor("shop").press(button)
        assert (answer["outcome"], answer["state"]) == ("refuse", "bot")


def test_every_tenants_model_is_among_the_things() -> None:
    """A new model with a bot needs an access function and a thing above."""
    tenant = {m for m in apps.get_models() if any(f.name == "bot" for f in m._meta.get_fields() if f.concrete)}
    known = {Entry, Rule, SynonymGroup, SensitiveWord, Turn, Label, Conversation, Calibration, FlowFile, FlowVersion}
    aside = {"Visitor", "Publication", "EntryVersion", "ModelVersion", "ActionServer", "Action", "NluExample"}
    assert {model.__name__ for model in tenant - known} <= aside
