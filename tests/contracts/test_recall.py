"""What every ``Recall`` must do; the embedded engine and its plain twin pass the same tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from dialog.kb.dense import DenseIndex, EntryTexts, FaissDense, Layout, MemoryDense, Rows
from dialog.kb.recall import MemoryRecall, RecallRow, TantivyRecall
from dialog.ports import ANSWER, Recall, RecallHit
from nlu.encode import Vector
from nlu.fusion import RANK_CONSTANT, VECTORS_WEIGHT
from nlu.segment import Segmenter
from tests.fakes.encoder import NgramEncoder

TEXTS = [
    (0, 0, "怎么修改收货地址"),
    (0, 1, "地址填错了想改"),
    (1, 0, "怎么修改手机号"),
    (2, 0, "退货运费谁承担"),
    (2, 1, "退货运费谁承担"),
    (3, 0, "How do I track my order?"),
    (4, 0, "iphone 15 充不进电"),
]
SEGMENTER = Segmenter(["credit card"])
ENCODER = NgramEncoder()
ANSWERED = "在订单页点申请售后"
"""The answer of the last entry, the only one that has one here."""


def rows() -> list[RecallRow]:
    texts = ((entry, text, written.lower()) for entry, text, written in TEXTS)
    return [RecallRow(entry, text, SEGMENTER.words(t), SEGMENTER.bigrams(t)) for entry, text, t in texts]


def vector(text: str) -> Vector:
    found: Vector = ENCODER.encode([text.lower()])[0]
    return found


def dense(kind: type[FaissDense] | type[MemoryDense]) -> DenseIndex:
    last = max(entry for entry, _, _ in TEXTS)
    entries = [
        EntryTexts(tuple(written.lower() for e, _, written in TEXTS if e == entry), ANSWERED if entry == last else "")
        for entry in range(last + 1)
    ]
    layout = Layout(entries)
    vectors = dict(zip(layout.found, ENCODER.encode(layout.found).astype("float16"), strict=True))
    return kind(layout, Rows.of(layout.found, vectors, ENCODER.dims), Rows.of((), vectors, ENCODER.dims))


class RecallContract:
    """Tests for any engine; a subclass says how it is built, without vectors and with them."""

    build: Callable[[Sequence[RecallRow]], Recall]
    build_dense: Callable[[], Recall]

    @pytest.fixture
    def recall(self) -> Recall:
        return type(self).build(rows())

    @pytest.fixture
    def both(self) -> Recall:
        return type(self).build_dense()

    def search(self, recall: Recall, text: str, limit: int = 10, near: str | None = None) -> list[RecallHit]:
        """``near``: the text whose vector stands for the question's; None: lexical legs alone."""
        lowered = text.lower()
        return recall.search(
            SEGMENTER.words(lowered),
            SEGMENTER.bigrams(lowered),
            limit=limit,
            vector=None if near is None else lambda: vector(near),
        )

    def ask(self, recall: Recall, text: str, limit: int = 10) -> list[tuple[int, int]]:
        hits = recall.search(SEGMENTER.words(text), SEGMENTER.bigrams(text), limit=limit)
        return [(hit.entry, hit.text) for hit in hits]

    def test_the_text_itself_comes_first(self, recall: Recall) -> None:
        for entry, text, written in TEXTS:
            found = self.ask(recall, written.lower())
            assert found[0] in {(entry, text), (2, 0)}
            assert (entry, text) in found

    def test_each_leg_is_scored_by_itself(self, recall: Recall) -> None:
        words = recall.search(("地址",), (), limit=10)
        bigrams = recall.search((), ("地址",), limit=10)
        assert {(hit.entry, hit.text) for hit in words} == {(0, 0), (0, 1)}
        assert all(hit.words > 0 and hit.bigrams == 0 for hit in words)
        assert all(hit.words == 0 and hit.bigrams > 0 for hit in bigrams)
        both = recall.search(("地址",), ("地址",), limit=10)
        assert [hit.words for hit in both] == pytest.approx([hit.words for hit in words])

    def test_the_best_sum_comes_first(self, recall: Recall) -> None:
        hits = recall.search(SEGMENTER.words("怎么改地址"), SEGMENTER.bigrams("怎么改地址"), limit=10)
        sums = [hit.words + hit.bigrams for hit in hits]
        assert sums == sorted(sums, reverse=True)

    def test_equal_texts_come_in_order(self, recall: Recall) -> None:
        assert self.ask(recall, "退货运费谁承担")[:2] == [(2, 0), (2, 1)]

    def test_the_same_question_finds_the_same(self, recall: Recall) -> None:
        first = recall.search(("修改", "怎么"), ("修改",), limit=10)
        assert all(recall.search(("修改", "怎么"), ("修改",), limit=10) == first for _ in range(5))

    def test_rare_words_weigh_more_than_common_ones(self, recall: Recall) -> None:
        hits = {(hit.entry, hit.text): hit.words for hit in recall.search(("怎么", "手机号", "手机"), (), limit=10)}
        assert hits[1, 0] > hits[0, 0] > 0

    def test_short_texts_score_above_long_ones_for_the_same_word(self, recall: Recall) -> None:
        hits = {(hit.entry, hit.text): hit.bigrams for hit in recall.search((), ("地址",), limit=10)}
        assert hits[0, 1] > hits[0, 0]

    def test_a_word_asked_twice_counts_once(self, recall: Recall) -> None:
        assert recall.search(("地址", "地址"), (), limit=5) == recall.search(("地址",), (), limit=5)

    def test_limits(self, recall: Recall) -> None:
        assert len(recall.search(("怎么", "修改"), (), limit=1)) == 1
        assert recall.search(("怎么",), ("修改",), limit=0) == []

    @pytest.mark.parametrize("tokens", [(), ("没有这个词",), ("*", "words:地址", '"', "AND", "\\")])
    def test_nothing_found_is_no_error(self, recall: Recall, tokens: tuple[str, ...]) -> None:
        assert recall.search(tokens, tokens, limit=10) == []

    def test_english_and_mixed(self, recall: Recall) -> None:
        assert self.ask(recall, "tracking orders")[0] == (3, 0)
        assert self.ask(recall, "iphone 充电")[0] == (4, 0)

    def test_an_empty_index_finds_nothing(self) -> None:
        assert type(self).build([]).search(("怎么",), ("怎么",), limit=5) == []

    def test_many_threads_read_at_once(self, recall: Recall) -> None:
        expected = recall.search(("怎么", "修改"), ("地址",), limit=10)
        with ThreadPoolExecutor(8) as pool:
            found = pool.map(lambda _: recall.search(("怎么", "修改"), ("地址",), limit=10), range(64))
        assert all(hits == expected for hits in found)

    # --- with vectors ---

    def test_the_lexical_legs_alone_answer_as_ever(self, recall: Recall, both: Recall) -> None:
        for _, _, text in TEXTS:
            expected = self.search(recall, text)
            assert self.search(both, text) == expected
            words, bigrams = SEGMENTER.words(text.lower()), SEGMENTER.bigrams(text.lower())
            assert both.search(words, bigrams, limit=10, vector=lambda: None) == expected
            assert recall.search(words, bigrams, limit=10, vector=lambda: vector("退货")) == expected

    def test_what_shares_no_word_is_found_by_its_vector(self, both: Recall) -> None:
        hits = self.search(both, "parcel", near="地址填错了想改")
        assert (hits[0].entry, hits[0].text) == (0, 1)
        assert (hits[0].words, hits[0].bigrams) == (0.0, 0.0)
        assert hits[0].dense == pytest.approx(1.0, abs=2e-3)

    def test_an_answer_is_found_by_its_vector_alone(self, both: Recall) -> None:
        hits = self.search(both, "申请售后", near=ANSWERED)
        assert (hits[0].entry, hits[0].text) == (4, ANSWER)
        assert all(hit.text != ANSWER for hit in self.search(both, "申请售后"))

    def test_each_leg_keeps_its_own_score(self, both: Recall) -> None:
        alone = {(hit.entry, hit.text): hit for hit in self.search(both, "怎么修改收货地址")}
        hits = self.search(both, "怎么修改收货地址", near="怎么修改手机号")
        assert {(hit.entry, hit.text) for hit in hits} >= alone.keys()
        for hit in hits:
            lexical = alone.get((hit.entry, hit.text), RecallHit(hit.entry, hit.text, 0.0, 0.0))
            assert (hit.words, hit.bigrams) == (lexical.words, lexical.bigrams)
            assert hit.dense >= 0.0

    def test_legs_are_fused_by_rank_and_ties_go_by_place(self, both: Recall) -> None:
        hits = self.search(both, "怎么修改收货地址", near="怎么修改手机号")
        legs = [
            sorted((h for h in hits if score(h) > 0), key=lambda h: (-score(h), h.entry, h.text))
            for score in (_words, _bigrams, _dense)
        ]
        fused = {
            (hit.entry, hit.text): sum(
                weight / (RANK_CONSTANT + leg.index(hit) + 1)
                for leg, weight in zip(legs, (1.0, 1.0, VECTORS_WEIGHT), strict=True)
                if hit in leg
            )
            for hit in hits
        }
        assert list(fused) == sorted(fused, key=lambda place: (-fused[place], place))

    def test_every_leg_has_the_limit(self, both: Recall) -> None:
        hits = self.search(both, "怎么修改收货地址", limit=2, near="退货运费谁承担")
        assert sum(hit.dense > 0 for hit in hits) == 2
        assert len(hits) <= 6
        assert both.search((), (), limit=0, vector=lambda: vector("退货")) == []


