"""Django's request handling for the chat API, without what a JSON door never uses.

The full handler starts a thread for each request and hops to it once per middleware (sessions, CSRF, messages, …). The
chat API has no session and no cookie; its views are async and hop to the database by themselves. So it gets the same
URLs, views and error handling on the event loop alone, which is what lets one process answer hundreds of messages a
second.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from django.utils import translation

from apps.core.errors import TooLarge
from apps.core.problems import problem_response

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class ChatHandler(ASGIHandler):
    """Serves the same URL configuration with no middleware but the language and the headers below."""

    def load_middleware(self, is_async: bool = False) -> None:
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = convert_exception_to_response(self._get_response_async)  # type: ignore[attr-defined]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        if body is None:
            return
        set_script_prefix(scope.get("root_path", "") or "/")
        response = await self._answer(scope, body)
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = response.get("Cache-Control", "no-store")
        if isinstance(response, HttpResponse):
            response["Content-Length"] = str(len(response.content))
            await self.send_response(response, send)
        else:
            await self._stream(response, receive, send)

    async def _answer(self, scope: Scope, body: bytes | TooLarge) -> HttpResponseBase:
        if isinstance(body, TooLarge):
            return problem_response(body)
        request, bad_request = self.create_request(scope, io.BytesIO(body))
        if request is None:
            return bad_request or HttpResponse(status=400)
        with translation.override(_language(request)):
            return await self.get_response_async(request)

    async def _stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Send until the end or until the visitor leaves; the turn behind it goes on either way."""
        sending = asyncio.create_task(self.send_response(response, send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
        if sending.done() and not sending.cancelled():
            sending.result()


async def _read(receive: Receive) -> bytes | TooLarge | None:
    """The whole body, TooLarge beyond the limit, None when the caller is gone."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
            return TooLarge(f"The request is larger than {most} KiB.")
        if not message.get("more_body", False):
            return b"".join(parts)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


def _language(request: ASGIRequest) -> str:
    return translation.get_language_from_request(request)
