"""The JSON of the inference process: the shape of text-embeddings-inference (TEI), read strictly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from nlu.encode.caller import BATCH

MOST_BYTES = 2_000_000
MOST_TIMEOUT_MS = 600_000


class Refused(Exception):
    """A request that is not served: its status, TEI's word for the kind of error, and a sentence."""

    def __init__(self, status: int, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Embed:
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rerank:
    query: str
    texts: tuple[str, ...]
    raw_scores: bool
    """Logits; otherwise they are squeezed into 0..1."""
    return_text: bool


def read_embed(body: bytes) -> Embed:
    """
    Raises:
        Refused: 413 for too many texts, 422 for anything that is not such a request.
    """
    data = _object(body)
    inputs = data.get("inputs")
    if not _flag(data, "normalize", True):
        raise _nonsense("vectors are of length 1 here; `normalize` cannot be false")
    return Embed(_texts([inputs] if isinstance(inputs, str) else inputs, "inputs"))


def read_rerank(body: bytes) -> Rerank:
    """
    Raises:
        Refused: 413 for too many texts, 422 for anything that is not such a request.
    """
    data = _object(body)
    query = data.get("query")
    if not isinstance(query, str):
        raise _nonsense("`query` must be a text")
    return Rerank(query, _texts(data.get("texts"), "texts"), _flag(data, "raw_scores"), _flag(data, "return_text"))


def read_timeout(header: str | None, default: float) -> float:
    """Seconds that the caller will wait.

    Raises:
        Refused: the header is no whole number of milliseconds.
    """
    if header is None:
        return default
    if not (header.isascii() and header.isdigit()) or not 0 < int(header[:10]) <= MOST_TIMEOUT_MS:
        raise _nonsense(f"the timeout must be from 1 to {MOST_TIMEOUT_MS} milliseconds")
    return int(header) / 1000


def rerank_answer(request: Rerank, scores: Sequence[float]) -> list[dict[str, object]]:
    """Best first, as TEI answers; equal scores keep the order of the texts."""
    order = sorted(range(len(scores)), key=lambda place: -scores[place])
    rows: list[dict[str, object]] = []
    for place in order:
        score = scores[place] if request.raw_scores else _squeezed(scores[place])
        rows.append({"index": place, "score": score})
        if request.return_text:
            rows[-1]["text"] = request.texts[place]
    return rows


def _squeezed(logit: float) -> float:
    return 0.5 * (1.0 + math.tanh(logit / 2.0))  # the logistic function, without its overflow


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _nonsense("the body is no JSON") from error
    if not isinstance(data, dict):
        raise _nonsense("the body must be a JSON object")
    return data


def _texts(value: object, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise _nonsense(f"`{name}` must be texts, at least one")
    if len(value) > BATCH:
        raise Refused(413, "Validation", f"{len(value)} texts are too many; send at most {BATCH} at a time")
    return tuple(value)


def _flag(data: Mapping[str, Any], name: str, default: bool = False) -> bool:
    value = data.get(name, default)
    if not isinstance(value, bool):
        raise _nonsense(f"`{name}` must be true or false")
    return value


def _nonsense(detail: str) -> Refused:
    return Refused(422, "Validation", detail)
