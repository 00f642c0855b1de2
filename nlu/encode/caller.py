"""JSON over HTTP to a model server: time limits, a size limit, few retries, and every failure as a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from nlu.encode.breaker import Breaker
from nlu.encode.checks import Nonsense
from nlu.encode.ports import ModelUnavailable

if TYPE_CHECKING:
    import httpx

ReadT = TypeVar("ReadT")

BATCH = 32
"""Texts in one request: the most that servers of TEI's shape take by default."""
TIMEOUT = 10.0
"""Seconds for a whole request where the caller names none."""
TIMEOUT_HEADER = "x-timeout-ms"
"""How long the caller will wait; our own server drops what it could not answer in time."""
FINGERPRINT_HEADER = "x-model-fingerprint"
"""Which model answered; our own server sends it, so that a swap there is noticed here."""

_CONNECT_SECONDS = 1.0
_CONNECT_TRIES = 3
_MOST_BYTES = 16_000_000
_OUR_FAULT = frozenset({400, 413, 422, 429})
"""Answers of a server in good health: too much was asked, or nonsense."""


@dataclass(frozen=True, slots=True)
class Answer:
    data: Any
    fingerprint: str
    """Of the model that answered; empty where the server does not say."""


class Caller:
    """One server. Safe to use from several threads."""

    def __init__(
        self,
        address: str,
        *,
        api_key: str = "",
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        import httpx

        try:
            url = httpx.URL(address)
        except httpx.InvalidURL as error:
            raise ModelUnavailable("the server's address is no URL") from error
        self._name = f"{url.host}:{url.port}" if url.port else url.host  # without a password that may stand before it
        self._address = address
        self.clock = clock
        self._breaker = Breaker(clock=clock)
        headers = {"authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(headers=headers, transport=transport)

    def get(self, path: str, read: Callable[[Answer], ReadT], *, timeout: float | None = None) -> ReadT:
        """Like :meth:`post`."""
        return self._guarded("GET", path, None, read, timeout)

    def post(
        self, path: str, body: Mapping[str, object], read: Callable[[Answer], ReadT], *, timeout: float | None = None
    ) -> ReadT:
        """What ``read`` makes of the answer; where it finds nonsense that counts as a failure of the server.

        Raises:
            ModelUnavailable: no answer in time, or not a usable one.
        """
        return self._guarded("POST", path, orjson.dumps(body), read, timeout)

    def _guarded(
        self, method: str, path: str, body: bytes | None, read: Callable[[Answer], ReadT], timeout: float | None
    ) -> ReadT:
        import httpx

        if not self._breaker.allows():
            raise ModelUnavailable(f"{self._name} failed several times just now and is given a rest")
        end = self.clock() + (TIMEOUT if timeout is None else timeout)
        try:
            found = read(self._connected(method, path, body, end))
        except httpx.TimeoutException as error:
            self._breaker.failed()
            raise ModelUnavailable(f"{self._name} did not answer in time") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._breaker.failed()
            raise ModelUnavailable(f"{self._name} cannot be reached: {error}") from error
        except (Nonsense, ValueError, TypeError, KeyError, IndexError) as error:
            self._breaker.failed()
            raise ModelUnavailable(f"{self._name} answered nonsense: {error}") from error
        self._breaker.succeeded()
        return found

    def _connected(self, method: str, path: str, body: bytes | None, end: float) -> Answer:
        """Tries again only where the server cannot have seen the request."""
        import httpx

        for tries_left in range(_CONNECT_TRIES - 1, -1, -1):
            try:
                return self._asked(method, path, body, end)
            except httpx.ConnectError:
                if not tries_left or self.clock() >= end:
                    raise
        raise AssertionError("unreachable")

    def _asked(self, method: str, path: str, body: bytes | None, end: float) -> Answer:
        import httpx

        left = end - self.clock()
        if left <= 0:
            raise httpx.ReadTimeout("no time is left")
        headers = {"content-type": "application/json", TIMEOUT_HEADER: str(int(left * 1000) + 1)}
        limits = httpx.Timeout(left, connect=min(left, _CONNECT_SECONDS))
        with self._client.stream(
            method, self._address + path, content=body, headers=headers, timeout=limits
        ) as response:
            text = self._read(response, end)
            self._refuse_errors(response.status_code, text)
            return Answer(orjson.loads(text), response.headers.get(FINGERPRINT_HEADER, ""))

    def _read(self, response: httpx.Response, end: float) -> bytes:
        """The body; a server that sends it in drops is held to the same deadline."""
        import httpx

        parts, size = [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > _MOST_BYTES:
                raise Nonsense("far too long")
            if self.clock() > end:
                raise httpx.ReadTimeout("the deadline passed while the answer was read")
        return b"".join(parts)

    def _refuse_errors(self, status: int, text: bytes) -> None:
        if status < 300:
            return
        if status not in _OUR_FAULT:
            self._breaker.failed()
        reason = "busy" if status == 429 else f"status {status}: {text[:200].decode(errors='replace')}"
        raise ModelUnavailable(f"{self._name} refused: {reason}")
