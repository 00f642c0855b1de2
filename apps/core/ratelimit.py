"""A token bucket: a steady rate with bursts, per key. In process here; another store only needs :meth:`Limiter.take`."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

KEYS = 50_000


@dataclass(frozen=True, slots=True)
class Rate:
    per_minute: int
    burst: int


class Limiter:
    """Buckets for many keys; the ones longest unused are forgotten first (a full bucket and none are the same)."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = monotonic, keys: int = KEYS) -> None:
        self._rate = rate
        self._clock = clock
        self._keys = keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> int:
        """Take one token: 0, or the whole seconds until there is one again."""
        with self._lock:
            now = self._clock()
            tokens, at = self._buckets.pop(key, (float(self._rate.burst), now))
            per_second = self._rate.per_minute / 60
            tokens = min(self._rate.burst, tokens + (now - at) * per_second)
            wait = 0 if tokens >= 1 else math.ceil((1 - tokens) / per_second)
            self._buckets[key] = (tokens - 1 if not wait else tokens, now)
            while len(self._buckets) > self._keys:
                self._buckets.popitem(last=False)
            return wait
