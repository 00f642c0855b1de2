"""Calls the business's actions, so that each write happens once or is said to be uncertain. See ``docs/actions.md``."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import orjson

from apps.bots.models import Bot
from apps.core.http import Response, allowed_hosts, guarded_request
from apps.flows.builtin import builtin_name, send_builtin
from apps.flows.line import Attempt, Endpoint, Line, Send
from apps.flows.models import Action
from apps.flows.selectors import spec_of
from apps.flows.wire import Sender, call_id
from dialog.task.ports import ActionRequest, ActionResult

logger = logging.getLogger(__name__)

READ_SECONDS, WRITE_SECONDS, QUERY_SECONDS = 3.0, 8.0, 3.0
READ_TOTAL, WRITE_TOTAL, MOST_SECONDS = 2.0, 1.5, 25.0
"""All attempts of a call together, in time limits of one; and never longer, for the turn must end in its lease."""
PAUSE_SECONDS, LATE_SECONDS = 0.2, 1.0
"""Before sending again, where the server does not say when; before asking a last time what became of a write."""
_LEAST_SECONDS = 0.05


class HttpActions:
    """The actions of one bot, by name. Safe in several threads."""

    def __init__(
        self,
        sender: Sender,
        endpoints: Mapping[str, Endpoint],
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sender = sender
        self._lines = {name: Line(sender, one, clock=clock, now=now) for name, one in endpoints.items()}
        self._clock = clock
        self._sleep = sleep

    def call(self, request: ActionRequest) -> ActionResult:
        """Wait for an action. Read or write is what the registry says; the log holds no inputs and no outputs."""
        began = self._clock()
        result = self._call(request)
        ms = round((self._clock() - began) * 1000, 1)
        call = call_id(self._sender, request)
        logger.info("action %s: %s in %.0f ms, call %s", request.action, result.status, ms, call)
        return replace(result, ms=ms)

    def _call(self, request: ActionRequest) -> ActionResult:
        line = self._lines.get(request.action)
        if line is None:
            logger.error("action %s is not registered, or its server is switched off", request.action)
            return ActionResult("error")
        wrong = line.wrong_input(request.inputs)
        if wrong:
            logger.error("action %s was not sent: its input %s", request.action, wrong)
            return ActionResult("error")
        if not line.open():
            return ActionResult("unavailable")
        try:
            return _Call(line, request, self._clock, self._sleep).result()
        except orjson.JSONEncodeError:
            logger.error("action %s was not sent: its input cannot be written as JSON", request.action)
            return ActionResult("error")


class _Call:
    """One call with its attempts, all before one end."""

    def __init__(
        self, line: Line, request: ActionRequest, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._line = line
        self._request = request
        self._clock = clock
        self._sleep = sleep
        self._end = clock() + min(line.seconds * (WRITE_TOTAL if line.writes else READ_TOTAL), MOST_SECONDS)
        self._last = ActionResult("unavailable")
        self._uncertain = False
        """Whether a write was sent of which nobody said what became of it."""

    def result(self) -> ActionResult:
        for tries_left in range(self._request.retry, -1, -1):
            attempt = self._line.attempt(self._request, min(self._line.seconds, self._left()))
            final = self._judged(attempt)
            if final is not None:
                return final
            if not tries_left or not self._waited(PAUSE_SECONDS if attempt.after_s is None else attempt.after_s):
                break
        return self._settled()

    def _judged(self, attempt: Attempt) -> ActionResult | None:
        """What ends the call; None: the same request may go out again."""
        if attempt.answer is not None:
            self._last = attempt.answer.result
            return None if self._last.status == "retry" else self._last
        if attempt.kind == "lost" and self._line.writes:
            self._uncertain = True
            return self._asked()
        if attempt.kind == "wrong":
            return ActionResult("unknown" if self._uncertain else "error")
        return None

    def _asked(self) -> ActionResult | None:
        """What became of the write; None where it was not carried out so far. Without an answer to this, sending it again
        would be blind."""
        found = self._line.query(self._request, min(QUERY_SECONDS, self._left()))
        if found.answer is not None:
            return found.answer.result
        return None if found.kind == "answered" else ActionResult("unknown")

    def _settled(self) -> ActionResult:
        """When all attempts are used up. A slow server may finish a write after it was asked."""
        if not self._uncertain:
            return self._last
        late = self._asked() if self._waited(LATE_SECONDS) else None
        return late or ActionResult("unknown")

    def _waited(self, seconds: float) -> bool:
        """Whether there is time to ask again after a pause; it is not begun otherwise."""
        if seconds + _LEAST_SECONDS > self._end - self._clock():
            return False
        self._sleep(seconds)
        return True

    def _left(self) -> float:
        return max(self._end - self._clock(), _LEAST_SECONDS)


def actions_of(bot: Bot) -> HttpActions:
    """The client of a bot's registered actions; those of a disabled server are not there. One query."""
    rows = Action.objects.filter(bot=bot, server__enabled=True).select_related("server")
    return HttpActions(Sender(str(bot.organisation_id), bot.slug), {row.name: _endpoint(row) for row in rows})


def _endpoint(row: Action) -> Endpoint:
    server = row.server
    own = server.write_seconds if row.effect == "write" else server.read_seconds
    usual = WRITE_SECONDS if row.effect == "write" else READ_SECONDS
    secrets = tuple(secret for secret in (server.secret, server.previous_secret) if secret)
    return Endpoint(spec_of(row), _send(server.url), secrets, float(row.timeout_s or own or usual))


def _send(url: str) -> Send:
    name = builtin_name(url)
    if name:
        return lambda body, headers, _seconds: send_builtin(name, body, headers)
    return partial(_post, url)


def _post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Response:
    return guarded_request("POST", url, body=body, headers=headers, timeout=seconds, allow=allowed_hosts())
