"""One action's connection to its server: single exchanges, judged by what they say of a write."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from apps.core.http import OutboundFailed, OutboundRefused, Response
from apps.core.signing import sign
from apps.flows.schemas import Checker
from apps.flows.wire import Answer, Nonsense, Sender, call_id, read_answer, read_query, request_body
from dialog.task.ports import ActionRequest, ActionSpec
from dialog.types import Json
from nlu.encode.breaker import Breaker

logger = logging.getLogger(__name__)

FAILURES, REST_SECONDS = 5, 30.0
_BUSY, _SERVER_ERROR = 429, 500

Send: TypeAlias = Callable[[bytes, Mapping[str, str], float], Response]
"""Posts a body with headers within seconds; raises as :func:`apps.core.http.guarded_request`."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an action is, who signs for it, and how many seconds one attempt may take."""

    spec: ActionSpec
    send: Send
    secrets: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Attempt:
    """``refused``: certainly nothing was done; ``lost``: perhaps it was; ``wrong``: nothing was done, and asking again
    would change nothing. ``after_s``: when the server wants to be asked again."""

    kind: Literal["answered", "refused", "lost", "wrong"]
    answer: Answer | None = None
    after_s: float | None = None


class Line:
    """Safe in several threads; its circuit lives as long as it does."""

    def __init__(
        self, sender: Sender, endpoint: Endpoint, *, clock: Callable[[], float], now: Callable[[], float]
    ) -> None:
        self._sender = sender
        self._endpoint = endpoint
        self._now = now
        self._breaker = Breaker(failures=FAILURES, rest=REST_SECONDS, clock=clock)
        self._inputs = Checker(endpoint.spec.inputs)
        self._output = Checker(endpoint.spec.output)

    @property
    def seconds(self) -> float:
        return self._endpoint.seconds

    @property
    def writes(self) -> bool:
        return self._endpoint.spec.effect == "write"

    def open(self) -> bool:
        """Whether the circuit lets a call pass."""
        return self._breaker.allows()

    def wrong_input(self, inputs: Mapping[str, Json]) -> str:
        """Where inputs differ from the registry's schema; empty where they fit."""
        return self._inputs.wrong(inputs)

    def attempt(self, request: ActionRequest, seconds: float) -> Attempt:
        """Ask the server to carry the request out."""
        body = request_body(self._sender, request, deadline_ms=int(seconds * 1000))
        response = self._exchange(request, call_id(self._sender, request), body, seconds)
        return self._judged(request, response) if isinstance(response, Response) else response

    def query(self, request: ActionRequest, seconds: float) -> Attempt:
        """Ask what became of the request. ``answered`` without an answer: it was not carried out so far."""
        body = request_body(self._sender, request, deadline_ms=int(seconds * 1000), query=True)
        response = self._exchange(request, f"query-{call_id(self._sender, request)}", body, seconds)
        if not isinstance(response, Response) or response.status >= 300:
            return Attempt("lost")
        try:
            known = read_query(response.body)
        except Nonsense as error:
            return self._nonsense(request, str(error))
        return self._checked(request, known) if known is not None else Attempt("answered")

    def _exchange(self, request: ActionRequest, id: str, body: bytes, seconds: float) -> Response | Attempt:
        signature = sign(self._endpoint.secrets, id=id, timestamp=int(self._now()), body=body)
        headers = {"content-type": "application/json", "accept": "application/json", **signature}
        try:
            return self._endpoint.send(body, headers, seconds)
        except OutboundRefused as error:
            logger.error("action %s was not sent: %s", request.action, error.reason)
            return Attempt("wrong")
        except OutboundFailed as error:
            self._breaker.failed()
            logger.warning("action %s: %s, call %s", request.action, error, id)
            return Attempt("lost" if error.sent else "refused")

    def _judged(self, request: ActionRequest, response: Response) -> Attempt:
        """An answer by its status. A server that broke may have written first; only 429 says that it did nothing."""
        status, after = response.status, _seconds(response.headers.get("retry-after", ""))
        if status >= _SERVER_ERROR:
            self._breaker.failed()
            logger.warning("action %s: the server answered with status %d", request.action, status)
            return Attempt("lost", after_s=after)
        if status == _BUSY:
            return Attempt("refused", after_s=after)
        if not 200 <= status < 300:
            logger.error("action %s: the server refused the request with status %d", request.action, status)
            return Attempt("wrong")
        try:
            answer = read_answer(response.body)
        except Nonsense as error:
            return self._nonsense(request, str(error))
        return self._checked(request, answer)

    def _checked(self, request: ActionRequest, answer: Answer) -> Attempt:
        wrong = self._output.wrong(answer.result.out) if answer.result.status == "ok" else ""
        if wrong:
            return self._nonsense(request, f"its output {wrong}")
        self._breaker.succeeded()
        return Attempt("answered", answer, answer.after_s)

    def _nonsense(self, request: ActionRequest, reason: str) -> Attempt:
        """What cannot be understood says nothing of whether it was done."""
        self._breaker.failed()
        logger.error("action %s broke the contract: %s", request.action, reason)
        return Attempt("lost" if self.writes else "wrong")


def _seconds(text: str) -> float | None:
    """A Retry-After in seconds; its other form, a date, is not waited for."""
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