def _words(hit: RecallHit) -> float:
    return hit.words


def _bigrams(hit: RecallHit) -> float:
    return hit.bigrams


def _dense(hit: RecallHit) -> float:
    return hit.dense


class TestTantivyRecall(RecallContract):
    build = TantivyRecall.build

    @staticmethod
    def build_dense() -> Recall:
        return TantivyRecall.build(rows(), dense(FaissDense))


class TestMemoryRecall(RecallContract):
    build = MemoryRecall

    @staticmethod
    def build_dense() -> Recall:
        return MemoryRecall(rows(), dense(MemoryDense))


def test_both_engines_score_alike() -> None:
    """Tantivy rounds the lengths of texts, so its figures differ a little, its order hardly."""
    exact, embedded = MemoryRecall(rows()), TantivyRecall.build(rows())
    for _, _, text in TEXTS:
        words, bigrams = SEGMENTER.words(text.lower()), SEGMENTER.bigrams(text.lower())
        left = {(h.entry, h.text): (h.words, h.bigrams) for h in exact.search(words, bigrams, limit=10)}
        right = {(h.entry, h.text): (h.words, h.bigrams) for h in embedded.search(words, bigrams, limit=10)}
        assert left.keys() == right.keys()
        for key, scores in left.items():
            assert right[key] == pytest.approx(scores, rel=0.1)
