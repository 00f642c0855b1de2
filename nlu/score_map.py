"""A ranker's scores made honest: of the answers shown with 0.8, eight in ten are right.

A map is a tuple of points (score, probability), both strictly increasing, with straight lines between them. It keeps the
order of scores, so it moves no candidate before another one. No points: scores are taken as they are.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias

Points: TypeAlias = tuple[tuple[float, float], ...]

FEW = 50
"""Labelled questions below which scores stay as they are."""
FEW_OF_A_KIND = 8
"""The same for the right ones and for the wrong ones."""
MANY = 1_000
"""Labelled questions from which the shape is read off the data (isotonic) and no longer assumed (Platt)."""
_GROUP = 20
_SCORE_EDGE = 1e-4
_LOGITS = 9.0
_KNOTS = 37


def mapped(points: Points, score: float) -> float:
    """The probability of ``score``; both in 0..1."""
    if not points:
        return score
    at = bisect_right(points, score, key=lambda point: point[0])
    if at == 0:
        return points[0][1]
    if at == len(points):
        return points[-1][1]
    (left, low), (right, high) = points[at - 1], points[at]
    return low + (high - low) * (score - left) / (right - left)


def fit_points(scores: Sequence[float], correct: Sequence[bool]) -> Points:
    """The map that makes these scores probabilities of being right; none where the data is too small to tell.

    Platt scaling (Platt 1999, with his smoothed targets) on the scores' log-odds below :data:`MANY` questions; isotonic
    regression (pool adjacent violators) over groups of twenty from there on.
    """
    right = sum(correct)
    if len(scores) < FEW or min(right, len(scores) - right) < FEW_OF_A_KIND:
        return ()
    return _isotonic(scores, correct) if len(scores) >= MANY else _platt(scores, correct)


# --- Platt --------------------------------------------------------------------------------------------------------


def _platt(scores: Sequence[float], correct: Sequence[bool]) -> Points:
    slope, bias = _logistic([_logit(score) for score in scores], correct)
    if slope <= 0.0:  # the scores say nothing about being right: no order may be made up from them
        return ()
    logits = [_LOGITS * (2 * knot / (_KNOTS - 1) - 1) for knot in range(_KNOTS)]
    inner = [(_sigmoid(logit), _sigmoid(slope * logit + bias)) for logit in logits]
    return _increasing([(0.0, 0.0), *inner, (1.0, 1.0)])


def _logistic(logits: Sequence[float], correct: Sequence[bool]) -> tuple[float, float]:
    """Slope and bias by Newton's method; Platt's targets keep them finite where one score divides the kinds."""
    positives = sum(correct)
    high, low = (positives + 1) / (positives + 2), 1 / (len(correct) - positives + 2)
    slope, bias = 1.0, 0.0
    for _round in range(50):
        g_slope = g_bias = h_bias = h_both = 0.0
        h_slope = 1e-6
        for logit, right in zip(logits, correct, strict=True):
            p = _sigmoid(slope * logit + bias)
            off, weight = p - (high if right else low), p * (1 - p)
            g_slope, g_bias = g_slope + off * logit, g_bias + off
            h_slope, h_both, h_bias = h_slope + weight * logit * logit, h_both + weight * logit, h_bias + weight
        determinant = h_slope * (h_bias + 1e-6) - h_both * h_both
        step_slope = ((h_bias + 1e-6) * g_slope - h_both * g_bias) / determinant
        step_bias = (h_slope * g_bias - h_both * g_slope) / determinant
        slope, bias = slope - _bounded(step_slope), bias - _bounded(step_bias)
        if max(abs(step_slope), abs(step_bias)) < 1e-8:
            break
    return slope, bias


def _bounded(step: float) -> float:
    return max(-2.0, min(2.0, step))


def _logit(score: float) -> float:
    inside = max(_SCORE_EDGE, min(1.0 - _SCORE_EDGE, score))
    return math.log(inside / (1.0 - inside))


def _sigmoid(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))


# --- isotonic -----------------------------------------------------------------------------------------------------


def _isotonic(scores: Sequence[float], correct: Sequence[bool]) -> Points:
    blocks: list[_Block] = []
    for group in _groups(sorted(zip(scores, correct, strict=True))):
        blocks.append(group)
        while len(blocks) > 1 and blocks[-1].share <= blocks[-2].share:
            last = blocks.pop()
            blocks[-1] = blocks[-1].joined(last)
    return _increasing([(0.0, 0.0), *((block.score, block.share) for block in blocks), (1.0, 1.0)])


class _Block:
    """Neighbouring scores that share one probability."""

    __slots__ = ("right", "size", "total")

    def __init__(self, size: int, total: float, right: int) -> None:
        self.size, self.total, self.right = size, total, right

    @property
    def score(self) -> float:
        return self.total / self.size

    @property
    def share(self) -> float:
        """Of right ones, pulled a little towards even, so that it is never 0 or 1."""
        return (self.right + 0.5) / (self.size + 1.0)

    def joined(self, other: _Block) -> _Block:
        return _Block(self.size + other.size, self.total + other.total, self.right + other.right)


def _groups(ordered: Sequence[tuple[float, bool]]) -> Iterable[_Block]:
    """Groups of at least twenty; equal scores stay together."""
    start = 0
    while start < len(ordered):
        end = min(start + _GROUP, len(ordered))
        while end < len(ordered) and ordered[end][0] == ordered[end - 1][0]:
            end += 1
        if len(ordered) - end < _GROUP:
            end = len(ordered)
        part = ordered[start:end]
        yield _Block(len(part), sum(score for score, _ in part), sum(right for _, right in part))
        start = end


def _increasing(points: Iterable[tuple[float, float]]) -> Points:
    """Without points that would make the map flat or steeper than a step."""
    kept: list[tuple[float, float]] = []
    for score, probability in points:
        point = round(score, 6), round(probability, 6)
        inner = 0.0 < point[0] < 1.0
        if inner and not 0.0 < point[1] < 1.0:
            continue  # rounded to certainty, it would make the rest of the map flat
        if not kept or (point[0] > kept[-1][0] and point[1] > kept[-1][1]):
            kept.append(point)
    return tuple(kept)
