"""Calls of actions over a real socket: what is sent, and what a failure says of a write."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from apps.core.http import AllowList, guarded_request
from apps.flows.client import HttpActions
from apps.flows.line import Endpoint, Send
from apps.flows.wire import Sender
from dialog.task.model import Effect
from dialog.task.ports import ActionRequest, ActionSpec
from dialog.types import User
from tests.apps.flows.business import (
    Business,
    breaks_after,
    cut,
    cut_after,
    fine,
    hang,
    hang_after,
    says,
)

INPUTS = {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}
OUTPUT = {"type": "object", "properties": {"ticket": {"type": "string"}}, "required": ["ticket"]}
GOOD = {"status": "ok", "out": {"ticket": "T1"}}


@dataclass
class Clock:
    """Time that passes only when somebody waits."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Caller:
    business: Business
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.actions = HttpActions(
            Sender("tenant", "shop"),
            {"case.get": self.endpoint("case.get", "read"), "case.create": self.endpoint("case.create", "write")},
            clock=self.clock.time,
            sleep=self.clock.sleep,
        )

    def endpoint(self, name: str, effect: Effect) -> Endpoint:
        spec = ActionSpec(name, effect, INPUTS, OUTPUT)
        return Endpoint(spec, _post(self.business.url), (self.business.secret,), 8.0 if effect == "write" else 3.0)

    def read(self, **changes: Any) -> Any:
        return self.actions.call(request("case.get", "read", **changes))

    def write(self, **changes: Any) -> Any:
        return self.actions.call(request("case.create", "write", **changes))

    def asked(self) -> list[str]:
        """``send`` or ``query``, in order."""
        return ["query" if one.get("query") else "send" for one in self.business.got]


def _post(url: str) -> Send:
    """With a shorter patience than customers have."""
    allow = AllowList.of([url.split("/")[2]])
    return lambda body, headers, _seconds: guarded_request(
        "POST", url, body=body, headers=headers, timeout=0.8, allow=allow
    )


def request(action: str, effect: Effect, **changes: Any) -> ActionRequest:
    usual: dict[str, Any] = {
        "inputs": {"order": "YS2401"},
        "user": User("c-1", True, "林一诺"),
        "conversation": "conv",
        "run": 7,
        "step": "submit",
        "idempotency_key": "conv:7:submit:abc",
        "retry": 1,
    }
    return ActionRequest(action=action, effect=effect, **(usual | changes))


@pytest.fixture
def caller(business: Business) -> Caller:
    return Caller(business)


def test_a_request_holds_what_the_contract_says_and_nothing_else(caller: Caller) -> None:
    result = caller.write(lang="en")
    assert (result.status, result.out) == ("ok", {"ticket": "T1"})
    sent = caller.business.got[0]
    trace = sent.pop("trace")
    assert sent == {
        "version": 1,
        "action": "case.create",
        "tenant": "tenant",
        "bot": "shop",
        "conversation": "conv",
        "user": {"id": "c-1", "login": True, "name": "林一诺"},
        "run": 7,
        "step": "submit",
        "in": {"order": "YS2401"},
        "idempotency_key": "conv:7:submit:abc",
        "deadline_ms": 8000,
        "lang": "en",
    }
    assert caller.business.ids == [trace]
    assert "." not in trace


def test_everything_that_a_server_may_say_arrives(caller: Caller) -> None:
    option = {"value": "a", "label": "甲", "desc": "d", "image": "https://x/y", "words": ["1"], "extra": {"name": "n"}}
    answer = {"status": "invalid", "slot_errors": {"phone": "不对"}, "message": "请重填", "options": [option]}
    caller.business.script = [says(answer)]
    result = caller.read()
    assert (result.status, result.slot_errors, result.message) == ("invalid", {"phone": "不对"}, "请重填")
    found = result.options[0]
    assert (found.value, found.label, found.desc, found.words, found.extra) == ("a", "甲", "d", ("1",), {"name": "n"})
    for status in ("not_found", "denied", "error"):
        caller.business.script = [says({"status": status})]
        assert caller.read().status == status


