"""Whether a difference that was seen would be seen again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

ROUNDS = 2_000


@dataclass(frozen=True, slots=True)
class Gain:
    """The mean of paired differences, and the one-sided lower bound of it."""

    mean: float
    lower: float
    n: int

    @property
    def proven(self) -> bool:
        return self.lower > 0.0


def paired_gain(
    old: Sequence[float], new: Sequence[float], *, seed: int, confidence: float = 0.95, rounds: int = ROUNDS
) -> Gain:
    """By how much ``new`` is better than ``old`` on the same items (percentile bootstrap, Efron and Tibshirani 1993).

    Raises:
        ValueError: the sequences differ in length.
    """
    differences = [after - before for before, after in zip(old, new, strict=True)]
    n = len(differences)
    if not n:
        return Gain(0.0, 0.0, 0)
    rng = random.Random(seed)
    means = sorted(sum(rng.choices(differences, k=n)) / n for _round in range(rounds))
    return Gain(sum(differences) / n, means[int(rounds * (1.0 - confidence))], n)
