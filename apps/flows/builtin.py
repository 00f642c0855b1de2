"""Action servers that are part of the product, reached without a socket.

The same bytes, headers and signature go through Django's own handler, whatever port the product listens on, if any.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

import httpx
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from apps.core.http import Response

_ADDRESS = re.compile(r"builtin:([a-z][a-z0-9_]*)")


def builtin_name(url: str) -> str:
    """The name of the part that an address stands for, a view of the namespace ``builtin``; empty for other addresses."""
    found = _ADDRESS.fullmatch(url)
    try:
        return found[1] if found and reverse(f"builtin:{found[1]}") else ""
    except NoReverseMatch:
        return ""


def send_builtin(name: str, body: bytes, headers: Mapping[str, str]) -> Response:
    """Post to a part of the product and wait for its answer; one that breaks answers with status 500."""
    with translation.override(translation.get_language()):  # its middleware sets the language of this thread
        answer = _client().post(reverse(f"builtin:{name}"), content=body, headers=dict(headers))
    return Response(answer.status_code, {key.lower(): value for key, value in answer.headers.items()}, answer.content)


class _Handler(BaseHandler):
    """Django's handler without the signals of a request's start and end, for the caller's database connection is shared
    and may be in the middle of a transaction."""

    def __init__(self) -> None:
        super().__init__()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "No directory at")  # static files are not asked for here
            self.load_middleware()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = WSGIRequest(environ)
        response = self.get_response(request)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        request.close()
        return [response.content if isinstance(response, HttpResponse) else b""]


@cache
def _client() -> httpx.Client:
    transport = httpx.WSGITransport(app=_Handler(), raise_app_exceptions=False)
    return httpx.Client(transport=transport, base_url=f"https://{_own_host()}", trust_env=False)


def _own_host() -> str:
    """A host name that Django takes for its own."""
    named = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    return named[0].lstrip(".") if named else "localhost"
