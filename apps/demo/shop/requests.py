"""From a request's bytes to what the shop does, and back: signature, customer, the action, and one write a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import orjson
from django.db import IntegrityError, transaction

from apps.core.errors import Malformed, Unauthenticated
from apps.core.signing import BadSignature, verify
from apps.demo.shop.actions import HANDLERS, WRITES
from apps.demo.shop.contract import input_problem
from apps.demo.shop.models import ActionReply, ShopCustomer, ShopKey
from apps.demo.shop.sandbox import customer_of
from apps.demo.shop.types import Answer, Ask, Refused
from dialog.types import Json

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Request:
    """The fields of a request that the shop reads; ``query`` asks what became of a write and does nothing."""

    action: str
    user: Mapping[str, Any]
    inputs: Mapping[str, Json]
    idempotency_key: str
    lang: str
    query: bool = False


def action_answer(*, body: bytes, headers: Mapping[str, str], origin: str, now: datetime) -> dict[str, Json]:
    """The answer to one request, as JSON.

    Raises:
        Unauthenticated: nobody whom the shop knows signed it, or more than five minutes ago.
        Malformed: it was signed and cannot be read.
    """
    key = _caller(body, headers, now)
    request = _request(body)
    if request.query:
        return _remembered(key, request, now)
    if not request.user.get("login") or not request.user.get("id"):
        return Answer("denied", message=_say(request, "请先登录。", "Please log in first.")).to_json()
    if request.action not in HANDLERS:
        return Answer("error", message=f"This shop has no action “{request.action}”.").to_json()
    if (problem := input_problem(request.action, request.inputs)) is not None:
        name, reason = problem
        return Answer("invalid", slot_errors={name: reason} if name else {}, message=reason).to_json()
    customer = customer_of(key, str(request.user["id"])[:200], str(request.user.get("name") or ""), now)
    ask = Ask(customer, request.inputs, request.lang, now, f"{key.pk}\n{request.idempotency_key}", origin)
    if request.action in WRITES:
        return _written_once(key, request, ask)
    return _answered(request.action, ask).to_json()


def _caller(body: bytes, headers: Mapping[str, str], now: datetime) -> ShopKey:
    for key in ShopKey.objects.order_by("created_at"):
        try:
            verify([key.secret], headers, body, now=now.timestamp())
        except BadSignature:
            continue
        return key
    raise Unauthenticated(
        "The request is not signed with a key of this shop, or was signed more than five minutes ago."
    )


def _request(body: bytes) -> Request:
    try:
        found = orjson.loads(body)
        request = Request(
            action=found["action"],
            user=found.get("user") or {},
            inputs=found.get("in") or {},
            idempotency_key=found["idempotency_key"],
            lang="en" if found.get("lang") == "en" else "zh",
            query=found.get("query") is True,
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise Malformed("The body is no request of an action; see docs/actions.md for its fields.") from error
    if not _readable(request):
        raise Malformed("A field of the request has the wrong type; see docs/actions.md for them.")
    return request


def _readable(request: Request) -> bool:
    named = isinstance(request.action, str) and isinstance(request.idempotency_key, str)
    maps = isinstance(request.user, dict) and isinstance(request.inputs, dict)
    return named and maps and 0 < len(request.idempotency_key) <= 200


def _answered(action: str, ask: Ask) -> Answer:
    try:
        return HANDLERS[action](ask)
    except Refused as refused:
        return refused.answer


@transaction.atomic
def _written_once(key: ShopKey, request: Request, ask: Ask) -> dict[str, Json]:
    """The answer is stored with what the action writes, or neither is; the same key again gets the same answer."""
    ActionReply.objects.filter(key=key, created_at__lt=ask.now - KEPT).delete()
    try:
        with transaction.atomic():
            reply = ActionReply.objects.create(
                key=key, idempotency_key=request.idempotency_key, digest=_digest(request), response={}
            )
    except IntegrityError:
        return _repeated(key, request)
    # One write of a customer at a time, each on what the one before left.
    ask = replace(ask, customer=ShopCustomer.objects.select_for_update().get(pk=ask.customer.pk))
    try:
        with transaction.atomic():
            answer = HANDLERS[request.action](ask)
    except Refused as refused:
        answer = refused.answer
    said = answer.to_json()
    reply.response = said
    reply.save(update_fields=["response", "updated_at"])
    return said


def _repeated(key: ShopKey, request: Request) -> dict[str, Json]:
    reply = ActionReply.objects.get(key=key, idempotency_key=request.idempotency_key)
    if reply.digest != _digest(request):
        return Answer("error", message="This idempotency key was used for another request.").to_json()
    said: dict[str, Json] = reply.response
    return said


def _remembered(key: ShopKey, request: Request, now: datetime) -> dict[str, Json]:
    """What became of the write with this key, if it was carried out."""
    kept = ActionReply.objects.filter(key=key, created_at__gte=now - KEPT)
    reply = kept.filter(idempotency_key=request.idempotency_key).first()
    return {"known": True, "answer": reply.response} if reply is not None else {"known": False}


def _digest(request: Request) -> str:
    same = [request.action, request.user.get("id"), request.inputs]
    return sha256(orjson.dumps(same, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _say(request: Request, zh: str, en: str) -> str:
    return zh if request.lang == "zh" else en