# --- failures ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [cut, hang, says({}, 503), says({}, 500)])
def test_a_read_is_tried_once_more(caller: Caller, way: Any) -> None:
    caller.business.script = [way]
    assert caller.read().status == "ok"
    caller.business.script = [way, way]
    assert caller.read().status == "unavailable"
    assert caller.asked() == ["send"] * 4


@pytest.mark.parametrize("way", [cut_after, hang_after, breaks_after])
def test_a_write_that_was_done_without_an_answer_is_asked_for_and_not_sent_again(caller: Caller, way: Any) -> None:
    caller.business.script = [way]
    result = caller.write()
    assert (result.status, result.out) == ("ok", {"ticket": "T1"})
    assert caller.asked() == ["send", "query"]
    assert caller.business.ids[0] != caller.business.ids[1]


@pytest.mark.parametrize("way", [cut, hang, says({}, 502)])
def test_a_write_that_was_not_done_is_sent_again_with_the_same_key(caller: Caller, way: Any) -> None:
    caller.business.script = [way]
    assert caller.write().status == "ok"
    assert caller.asked() == ["send", "query", "send"]
    assert caller.business.ids[0] == caller.business.ids[2]
    assert len({one["idempotency_key"] for one in caller.business.got}) == 1
    assert len(caller.business.done) == 1


@pytest.mark.parametrize("way", [cut, says({}, 404), says([]), says({"known": "yes"}), says({"known": True})])
def test_a_write_of_which_nobody_can_say_is_uncertain_and_not_sent_again(caller: Caller, way: Any) -> None:
    caller.business.script = [cut_after, way]
    assert caller.write(retry=5).status == "unknown"
    assert caller.asked() == ["send", "query"]


def test_without_another_try_a_slow_write_is_asked_for_a_last_time(caller: Caller) -> None:
    def slow(business: Business, request: dict[str, Any]) -> Any:
        answer = fine(business, request)  # it does not know yet, and is done a moment later
        business.carry_out(request)
        return answer

    caller.business.script = [cut, slow]
    assert caller.write(retry=0).status == "ok"
    assert caller.asked() == ["send", "query", "query"]
    assert caller.clock.slept == [1.0]


def test_a_write_that_stays_unknown_to_the_server_is_uncertain(caller: Caller) -> None:
    caller.business.script = [cut]
    assert caller.write(retry=0).status == "unknown"
    assert caller.asked() == ["send", "query", "query"]


def test_a_refusal_after_an_uncertain_attempt_stays_uncertain(caller: Caller) -> None:
    caller.business.script = [cut, fine, says({}, 403)]
    assert caller.write().status == "unknown"


def test_what_never_reached_the_server_was_not_done(caller: Caller) -> None:
    down = Caller(Business("http://127.0.0.1:9/actions"))
    assert down.write().status == "unavailable"
    assert down.read().status == "unavailable"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 422])
def test_a_refused_request_is_an_error_and_not_sent_again(caller: Caller, status: int) -> None:
    caller.business.script = [says({}, status, location=caller.business.url)]
    assert caller.write(retry=3).status == "error"
    assert caller.asked() == ["send"]


def test_a_wrong_secret_is_an_error(caller: Caller) -> None:
    caller.business.secret = "whsec_c2VjcmV0"
    assert caller.read().status == "error"
    assert caller.business.got == []


# --- waiting ----------------------------------------------------------------------------------------------------


def test_a_busy_server_is_asked_again_when_it_says(caller: Caller) -> None:
    caller.business.script = [says({}, 429, retry_after="2"), says({"status": "retry", "after_ms": 700})]
    assert caller.write(retry=2).status == "ok"
    assert caller.clock.slept == [2.0, 0.7]
    assert caller.asked() == ["send"] * 3


@pytest.mark.parametrize(
    ("way", "status"),
    [(says({}, 429, retry_after="60"), "unavailable"), (says({"status": "retry", "after_ms": 60_000}), "retry")],
)
def test_nobody_waits_beyond_the_time_of_the_call(caller: Caller, way: Any, status: str) -> None:
    caller.business.script = [way]
    assert caller.read().status == status
    assert caller.clock.slept == []
    assert caller.asked() == ["send"]


