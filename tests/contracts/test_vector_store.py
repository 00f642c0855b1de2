"""What every ``VectorStore`` must do; the database and its plain twin pass the same tests."""

from __future__ import annotations

import numpy as np
import pytest

from apps.knowledge.models import TextVector
from apps.knowledge.vectors import BATCH, DatabaseVectors, vectors_forget
from dialog.kb.vectors import MemoryVectors
from dialog.ports import VectorStore
from tests.fakes.encoder import NgramEncoder


def vectors(*texts: str, encoder: NgramEncoder | None = None) -> dict[str, np.ndarray]:
    encoder = encoder or NgramEncoder()
    return dict(zip(texts, encoder.encode(texts).astype(np.float16), strict=True))


class StoreContract:
    """Tests for any store; a subclass has the fixture ``store`` that says which."""

    def test_what_was_saved_is_loaded(self, store: VectorStore) -> None:
        saved = vectors("怎么退货", "How do I return it?", "怎么退货 ", "\ud83d 半个表情", "长" * 9_000)
        store.save("a", saved)
        found = store.load("a", [*saved, "没有存过"])
        assert found.keys() == saved.keys()
        for text, vector in saved.items():
            assert found[text].dtype == np.float16
            np.testing.assert_array_equal(found[text], vector)

    def test_encoders_never_mix(self, store: VectorStore) -> None:
        store.save("a", vectors("退货"))
        store.save("b", vectors("退货", encoder=NgramEncoder("other", dims=8)))
        assert store.load("c", ["退货"]) == {}
        assert {len(store.load(name, ["退货"])["退货"]) for name in "ab"} == {64, 8}

    def test_what_is_kept_stays_as_it_is(self, store: VectorStore) -> None:
        first, second = vectors("退货"), vectors("退货", encoder=NgramEncoder("other"))
        store.save("a", first)
        store.save("a", {**second, **vectors("换货")})
        found = store.load("a", ["退货", "换货"])
        np.testing.assert_array_equal(found["退货"], first["退货"])
        assert "换货" in found

    def test_nothing_is_no_error(self, store: VectorStore) -> None:
        store.save("a", {})
        assert store.load("a", []) == {}

    def test_many_texts(self, store: VectorStore) -> None:
        texts = [f"第{n}个问题" for n in range(BATCH * 2 + 3)]
        store.save("a", vectors(*texts))
        assert store.load("a", texts).keys() == set(texts)


class TestMemoryVectors(StoreContract):
    @pytest.fixture
    def store(self) -> VectorStore:
        return MemoryVectors()


@pytest.mark.django_db
class TestDatabaseVectors(StoreContract):
    @pytest.fixture
    def store(self, db: None) -> VectorStore:
        return DatabaseVectors()

    def test_no_text_is_stored(self, store: VectorStore) -> None:
        store.save("a", vectors("我的手机号是 13800138000"))
        row = TextVector.objects.get()
        assert "138" not in f"{row.fingerprint} {row}"
        assert len(row.key) == 64

    def test_other_encoders_vectors_can_be_forgotten(self, store: VectorStore) -> None:
        for name in "abc":
            store.save(name, vectors("退货", "换货"))
        assert vectors_forget(keep={"a", "c"}) == 2
        assert set(TextVector.objects.values_list("fingerprint", flat=True)) == {"a", "c"}
