"""Errors as problem+json: one shape for all."""

from __future__ import annotations

import json

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from apps.core import errors, problems
from apps.core.errors import TooManyRequests, ZhikeError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ZhikeError)]


def make(kind: type[ZhikeError]) -> ZhikeError:
    return kind("Wait.", retry_after=7) if kind is TooManyRequests else kind("Do this.", fields={"a": "is wrong"})


@pytest.mark.parametrize("kind", KINDS)
def test_each_error_has_the_shape(kind: type[ZhikeError]) -> None:
    response = problems.problem_response(make(kind))
    body = json.loads(response.content)
    assert response["Content-Type"] == "application/problem+json"
    assert response.status_code == body["status"] == kind.status
    assert body["type"] == f"urn:zhike:problem:{body['code']}"
    assert body["title"]
    assert body["detail"] in ("Do this.", "Wait.")
    assert set(body) <= {"type", "title", "status", "detail", "code", "errors", "retry_after"}


def test_codes_and_statuses_are_each_used_once() -> None:
    assert len({kind.code for kind in KINDS}) == len({kind.status for kind in KINDS}) == len(KINDS)


def test_every_error_stands_in_the_tree_at_the_head() -> None:
    for kind in KINDS:
        assert kind is ZhikeError or f"── {kind.__name__}" in (errors.__doc__ or "")
        assert kind is ZhikeError or str(kind.status) in (errors.__doc__ or "")


def test_headers_say_when_to_come_back_and_how_to_log_in() -> None:
    assert problems.problem_response(TooManyRequests("Wait.", retry_after=7))["Retry-After"] == "7"
    assert problems.problem_response(errors.Unauthenticated("Log in."))["WWW-Authenticate"] == "Bearer"


def test_an_own_code_replaces_the_kinds_code() -> None:
    assert problems.problem_body(errors.Invalid("No.", code="stale"))["code"] == "stale"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.NotFound("Gone."), 404, "not_found"),
        (AuthenticationError(), 401, "unauthenticated"),
        (HttpError(400, "Cannot parse request body"), 400, "malformed"),
        (ValidationError([{"loc": ("body", "payload", "text"), "msg": "is too long"}]), 422, "invalid"),
    ],
)
def test_what_the_framework_raises_is_a_problem_too(error: Exception, status: int, code: str) -> None:
    api = NinjaAPI(urls_namespace=f"problems-{status}")
    problems.install(api)
    request: HttpRequest = RequestFactory().get("/")
    response = api.on_exception(request, error)
    body = json.loads(response.content)
    assert (response.status_code, body["code"]) == (status, code)
    assert body.get("errors", {}) == ({"text": "is too long"} if status == 422 else {})
