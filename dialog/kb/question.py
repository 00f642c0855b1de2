"""The vector of one question: asked for at once, waited for only when it is needed, and not for long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from dialog.kb.models import Models, fingerprint_of
from nlu.encode import ModelUnavailable

if TYPE_CHECKING:
    from nlu.encode import Encoder, Vector


class QueryVector:
    """Lives for one turn and in one thread. Call it for the vector, (dims,); None where it did not come in time."""

    def __init__(
        self,
        text: str,
        encoder: Encoder,
        fingerprint: str,
        models: Models,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``fingerprint`` is that of the vectors which the question meets; another encoder's is never compared."""
        self._text = text
        self._encoder = encoder
        self._fingerprint = fingerprint
        self._clock = clock
        self._until = None if models.patience is None else clock() + models.patience
        self._ahead = models.pool.submit(self._encode) if models.pool else None
        self._asked = False
        self._vector: Vector | None = None
        self.weaker = ""
        """Why there is no vector: ``encoder_late``, ``encoder_unavailable``, ``encoder_changed``; empty if there is one."""

    def __call__(self) -> Vector | None:
        if not self._asked:
            self._asked = True
            try:
                self._vector = self._ahead.result(timeout=self._left()) if self._ahead else self._encode()
            except TimeoutError:
                self.weaker = "encoder_late"
            except ModelUnavailable:
                self.weaker = "encoder_late" if self._left() == 0.0 else "encoder_unavailable"
            if self._vector is not None and fingerprint_of(self._encoder) != self._fingerprint:
                self._vector, self.weaker = None, "encoder_changed"
        return self._vector

    def _encode(self) -> Vector:
        left = self._left()
        if left == 0.0:  # it lay in the queue for too long: nobody waits for it any more
            raise ModelUnavailable("too late to begin")
        vector: Vector = self._encoder.encode([self._text], timeout=left)[0]
        return vector

    def _left(self) -> float | None:
        return None if self._until is None else max(0.0, self._until - self._clock())
