"""The load that ``bench`` puts on a server: texts that do what their kind says, and a client that counts honestly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice

import orjson
import pytest

from apps.learning.load.client import Connection, HttpError
from apps.learning.load.measure import load_measure
from apps.learning.load.prepare import base_entries, bench_bot_create
from apps.learning.load.texts import KINDS, load_rows, messages
from nlu.normalize import question_key


def test_no_two_entries_share_a_text() -> None:
    rows = load_rows(base_entries(), 1_000)
    keys = [question_key(text) for row in rows for text in (row.fields["question"], *row.fields["similar"])]  # type: ignore[misc, arg-type]
    assert len(keys) >= 4_000 - 1_000
    assert len(set(keys)) == len(keys)


def test_messages_equal_a_text_only_where_they_should() -> None:
    rows = load_rows(base_entries(), 200)
    known = {question_key(text) for row in rows for text in (row.fields["question"], *row.fields["similar"])}  # type: ignore[misc, arg-type]
    hits = {
        kind: sum(question_key(text) in known for text in islice(messages(kind, rows, seed=1), 200)) for kind in KINDS
    }
    assert hits["exact"] == 200
    assert hits["rule"] == hits["refusal"] == 0
    assert hits["kb"] < 10


def test_the_same_seed_gives_the_same_messages() -> None:
    rows = load_rows(base_entries(), 50)
    one, two, other = (list(islice(messages("kb", rows, seed=seed), 20)) for seed in (1, 1, 2))
    assert one == two != other


@pytest.mark.django_db
def test_the_bot_of_the_load_is_published_and_shows_its_traces() -> None:
    bot = bench_bot_create(entries=20)
    bot.refresh_from_db()
    assert (bot.live_version, bot.shows_traces) == (1, True)
    assert bot.entries.exclude(live_hash="").count() == 20
    assert bot.rules.count() == 1


@asynccontextmanager
async def fake_server(status: int = 200) -> AsyncIterator[str]:
    """Speaks just enough of the chat API, and answers every message from the knowledge."""

    open_connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_connections.add(task)
        while head := await reader.readline():
            length = 0
            while (line := await reader.readline()) != b"\r\n":
                name, _, value = line.decode().partition(":")
                length = int(value) if name == "Content-Length" else length
            await reader.readexactly(length)
            code, body = answer(head.decode().split()[1])
            data = orjson.dumps(body)
            writer.write(f"HTTP/1.1 {code} x\r\ncontent-length: {len(data)}\r\n\r\n".encode() + data)
        writer.close()

    def answer(path: str) -> tuple[int, object]:
        if path.endswith("/sessions"):
            return 201, {"token": "t"}
        if path.endswith("/trace"):
            return 200, {"ms": 3.0, "stages": [{"name": "kb", "ms": 2.0}]}
        return status, {"message": {"id": "m"}, "replies": [{"route": "kb"}], "outcome": "answer"}

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        if open_connections:
            await asyncio.wait(open_connections, timeout=5)


async def test_every_message_is_counted_once() -> None:
    told: list[int] = []
    rows = load_rows(base_entries(), 20)
    async with fake_server() as url:
        levels, stages = await load_measure(
            url, "b", rows, concurrency=[3, 1], count=31, progress=lambda _what, done, _all: told.append(done)
        )
    assert [(level.kind, level.concurrency) for level in levels] == [(kind, n) for kind in KINDS for n in (1, 3)]
    assert all((level.messages, level.routes) == (31, {"kb": 31}) for level in levels)
    assert all(0 < level.p50_ms <= level.p99_ms and level.per_second > 0 for level in levels)
    assert {(s.stage, s.turns, s.p50_ms) for s in stages} == {("kb", 31, 2.0), ("whole turn", 31, 3.0)}
    assert told == list(range(1, 9))


async def test_a_refusing_server_is_no_figure() -> None:
    rows = load_rows(base_entries(), 20)
    async with fake_server(status=429) as url:
        with pytest.raises(HttpError, match="429"):
            await load_measure(url, "b", rows, concurrency=[1], count=5, progress=lambda *_: None)


async def test_nobody_listens() -> None:
    async with fake_server() as url:
        gone = url
    with pytest.raises(HttpError):
        await Connection.open(gone)
