"""An encoder or reranker behind a :class:`Batcher`: many threads ask, one runs the model."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeAlias

import numpy as np

from nlu.encode.batcher import WAITING, Batcher
from nlu.encode.ports import Encoder, Matrix, Reranker, Vector

Clock: TypeAlias = Callable[[], float]

CHUNK = 8
"""Texts of one caller in the queue at a time, so that a question waits for no more than one chunk of a publication."""


class BatchedEncoder:
    """An :class:`Encoder`. ``timeout`` covers the whole call, waiting for other callers included."""

    def __init__(self, encoder: Encoder, *, waiting: int = WAITING, clock: Clock = time.monotonic) -> None:
        self._encoder = encoder
        self._clock = clock
        self._batcher: Batcher[str, Vector] = Batcher(
            self._run, _tokens, name="the encoder", waiting=waiting, clock=clock
        )

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dims(self) -> int:
        return self._encoder.dims

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        end = None if timeout is None else self._clock() + timeout
        rows: list[Vector] = []
        for start in range(0, len(texts), CHUNK):
            left = None if end is None else max(end - self._clock(), 0.0)
            rows.extend(self._batcher.wait(texts[start : start + CHUNK], timeout=left))
        return np.stack(rows) if rows else np.empty((0, self.dims), dtype=np.float32)

    def submit(self, texts: Sequence[str], *, timeout: float | None = None) -> Future[list[Vector]]:
        """The vectors, later; for callers that have something else to do meanwhile.

        Raises:
            ModelUnavailable: too much is waiting, or closed.
        """
        return self._batcher.submit(texts, timeout=timeout)

    @property
    def waiting(self) -> int:
        return self._batcher.waiting

    def close(self) -> None:
        """Answers what is waiting and ends the thread."""
        self._batcher.close()

    def _run(self, texts: list[str]) -> list[Vector]:
        return list(self._encoder.encode(texts))


class BatchedReranker:
    """A :class:`Reranker`."""

    def __init__(self, reranker: Reranker, *, waiting: int = WAITING, clock: Clock = time.monotonic) -> None:
        self._reranker = reranker
        self._batcher: Batcher[tuple[str, str], float] = Batcher(
            self._run, _pair_tokens, name="the reranker", waiting=waiting, clock=clock
        )

    @property
    def fingerprint(self) -> str:
        return self._reranker.fingerprint

    def score(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Vector:
        rows = self._batcher.wait([(query, text) for text in texts], timeout=timeout)
        return np.array(rows, dtype=np.float32)

    def submit(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Future[list[float]]:
        """The logits, later.

        Raises:
            ModelUnavailable: too much is waiting, or closed.
        """
        return self._batcher.submit([(query, text) for text in texts], timeout=timeout)

    @property
    def waiting(self) -> int:
        return self._batcher.waiting

    def close(self) -> None:
        """Answers what is waiting and ends the thread."""
        self._batcher.close()

    def _run(self, pairs: list[tuple[str, str]]) -> list[float]:
        """A model reads one question with its texts; a pass of several questions is split among them."""
        places: dict[str, list[int]] = {}
        for place, (query, _) in enumerate(pairs):
            places.setdefault(query, []).append(place)
        scores = [0.0] * len(pairs)
        for query, own in places.items():
            found = self._reranker.score(query, [pairs[place][1] for place in own])
            for place, score in zip(own, found.tolist(), strict=True):
                scores[place] = score
        return scores


def _tokens(text: str) -> int:
    """About as many as the text has: a Han character is a token, a Latin word of five letters a little more than one."""
    return 4 + (len(text) // 3 if text.isascii() else len(text))


def _pair_tokens(pair: tuple[str, str]) -> int:
    return _tokens(pair[0]) + _tokens(pair[1])