def test_each_attempt_is_told_how_long_it_has(caller: Caller) -> None:
    caller.business.script = [says({"status": "retry", "after_ms": 5_000})]
    caller.write()
    assert [one["deadline_ms"] for one in caller.business.got] == [8_000, 7_000]


# --- schemas ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inputs", [{}, {"order": 7}, {"order": "\ud800"}, {"order": "A", "n": 2**70}])
def test_inputs_that_break_the_schema_or_are_no_json_are_not_sent(caller: Caller, inputs: Any) -> None:
    assert caller.write(inputs=inputs).status == "error"
    assert caller.business.got == []


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"",
        b"\xff",
        [],
        {"out": {}},
        {"status": "fine"},
        {"status": "unknown"},
        {"status": "ok", "out": []},
        {"status": "ok", "out": {}},
        {"status": "ok", "out": {"ticket": 7}},
        {**GOOD, "options": {}},
        {**GOOD, "options": ["a"]},
        {**GOOD, "options": [{"value": "a"}]},
        {**GOOD, "options": [{"value": 1, "label": "a"}]},
        {**GOOD, "options": [{"value": "a", "label": "a"}] * 101},
        {**GOOD, "options": [{"value": "a", "label": "a", "words": [1]}]},
        {**GOOD, "slot_errors": {"a": 1}},
        {**GOOD, "message": 1},
        {**GOOD, "after_ms": "soon"},
    ],
)
def test_an_answer_that_breaks_the_contract_is_no_answer(caller: Caller, body: Any) -> None:
    caller.business.script = [says(body), says(body)]
    assert caller.read().status == "error"
    caller.business.script = [says(body)]
    assert caller.write(retry=0).status == "unknown"
    assert caller.asked() == ["send", "send", "query", "query"]


def test_an_answer_that_is_too_long_is_no_answer(caller: Caller) -> None:
    caller.business.script = [says(b" " * 1_000_001)] * 2
    assert caller.read().status == "unavailable"


def test_an_unknown_action_is_an_error(caller: Caller) -> None:
    assert caller.actions.call(request("case.destroy", "write")).status == "error"
    assert caller.business.got == []


# --- circuit ----------------------------------------------------------------------------------------------------


def test_a_failing_action_is_left_alone_and_tried_again_later(caller: Caller) -> None:
    caller.business.script = [says({}, 500)] * 5
    for _ in range(5):
        assert caller.read(retry=0).status == "unavailable"
    assert caller.read().status == "unavailable"
    assert len(caller.business.got) == 5
    assert caller.write().status == "ok"  # another action of the same server
    caller.clock.now += 29
    assert caller.read().status == "unavailable"
    caller.clock.now += 2
    assert caller.read().status == "ok"
    assert caller.read().status == "ok"


def test_a_probe_that_fails_closes_the_line_again(caller: Caller) -> None:
    caller.business.script = [cut] * 6
    for _ in range(5):
        caller.read(retry=0)
    caller.clock.now += 31
    assert caller.read(retry=0).status == "unavailable"
    caller.clock.now += 15
    assert caller.read(retry=0).status == "unavailable"
    assert len(caller.business.got) == 6
    caller.clock.now += 16
    assert caller.read(retry=0).status == "ok"


def test_answers_in_between_keep_the_line_open(caller: Caller) -> None:
    caller.business.script = [cut, cut, cut, cut, says({"status": "not_found"})] * 2
    statuses = [caller.read(retry=0).status for _ in range(11)]
    assert statuses == [*["unavailable"] * 4, "not_found"] * 2 + ["ok"]


# --- what is written down ---------------------------------------------------------------------------------------


def test_logs_hold_neither_inputs_nor_outputs(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "apps")
    secret = {"status": "ok", "out": {"ticket": ["清溪路 8 号"]}, "message": "清溪路 8 号"}
    caller.business.script = [says(secret), cut, says({}, 403)]
    calls = [caller.read, caller.write, caller.read, partial(caller.read, inputs={"order": ["清溪路 8 号"]})]
    for call in calls:
        call()
    assert "case.get" in caplog.text
    assert "$.ticket" in caplog.text
    assert "清溪路" not in caplog.text
    assert "YS2401" not in caplog.text
    assert "林一诺" not in caplog.text
