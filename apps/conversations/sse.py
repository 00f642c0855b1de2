"""A turn as server-sent events: ``stage`` and ``delta`` while it goes, ``citation`` and ``reply`` once stored, ``done``.

The stream only watches: a visitor who leaves in the middle finds the stored answer by ``after=<seq>``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import orjson
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from apps.conversations.conduct import converse
from apps.conversations.types import Incoming, TurnResult
from apps.core.errors import ZhikeError
from apps.core.problems import problem_body
from dialog.types import DeltaEvent, Event, StageEvent

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0


async def stream_turn(incoming: Incoming) -> StreamingHttpResponse:
    """Start the turn, and the response that follows it.

    Raises:
        ZhikeError: the message was refused before the first event.
    """
    events: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def emit(event: Event) -> None:
        loop.call_soon_threadsafe(events.put_nowait, _frame(event))

    turn = asyncio.create_task(converse(incoming, emit))
    first = asyncio.create_task(events.get())
    await asyncio.wait({turn, first}, return_when=asyncio.FIRST_COMPLETED)
    if turn.done() and turn.exception() is not None:
        first.cancel()
        raise turn.exception()  # type: ignore[misc]
    response = StreamingHttpResponse(_follow(turn, first, events), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _follow(
    turn: asyncio.Task[TurnResult], first: asyncio.Task[bytes], events: asyncio.Queue[bytes]
) -> AsyncIterator[bytes]:
    waiting = first
    while not turn.done():
        await asyncio.wait({turn, waiting}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            yield waiting.result()
            waiting = asyncio.create_task(events.get())
        elif not turn.done():
            yield b": still here\n\n"
    if waiting.done():
        yield waiting.result()
    else:
        waiting.cancel()
    while not events.empty():
        yield events.get_nowait()
    for frame in _ending(turn):
        yield frame


def _ending(turn: asyncio.Task[TurnResult]) -> list[bytes]:
    error = turn.exception()
    if isinstance(error, ZhikeError):
        return [sse("error", problem_body(error))]
    if error is not None:
        logger.error("a streamed turn failed", exc_info=error)
        failed = ZhikeError(_("Something went wrong on our side. Your message is stored; please try again."))
        return [sse("error", problem_body(failed))]
    result = turn.result()
    frames = [sse("citation", citation) for reply in result.replies for citation in reply["citations"]]
    frames += [sse("reply", reply, reply["seq"]) for reply in result.replies]
    return [*frames, sse("done", result.body())]


def _frame(event: Event) -> bytes:
    match event:
        case StageEvent(name, verdict, ms):
            return sse("stage", {"name": name, "verdict": verdict, "ms": ms})
        case DeltaEvent(text):
            return sse("delta", {"text": text})


def sse(name: str, data: dict[str, Any], event_id: int | None = None) -> bytes:
    """One event; JSON never holds a bare newline, so one data line is enough."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
