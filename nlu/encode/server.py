"""The inference process as an ASGI application: one encoder and one reranker for many web processes.

``POST /embed``, ``POST /rerank``, ``GET /health`` and ``GET /info`` in the shape of text-embeddings-inference, so that either
can stand in for the other. Callers share passes of the model (:mod:`nlu.encode.batcher`), are refused early when too much is
waiting, and are dropped when their deadline passes.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
import orjson

from nlu.encode import wire
from nlu.encode.batched import BatchedEncoder, BatchedReranker
from nlu.encode.batcher import Busy, Late
from nlu.encode.buckets import TOKENS
from nlu.encode.caller import BATCH, FINGERPRINT_HEADER, TIMEOUT, TIMEOUT_HEADER
from nlu.encode.ports import ModelUnavailable
from nlu.encode.wire import Refused

Scope: TypeAlias = Mapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
Send: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class Served:
    """What is served together, and swapped together."""

    encoder: BatchedEncoder | None
    reranker: BatchedReranker | None
    encoder_name: str = ""
    reranker_name: str = ""

    def close(self) -> None:
        """Answers what is waiting, then ends the threads."""
        for model in (self.encoder, self.reranker):
            if model is not None:
                model.close()


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Request:
    headers: Mapping[str, str]
    body: bytes
    timeout: float


class App:
    """``served`` is replaced whole by :meth:`swap`; a request keeps the one it began with."""

    def __init__(self, served: Served, *, api_key: str = "") -> None:
        self._served = served
        self._api_key = api_key
        self._routes = {
            "/embed": ("POST", self._embed),
            "/rerank": ("POST", self._rerank),
            "/info": ("GET", self._info),
            "/health": ("GET", self._health),
        }

    def swap(self, served: Served) -> Served:
        """Serves this from now on; returns what was served before, for the caller to close."""
        before, self._served = self._served, served
        return before

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await _send(send, await self._answer(scope, receive))

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await asyncio.to_thread(self._served.close)
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _answer(self, scope: Scope, receive: Receive) -> _Response:
        try:
            method, route = self._routes[scope["path"]]
            if scope["method"] != method:
                return _error(Refused(405, "Validation", f"use {method}"), ("allow", method))
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            self._admit(headers, scope["path"])
            timeout = wire.read_timeout(headers.get(TIMEOUT_HEADER), TIMEOUT)
            return await route(_Request(headers, await _body(receive), timeout))
        except KeyError:
            return _error(Refused(404, "Validation", f"there are {', '.join(self._routes)}"))
        except Refused as refused:
            return _error(refused)
        except Busy as busy:
            return _error(Refused(429, "Overloaded", str(busy)), ("retry-after", "1"))
        except Late as late:
            return _error(Refused(504, "Overloaded", str(late)))
        except ModelUnavailable as error:
            return _error(Refused(503, "Backend", str(error)))

    def _admit(self, headers: Mapping[str, str], path: str) -> None:
        given = headers.get("authorization", "").encode()
        if self._api_key and path != "/health" and not hmac.compare_digest(given, f"Bearer {self._api_key}".encode()):
            raise Refused(401, "Validation", "the API key is missing or wrong")

    async def _embed(self, request: _Request) -> _Response:
        encoder = self._served.encoder
        if encoder is None:
            raise Refused(404, "Validation", "this server has no encoder")
        asked = wire.read_embed(request.body)
        rows = await _within(encoder.submit(asked.texts, timeout=request.timeout), request.timeout)
        return _json(np.stack(rows), (FINGERPRINT_HEADER, encoder.fingerprint))

    async def _rerank(self, request: _Request) -> _Response:
        reranker = self._served.reranker
        if reranker is None:
            raise Refused(404, "Validation", "this server has no reranker")
        asked = wire.read_rerank(request.body)
        future = reranker.submit(asked.query, asked.texts, timeout=request.timeout)
        scores = await _within(future, request.timeout)
        return _json(wire.rerank_answer(asked, scores), (FINGERPRINT_HEADER, reranker.fingerprint))

    async def _info(self, _request: _Request) -> _Response:
        served = self._served
        fingerprint = served.encoder.fingerprint if served.encoder else ""
        reranker_fingerprint = served.reranker.fingerprint if served.reranker else ""
        return _json(
            {
                "model_id": served.encoder_name or served.reranker_name,
                "model_sha": fingerprint or reranker_fingerprint,
                "model_dtype": "float32",
                "model_type": {"embedding": {"pooling": "mean"}} if served.encoder else {"reranker": {}},
                "max_client_batch_size": BATCH,
                "max_batch_tokens": TOKENS,
                "fingerprint": fingerprint,
                "dims": served.encoder.dims if served.encoder else 0,
                "reranker_id": served.reranker_name,
                "reranker_fingerprint": reranker_fingerprint,
                "waiting": sum(model.waiting for model in (served.encoder, served.reranker) if model),
            }
        )

    async def _health(self, _request: _Request) -> _Response:
        return _Response(200, b"")


async def _within(future: Future[list[RowT]], timeout: float) -> list[RowT]:
    """
    Raises:
        Late: nothing came in time; the work is given up.
    """
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), timeout)
    except TimeoutError as error:
        raise Late(f"not answered within {timeout} s") from error


async def _body(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "Validation", "the caller went away")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > wire.MOST_BYTES:
            raise Refused(413, "Validation", f"more than {wire.MOST_BYTES} bytes")
        if not message.get("more_body"):
            return b"".join(parts)


def _json(data: object, *headers: tuple[str, str]) -> _Response:
    body = orjson.dumps(data, option=orjson.OPT_SERIALIZE_NUMPY)
    return _Response(200, body, (("content-type", "application/json"), *headers))


def _error(refused: Refused, *headers: tuple[str, str]) -> _Response:
    body = orjson.dumps({"error": refused.detail, "error_type": refused.kind})
    return _Response(refused.status, body, (("content-type", "application/json"), *headers))


async def _send(send: Send, response: _Response) -> None:
    headers = [*response.headers, ("content-length", str(len(response.body)))]
    coded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": response.status, "headers": coded})
    await send({"type": "http.response.body", "body": response.body})
