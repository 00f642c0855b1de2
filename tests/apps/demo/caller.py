"""Somebody who calls the demo shop as the contract says, with a key and a clock of their own."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from django.test import Client

from apps.core.signing import new_secret, sign
from apps.demo.shop.contract import specs
from apps.demo.shop.models import ShopKey

PATH = "/demo/shop/actions/"
Post = Callable[[bytes, dict[str, str]], tuple[int, dict[str, Any]]]
_numbers = itertools.count(1)


def in_process(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    response = Client().post(PATH, body, content_type="application/json", headers=headers)
    return response.status_code, response.json()


def over(url: str) -> Post:
    """Posts over a real socket."""

    def post(body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        response = httpx.post(url + PATH, content=body, headers=headers, trust_env=False)
        return response.status_code, response.json()

    return post


@dataclass
class Caller:
    """``user`` is the customer; every call has a new idempotency key unless it is given one."""

    secret: str = field(default_factory=new_secret)
    user: str = "u1"
    lang: str = "zh"
    post: Post = in_process

    def __post_init__(self) -> None:
        ShopKey.objects.get_or_create(name=f"key {self.secret[-12:]}", defaults={"secret": self.secret})

    def other(self, user: str) -> Caller:
        return Caller(self.secret, user, self.lang, self.post)

    def body(self, action: str, inputs: dict[str, Any], *, key: str = "", **fields: Any) -> bytes:
        known = next((spec["effect"] for spec in specs() if spec["name"] == action), "")
        assert known or fields.pop("unknown", False), action
        user = {"id": self.user, "login": True, "name": "林一诺"}
        request = {"version": 1, "action": action, "user": user, "in": inputs, "lang": self.lang}
        return orjson.dumps(request | {"idempotency_key": key or f"c:1:s:{next(_numbers)}"} | fields)

    def headers(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        return sign([self.secret], id=f"call{next(_numbers)}", timestamp=int(at or time.time()), body=body)

    def call(
        self, action: str, /, *, key: str = "", fields: dict[str, Any] | None = None, **inputs: Any
    ) -> dict[str, Any]:
        body = self.body(action, inputs, key=key, **(fields or {}))
        status, answer = self.post(body, self.headers(body))
        assert status == 200, answer
        return answer

    def out(self, action: str, /, **inputs: Any) -> dict[str, Any]:
        """The outputs of a call that must succeed."""
        answer = self.call(action, **inputs)
        assert answer["status"] == "ok", answer
        return dict(answer["out"])

    def options(self, action: str, /, **inputs: Any) -> list[dict[str, Any]]:
        answer = self.call(action, **inputs)
        assert answer["status"] == "ok", answer
        return list(answer["options"])

    def order(self, status: str, place: int = 0) -> str:
        """The number of the customer's order in a state, the latest first."""
        return [one["value"] for one in self.options("order.mine") if one["extra"]["status"] == status][place]
