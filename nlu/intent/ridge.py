"""Kernel ridge regression with the answers that each example would get had it, or its whole intent, not been learned.

One factorisation gives the fit and every held-out answer (Rifkin and Lippert 2007, "Notes on Regularized Least Squares"):
the ladder, the calibration and the refusing are judged on messages that were not learned, at no cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ridge:
    """``kernel(new, examples) @ weights`` are the scores of new messages, 1 for an intent and -1 against it."""

    weights: Matrix
    """(examples, intents)."""
    held_out: Matrix
    """(examples, intents): the scores of each example by a fit without it."""
    _targets: Matrix
    _inverse: Matrix

    def without(self, places: Places) -> Matrix:
        """The scores of these examples by a fit without any of them."""
        block = self._inverse[np.ix_(places, places)].astype(np.float64)
        found: Matrix = self._targets[places] - np.linalg.solve(block, self.weights[places]).astype(np.float32)
        return found


def fit(kernel: Matrix, labels: Places, intents: int, penalty: float) -> Ridge:
    """Fits (n, n) likenesses, which are overwritten, to labels below ``intents``."""
    from scipy.linalg import lapack

    targets = targets_of(labels, intents)
    kernel[np.diag_indices_from(kernel)] += penalty / importance(labels)
    # Symmetric, so its transpose is the same matrix in the order that LAPACK works on in place.
    factor, failed = lapack.spotrf(kernel.T, lower=1, overwrite_a=1)
    if failed:
        raise ValueError("the likenesses of the examples are no kernel")
    solved, _ = lapack.spotrs(factor, targets, lower=1)
    inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    _mirror(inverse)
    weights: Matrix = np.ascontiguousarray(solved, dtype=np.float32)
    held_out: Matrix = (targets - weights / np.diag(inverse)[:, None]).astype(np.float32)
    return Ridge(weights, held_out, targets, inverse)


def importance(labels: Places) -> Matrix:
    """Of each example, 1 on average: one of a rare intent counts more, by the root of how rare it is."""
    weights = 1 / np.sqrt(np.bincount(labels)[labels])
    result: Matrix = (weights / weights.mean()).astype(np.float32)
    return result


def targets_of(labels: Places, intents: int) -> Matrix:
    targets = np.full((len(labels), intents), -1.0, dtype=np.float32)
    targets[np.arange(len(labels)), labels] = 1.0
    return targets


def blocks(labels: Places) -> Iterable[tuple[int, Places]]:
    """Each intent with the places of its examples."""
    for intent in range(int(labels.max(initial=-1)) + 1):
        yield intent, np.flatnonzero(labels == intent)


def _mirror(lower: Matrix, size: int = 512) -> None:
    """Fills the upper half from the lower one, piece by piece to save memory."""
    count = len(lower)
    for start in range(0, count, size):
        end = min(start + size, count)
        lower[start:end, end:] = lower[end:, start:end].T
        piece = lower[start:end, start:end]
        piece[:] = np.tril(piece) + np.tril(piece, -1).T
