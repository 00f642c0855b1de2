"""What begins and ends with the server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.db import Error as DatabaseError

from apps.conversations import push
from apps.conversations.reminders import remind_silent
from apps.conversations.runner import Runner
from apps.conversations.warmup import warm_up
from apps.learning.recalibrating import calibrate_due

logger = logging.getLogger(__name__)

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


async def lifespan(receive: Receive, send: Send) -> None:
    """The ASGI lifespan: the runner threads live as long as the server does."""
    runners = [
        Runner(),
        Runner(work=calibrate_due, name="calibrations"),
        Runner(10.0, remind_silent, "reminders"),
    ]
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            push.attach(asyncio.get_running_loop())
            await _warm()
            for runner in runners:
                runner.start()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            for runner in runners:
                runner.stop()
            push.attach(None)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _warm() -> None:
    try:
        await warm_up()
    except DatabaseError:
        logger.exception("the database is not ready; run `python manage.py migrate`")
