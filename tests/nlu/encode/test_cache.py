from __future__ import annotations

import numpy as np

from nlu.encode.cache import CachedEncoder, VectorCache
from tests.nlu.encode.models import FakeEncoder


def test_a_text_is_encoded_once() -> None:
    inner = FakeEncoder()
    cached = CachedEncoder(inner, VectorCache())
    first = cached.encode(["退货", "发票", "退货"])
    again = cached.encode(["发票", "换货", "退货"])
    assert inner.calls == [["退货", "发票"], ["换货"]]
    np.testing.assert_array_equal(first, FakeEncoder().encode(["退货", "发票", "退货"]))
    np.testing.assert_array_equal(again, FakeEncoder().encode(["发票", "换货", "退货"]))
    assert cached.encode([]).shape == (0, 16)


def test_the_one_used_least_lately_goes_first() -> None:
    inner = FakeEncoder()
    cache = VectorCache(2)
    cached = CachedEncoder(inner, cache)
    for text in ("一", "二", "一", "三", "一", "二"):
        cached.encode([text])
    assert inner.calls == [["一"], ["二"], ["三"], ["二"]]
    assert len(cache) == 2


def test_encoders_do_not_see_each_others_vectors() -> None:
    cache = VectorCache()
    CachedEncoder(FakeEncoder(fingerprint="a"), cache).encode(["退货"])
    other = FakeEncoder(fingerprint="b")
    CachedEncoder(other, cache).encode(["退货"])
    assert other.calls == [["退货"]]


def test_a_kept_vector_cannot_be_changed_from_outside() -> None:
    cached = CachedEncoder(FakeEncoder(), VectorCache())
    before = cached.encode(["退货"]).copy()
    cached.encode(["退货"])[0, 0] = 99
    np.testing.assert_array_equal(cached.encode(["退货"]), before)
