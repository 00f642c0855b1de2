"""What a model returned is looked at before anybody uses it."""

from __future__ import annotations

from typing import Any

import numpy as np

from nlu.encode.ports import Matrix, ModelUnavailable, Vector

_SHORTEST = 1e-6


class Nonsense(ModelUnavailable):
    """A model answered, and what it answered cannot be used."""


def readable(text: str) -> str:
    """The text with half surrogate pairs replaced, which no tokenizer takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def unit_rows(found: Any, count: int, dims: int = 0) -> Matrix:
    """``found`` as float32 unit rows (count, dims); ``dims`` 0 accepts any width.

    Raises:
        Nonsense: another shape, or numbers that are none.
    """
    matrix = _floats(found)
    if matrix.ndim != 2 or len(matrix) != count or matrix.shape[1] == 0:
        raise Nonsense(f"the encoder answered {matrix.shape} for {count} texts")
    if dims and matrix.shape[1] != dims:
        raise Nonsense(f"the encoder answered {matrix.shape[1]} dimensions instead of {dims}")
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths < _SHORTEST).any():
        raise Nonsense("the encoder answered vectors without a direction")
    result: Matrix = matrix / lengths
    return result


def logits(found: Any, count: int) -> Vector:
    """``found`` as float32 (count,).

    Raises:
        Nonsense: another shape, or numbers that are none.
    """
    scores = _floats(found)
    if scores.shape != (count,) or not np.isfinite(scores).all():
        raise Nonsense(f"the reranker answered {scores.shape} for {count} texts, or no numbers")
    return scores


def _floats(found: Any) -> Vector:
    try:
        return np.asarray(found, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise Nonsense("the model answered something other than numbers") from error
