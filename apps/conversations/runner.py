"""Due work, done by threads of the server: turns whose process died, and what other rooms hand in.

Whoever does it takes its rows by lease, so any number of servers may run.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils import timezone

from apps.conversations.conduct import conversation_drain
from apps.conversations.turns import open_conversations

logger = logging.getLogger(__name__)

PERIOD_SECONDS = 2.0
UNHELD_SECONDS = 5.0
"""A turn without a lease for this long has nobody who waits for it."""


def finish_left_turns() -> int:
    """One round; how many turns were finished."""
    before = timezone.now() - timedelta(seconds=UNHELD_SECONDS)
    return sum(conversation_drain(conversation) for conversation in open_conversations(before))


class Runner:
    """A thread: a round of ``work``, which says how much it did, every ``period`` seconds until it is stopped."""

    def __init__(
        self,
        period: float = PERIOD_SECONDS,
        work: Callable[[], int] = finish_left_turns,
        name: str = "turns that were left",
    ) -> None:
        self._period = period
        self._work = work
        self._name = name
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"runner: {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.wait(self._period):
            try:
                close_old_connections()
                done = self._work()
                if done:
                    logger.info("%s: %d done", self._name, done)
            except DatabaseError:
                logger.exception("the runner could not reach the database; it tries again")
