"""What every ``Recall`` must do; the embedded engine and its plain twin pass the same tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from dialog.kb.recall import MemoryRecall, RecallRow, TantivyRecall
from dialog.ports import Recall
from nlu.segment import Segmenter

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


def rows() -> list[RecallRow]:
    texts = ((entry, text, written.lower()) for entry, text, written in TEXTS)
    return [RecallRow(entry, text, SEGMENTER.words(t), SEGMENTER.bigrams(t)) for entry, text, t in texts]


class RecallContract:
    """Tests for any engine; a subclass says how it is built."""

    build: Callable[[Sequence[RecallRow]], Recall]

    @pytest.fixture
    def recall(self) -> Recall:
        return type(self).build(rows())

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


class TestTantivyRecall(RecallContract):
    build = TantivyRecall.build


class TestMemoryRecall(RecallContract):
    build = MemoryRecall


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
