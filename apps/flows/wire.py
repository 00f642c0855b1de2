"""The bytes of an action's request and answer, as ``docs/actions.md`` fixes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import orjson

from dialog.task.ports import ActionOption, ActionRequest, ActionResult, Status

VERSION = 1
"""Of the contract. A server refuses one it does not know."""
MAX_OPTIONS = 100
SAID: frozenset[str] = frozenset(get_args(Status)) - {"unavailable", "unknown"}
"""What a server may say; the other two are for the client to find."""


class Nonsense(Exception):
    """An answer that is not one of the contract; the text says in what, without its content."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. ``after_s``: when it wants to be asked again (status ``retry``)."""

    result: ActionResult
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose actions are called."""

    tenant: str
    bot: str


def call_id(sender: Sender, request: ActionRequest) -> str:
    """A name for the call in headers and logs: the same for the same key, and nothing can be read from it."""
    text = f"{sender.tenant}\0{sender.bot}\0{request.idempotency_key}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def request_body(sender: Sender, request: ActionRequest, *, deadline_ms: int, query: bool = False) -> bytes:
    """``query`` asks what became of the request with this key."""
    user = request.user
    body = {
        "version": VERSION,
        "action": request.action,
        "tenant": sender.tenant,
        "bot": sender.bot,
        "conversation": request.conversation,
        "user": {"id": user.id, "login": user.login, "name": user.name},
        "run": request.run,
        "step": request.step,
        "in": dict(request.inputs),
        "idempotency_key": request.idempotency_key,
        "deadline_ms": deadline_ms,
        "trace": call_id(sender, request),
        "lang": request.lang,
    }
    return orjson.dumps({**body, "query": True} if query else body)


def read_answer(body: bytes) -> Answer:
    """Raises Nonsense."""
    return _answer(_object(body))


def read_query(body: bytes) -> Answer | None:
    """The stored answer, or None where the server has not carried the request out. Raises Nonsense."""
    data = _object(body)
    if data.get("known") is False:
        return None
    if data.get("known") is not True or not isinstance(data.get("answer"), dict):
        raise Nonsense("a query is answered with “known” and “answer”")
    return _answer(data["answer"])


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Nonsense("the answer is no JSON") from error
    if not isinstance(data, dict):
        raise Nonsense("the answer is no object")
    return data


def _answer(data: Mapping[str, Any]) -> Answer:
    status = data.get("status")
    if status not in SAID:
        raise Nonsense("“status” is none of the contract")
    result = ActionResult(
        status=status,
        out=_map(data, "out"),
        options=_options(data.get("options")),
        slot_errors=_texts(_map(data, "slot_errors")),
        message=_text(data, "message"),
    )
    return Answer(result, _after(data.get("after_ms")))


def _map(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    if not isinstance(found, dict | None):
        raise Nonsense(f"“{key}” is no object")
    return found or {}


def _text(data: Mapping[str, Any], key: str) -> str:
    found = data.get(key)
    if not isinstance(found, str | None):
        raise Nonsense(f"“{key}” is no text")
    return found or ""


def _texts(data: Mapping[str, Any]) -> Mapping[str, str]:
    return {key: _text(data, key) for key in data}


def _after(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise Nonsense("“after_ms” is no number of milliseconds")
    return value / 1000


def _options(rows: object) -> tuple[ActionOption, ...]:
    if rows is None:
        return ()
    if not isinstance(rows, list) or len(rows) > MAX_OPTIONS or not all(isinstance(row, dict) for row in rows):
        raise Nonsense(f"“options” is no list of at most {MAX_OPTIONS} objects")
    return tuple(_option(row) for row in rows)


def _option(row: Mapping[str, Any]) -> ActionOption:
    words = row.get("words", [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Nonsense("“words” of an option is no list of texts")
    if not _text(row, "value") or not _text(row, "label"):
        raise Nonsense("an option has no “value” or no “label”")
    return ActionOption(
        value=row["value"],
        label=row["label"],
        desc=_text(row, "desc"),
        image=_text(row, "image"),
        words=tuple(words),
        extra=_map(row, "extra"),
    )
