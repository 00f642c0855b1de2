"""A visitor of the chat API, through Django's test client."""

from __future__ import annotations

import itertools
from typing import Any

from django.test import Client

PREFIX = "/api/v1/chat"
_ids = itertools.count(1)


class Visitor:
    """Opens a session when made; ``say`` and ``press`` return the decoded answer of a 200."""

    def __init__(self, bot: str, locale: str = "zh", **session: Any) -> None:
        self.client = Client()
        response = self.client.post(
            f"{PREFIX}/sessions", {"bot": bot, "locale": locale, **session}, content_type="application/json"
        )
        assert response.status_code == 201, response.content
        self.session: dict[str, Any] = response.json()
        self.token: str = self.session["token"]

    def call(self, method: str, path: str, body: Any = None, **extra: Any) -> Any:
        options: dict[str, Any] = {"headers": {"Authorization": f"Bearer {self.token}", **extra}}
        if body is not None:
            options |= {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(f"{PREFIX}{path}", **options)

    def say(self, text: str, client_id: str | None = None) -> dict[str, Any]:
        return self._send({"text": text, "client_id": client_id or f"c{next(_ids)}"})

    def press(self, suggestion_id: str) -> dict[str, Any]:
        return self._send({"pick": suggestion_id, "client_id": f"c{next(_ids)}"})

    def history(self, after: int = 0) -> dict[str, Any]:
        response = self.call("get", f"/messages?after={after}")
        assert response.status_code == 200, response.content
        return response.json()

    def _send(self, body: dict[str, Any]) -> dict[str, Any]:
        response = self.call("post", "/messages", body)
        assert response.status_code == 200, response.content
        return response.json()
