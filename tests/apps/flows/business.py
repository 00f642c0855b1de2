"""A business's own server of actions, on a real socket: it verifies, carries out each key once, and fails as told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any, TypeAlias

import orjson

from apps.core.signing import BadSignature, new_secret, verify

Way: TypeAlias = Callable[["Business", dict[str, Any]], "tuple[int, dict[str, str], bytes] | None"]
"""What happens to one request; None: the line is cut."""


class Business:
    """``script`` says what happens to the next requests, one each; after it all is well. ``done`` is what was carried out,
    by key; ``got`` every verified request."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.secret = new_secret()
        self.script: list[Way] = []
        self.got: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.done: dict[str, dict[str, Any]] = {}
        self.answer: dict[str, Any] = {"status": "ok", "out": {"ticket": "T1"}}
        self.released = threading.Event()
        self._lock = threading.Lock()

    def receive(self, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        try:
            id = verify([self.secret], headers, body, now=time())
        except BadSignature:
            return 401, {}, b"{}"
        request = orjson.loads(body)
        with self._lock:
            self.got.append(request)
            self.ids.append(id)
            way = self.script.pop(0) if self.script else fine
        return way(self, request)

    def carry_out(self, request: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            return self.done.setdefault(request["idempotency_key"], self.answer)


def fine(business: Business, request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    key = request["idempotency_key"]
    if request.get("query"):
        known = key in business.done
        found = {"known": True, "answer": business.done[key]} if known else {"known": False}
        return 200, {}, orjson.dumps(found)
    return 200, {}, orjson.dumps(business.carry_out(request))


def says(body: object, status: int = 200, **headers: str) -> Way:
    """Answers so, and does nothing."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return lambda _business, _request: (status, {key.replace("_", "-"): value for key, value in headers.items()}, raw)


def cut(_business: Business, _request: dict[str, Any]) -> None:
    """The line breaks before anything is done."""


def cut_after(business: Business, request: dict[str, Any]) -> None:
    """The line breaks when it is done."""
    business.carry_out(request)


def hang_after(business: Business, request: dict[str, Any]) -> None:
    """It is done, and the answer never comes."""
    business.carry_out(request)
    business.released.wait(10)


def hang(business: Business, _request: dict[str, Any]) -> None:
    """Nothing is done, and nothing comes."""
    business.released.wait(10)


def breaks_after(business: Business, request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    """It is done, and then the server breaks."""
    business.carry_out(request)
    return 500, {}, b"Traceback"


@contextmanager
def business_open() -> Iterator[Business]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = business.receive(dict(self.headers.items()), body)
            if answer is None:
                self.close_connection = True
                return
            status, headers, raw = answer
            self.send_response(status)
            for name, value in {"content-length": str(len(raw)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        business = Business(f"http://127.0.0.1:{server.server_port}/actions")
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield business
        finally:
            business.released.set()
            server.shutdown()
