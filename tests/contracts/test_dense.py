"""What the vectors of a publication must answer; faiss and its plain twin pass the same tests."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dialog.kb.dense import DenseIndex, EntryTexts, FaissDense, Layout, MemoryDense, Rows
from dialog.ports import ANSWER
from nlu.encode import Vector
from tests.fakes.encoder import NgramEncoder

ENCODER = NgramEncoder()
ENTRIES = (
    EntryTexts(("怎么退货", "东西不想要了", "退货"), "在订单页点申请售后。", ("怎么退会员费", "退款没到账")),
    EntryTexts(("怎么换货",), "", ("怎么换手机号",)),
    EntryTexts(("多久能发货", "什么时候寄出"), "下单后 24 小时内发出。"),
    EntryTexts((), ""),
    EntryTexts(("退货",), "同一个问题，另一个回答。"),
)
TEXTS = [text for entry in ENTRIES for text in (*entry.found(), *entry.negative)]


def asked(text: str) -> Vector:
    vector: Vector = ENCODER.encode([text])[0]
    return vector


def cosine(left: str, right: str) -> float:
    return float(asked(left) @ asked(right))


class DenseContract:
    """Tests for any index; a subclass says which."""

    kind: type[FaissDense] | type[MemoryDense]

    def build(self, entries: Sequence[EntryTexts], without: Sequence[str] = ()) -> DenseIndex:
        texts = [text for text in TEXTS if text not in without]
        vectors: Mapping[str, np.ndarray] = dict(zip(texts, ENCODER.encode(texts).astype(np.float16), strict=True))
        layout = Layout(entries)
        found, negative = (Rows.of(names, vectors, ENCODER.dims) for names in (layout.found, layout.negative))
        return self.kind(layout, found, negative)

    @pytest.fixture
    def index(self) -> DenseIndex:
        return self.build(ENTRIES)

    def places(self, index: DenseIndex, text: str, limit: int = 20) -> list[tuple[int, int]]:
        return [(hit.entry, hit.text) for hit in index.search(asked(text), limit=limit)]

    def test_a_text_finds_itself_first(self, index: DenseIndex) -> None:
        assert self.places(index, "怎么换货")[0] == (1, 0)
        assert self.places(index, "什么时候寄出")[0] == (2, 1)

    def test_an_answer_is_found_as_the_answer(self, index: DenseIndex) -> None:
        assert self.places(index, "在订单页点申请售后。")[0] == (0, ANSWER)

    def test_negative_questions_are_never_found(self, index: DenseIndex) -> None:
        hits = index.search(asked("怎么换手机号"), limit=50)
        assert {(hit.entry, hit.text) for hit in hits} <= {
            *((0, text) for text in (0, 1, 2, ANSWER)),
            *((1, 0), (2, 0), (2, 1), (2, ANSWER), (4, 0), (4, ANSWER)),
        }
        assert all(hit.score < 0.99 for hit in hits)

    def test_scores_are_cosines_best_first(self, index: DenseIndex) -> None:
        hits = index.search(asked("退货怎么退"), limit=20)
        texts = {
            (e, t): entry.positive[t] if t >= 0 else entry.answer for e, entry in enumerate(ENTRIES) for t in _of(entry)
        }
        for hit in hits:
            assert hit.score == pytest.approx(cosine("退货怎么退", texts[hit.entry, hit.text]), abs=2e-3)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)

    def test_equal_texts_come_in_the_order_of_their_entries(self, index: DenseIndex) -> None:
        assert self.places(index, "退货")[:2] == [(0, 2), (4, 0)]

    def test_limits(self, index: DenseIndex) -> None:
        assert len(index.search(asked("退货"), limit=3)) == 3
        assert index.search(asked("退货"), limit=0) == []

    def test_what_points_away_is_not_found(self, index: DenseIndex) -> None:
        assert index.search(-asked("退货"), limit=10) == []

    def test_an_entry_is_compared_with_all_its_texts(self, index: DenseIndex) -> None:
        match = index.similarities(asked("东西不想要了"), 0)
        assert (match.best, match.best_text) == (pytest.approx(1.0, abs=2e-3), 1)
        assert match.question == pytest.approx(cosine("东西不想要了", "怎么退货"), abs=2e-3)
        others = [cosine("东西不想要了", text) for text in ("怎么退货", "退货")]
        assert match.second == pytest.approx(max(others), abs=2e-3)
        assert match.answer == pytest.approx(cosine("东西不想要了", "在订单页点申请售后。"), abs=2e-3)
        against = [cosine("东西不想要了", text) for text in ENTRIES[0].negative]
        assert match.negative == pytest.approx(max(against), abs=2e-3)

    def test_what_an_entry_does_not_have_is_nan(self, index: DenseIndex) -> None:
        match = index.similarities(asked("退货"), 1)
        assert [math.isnan(value) for value in (match.question, match.second, match.answer)] == [False, True, True]
        assert not math.isnan(match.negative)
        empty = index.similarities(asked("退货"), 3)
        assert all(map(math.isnan, (empty.question, empty.best, empty.second, empty.answer, empty.negative)))
        assert empty.best_text == 0

    def test_what_has_no_vector_yet_is_neither_found_nor_compared(self) -> None:
        index = self.build(ENTRIES, without=["怎么退货", "在订单页点申请售后。", "怎么退会员费", "退款没到账"])
        assert {text for entry, text in self.places(index, "怎么退货", 50) if entry == 0} <= {1, 2}
        match = index.similarities(asked("退货"), 0)
        assert (match.best, match.best_text) == (pytest.approx(1.0, abs=2e-3), 2)
        assert all(map(math.isnan, (match.question, match.answer, match.negative)))
        assert match.second == pytest.approx(cosine("退货", "东西不想要了"), abs=2e-3)

    def test_an_empty_index_finds_nothing(self) -> None:
        assert self.build(()).search(asked("退货"), limit=5) == []

    def test_many_threads_read_at_once(self, index: DenseIndex) -> None:
        expected = index.search(asked("退货"), limit=10), index.similarities(asked("退货"), 0)
        with ThreadPoolExecutor(8) as pool:
            found = list(
                pool.map(
                    lambda _: (index.search(asked("退货"), limit=10), index.similarities(asked("退货"), 0)), range(64)
                )
            )
        assert all(one == expected for one in found)


def _of(entry: EntryTexts) -> list[int]:
    return [*range(len(entry.positive)), *([ANSWER] if entry.answer else [])]


class TestFaissDense(DenseContract):
    kind = FaissDense


class TestMemoryDense(DenseContract):
    kind = MemoryDense


def test_both_find_the_same() -> None:
    faiss, plain = TestFaissDense().build(ENTRIES), TestMemoryDense().build(ENTRIES)
    for text in TEXTS:
        left, right = (index.search(asked(text), limit=50) for index in (faiss, plain))
        assert [(hit.entry, hit.text) for hit in left] == [(hit.entry, hit.text) for hit in right]
        assert [hit.score for hit in left] == pytest.approx([hit.score for hit in right], abs=2e-5)
