"""Visitors who write without pause, and what they saw."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import Any

import orjson

from apps.core.commands import Progress
from apps.knowledge.rows import Row
from apps.learning.load.client import Connection
from apps.learning.load.texts import KINDS, messages
from nlu.metrics import percentile

TURNS = 10
"""Messages that one visitor writes."""
_WARM_UP = 50
_TRACES = 100
"""Traces that are read after each kind."""


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of message at one concurrency. ``routes`` counts who answered, as the server said."""

    kind: str
    concurrency: int
    messages: int
    per_second: float
    p50_ms: float
    p99_ms: float
    routes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StageTime:
    """From traces stored at the lowest concurrency: one stage, over the messages of a kind that passed it."""

    kind: str
    stage: str
    turns: int
    p50_ms: float
    p99_ms: float


@dataclass(slots=True)
class _Seen:
    """What one run of visitors gathers."""

    ms: list[float] = field(default_factory=list)
    routes: Counter[str] = field(default_factory=Counter)
    stored: list[tuple[str, str]] = field(default_factory=list)
    """Token and message id of turns whose trace may be asked for."""


async def load_measure(
    url: str, bot: str, rows: Sequence[Row], *, concurrency: Sequence[int], count: int, progress: Progress
) -> tuple[list[Level], list[StageTime]]:
    """Every kind at every concurrency, ``count`` messages each.

    Raises:
        HttpError: the server refused or went away.
    """
    levels: list[Level] = []
    stages: list[StageTime] = []
    await _run(url, bot, islice(messages("kb", rows, seed=0), _WARM_UP), _WARM_UP, 1)
    for kind in KINDS:
        for workers in sorted(concurrency):
            texts = islice(messages(kind, rows, seed=workers), count)
            seen, seconds = await _run(url, bot, texts, count, workers)
            levels.append(_level(kind, workers, seen, seconds))
            progress("levels", len(levels), len(KINDS) * len(concurrency))
            if workers == min(concurrency):
                stages += await _stage_times(url, kind, seen.stored[:_TRACES])
    return levels, stages


async def _run(url: str, bot: str, texts: Iterator[str], count: int, workers: int) -> tuple[_Seen, float]:
    """Sessions are opened before the clock starts; then ``workers`` connections share the texts."""
    connections = [await Connection.open(url) for _ in range(workers)]
    seen = _Seen()
    try:
        shares = [
            [await _token(connection, bot) for _ in range(-(-count // workers // TURNS))] for connection in connections
        ]
        began = perf_counter()
        visits = [_visit(*pair, texts, seen) for pair in zip(connections, shares, strict=True)]
        await asyncio.gather(*visits)
        return seen, perf_counter() - began
    finally:
        for connection in connections:
            await connection.close()


async def _token(connection: Connection, bot: str) -> str:
    session = await connection.json("POST", "/api/v1/chat/sessions", {"bot": bot}, expect=201)
    return str(session["token"])


async def _visit(connection: Connection, tokens: Sequence[str], texts: Iterator[str], seen: _Seen) -> None:
    for number, text in enumerate(texts):
        token = tokens[number // TURNS % len(tokens)]
        began = perf_counter()
        answer = await connection.json("POST", "/api/v1/chat/messages", {"text": text}, token)
        seen.ms.append((perf_counter() - began) * 1000)
        seen.routes[answer["replies"][0]["route"] if answer["replies"] else answer["outcome"]] += 1
        seen.stored.append((token, answer["message"]["id"]))


def _level(kind: str, workers: int, seen: _Seen, seconds: float) -> Level:
    return Level(
        kind=kind,
        concurrency=workers,
        messages=len(seen.ms),
        per_second=round(len(seen.ms) / seconds, 1),
        p50_ms=round(percentile(seen.ms, 50), 2),
        p99_ms=round(percentile(seen.ms, 99), 2),
        routes=dict(seen.routes.most_common()),
    )


async def _stage_times(url: str, kind: str, asked: Iterable[tuple[str, str]]) -> list[StageTime]:
    """Read through the API, which shows them where the bot does; none where it does not."""
    connection = await Connection.open(url)
    times: defaultdict[str, list[float]] = defaultdict(list)
    for token, message in asked:
        status, body = await connection.request("GET", f"/api/v1/chat/messages/{message}/trace", token=token)
        if status != 200:
            break
        _add(times, orjson.loads(body))
    await connection.close()
    return [
        StageTime(kind, stage, len(ms), round(percentile(ms, 50), 3), round(percentile(ms, 99), 3))
        for stage, ms in times.items()
    ]


def _add(times: defaultdict[str, list[float]], trace: Mapping[str, Any]) -> None:
    for stage in trace["stages"]:
        times[stage["name"]].append(stage["ms"])
    times["whole turn"].append(trace["ms"])
