"""Logistic regression with a penalty on the weights and bounds on their signs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

_STEPS = 40
_SWEEPS = 300
_TOLERANCE = 1e-7


class Fit(NamedTuple):
    """``probability = sigmoid((x - means) / scales @ weights + bias)``."""

    weights: Vector
    means: Vector
    scales: Vector
    bias: float


def fit(rows: Vector, labels: Vector, importance: Vector, signs: Vector, penalty: float) -> Fit:
    """Fits n rows of d features.

    ``signs`` holds 1 where a weight must not be negative, -1 where it must not be positive, 0 where it is free: what is
    known of a feature beforehand carries over to other data better than what a sample says against it. ``penalty`` is
    the weight of half the squared norm against the mean loss; the bias is free.

    Raises:
        ValueError: the labels are all of one kind.
    """
    if labels.min() == labels.max():
        raise ValueError("both kinds of rows are needed, right and wrong ones")
    share = importance / importance.sum()
    means = share @ rows
    scales = np.sqrt(share @ (rows - means) ** 2)
    scales[scales < 1e-9] = 1.0
    design = np.hstack([(rows - means) / scales, np.ones((len(rows), 1))])
    solution = _newton(design, labels, share, np.append(signs, 0.0), penalty)
    return Fit(weights=solution[:-1], means=means, scales=scales, bias=float(solution[-1]))


def _newton(design: Vector, labels: Vector, share: Vector, signs: Vector, penalty: float) -> Vector:
    ridge = np.full(design.shape[1], penalty)
    ridge[-1] = 0.0
    low, high = np.where(signs > 0, 0.0, -np.inf), np.where(signs < 0, 0.0, np.inf)
    solution = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = sigmoid(design @ solution)
        gradient = design.T @ (share * (chance - labels)) + ridge * solution
        curvature = (design * (share * chance * (1 - chance))[:, None]).T @ design + np.diag(ridge + 1e-9)
        following = _bounded_minimum(curvature, gradient - curvature @ solution, solution, low, high)
        moved = float(np.abs(following - solution).max())
        solution = following
        if moved < _TOLERANCE:
            break
    return solution


def _bounded_minimum(curvature: Vector, slope: Vector, start: Vector, low: Vector, high: Vector) -> Vector:
    """The x within bounds that minimises ``x·curvature·x/2 + slope·x``, coordinate by coordinate."""
    x = start.copy()
    for _ in range(_SWEEPS):
        before = x.copy()
        for i in range(len(x)):
            rest = slope[i] + curvature[i] @ x - curvature[i, i] * x[i]
            x[i] = min(max(-rest / curvature[i, i], low[i]), high[i])
        if float(np.abs(x - before).max()) < _TOLERANCE:
            break
    return x


def sigmoid(values: Vector) -> Vector:
    result: Vector = 1.0 / (1.0 + np.exp(-np.clip(values, -40, 40)))
    return result
