"""The figures of the message path, with what they were measured on."""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

import uvloop

from apps.core.commands import Progress
from apps.knowledge.rows import Row
from apps.learning.load.measure import Level, StageTime, load_measure
from apps.learning.load.prepare import SLUG, base_entries
from apps.learning.load.server import own_server
from apps.learning.load.texts import load_rows


@dataclass(frozen=True, slots=True)
class Bench:
    """``prepare_s`` and ``start_s`` (to the first ready answer) are of the server that was started here, else None."""

    url: str
    entries: int | None
    prepare_s: float | None
    start_s: float | None
    levels: tuple[Level, ...]
    stages: tuple[StageTime, ...]
    cores: int
    versions: dict[str, str]


def bench_own(entries: int, concurrency: Sequence[int], count: int, progress: Progress) -> Bench:
    """Measure a server started for it. Raises Conflict when it does not start, HttpError when it goes away."""
    rows = load_rows(base_entries(), entries)
    with own_server(entries) as server:
        levels, stages = _run(server.url, SLUG, rows, concurrency, count, progress)
        return _bench(server.url, levels, stages, entries, round(server.prepare_s, 2), round(server.start_s, 2))


def bench_url(url: str, bot: str, concurrency: Sequence[int], count: int, progress: Progress) -> Bench:
    """Measure the demo's knowledge on a server that runs already, and whose limits must be above the load."""
    rows = [Row(number, item) for number, item in enumerate(base_entries(), 1)]
    levels, stages = _run(url, bot, rows, concurrency, count, progress)
    return _bench(url, levels, stages, None, None, None)


def _run(
    url: str, bot: str, rows: Sequence[Row], concurrency: Sequence[int], count: int, progress: Progress
) -> tuple[list[Level], list[StageTime]]:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(load_measure(url, bot, rows, concurrency=concurrency, count=count, progress=progress))


def _bench(
    url: str,
    levels: Sequence[Level],
    stages: Sequence[StageTime],
    entries: int | None,
    prepare_s: float | None,
    start_s: float | None,
) -> Bench:
    return Bench(
        url=url,
        entries=entries,
        prepare_s=prepare_s,
        start_s=start_s,
        levels=tuple(levels),
        stages=tuple(stages),
        cores=os.cpu_count() or 1,
        versions={
            "python": platform.python_version(),
            **{name: version(name) for name in ("Django", "uvicorn", "tantivy")},
        },
    )


def bench_text(bench: Bench) -> str:
    """Two tables for people."""
    lines = [f"{'kind':<9}{'visitors':>9}{'messages/s':>12}{'p50 ms':>9}{'p99 ms':>9}  routes"]
    for level in bench.levels:
        routes = ", ".join(f"{name} {count}" for name, count in level.routes.items())
        lines.append(
            f"{level.kind:<9}{level.concurrency:>9}{level.per_second:>12}{level.p50_ms:>9}{level.p99_ms:>9}  {routes}"
        )
    lines += ["", f"{'kind':<9}{'stage':<12}{'turns':>6}{'p50 ms':>9}{'p99 ms':>9}"]
    lines += [f"{s.kind:<9}{s.stage:<12}{s.turns:>6}{s.p50_ms:>9}{s.p99_ms:>9}" for s in bench.stages]
    if bench.entries is not None:
        lines += ["", f"{bench.entries} entries prepared in {bench.prepare_s} s, server ready in {bench.start_s} s"]
    versions = ", ".join(f"{name} {number}" for name, number in bench.versions.items())
    return "\n".join([*lines, f"{bench.cores} cores, {versions}"])
