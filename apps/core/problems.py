"""Errors as problem+json (RFC 9457): one shape for every door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from apps.core.errors import Invalid, Malformed, TooManyRequests, Unauthenticated, ZhikeError


def problem_body(error: ZhikeError) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": f"urn:zhike:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    if error.fields:
        body["errors"] = error.fields
    if isinstance(error, TooManyRequests):
        body["retry_after"] = error.retry_after
    return body


def problem_response(error: ZhikeError) -> HttpResponse:
    response = HttpResponse(
        orjson.dumps(problem_body(error)), status=error.status, content_type="application/problem+json"
    )
    if isinstance(error, TooManyRequests):
        response["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthenticated):
        response["WWW-Authenticate"] = "Bearer"
    return response


def install(api: NinjaAPI) -> None:
    """Make every error of ``api`` a problem."""

    @api.exception_handler(ZhikeError)
    def _ours(_request: HttpRequest, error: ZhikeError) -> HttpResponse:
        return problem_response(error)

    @api.exception_handler(AuthenticationError)
    def _token(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
        return problem_response(Unauthenticated("The token is missing, wrong or expired. Start a new session."))

    @api.exception_handler(ValidationError)
    def _fields(_request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problem_response(Invalid("Some fields are not acceptable.", fields=_by_field(error.errors)))

    @api.exception_handler(HttpError)
    def _unreadable(_request: HttpRequest, error: HttpError) -> HttpResponse:
        kind = {400: Malformed}.get(error.status_code, ZhikeError)
        shown = kind(str(error))
        shown.status = error.status_code
        return problem_response(shown)


def _by_field(errors: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """pydantic's errors by the name of the field; the place in the request (body, query) is left out."""
    found: dict[str, str] = {}
    for error in errors:
        path = [str(part) for part in error.get("loc", ()) if part not in ("body", "query", "path", "payload")]
        found[".".join(path) or "body"] = str(error.get("msg", "not acceptable"))
    return found
