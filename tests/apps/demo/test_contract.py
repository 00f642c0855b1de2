"""The shop's door: who may call it, that a write is done once, and that every action keeps to its schemas."""

from __future__ import annotations

import socket
import threading
import time
from datetime import timedelta
from typing import Any

import jsonschema
import orjson
import pytest
from django.test import Client
from django.utils import timezone

from apps.core.signing import new_secret
from apps.demo.models import ActionReply, ShopCustomer, ShopKey, Ticket
from apps.demo.shop.actions import HANDLERS, READS, WRITES
from apps.demo.shop.contract import specs
from tests.apps.demo.caller import PATH, Caller, over

SCHEMAS = {spec["name"]: spec for spec in specs()}


# --- who may call -----------------------------------------------------------------------------------------------


def test_a_signed_request_is_answered(caller: Caller) -> None:
    assert caller.call("order.mine")["status"] == "ok"


def test_a_request_without_signature_is_refused(caller: Caller) -> None:
    status, answer = caller.post(caller.body("order.mine", {}), {})
    assert status == 401
    assert "signed" in answer["message"]


def test_a_changed_body_a_foreign_secret_and_an_old_signature_are_refused(caller: Caller) -> None:
    body = caller.body("order.mine", {})
    foreign = Caller(new_secret())
    ShopKey.objects.exclude(name__endswith=caller.secret[-12:]).delete()
    for sent, headers in [
        (body + b" ", caller.headers(body)),
        (body, foreign.headers(body)),
        (body, caller.headers(body, at=time.time() - 310)),
        (body, caller.headers(body, at=time.time() + 310)),
        (body, {**caller.headers(body), "webhook-timestamp": "hello"}),
    ]:
        assert caller.post(sent, headers)[0] == 401
    assert ShopCustomer.objects.count() == 0


def test_only_posts_are_taken(caller: Caller) -> None:
    assert Client().get(PATH).status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'"text"',
        b'{"action": "order.mine"}',
        b'{"action": 1, "idempotency_key": "k"}',
        b'{"action": "order.mine", "idempotency_key": ""}',
        b'{"action": "order.mine", "idempotency_key": "k", "in": [1]}',
        b'{"action": "order.mine", "idempotency_key": "k", "user": "u1"}',
    ],
)
def test_a_signed_body_that_is_no_request_is_named_as_such(caller: Caller, body: bytes) -> None:
    status, answer = caller.post(body, caller.headers(body))
    assert status == 400
    assert answer["status"] == "error"


def test_who_is_not_logged_in_is_denied(caller: Caller) -> None:
    for user in ({"id": "u1", "login": False}, {"id": "", "login": True}, {}):
        answer = caller.call("order.mine", fields={"user": user})
        assert answer["status"] == "denied"
        assert answer["message"] == "请先登录。"
    assert ShopCustomer.objects.count() == 0


def test_an_unknown_action_is_an_error(caller: Caller) -> None:
    assert caller.call("order.explode", fields={"unknown": True})["status"] == "error"


@pytest.mark.parametrize(
    ("action", "inputs", "slot"),
    [
        ("logistics.get", {}, ""),
        ("logistics.get", {"order": 5}, "order"),
        ("logistics.get", {"order": "1", "user": "u2"}, ""),
        ("aftersale.check", {"order": "1", "kind": "burn"}, "kind"),
        ("complaint.create", {"reason": "x" * 1001}, "reason"),
        (
            "flight.search",
            {"from": {"city": "北京"}, "to": {"city": "上海"}, "date": {"start": "soon", "end": None}},
            "date",
        ),
    ],
)
def test_inputs_that_the_action_does_not_take_are_invalid(
    caller: Caller, action: str, inputs: dict[str, Any], slot: str
) -> None:
    answer = caller.call(action, **inputs)
    assert answer["status"] == "invalid"
    assert list(answer["slot_errors"]) == ([slot] if slot else [])


# --- writes happen once -----------------------------------------------------------------------------------------


def test_the_same_key_again_gets_the_same_answer_and_writes_nothing(caller: Caller) -> None:
    first = caller.call("complaint.create", key="c:1:submit:d", reason="客服态度太差")
    assert caller.call("complaint.create", key="c:1:submit:d", reason="客服态度太差") == first
    assert Ticket.objects.count() == 1


def test_a_key_that_was_used_for_something_else_is_an_error(caller: Caller) -> None:
    caller.call("complaint.create", key="k", reason="客服态度太差")
    assert caller.call("complaint.create", key="k", reason="别的事情")["status"] == "error"
    assert caller.other("u2").call("complaint.create", key="k", reason="客服态度太差")["status"] == "error"
    assert Ticket.objects.count() == 1


