"""How an encoder's cosines spread, measured on pairs that ask the same and on the same texts mixed up."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from nlu.encode.ports import Encoder
from nlu.semantic import Scale

_LEAST_SPREAD = 0.05


def measured_scale(encoder: Encoder) -> Scale:
    """The encoder's scale by the shipped pairs; costs some 200 short texts.

    Raises:
        ModelUnavailable: from the encoder.
    """
    pairs = reference_pairs()
    questions = encoder.encode([question for question, _ in pairs])
    others = encoder.encode([other for _, other in pairs])
    same = float((questions * others).sum(axis=1).mean())
    unrelated = float((questions * others[[*list(range(1, len(pairs))), 0]]).sum(axis=1).mean())
    return Scale(unrelated, max(same, unrelated + _LEAST_SPREAD))


@cache
def reference_pairs() -> tuple[tuple[str, str], ...]:
    """Two ways to ask the same, a line each; neighbouring lines have nothing to do with each other."""
    lines = files("nlu").joinpath("data", "scale_pairs.txt").read_text(encoding="utf-8").splitlines()
    return tuple((question, other) for question, other in (line.split("\t") for line in lines))
