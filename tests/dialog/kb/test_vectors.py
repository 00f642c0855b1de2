"""The vectors of a publication: what is encoded, what is taken over, and what happens when it is too much or fails."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dialog.kb.index import KnowledgeIndex, vectors_wanted
from dialog.kb.models import Models
from dialog.kb.vectors import CHUNK, MemoryVectors
from dialog.ports import ANSWER
from dialog.types import Entry, Publication
from tests.fakes.encoder import NgramEncoder

ENTRIES = (
    Entry("return", "怎么退货", "在订单页点申请售后。", ("咋退啊", "怎么退货"), ("怎么退会员费",)),
    Entry("ship", "多久能发货", "多久能发货", ("什么时候寄出",)),
    Entry("again", "咋退啊", "在订单页点申请售后。"),
)
TEXTS = {"怎么退货", "咋退啊", "在订单页点申请售后。", "怎么退会员费", "多久能发货", "什么时候寄出"}
PUBLICATION = Publication(1, ENTRIES)


def build(
    encoder: NgramEncoder | None,
    previous: KnowledgeIndex | None = None,
    publication: Publication = PUBLICATION,
    **options: object,
) -> KnowledgeIndex:
    return KnowledgeIndex.build(publication, previous, Models(encoder=encoder, patience=None), **options)  # type: ignore[arg-type]


def places(index: KnowledgeIndex, text: str) -> list[tuple[str, int]]:
    """What the dense leg finds, by entry id."""
    vector = index.query_vector(text)
    hits = index.recall.search((), (), limit=50, vector=vector)
    return [(index.entries[hit.entry].id, hit.text) for hit in hits]


def many(count: int, version: int = 1) -> Publication:
    return Publication(version, tuple(Entry(str(n), f"第{n}个问题", f"第{n}个回答") for n in range(count)))


class TestWhatIsEncoded:
    def test_every_text_once(self) -> None:
        encoder = NgramEncoder()
        index = build(encoder)
        assert sorted(encoder.seen) == sorted(TEXTS)
        assert (set(index.vectors.encoded), index.unencoded, index.vectors.weaker) == (TEXTS, 0, ())

    def test_an_answer_that_repeats_the_question_adds_nothing(self) -> None:
        assert ("ship", ANSWER) not in places(build(NgramEncoder()), "多久能发货")

    def test_the_same_text_serves_every_entry_that_has_it(self) -> None:
        assert places(build(NgramEncoder()), "咋退啊")[:2] == [("return", 1), ("again", 0)]

    def test_without_an_encoder_there_are_no_vectors(self) -> None:
        index = build(None)
        assert (index.dense, index.unencoded, index.vectors.weaker, index.query_vector("退货")) == (None, 0, (), None)

    def test_progress_is_told(self) -> None:
        told: list[tuple[int, int]] = []
        build(NgramEncoder(), publication=many(20), progress=lambda *step: told.append(step))
        assert told[-1] == (40, 40)
        assert [done for done, _ in told] == [CHUNK, 2 * CHUNK, 40]


class TestTheNextBuild:
    def test_only_a_changed_text_is_encoded_again(self) -> None:
        encoder = NgramEncoder()
        first = build(encoder)
        encoder.seen.clear()
        changed = (replace(ENTRIES[0], similar=("咋退啊", "退货怎么弄")), *ENTRIES[1:])
        index = build(encoder, first, replace(PUBLICATION, version=2, entries=changed))
        assert encoder.seen == ["退货怎么弄"]
        assert index.vectors.encoded == ("退货怎么弄",)
        assert places(index, "退货怎么弄")[0] == ("return", 2)

    def test_one_entry_of_two_thousand(self) -> None:
        encoder = NgramEncoder()
        first = build(encoder, publication=many(2_000), encode_limit=None)
        encoder.seen.clear()
        second = many(2_000, version=2)
        entries = tuple(replace(e, question="换了说法") if e.id == "1234" else e for e in second.entries)
        index = build(encoder, first, replace(second, entries=entries))
        assert encoder.seen == ["换了说法"]
        assert index.unencoded == 0
        assert places(index, "换了说法")[0] == ("1234", 0)

    def test_it_equals_one_from_nothing(self) -> None:
        encoder = NgramEncoder()
        publication = Publication(2, (ENTRIES[2], replace(ENTRIES[0], negative=()), Entry("new", "发票", "在订单页。")))
        grown, fresh = build(encoder, build(encoder), publication), build(encoder, None, publication)
        for text in (*TEXTS, "发票"):
            assert places(grown, text) == places(fresh, text)
            vectors = grown.query_vector(text), fresh.query_vector(text)
            for entry in range(len(publication.entries)):
                left, right = (
                    index.dense.similarities(vector(), entry)  # type: ignore[union-attr, misc, arg-type]
                    for index, vector in zip((grown, fresh), vectors, strict=True)
                )
                assert repr(left) == repr(right)

    def test_what_is_gone_is_not_found_any_more(self) -> None:
        encoder = NgramEncoder()
        first = build(encoder)
        second = build(encoder, first, Publication(2, ENTRIES[1:]))
        assert "return" not in {entry for entry, _ in places(second, "怎么退货")}
        assert places(first, "怎么退货")[0] == ("return", 0)

    def test_another_encoders_vectors_are_never_taken_over(self) -> None:
        old, new = NgramEncoder("old"), NgramEncoder("new", dims=32)
        index = build(new, build(old))
        assert set(new.seen) == TEXTS
        assert index.vectors.fingerprint == new.fingerprint
        assert {len(vector) for vector in index.vectors.of(TEXTS).values()} == {32}

    def test_an_encoder_of_the_same_size_is_another_one_too(self) -> None:
        old, new = NgramEncoder("old"), NgramEncoder("new")
        expected = build(NgramEncoder("new")).vectors.of(TEXTS)
        found = build(new, build(old)).vectors.of(TEXTS)
        for text in TEXTS:
            np.testing.assert_array_equal(found[text], expected[text])


class TestStored:
    def test_what_is_stored_is_not_encoded(self) -> None:
        store, encoder = MemoryVectors(), NgramEncoder()
        first = build(encoder)
        store.save(encoder.fingerprint, first.vectors.of(first.vectors.encoded))
        encoder.seen.clear()
        wanted = vectors_wanted(PUBLICATION, None, encoder.fingerprint)
        assert set(wanted) == TEXTS
        index = build(encoder, stored=store.load(encoder.fingerprint, wanted))
        assert (encoder.seen, index.vectors.encoded, index.unencoded) == ([], (), 0)
        for text in TEXTS:
            assert places(index, text) == places(first, text)

    def test_what_the_previous_build_has_is_not_asked_for(self) -> None:
        encoder = NgramEncoder()
        first = build(encoder)
        second = replace(PUBLICATION, version=2, entries=(*ENTRIES, Entry("new", "发票", "在订单页。")))
        assert vectors_wanted(second, first, encoder.fingerprint) == ["发票", "在订单页。"]
        assert set(vectors_wanted(PUBLICATION, first, "another")) == TEXTS


class TestTooMuch:
    def test_beyond_the_limit_nothing_is_encoded_and_the_build_says_so(self) -> None:
        encoder = NgramEncoder()
        index = build(encoder, encode_limit=5)
        assert (encoder.seen, index.unencoded) == ([], 6)
        assert set(index.vectors.missing) == TEXTS
        assert index.vectors.weaker == ("vectors_incomplete",)
        assert index.query_vector("退货") is None

    def test_at_the_limit_all_is_encoded(self) -> None:
        assert build(NgramEncoder(), encode_limit=6).unencoded == 0

    def test_what_is_there_serves_meanwhile(self) -> None:
        encoder = NgramEncoder()
        second = replace(PUBLICATION, version=2, entries=(*ENTRIES, *many(4).entries))
        index = build(encoder, build(encoder), second, encode_limit=5)
        assert (index.unencoded, index.vectors.weaker) == (8, ("vectors_incomplete",))
        found = places(index, "第1个问题")
        assert found
        assert {entry for entry, _ in found} <= {"return", "ship", "again"}
        assert places(index, "怎么退货")[0] == ("return", 0)


class TestAFailingEncoder:
    def test_the_build_goes_on_without_vectors(self) -> None:
        encoder = NgramEncoder()
        encoder.down = True
        index = build(encoder)
        assert (index.dense, index.unencoded, index.vectors.weaker) == (None, 6, ("encoder_unavailable",))
        assert [hit.entry for hit in index.recall.search(("退货",), ("退货",), limit=5)] == [0]

    def test_what_was_encoded_before_it_failed_is_kept(self) -> None:
        encoder = NgramEncoder()
        encoder.survives = 2 * CHUNK
        index = build(encoder, publication=many(40))
        assert len(index.vectors.encoded) == 2 * CHUNK
        assert (index.unencoded, index.vectors.weaker) == (80 - 2 * CHUNK, ("encoder_unavailable",))

    def test_the_next_build_makes_up_for_it(self) -> None:
        encoder = NgramEncoder()
        encoder.survives = 2 * CHUNK
        first = build(encoder, publication=many(40))
        encoder.survives, encoder.down = None, False
        second = build(encoder, first, many(40, version=2))
        assert (second.unencoded, second.vectors.weaker) == (0, ())
        assert len(encoder.seen) == len(set(encoder.seen)) == 80

    def test_an_encoder_that_cannot_name_itself_is_unavailable(self) -> None:
        class Nameless(NgramEncoder):
            @property
            def fingerprint(self) -> str:
                self.encode([])
                return super().fingerprint

        encoder = Nameless()
        encoder.down = True
        index = build(encoder, build(NgramEncoder()))
        assert (index.dense, index.vectors.fingerprint, index.unencoded) == (None, "", 6)
        assert index.vectors.weaker == ("encoder_unavailable",)


@pytest.mark.parametrize("publication", [Publication(0), Publication(1, (Entry("x", "问", ""),))])
def test_small_publications(publication: Publication) -> None:
    index = build(NgramEncoder(), publication=publication)
    assert (index.unencoded, index.vectors.weaker) == (0, ())