def test_refusals_are_kept_too(caller: Caller) -> None:
    refused = caller.call("order.cancel", key="k", order="nothing")
    assert refused["status"] == "not_found"
    assert caller.call("order.cancel", key="k", order="nothing") == refused


def test_callers_keys_do_not_meet(caller: Caller) -> None:
    caller.call("complaint.create", key="k", reason="客服态度太差")
    Caller(new_secret()).call("complaint.create", key="k", reason="另一家的投诉")
    assert Ticket.objects.count() == 2


def test_a_query_tells_what_became_of_a_write_and_does_nothing(caller: Caller) -> None:
    asked = {"query": True}
    assert caller.call("complaint.create", key="k", fields=asked, reason="太慢了吧") == {"known": False}
    assert Ticket.objects.count() == 0
    done = caller.call("complaint.create", key="k", reason="太慢了吧")
    assert caller.call("complaint.create", key="k", fields=asked, reason="太慢了吧") == {"known": True, "answer": done}


def test_answers_are_kept_for_a_day(caller: Caller) -> None:
    caller.call("complaint.create", key="k", reason="太慢了吧")
    ActionReply.objects.update(created_at=timezone.now() - timedelta(hours=24, minutes=1))
    assert caller.call("complaint.create", key="k", fields={"query": True}, reason="太慢了吧") == {"known": False}
    caller.call("complaint.create", key="another", reason="还是太慢")
    assert ActionReply.objects.count() == 1


# --- over a socket ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_same_door_answers_over_a_socket(live_server: Any) -> None:
    caller = Caller(post=over(live_server.url))
    assert len(caller.options("order.mine")) == 8
    assert caller.post(caller.body("order.mine", {}), {})[0] == 401


