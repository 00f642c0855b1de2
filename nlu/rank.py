"""The ranker: a logistic model over :data:`nlu.features.FEATURES`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlu.features import FEATURES

Vector = npt.NDArray[np.float64]


class RankerMismatch(ValueError):
    """The model was trained on other features than this code computes."""


@dataclass(frozen=True, slots=True)
class FeatureRanker:
    """P(the entry answers the question) from one row of features."""

    name: str
    weights: Vector
    means: Vector
    scales: Vector
    bias: float

    @property
    def fingerprint(self) -> str:
        """Equal exactly where the model is equal."""
        numbers = np.concatenate([self.weights, self.means, self.scales, [self.bias]])
        return hashlib.sha256(json.dumps([FEATURES, numbers.round(12).tolist()]).encode()).hexdigest()[:12]

    def probabilities(self, matrix: Sequence[Sequence[float]]) -> list[float]:
        """One probability a row, in 0..1."""
        if not matrix:
            return []
        scaled = (np.asarray(matrix, dtype=np.float64) - self.means) / self.scales
        result: list[float] = (1.0 / (1.0 + np.exp(-(scaled @ self.weights + self.bias)))).tolist()
        return result

    def to_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "features": list(FEATURES),
            "weights": self.weights.round(6).tolist(),
            "means": self.means.round(6).tolist(),
            "scales": self.scales.round(6).tolist(),
            "bias": round(self.bias, 6),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> FeatureRanker:
        """
        Raises:
            RankerMismatch: the model names other features than ``FEATURES``.
        """
        if tuple(_list(data, "features")) != FEATURES:
            raise RankerMismatch(f"model {data.get('name')!r} was trained on other features; train it again")
        weights, means, scales = (
            np.array(_list(data, key), dtype=np.float64) for key in ("weights", "means", "scales")
        )
        return cls(name=str(data["name"]), weights=weights, means=means, scales=scales, bias=float(str(data["bias"])))

    @classmethod
    def load(cls, path: Path | None = None) -> FeatureRanker:
        """The model at ``path``, else the shipped one."""
        source = path or files("nlu").joinpath("models", "ranker.json")
        return cls.from_json(json.loads(source.read_text(encoding="utf-8")))


def _list(data: Mapping[str, object], key: str) -> list[object]:
    value = data.get(key)
    if not isinstance(value, list):
        raise RankerMismatch(f"the model has no list {key!r}")
    return value
