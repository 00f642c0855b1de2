"""Logistic regression with a penalty on the weights, by Newton's method."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

_STEPS = 40
_TOLERANCE = 1e-8


class Fit(NamedTuple):
    """``probability = sigmoid((x - means) / scales @ weights + bias)``."""

    weights: Vector
    means: Vector
    scales: Vector
    bias: float


def fit(rows: Vector, labels: Vector, importance: Vector, penalty: float) -> Fit:
    """Fits n rows of d features. ``penalty`` is the weight of half the squared norm against the mean loss; the bias is
    free. Features that never vary get weight 0.

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
    solution = _newton(design, labels, share, penalty)
    return Fit(weights=solution[:-1], means=means, scales=scales, bias=float(solution[-1]))


def _newton(design: Vector, labels: Vector, share: Vector, penalty: float) -> Vector:
    ridge = np.full(design.shape[1], penalty)
    ridge[-1] = 0.0
    solution = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = sigmoid(design @ solution)
        gradient = design.T @ (share * (chance - labels)) + ridge * solution
        curvature = (design * (share * chance * (1 - chance))[:, None]).T @ design + np.diag(ridge + 1e-9)
        step = np.linalg.solve(curvature, gradient)
        solution = solution - step
        if float(np.abs(step).max()) < _TOLERANCE:
            break
    return solution


def sigmoid(values: Vector) -> Vector:
    result: Vector = 1.0 / (1.0 + np.exp(-np.clip(values, -40, 40)))
    return result
