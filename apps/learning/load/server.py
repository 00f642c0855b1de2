"""A server of one's own: a database in a temporary folder, filled, and uvicorn as the product runs it."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter

from django.conf import settings

from apps.core.errors import Conflict
from apps.learning.load.client import Connection, HttpError

_READY_SECONDS = 120
_MANY = "1000000"


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    start_s: float
    """From the start of the process to the first ready answer."""
    prepare_s: float
    """Creating the database, importing the entries and publishing them."""


@contextmanager
def own_server(entries: int) -> Iterator[Running]:
    """A production-like server with ``entries`` entries; gone with all it stored when the block ends.

    Raises:
        Conflict: it could not be prepared or started; the message holds what it printed.
    """
    with tempfile.TemporaryDirectory(prefix="zhike-bench-") as folder:
        environment = _environment(Path(folder))
        began = perf_counter()
        for arguments in (["migrate", "--verbosity", "0"], ["bench", "--prepare", "--entries", str(entries)]):
            _run([sys.executable, "manage.py", *arguments], environment)
        prepared = perf_counter() - began
        with _started(environment, Path(folder) / "server.log") as (url, start_s):
            yield Running(url, start_s, prepared)


def _environment(folder: Path) -> Mapping[str, str]:
    """This process's surroundings with a database of its own and limits that no load reaches."""
    limits = ("CHAT_PER_MINUTE", "CHAT_BURST", "SESSIONS_PER_MINUTE", "SESSIONS_BURST")
    return {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEBUG")},
        **dict.fromkeys(limits, _MANY),
        "VAR_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(40),
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
    }


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=dict(environment), cwd=settings.BASE_DIR, capture_output=True, text=True)
    if done.returncode:
        raise Conflict(f"{' '.join(command[1:])}: {done.stderr[-2_000:]}")


@contextmanager
def _started(environment: Mapping[str, str], log: Path) -> Iterator[tuple[str, float]]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable, "-m", "uvicorn", "apps.config.asgi:application", "--port", str(port),
        "--no-access-log", "--log-level", "warning",
    ]  # fmt: skip
    with log.open("w") as out:
        began = perf_counter()
        process = subprocess.Popen(command, env=dict(environment), cwd=settings.BASE_DIR, stdout=out, stderr=out)
        try:
            asyncio.run(_wait_until_ready(url, process, log))
            yield url, perf_counter() - began
        finally:
            process.terminate()
            process.wait(timeout=30)


async def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = monotonic() + _READY_SECONDS
    while monotonic() < end and process.poll() is None:
        try:
            connection = await Connection.open(url)
            status, _body = await connection.request("GET", "/readyz")
            await connection.close()
            if status == 200:
                return
        except HttpError:
            pass
        await asyncio.sleep(0.05)
    raise Conflict(f"The server did not start: {log.read_text()[-2_000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
