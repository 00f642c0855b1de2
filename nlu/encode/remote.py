"""Encoders and rerankers on other machines: text-embeddings-inference (TEI) and whatever speaks its JSON, our own
inference process among it, and OpenAI-compatible ``/embeddings``.

A prefix that a model wants before its texts is the server's to add.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from nlu.encode import checks
from nlu.encode.caller import BATCH, Answer, Caller
from nlu.encode.checks import Nonsense
from nlu.encode.ports import Matrix, ModelUnavailable, Vector

_IDENTITY = ("model_id", "model_sha", "model_dtype")
_RECHECK_SECONDS = 60.0
"""How often a server that does not say with each answer which model it has is asked again."""


class ModelChanged(ModelUnavailable):
    """The server serves another model than when it was opened; open it anew, and encode the texts again."""


class _Pinned:
    """The model that a server had when it was first asked. It never changes afterwards: mixing is refused."""

    def __init__(self, caller: Caller, key: str) -> None:
        self._caller = caller
        self._key = key
        self._known = ""
        self._checked_at = 0.0
        self._lock = threading.Lock()

    def fingerprint(self) -> str:
        """
        Raises:
            ModelUnavailable: the server was never reached yet, and is not now.
        """
        with self._lock:
            if not self._known:
                self._known = self._asked()
            return self._known

    def check(self, answer: Answer) -> None:
        """
        Raises:
            ModelChanged: another model answered.
        """
        known = self.fingerprint()
        found = answer.fingerprint or known
        if not answer.fingerprint and self._caller.clock() - self._checked_at > _RECHECK_SECONDS:
            found = self._asked()
        if found != known:
            raise ModelChanged(f"the server has the model {found} now, not {known}: open it anew")

    def _asked(self) -> str:
        found = self._caller.get("/info", self._read)
        self._checked_at = self._caller.clock()
        return found

    def _read(self, answer: Answer) -> str:
        """Our own server's word for it, else a hash of what TEI says the model is."""
        if not isinstance(answer.data, dict):
            raise Nonsense("/info is no object")
        own = answer.data.get(self._key)
        return own if isinstance(own, str) and own else _hash("tei", *(str(answer.data.get(n)) for n in _IDENTITY))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


class TeiEncoder:
    """An :class:`nlu.encode.ports.Encoder`. ``fingerprint`` and ``dims`` ask the server the first time, and may raise
    :class:`ModelUnavailable`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._pinned = _Pinned(caller, "fingerprint")
        self._batches = _Batches(caller)

    @property
    def fingerprint(self) -> str:
        return self._pinned.fingerprint()

    @property
    def dims(self) -> int:
        """Learned from the first answer."""
        return self._batches.dims or self.encode(["?"]).shape[1]

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        def body(part: Sequence[str]) -> Mapping[str, object]:
            return {"inputs": part, "normalize": True, "truncate": True}

        def rows(answer: Answer) -> object:
            self._pinned.check(answer)
            return answer.data

        return self._batches.encode("/embed", texts, body, rows, timeout)


class OpenAiEncoder:
    """An :class:`nlu.encode.ports.Encoder` at ``POST <address>/embeddings``; the address and the model's name are what it
    is known by, since such a server tells nothing more."""

    def __init__(self, caller: Caller, address: str, model: str) -> None:
        self._model = model
        self._fingerprint = _hash("openai", address, model)
        self._batches = _Batches(caller)

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dims(self) -> int:
        """Learned from the first answer; may raise :class:`ModelUnavailable`."""
        return self._batches.dims or self.encode(["?"]).shape[1]

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        def body(part: Sequence[str]) -> Mapping[str, object]:
            return {"model": self._model, "input": part, "encoding_format": "float"}

        return self._batches.encode("/embeddings", texts, body, _openai_rows, timeout)


def _openai_rows(answer: Answer) -> object:
    rows: list[object] = [None] * len(answer.data["data"])
    for item in answer.data["data"]:
        rows[item["index"]] = item["embedding"]
    return rows


class _Batches:
    """Texts in requests of the size that servers take, their answers as one matrix of one width."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.dims = 0
        """0 until the first answer, which settles it."""

    def encode(
        self,
        path: str,
        texts: Sequence[str],
        body: Callable[[Sequence[str]], Mapping[str, object]],
        rows: Callable[[Answer], object],
        timeout: float | None,
    ) -> Matrix:
        parts = []
        for part, left in _parts(texts, timeout, self._caller.clock):

            def read(answer: Answer, count: int = len(part)) -> Matrix:
                return checks.unit_rows(rows(answer), count, self.dims)

            parts.append(self._caller.post(path, body(part), read, timeout=left))
            self.dims = parts[-1].shape[1]
        return np.concatenate(parts) if parts else np.empty((0, self.dims), dtype=np.float32)


def _parts(
    texts: Sequence[str], timeout: float | None, clock: Callable[[], float]
) -> Iterator[tuple[list[str], float | None]]:
    """The texts in batches, each with what is then left of the time for all."""
    end = None if timeout is None else clock() + timeout
    for start in range(0, len(texts), BATCH):
        part = [checks.readable(text) for text in texts[start : start + BATCH]]
        yield part, None if end is None else end - clock()


class TeiReranker:
    """An :class:`nlu.encode.ports.Reranker`. ``fingerprint`` asks the server the first time, and may raise
    :class:`ModelUnavailable`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._pinned = _Pinned(caller, "reranker_fingerprint")

    @property
    def fingerprint(self) -> str:
        return self._pinned.fingerprint()

    def score(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Vector:
        asked = checks.readable(query)
        scores = []
        for part, left in _parts(texts, timeout, self._caller.clock):
            body = {"query": asked, "texts": part, "raw_scores": True, "truncate": True}

            def read(answer: Answer, count: int = len(part)) -> Vector:
                self._pinned.check(answer)
                found = {int(item["index"]): item["score"] for item in answer.data}
                return checks.logits([found[place] for place in range(len(answer.data))], count)

            scores.append(self._caller.post("/rerank", body, read, timeout=left))
        return np.concatenate(scores) if scores else np.empty(0, dtype=np.float32)
