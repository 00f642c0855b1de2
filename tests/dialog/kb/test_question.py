"""The vector of a question: how long a turn waits for it, and what it does without."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dialog.kb.index import KnowledgeIndex
from dialog.kb.models import Models
from dialog.types import Entry, Publication
from tests.fakes.encoder import NgramEncoder

PUBLICATION = Publication(1, (Entry("return", "怎么退货", "在订单页点申请售后。"),))


@pytest.fixture
def encoder() -> NgramEncoder:
    return NgramEncoder()


def built(encoder: NgramEncoder, **models: object) -> KnowledgeIndex:
    return KnowledgeIndex.build(PUBLICATION, models=Models(encoder=encoder, **models))  # type: ignore[arg-type]


def test_it_is_the_vector_of_the_text_as_it_was_written(encoder: NgramEncoder) -> None:
    vector = built(encoder).query_vector("怎么退货？")
    assert vector is not None
    np.testing.assert_array_equal(vector(), encoder.encode(["怎么退货？"])[0])
    assert vector.weaker == ""


def test_it_is_encoded_once(encoder: NgramEncoder) -> None:
    vector = built(encoder).query_vector("退货")
    encoder.seen.clear()
    assert vector is not None
    assert vector() is vector()
    assert encoder.seen == ["退货"]


def test_it_is_begun_at_once_where_there_is_a_pool(encoder: NgramEncoder) -> None:
    begun = threading.Event()

    class Told(NgramEncoder):
        def encode(self, texts: object, *, timeout: float | None = None) -> np.ndarray:
            begun.set()
            return super().encode(texts, timeout=timeout)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as pool:
        index = built(Told(), pool=pool)
        begun.clear()
        index.query_vector("退货")
        assert begun.wait(5)


@pytest.mark.parametrize("pooled", [False, True])
def test_a_late_one_is_done_without(encoder: NgramEncoder, pooled: bool) -> None:
    with ThreadPoolExecutor(1) as pool:
        index = built(encoder, patience=0.01, pool=pool if pooled else None)
        encoder.slow.clear()
        vector = index.query_vector("退货")
        assert vector is not None
        assert (vector(), vector.weaker) == (None, "encoder_late")
        encoder.slow.set()
        assert vector() is None


def test_what_waited_too_long_in_the_queue_is_not_encoded(encoder: NgramEncoder) -> None:
    with ThreadPoolExecutor(1) as pool:
        index = built(encoder, patience=0.01, pool=pool)
        encoder.seen.clear()
        blocked = threading.Event()
        pool.submit(blocked.wait)
        vector = index.query_vector("退货")
        assert vector is not None
        assert (vector(), vector.weaker) == (None, "encoder_late")
        blocked.set()
    assert encoder.seen == []


@pytest.mark.parametrize("pooled", [False, True])
def test_a_failing_encoder_is_done_without(encoder: NgramEncoder, pooled: bool) -> None:
    with ThreadPoolExecutor(1) as pool:
        index = built(encoder, pool=pool if pooled else None, patience=30.0)
        encoder.down = True
        vector = index.query_vector("退货")
        assert vector is not None
        assert (vector(), vector.weaker) == (None, "encoder_unavailable")


def test_another_encoders_vector_is_refused(encoder: NgramEncoder) -> None:
    index = built(encoder)
    encoder.name = "another"
    vector = index.query_vector("退货")
    assert vector is not None
    assert (vector(), vector.weaker) == (None, "encoder_changed")


def test_questions_may_have_an_encoder_of_their_own(encoder: NgramEncoder) -> None:
    asked = NgramEncoder()
    vector = built(encoder, questions=asked).query_vector("退货")
    assert vector is not None
    assert vector() is not None
    assert asked.seen == ["退货"]
    assert "退货" not in encoder.seen
