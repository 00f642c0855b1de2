"""A visitor over plain HTTP/1.1. Thin on purpose: the measuring side must not take the processor from the measured one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from apps.core.errors import ZhikeError


class HttpError(ZhikeError):
    """The server answered with another status than the one that was expected, or not at all."""

    status, code, title = 502, "bad_gateway", "The server did not answer as it should"


@dataclass(slots=True)
class Connection:
    """One keep-alive connection; one request at a time."""

    host: str
    port: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, url: str) -> Connection:
        """Raises HttpError when nobody listens at ``url`` (``http://host:port``)."""
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port or 80
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError as error:
            raise HttpError(f"{url}: {error}") from error
        return cls(host, port, reader, writer)

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = ""
    ) -> tuple[int, bytes]:
        """Status and body. Raises HttpError when the connection breaks."""
        data = b"" if body is None else orjson.dumps(body)
        auth = f"Authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{auth}"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        self.writer.write(head.encode("ascii") + data)
        try:
            answer = await self.reader.readuntil(b"\r\n\r\n")
            return int(answer[9:12]), await self._body(answer.lower())
        except (asyncio.IncompleteReadError, OSError) as error:
            raise HttpError(f"{method} {path}: the connection broke") from error

    async def json(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, token: str = "", expect: int = 200
    ) -> Any:
        """The parsed body. Raises HttpError at any other status than ``expect``."""
        status, data = await self.request(method, path, body, token)
        if status != expect:
            raise HttpError(f"{method} {path}: {status} {data[:300].decode(errors='replace')}")
        return orjson.loads(data)

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()

    async def _body(self, head: bytes) -> bytes:
        for line in head.split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return await self.reader.readexactly(int(line[15:]))
        return b""
