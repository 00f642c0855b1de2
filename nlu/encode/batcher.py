"""One thread that runs a model for many callers, with as many items a pass as are waiting: continuous micro-batching.

Nothing waits for company: a lone item runs at once, and what arrives meanwhile shares the next pass.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from nlu.encode.buckets import ITEMS, TOKENS
from nlu.encode.ports import ModelUnavailable

logger = logging.getLogger(__name__)

ItemT = TypeVar("ItemT")
RowT = TypeVar("RowT")
Clock = Callable[[], float]

WAITING = 512
"""Items in the queue; beyond it callers are refused at once, since they would be answered too late anyway."""


class Busy(ModelUnavailable):
    """Too much is waiting already; ask again in a moment."""


class Late(ModelUnavailable):
    """The deadline passed before there was an answer."""


@dataclass(eq=False, slots=True)
class _Job(Generic[ItemT, RowT]):
    """What one caller submitted; answered when every item has its row."""

    items: Sequence[ItemT]
    deadline: float | None
    future: Future[list[RowT]] = field(default_factory=Future)
    rows: dict[int, RowT] = field(default_factory=dict)

    def fail(self, error: Exception) -> None:
        with suppress(InvalidStateError):  # answered, or its caller gave up this very moment
            self.future.set_exception(error)

    def put(self, place: int, row: RowT) -> None:
        self.rows[place] = row
        if len(self.rows) == len(self.items):
            with suppress(InvalidStateError):
                self.future.set_result([self.rows[at] for at in range(len(self.items))])


@dataclass(frozen=True, slots=True)
class _Waiting(Generic[ItemT, RowT]):
    job: _Job[ItemT, RowT]
    place: int
    size: int


class Batcher(Generic[ItemT, RowT]):
    """Safe to use from any thread. Its own thread starts with the first item and ends with :meth:`close`."""

    def __init__(
        self,
        run: Callable[[list[ItemT]], Sequence[RowT]],
        size: Callable[[ItemT], int],
        *,
        name: str = "model",
        waiting: int = WAITING,
        items: int = ITEMS,
        tokens: int = TOKENS,
        clock: Clock = time.monotonic,
    ) -> None:
        """``run`` returns one row an item, in order; ``size`` is about how many tokens an item has."""
        self._run = run
        self._size = size
        self._name = name
        self._most_waiting = waiting
        self._most_items = items
        self._most_tokens = tokens
        self._clock = clock
        self._queue: deque[_Waiting[ItemT, RowT]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def submit(self, items: Sequence[ItemT], *, timeout: float | None = None) -> Future[list[RowT]]:
        """The rows of the items, later. What is not begun within ``timeout`` seconds is not run at all.

        Raises:
            Busy: too many items are waiting.
            ModelUnavailable: closed.
        """
        deadline = None if timeout is None else self._clock() + timeout
        job: _Job[ItemT, RowT] = _Job(tuple(items), deadline)
        if not job.items:
            job.future.set_result([])
            return job.future
        with self._changed:
            if self._closed:
                raise ModelUnavailable(f"{self._name} is shutting down")
            if len(self._queue) + len(job.items) > self._most_waiting:
                raise Busy(f"{self._name} is busy: {len(self._queue)} items are waiting")
            self._queue.extend(_Waiting(job, place, self._size(item)) for place, item in enumerate(job.items))
            self._start()
            self._changed.notify()
        return job.future

    def wait(self, items: Sequence[ItemT], *, timeout: float | None = None) -> list[RowT]:
        """Like :meth:`submit`, and waits.

        Raises:
            Late: not answered within ``timeout`` seconds.
            ModelUnavailable: refused, or the model failed.
        """
        future = self.submit(items, timeout=timeout)
        try:
            return future.result(timeout)
        except TimeoutError as error:
            future.cancel()  # so that the thread does not run it for nobody
            raise Late(f"{self._name} did not answer within {timeout} s") from error
        except CancelledError as error:
            raise ModelUnavailable(f"{self._name} dropped the question") from error

    @property
    def waiting(self) -> int:
        """Items not begun."""
        return len(self._queue)

    def close(self, timeout: float = 10.0) -> None:
        """Takes nothing more, answers what is waiting, and ends the thread; after ``timeout`` seconds refuses the rest."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)
        with self._changed:
            left, self._queue = list(self._queue), deque()
        for item in left:
            item.job.fail(ModelUnavailable(f"{self._name} was shut down"))

    # --- the thread ---------------------------------------------------------------------------------------------

    def _start(self) -> None:
        """Also after a fork, which copies the object but not its thread."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._serve, name=f"batcher-{self._name}", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closed)
                if not self._queue:
                    return
                batch = self._take()
            if batch:
                self._answer(batch)

    def _take(self) -> list[_Waiting[ItemT, RowT]]:
        """The item that waits longest, with those nearest to it in length: as many as one pass takes."""
        now = self._clock()
        alive = [item for item in self._queue if self._is_wanted(item.job, now)]
        batch: list[_Waiting[ItemT, RowT]] = []
        longest = 0
        for item in sorted(alive, key=lambda item: abs(item.size - alive[0].size)):
            longest = max(longest, item.size)
            if batch and (len(batch) == self._most_items or (len(batch) + 1) * longest > self._most_tokens):
                break
            batch.append(item)
        taken = set(map(id, batch))
        self._queue = deque(item for item in alive if id(item) not in taken)
        return batch

    def _is_wanted(self, job: _Job[ItemT, RowT], now: float) -> bool:
        if job.deadline is not None and now >= job.deadline:
            job.fail(Late(f"{self._name} had no time for it before its deadline"))
        return not job.future.done()

    def _answer(self, batch: list[_Waiting[ItemT, RowT]]) -> None:
        try:
            rows = self._run([item.job.items[item.place] for item in batch])
            if len(rows) != len(batch):
                raise ModelUnavailable(f"{self._name} answered {len(rows)} rows for {len(batch)} items")
        except ModelUnavailable as error:
            self._fail(batch, error)
        except (
            Exception
        ) as error:  # whatever a model library raises, its callers must hear of it and the thread live on
            logger.exception("%s failed", self._name)
            self._fail(batch, ModelUnavailable(f"{self._name} failed: {error}"))
        else:
            for item, row in zip(batch, rows, strict=True):
                item.job.put(item.place, row)

    @staticmethod
    def _fail(batch: list[_Waiting[ItemT, RowT]], error: ModelUnavailable) -> None:
        for item in batch:
            item.job.fail(error)
