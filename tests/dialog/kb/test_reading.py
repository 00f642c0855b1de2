"""The cross-encoder reads where there is a doubt, within its time, and its absence changes nothing but the mode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from dialog.kb.models import Models
from dialog.kb.reading import NOT_READ, read
from nlu.encode import ModelUnavailable, Vector
from nlu.semantic import READ


class Reader:
    """Scores by shared characters; counts what it reads."""

    fingerprint = "reader"

    def __init__(self, error: Exception | None = None) -> None:
        self.seen: list[str] = []
        self.error = error

    def score(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Vector:
        if self.error:
            raise self.error
        self.seen += texts
        return np.array([len(set(query) & set(text)) for text in texts], dtype=np.float32)


class Clock:
    """Each look is later by ``step`` seconds."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


CANDIDATES = [(0.6, "怎么退货"), (0.5, "怎么换货"), (0.1, "发票")]


def test_it_reads_the_first_ones_in_their_order() -> None:
    reader = Reader()
    many = [(0.5 - n / 100, f"问题{n}") for n in range(20)]
    reading = read("退货", many, Models(reranker=reader), Clock(0.002))
    assert reader.seen == [text for _, text in many[:READ]]
    assert len(reading.logits) == READ
    assert reading.ms == pytest.approx(2.0)


def test_what_is_sure_is_not_read() -> None:
    reader = Reader()
    assert read("退货", [(0.99, "怎么退货"), (0.1, "发票")], Models(reranker=reader), Clock(0.1)) == NOT_READ
    assert reader.seen == []


def test_without_a_reranker_nothing_is_read_and_nothing_is_weaker() -> None:
    assert read("退货", CANDIDATES, Models(), Clock(0.1)) == NOT_READ


@pytest.mark.parametrize(("step", "mode"), [(0.2, "reranker_late"), (0.01, "reranker_unavailable")])
def test_a_failing_reranker_leaves_the_features_alone(step: float, mode: str) -> None:
    models = Models(reranker=Reader(ModelUnavailable("down")), patience=0.15)
    reading = read("退货", CANDIDATES, models, Clock(step))
    assert (reading.logits, reading.weaker) == ((), mode)


def test_patience_without_end_is_never_late() -> None:
    models = replace(Models(reranker=Reader(ModelUnavailable("down"))), patience=None)
    assert read("退货", CANDIDATES, models, Clock(math.inf)).weaker == "reranker_unavailable"
