"""What every page and answer carries: a strict policy, safe headers, one heading; and that the service says how it is."""

from __future__ import annotations

import re
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, connection
from django.test import Client

from apps.bots.models import Bot
from apps.bots.services import bot_update
from tests.people import World

PAGES = ["/", "/chat/shop/", "/login/", "/studio/", "/studio/shop/knowledge/", "/studio/shop/publish/"]


@pytest.fixture
def editor(shop: World) -> Client:
    client = Client()
    client.force_login(shop.editor)
    return client


def policy(response: Any) -> dict[str, list[str]]:
    """The Content-Security-Policy by directive."""
    parts = [part.split() for part in response["Content-Security-Policy"].split(";") if part.strip()]
    return {name: values for name, *values in parts}


def page(client: Client, path: str) -> Any:
    response = client.get(path, follow=True)
    assert response.status_code == 200, (path, response.status_code)
    return response


@pytest.mark.parametrize("path", PAGES)
class TestEveryPage:
    def test_its_policy_allows_nothing_inline_and_nobody_elses(self, editor: Client, path: str) -> None:
        found = policy(page(editor, path))
        assert "unsafe-inline" not in str(found)
        assert "unsafe-eval" not in str(found)
        assert found["default-src"] == ["'self'"]
        assert (found["object-src"], found["base-uri"], found["form-action"]) == (["'none'"], ["'none'"], ["'self'"])

    def test_it_obeys_that_policy_itself(self, editor: Client, path: str) -> None:
        html = page(editor, path).content.decode()
        scripts = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)(?![^>]*importmap)[^>]*>", html)
        assert scripts == []
        assert re.findall(r"<style|\sstyle=\"|\son[a-z]+=\"", html) == []
        assert re.findall(r"(?:src|href)=\"(?:https?:)?//(?!testserver/)[^\"]+\.(?:js|css|woff2?)", html) == []

    def test_its_headers_are_safe(self, editor: Client, path: str) -> None:
        response = page(editor, path)
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["Cross-Origin-Opener-Policy"] == "same-origin"

    def test_it_has_one_first_heading_a_title_and_a_language(self, editor: Client, path: str) -> None:
        html = page(editor, path).content.decode()
        assert re.search(r"<html[^>]* lang=\"[a-z-]+\"", html, re.IGNORECASE)
        assert re.search(r"<title>\s*\S", html)
        if not path.startswith("/chat/"):  # drawn by the element
            assert len(re.findall(r"<h1[\s>]", html)) == 1


class TestFraming:
    @pytest.mark.parametrize("path", [path for path in PAGES if not path.startswith("/chat/")])
    def test_pages_are_framed_by_nobody(self, editor: Client, path: str) -> None:
        response = page(editor, path)
        assert policy(response)["frame-ancestors"] == ["'none'"]
        assert response["X-Frame-Options"] == "DENY"

    @pytest.mark.parametrize(
        "sites", [[], ["https://shop.example"], ["*"], ["https://a.example", "https://b.example:8443"]]
    )
    def test_the_chat_is_framed_by_the_bots_sites(self, shop: World, sites: list[str]) -> None:
        bot_update(bot=shop.bot, changes={"allowed_sites": sites})
        response = Client().get("/chat/shop/")
        assert policy(response)["frame-ancestors"] == ["'self'", *sites]
        assert "X-Frame-Options" not in response

    def test_one_bots_sites_do_not_frame_another(self, shop: World) -> None:
        bot_update(bot=shop.bot, changes={"allowed_sites": ["https://shop.example"]})
        assert policy(Client().get("/chat/other/"))["frame-ancestors"] == ["'self'"]

    @pytest.mark.parametrize(
        "site", ["https://a.example; script-src *", "https://a.example\r\nX: y", "javascript:alert(1)"]
    )
    def test_a_site_cannot_write_another_directive(self, shop: World, site: str) -> None:
        with pytest.raises(ValidationError, match="allowed_sites"):
            bot_update(bot=shop.bot, changes={"allowed_sites": [site]})
        Bot.objects.filter(slug="shop").update(allowed_sites=[site])  # as if it had got in another way
        response = Client().get("/chat/shop/")
        assert response.status_code == 200
        assert "script-src" not in policy(response)
        assert policy(response)["frame-ancestors"] == ["'self'"]

    def test_the_chat_of_an_unknown_bot_is_not_found(self, shop: World) -> None:
        assert Client().get("/chat/none/").status_code == 404


class TestLauncher:
    def test_any_site_may_load_it_and_it_is_small(self, db: None) -> None:
        import gzip

        response = Client().get("/widget.js")
        body = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        assert response["Content-Type"].startswith("text/javascript")
        assert response["Access-Control-Allow-Origin"] == "*"
        assert 0 < len(gzip.compress(body)) <= 5 * 1024


class TestHealth:
    def test_the_process_answers(self) -> None:
        response = Client().get("/healthz")
        assert (response.status_code, response.json()) == (200, {"status": "ok"})

    def test_it_is_ready_with_its_database(self, db: None) -> None:
        response = Client().get("/readyz")
        assert (response.status_code, response.json()["database"]) == (200, "ok")

    def test_it_is_not_ready_without_and_tells_no_secret(self, db: None) -> None:
        with patch.object(connection, "cursor", side_effect=Error("password=hunter2")):
            response = Client().get("/readyz")
        assert response.status_code == 503
        assert "hunter2" not in response.content.decode()
        assert response.json()["database"] != "ok"


class TestSchema:
    @pytest.fixture
    def schema(self) -> Any:
        response = Client().get("/api/schema/")
        assert response.status_code == 200
        return response.json()

    @pytest.mark.parametrize(
        "endpoint",
        [
            "POST /api/v1/chat/sessions",
            "DELETE /api/v1/chat/sessions",
            "POST /api/v1/chat/messages",
            "GET /api/v1/chat/messages",
            "GET /api/v1/chat/messages/{message_id}/trace",
            "POST /api/v1/chat/messages/{message_id}/feedback",
            "POST /api/v1/chat/handoff",
            "POST /api/v1/chat/rating",
        ],
    )
    def test_it_names_each_endpoint_of_the_contract(self, schema: Any, endpoint: str) -> None:
        method, path = endpoint.split()
        assert method.lower() in schema["paths"][path]

    def test_it_is_openapi_3_and_every_reference_leads_somewhere(self, schema: Any) -> None:
        assert schema["openapi"].startswith("3.")
        assert schema["info"]["title"]
        for reference in set(re.findall(r'"#/(components/[^"]+)"', str(schema).replace("'", '"'))):
            found = schema
            for name in reference.split("/"):
                found = found[name]
            assert found

    def test_every_operation_is_described_and_named_once(self, schema: Any) -> None:
        operations = [operation for path in schema["paths"].values() for operation in path.values()]
        names = [operation["operationId"] for operation in operations]
        assert len(names) == len(set(names))
        assert all(operation.get("summary") and operation["responses"] for operation in operations)

    def test_what_needs_a_token_says_so(self, schema: Any) -> None:
        for path, methods in schema["paths"].items():
            for method, operation in methods.items():
                free = (method, path) == ("post", "/api/v1/chat/sessions")
                assert bool(operation.get("security")) is not free, (method, path)

    def test_its_pages_are_there(self) -> None:
        assert Client().get("/api/docs/").status_code == 200
