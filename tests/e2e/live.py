"""A real server process with the demo in it, and the browser that looks at it; for the browser tests and the pictures."""

from __future__ import annotations

import http.server
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
START_SECONDS = 90
STOP_SECONDS = 10


class ServerDied(RuntimeError):
    """The server ended before it was asked to; the message holds what it said."""


@dataclass
class Site:
    """A running server. ``login`` and ``password`` belong to the demo's owner."""

    origin: str
    login: str
    password: str
    environ: Mapping[str, str]
    output: Path
    process: subprocess.Popen[bytes]

    def manage(self, *args: str) -> str:
        """Run ``manage.py`` on the same data and return what it printed."""
        return manage(self.environ, *args)

    def api(self, path: str, body: Mapping[str, Any] | None = None, token: str = "") -> Any:
        """One call of the public API; the answer's JSON, None for an empty one."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.origin}/api/v1/{path}", data, headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
        return json.loads(text) if text else None


def browser_path() -> str | None:
    """The Chromium to drive: $CHROMIUM, else the first one on the path."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for path in map(shutil.which, BROWSERS) if path), None)


def manage(environ: Mapping[str, str], *args: str) -> str:
    command = [sys.executable, "manage.py", *args]
    done = subprocess.run(command, cwd=ROOT, env=dict(environ), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(args)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    """A server on a free port with data of its own in ``folder``, set up as for production; stopped at the end."""
    environ = _environ(folder)
    manage(environ, "migrate", "--verbosity", "0")
    demo = json.loads(manage(environ, "demo", "--json"))
    manage(environ, "reindex", "demo")  # every text has its vector from the first question on
    port = free_port()
    output = folder / "server.log"
    with output.open("wb") as log:
        process = subprocess.Popen(_uvicorn(port), cwd=ROOT, env=environ, stdout=log, stderr=subprocess.STDOUT)
    site = Site(f"http://127.0.0.1:{port}", demo["login"], demo["password"], environ, output, process)
    try:
        _await_health(site)
        yield site
        if process.poll() is not None:
            raise ServerDied(f"The server ended with {process.returncode}:\n{output.read_text('utf-8', 'replace')}")
    finally:
        _stop(process)


def _environ(folder: Path) -> dict[str, str]:
    """What the server runs with: nothing of the caller's settings, and limits that one busy address stays under."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "VAR_DIR": str(folder),
        "DEBUG": "0",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "LOG_LEVEL": "WARNING",
        "SESSIONS_PER_MINUTE": "6000",
        "SESSIONS_BURST": "1000",
        "PYTHONUNBUFFERED": "1",
    }


def _uvicorn(port: int) -> list[str]:
    address = ["--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", "uvicorn", "apps.config.asgi:application", *address, "--log-level", "warning"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_health(site: Site) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if site.process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{site.origin}/healthz", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise ServerDied(f"The server did not come up:\n{site.output.read_text('utf-8', 'replace')}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@dataclass(frozen=True)
class HostPage:
    """A customer's own page: what it holds, and the Content-Security-Policy it is served with."""

    html: str
    policy: str


@dataclass
class HostSite:
    """Somebody else's web site, on an origin of its own."""

    origin: str
    pages: dict[str, HostPage] = field(default_factory=dict)


@contextmanager
def host_site() -> Iterator[HostSite]:
    """A web server for pages that embed the chat."""
    site = HostSite("")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = site.pages.get(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            if page:
                self.send_header("Content-Security-Policy", page.policy)
            self.end_headers()
            if page:
                self.wfile.write(page.html.encode())

        def log_message(self, *args: object) -> None:
            """Requests are no news."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.origin = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield site
        server.shutdown()


def embedding(origin: str, bot: str, *, lang: str = "zh") -> HostPage:
    """A page with the one-line embed under the strictest policy that the documentation promises to work with."""
    script = f'<script src="{origin}/widget.js" data-bot="{bot}" data-lang="{lang}" async></script>'
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Shop</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        f'<body><main><h1>Shop</h1><p><a href="#more">More</a></p></main>{script}</body></html>'
    )
    return HostPage(html, f"default-src 'none'; script-src {origin}; frame-src {origin}")
