"""Rankers: P(an entry answers the question) from features, one ranker for each set of features that may be at hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.features import SIGNS
from nlu.semantic import CROSS_SIGNS, DENSE_SIGNS

Vector = npt.NDArray[np.float64]

FEATURE_SETS: dict[str, dict[str, int]] = {
    "lexical": SIGNS,
    "dense": SIGNS | DENSE_SIGNS,
    "cross": SIGNS | DENSE_SIGNS | CROSS_SIGNS,
}
"""The features with their signs by what is at hand: words alone, vectors too, the cross-encoder's reading too."""


class RankerMismatch(ValueError):
    """The model was trained on other features than this code computes."""


class Trees:
    """Boosted trees (LightGBM). The library is loaded with the first prediction; nan is a value like others to it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trees) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    @cached_property
    def _booster(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.text)

    def probabilities(self, matrix: Vector) -> Vector:
        result: Vector = self._booster.predict(matrix, num_threads=1)
        return result


@dataclass(frozen=True)
class FeatureRanker:
    """The mean of a logistic model and, where it has them, of boosted trees. A feature that is nan speaks neither way in
    the logistic part."""

    name: str
    weights: Vector
    means: Vector
    scales: Vector
    bias: float
    features: tuple[str, ...] = tuple(SIGNS)
    trees: Trees | None = None

    @property
    def feature_set(self) -> str:
        """Which of ``FEATURE_SETS`` it reads."""
        return next(name for name, known in FEATURE_SETS.items() if self.features == tuple(known))

    @cached_property
    def fingerprint(self) -> str:
        """Equal exactly where the model is equal."""
        numbers = np.concatenate([self.weights, self.means, self.scales, [self.bias]]).round(12).tolist()
        parts = [self.features, numbers, *([self.trees.text] if self.trees else [])]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    def probabilities(self, matrix: Sequence[Sequence[float]]) -> list[float]:
        """One probability a row, in 0..1; a row has the values of ``features``."""
        if not len(matrix):
            return []
        rows = np.asarray(matrix, dtype=np.float64)
        scaled = np.nan_to_num((rows - self.means) / self.scales, nan=0.0)
        result = 1.0 / (1.0 + np.exp(-(scaled @ self.weights + self.bias)))
        if self.trees is not None:
            result = (result + self.trees.probabilities(rows)) / 2
        probabilities: list[float] = result.tolist()
        return probabilities

    def to_json(self) -> dict[str, object]:
        written: dict[str, object] = {
            "name": self.name,
            "features": list(self.features),
            "weights": self.weights.round(6).tolist(),
            "means": self.means.round(6).tolist(),
            "scales": self.scales.round(6).tolist(),
            "bias": round(self.bias, 6),
        }
        return written | ({"trees": self.trees.text} if self.trees else {})

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> FeatureRanker:
        """
        Raises:
            RankerMismatch: the model's features are no set of ``FEATURE_SETS``.
        """
        features = tuple(str(name) for name in _list(data, "features"))
        if not any(features == tuple(known) for known in FEATURE_SETS.values()):
            raise RankerMismatch(f"model {data.get('name')!r} was trained on other features; train it again")
        weights, means, scales = (
            np.array(_list(data, key), dtype=np.float64) for key in ("weights", "means", "scales")
        )
        trees = Trees(str(data["trees"])) if data.get("trees") else None
        return cls(str(data["name"]), weights, means, scales, float(str(data["bias"])), features, trees)

    @classmethod
    def load(cls, path: Path | None = None) -> FeatureRanker:
        """The model at ``path``, else the shipped one for words alone."""
        source = path or files("nlu").joinpath("models", "ranker.json")
        return cls.from_json(json.loads(source.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Rankers:
    """One ranker for each set of features; ``dense`` and ``cross`` may be missing, and the one below then serves."""

    lexical: FeatureRanker
    dense: FeatureRanker | None = None
    cross: FeatureRanker | None = None

    @property
    def name(self) -> str:
        return "+".join(ranker.name for ranker in (self.lexical, self.dense, self.cross) if ranker)

    @cached_property
    def fingerprint(self) -> str:
        parts = [ranker.fingerprint if ranker else "" for ranker in (self.lexical, self.dense, self.cross)]
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]

    def to_json(self) -> dict[str, object]:
        parts = (("lexical", self.lexical), ("dense", self.dense), ("cross", self.cross))
        return {name: ranker.to_json() for name, ranker in parts if ranker}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Rankers:
        """
        Raises:
            RankerMismatch: as :meth:`FeatureRanker.from_json`.
        """
        known = {name: FeatureRanker.from_json(data[name]) for name in FEATURE_SETS if name in data}
        if "lexical" not in known:
            raise RankerMismatch("the models lack the one for words alone")
        return cls(**known)

    @classmethod
    def shipped(cls) -> Rankers:
        """What lies in ``nlu/models``."""
        folder = files("nlu").joinpath("models")
        found = {"lexical": FeatureRanker.load()}
        for name in ("dense", "cross"):
            path = folder.joinpath(f"ranker_{name}.json")
            if path.is_file():
                found[name] = FeatureRanker.from_json(json.loads(path.read_text(encoding="utf-8")))
        return cls(**found)


def _list(data: Mapping[str, object], key: str) -> list[object]:
    value = data.get(key)
    if not isinstance(value, list):
        raise RankerMismatch(f"the model has no list {key!r}")
    return value