@pytest.mark.django_db(transaction=True)
def test_a_write_whose_caller_hung_up_is_done_and_can_be_asked_for(live_server: Any) -> None:
    caller = Caller(post=over(live_server.url))
    caller.options("order.mine")
    body = caller.body("complaint.create", {"reason": "太慢了吧"}, key="k")
    lines = [f"POST {PATH} HTTP/1.1", f"Host: localhost:{live_server.thread.port}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in caller.headers(body).items()]
    with socket.create_connection((live_server.thread.host, live_server.thread.port)) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    found = _until_known(caller)
    assert found["answer"]["status"] == "ok"
    assert caller.call("complaint.create", key="k", reason="太慢了吧") == found["answer"]
    assert Ticket.objects.count() == 1


def _until_known(caller: Caller) -> dict[str, Any]:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = caller.call("complaint.create", key="k", fields={"query": True}, reason="太慢了吧")
        if found["known"]:
            return found
    raise AssertionError("the write was never carried out")


@pytest.mark.django_db(transaction=True)
def test_the_same_write_sent_twice_at_once_is_done_once(live_server: Any) -> None:
    caller = Caller(post=over(live_server.url))
    caller.options("order.mine")
    answers: list[dict[str, Any]] = []
    calls = [
        threading.Thread(target=lambda: answers.append(caller.call("complaint.create", key="k", reason="太慢了吧")))
        for _ in range(4)
    ]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(answers) == 4
    assert all(answer == answers[0] for answer in answers)
    assert Ticket.objects.count() == 1


# --- schemas ----------------------------------------------------------------------------------------------------


def test_what_is_registered_is_what_the_shop_does() -> None:
    assert set(SCHEMAS) == set(HANDLERS)
    assert {name for name, spec in SCHEMAS.items() if spec["effect"] == "write"} == set(WRITES)
    assert {name for name, spec in SCHEMAS.items() if spec["effect"] == "read"} == set(READS)


def _days(first: int, last: int) -> dict[str, str]:
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    start, end = today + timedelta(days=first), today + timedelta(days=last)
    return {"start": start.isoformat(), "end": end.isoformat()}


def one_of_each(caller: Caller) -> list[tuple[str, dict[str, Any]]]:
    """A sequence of calls with every action in it, each of which succeeds; ``$x`` is an output or option before it."""
    came, paid, late = caller.order("delivered"), caller.order("paid"), caller.order("paid", 1)
    pickup = {"start": (timezone.now() + timedelta(days=1)).isoformat(), "end": None}
    route = {"from": {"city": "北京", "en": "Beijing"}, "to": {"city": "上海", "en": "Shanghai"}, "date": _days(2, 3)}
    seat = {"flight": "$option", "person": "1"}
    return [
        ("order.mine", {}),
        ("order.returnable", {}),
        ("order.open", {}),
        ("order.unshipped", {}),
        ("logistics.get", {"order": caller.order("shipped")}),
        ("logistics.urge", {"order": paid, "reason": None}),
        ("invoice.check", {"order": came}),
        ("invoice.issue", {"order": came, "buyer": "company", "title": "云禾贸易", "tax_no": "91330106MA2K000T5X"}),
        ("order.alternatives", {"order": came}),
        ("aftersale.check", {"order": came, "kind": "exchange", "reason": "defect"}),
        ("order.alternatives", {"order": came}),
        ("aftersale.create", {"order": came, "kind": "exchange", "reason": "坏了", "sku": "$option", "pickup": pickup}),
        ("aftersale.cancel", {"ticket": "$ticket"}),
        ("order.cancel_check", {"order": paid}),
        ("order.cancel", {"order": paid}),
        ("order.restore", {"order": paid}),
        ("address.check", {"order": late}),
        (
            "address.change",
            {"order": late, "address": "武汉市洪山区珞桐路 9 号", "person": "林夏", "phone": "13800001234"},
        ),
        ("complaint.create", {"reason": "快递员摔箱子", "order": came, "phone": None}),
        ("complaint.withdraw", {"ticket": "$ticket"}),
        ("repair.slots", {"device": "fridge", "day": _days(1, 8)}),
        ("repair.book", {"device": "fridge", "fault": "不制冷", "visit": "$option", "address": "云栖路 18 号"}),
        ("repair.cancel", {"ticket": "$ticket"}),
        ("account.phone_check", {"phone": "13800009876"}),
        ("account.phone_change", {"phone": "13800009876"}),
        ("account.phone_restore", {}),
        ("user.passengers", {}),
        ("flight.search", route),
        ("flight.price", seat),
        ("flight.book", {**seat, "price": "$price"}),
        ("flight.cancel", {"pnr": "$pnr"}),
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_action_succeeds_and_keeps_to_its_schema(caller: Caller, lang: str) -> None:
    caller.lang = lang
    known: dict[str, Any] = {}
    called = one_of_each(caller)
    for action, inputs in called:
        sent = {name: known[value[1:]] if str(value).startswith("$") else value for name, value in inputs.items()}
        jsonschema.validate(sent, SCHEMAS[action]["inputs"])
        answer = caller.call(action, **sent)
        assert answer["status"] == "ok", (action, answer)
        jsonschema.validate(answer["out"], SCHEMAS[action]["output"])
        assert set(answer["out"]) == set(SCHEMAS[action]["output"].get("properties", {})), action
        known |= answer["out"]
        if answer["options"]:
            known["option"] = _steady(answer["options"])
        if lang == "en":
            assert orjson.dumps(answer["message"]).isascii()
    assert {action for action, _ in called} == set(HANDLERS)


def _steady(options: list[dict[str, Any]]) -> str:
    """The first option whose price does not move."""
    flights = [one for one in options if "depart" in one["extra"] and not one["extra"]["no"].endswith("9")]
    return str((flights or options)[0]["value"])


# --- foreign rows -----------------------------------------------------------------------------------------------


def test_what_belongs_to_another_customer_is_not_found(caller: Caller) -> None:
    other = caller.other("u2")
    mine = {status: caller.order(status) for status in ("paid", "shipped", "delivered")}
    ticket = caller.out("aftersale.create", order=mine["delivered"], kind="return", reason="不想要了")["ticket"]
    complaint = caller.out("complaint.create", reason="快递员摔箱子")["ticket"]
    for action, inputs in [
        ("order.alternatives", {"order": mine["delivered"]}),
        ("aftersale.check", {"order": mine["delivered"], "kind": "return"}),
        ("aftersale.create", {"order": mine["delivered"], "kind": "return", "reason": "坏了"}),
        ("aftersale.cancel", {"ticket": ticket}),
        ("logistics.get", {"order": mine["shipped"]}),
        ("logistics.urge", {"order": mine["shipped"]}),
        ("invoice.check", {"order": mine["delivered"]}),
        ("invoice.issue", {"order": mine["delivered"], "buyer": "person", "title": "林一诺"}),
        ("order.cancel_check", {"order": mine["paid"]}),
        ("order.cancel", {"order": mine["paid"]}),
        ("order.restore", {"order": mine["paid"]}),
        ("address.check", {"order": mine["paid"]}),
        ("address.change", {"order": mine["paid"], "address": "武汉市洪山区珞桐路 9 号"}),
        ("complaint.create", {"reason": "他的订单", "order": mine["paid"]}),
        ("complaint.withdraw", {"ticket": complaint}),
        ("repair.cancel", {"ticket": ticket}),
        ("flight.cancel", {"pnr": ticket}),
    ]:
        answer = other.call(action, **inputs)
        assert answer["status"] == "not_found", (action, answer)
        assert answer["out"] == {}
