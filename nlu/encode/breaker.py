"""Stops asking a server that keeps failing, so that no customer waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES = 3
REST_SECONDS = 5.0


class Breaker:
    """Closed: calls pass. Open after ``failures`` in a row: none passes for ``rest`` seconds, then one at a time tries.

    Safe to use from several threads.
    """

    def __init__(
        self, *, failures: int = FAILURES, rest: float = REST_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._rest = rest
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0
        self._lock = threading.Lock()

    def allows(self) -> bool:
        """Whether to ask now. The one who may try an ailing server holds the others back until it has an answer."""
        with self._lock:
            if self._failures < self._most:
                return True
            now = self._clock()
            if now < self._rests_until:
                return False
            self._rests_until = now + self._rest
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self._most:
                self._rests_until = self._clock() + self._rest
