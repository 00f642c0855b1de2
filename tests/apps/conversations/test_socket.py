"""The chat socket: news as it happens, and catching up after a number, without loss and without doubles."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator

from apps.config.sockets import socket_application
from apps.conversations import push
from apps.conversations.conduct import converse
from apps.conversations.services import conversation_open
from apps.conversations.tokens import token_issue
from apps.conversations.types import Incoming
from tests.people import World

Frames = list[dict[str, Any]]


class Tab:
    """One open socket of a visitor."""

    def __init__(self, origin: str = "http://testserver") -> None:
        headers = [(b"origin", origin.encode()), (b"host", b"testserver")]
        self.wire = WebsocketCommunicator(socket_application(), "/ws/chat/", headers=headers)

    async def open(self) -> bool:
        connected, _ = await self.wire.connect()
        return connected

    async def auth(self, conversation: UUID, after: int = 0) -> dict[str, Any]:
        assert await self.open()
        await self.wire.send_json_to({"type": "auth", "token": token_issue(conversation), "after": after})
        return await self.next()

    async def send(self, **frame: Any) -> None:
        await self.wire.send_json_to(frame)

    async def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = await self.wire.receive_json_from(timeout=5)
        return frame

    async def until(self, kind: str) -> Frames:
        frames = [await self.next()]
        while frames[-1]["type"] != kind:
            frames.append(await self.next())
        return frames


def run(scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene on one event loop, with news attached to it as in the server."""

    async def played() -> None:
        push.attach(asyncio.get_running_loop())
        try:
            await scene()
        finally:
            push.attach(None)

    async_to_sync(played)()


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_is_answered_through_the_socket(shop: World) -> None:
    conversation = conversation_open(bot=shop.bot, lang="zh").pk

    async def scene() -> None:
        tab = Tab()
        assert await tab.auth(conversation) == {"type": "ready", "last_seq": 0, "state": "bot", "position": 0}
        await tab.send(type="message", text="怎么退货", client_id="a")
        message, reply = await tab.until("reply")
        assert (message["type"], message["message"]["text"], message["seq"]) == ("message", "怎么退货", 1)
        assert (reply["client_id"], reply["outcome"], reply["seq"]) == ("a", "answer", 2)
        assert reply["replies"][0]["text"] == "在订单页点申请售后。"
        await tab.wire.disconnect()

    run(scene)


def test_another_tab_and_a_post_are_seen_by_every_socket(shop: World) -> None:
    conversation = conversation_open(bot=shop.bot, lang="zh").pk

    async def scene() -> None:
        one, two = Tab(), Tab()
        await one.auth(conversation)
        await two.auth(conversation)
        await converse(Incoming(conversation, text="怎么换货"))
        for tab in (one, two):
            assert [frame["seq"] for frame in await tab.until("reply")] == [1, 2]
            await tab.wire.disconnect()

    run(scene)


def test_a_tab_that_comes_back_gets_exactly_what_it_missed(shop: World) -> None:
    conversation = conversation_open(bot=shop.bot, lang="zh").pk

    async def scene() -> None:
        for text in ("怎么退货", "怎么换货", "多久能发货"):
            await converse(Incoming(conversation, text=text))
        tab = Tab()
        assert (await tab.auth(conversation, after=2))["last_seq"] == 6
        assert [(await tab.next())["seq"] for _ in range(4)] == [3, 4, 5, 6]
        assert await tab.wire.receive_nothing()
        await tab.wire.disconnect()

    run(scene)


def test_typing_reaches_others_and_is_not_stored(shop: World) -> None:
    conversation = conversation_open(bot=shop.bot, lang="zh").pk

    async def scene() -> None:
        one, two = Tab(), Tab()
        await one.auth(conversation)
        await two.auth(conversation)
        await one.send(type="typing")
        assert await two.next() == {"type": "typing", "role": "visitor"}
        assert await one.wire.receive_nothing()
        await one.wire.disconnect()
        await two.wire.disconnect()

    run(scene)


@pytest.mark.parametrize(
    "frame", [{"type": "message", "text": "好"}, {"type": "auth", "token": "nonsense"}, {"type": "auth"}, {}]
)
def test_without_a_good_token_the_socket_says_why_and_closes(shop: World, frame: dict[str, str]) -> None:
    async def scene() -> None:
        tab = Tab()
        await tab.open()
        await tab.send(**frame)
        refused = await tab.next()
        assert (refused["type"], refused["code"]) == ("error", "unauthenticated")
        assert (await tab.wire.receive_output(timeout=5)) == {"type": "websocket.close", "code": 4401}

    run(scene)


@pytest.mark.parametrize("frame", ["{not json", "[]", '"text"'])
def test_an_unreadable_frame_closes_the_socket(shop: World, frame: str) -> None:
    async def scene() -> None:
        tab = Tab()
        await tab.open()
        await tab.wire.send_to(text_data=frame)
        assert (await tab.wire.receive_output(timeout=5))["code"] == 4400

    run(scene)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"type": "message", "text": ""}, "invalid"),
        ({"type": "message", "text": 7}, "invalid"),
        ({"type": "message", "text": "问" * 3000}, "too_large"),
        ({"type": "dance"}, "malformed"),
    ],
)
def test_a_bad_message_is_refused_and_the_socket_lives(shop: World, frame: dict[str, Any], code: str) -> None:
    conversation = conversation_open(bot=shop.bot, lang="zh").pk

    async def scene() -> None:
        tab = Tab()
        await tab.auth(conversation)
        await tab.send(client_id="bad", **frame)
        refused = await tab.next()
        assert (refused["type"], refused["code"], refused["client_id"]) == ("error", code, "bad")
        await tab.send(type="message", text="怎么退货", client_id="good")
        assert (await tab.until("reply"))[-1]["client_id"] == "good"
        await tab.wire.disconnect()

    run(scene)


def test_a_page_of_another_site_may_not_connect(shop: World) -> None:
    async def scene() -> None:
        assert not await Tab(origin="https://evil.example").open()

    run(scene)


def test_a_socket_hears_only_its_own_conversation(shop: World) -> None:
    mine = conversation_open(bot=shop.bot, lang="zh").pk
    theirs = conversation_open(bot=shop.foreign_bot, lang="zh").pk

    async def scene() -> None:
        tab = Tab()
        await tab.auth(theirs)
        await converse(Incoming(mine, text="怎么退货"))
        assert await tab.wire.receive_nothing()
        await tab.wire.disconnect()

    run(scene)
