"""Micro-batching: who waits shares a pass, nobody is lost, nobody is served too late."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nlu.encode import ModelUnavailable
from nlu.encode.batched import CHUNK, BatchedEncoder, BatchedReranker
from nlu.encode.batcher import Batcher, Busy, Late
from tests.nlu.encode.models import Clock, FakeEncoder, FakeReranker, down


class Model:
    """Doubles numbers; a pass waits for ``gate``."""

    def __init__(self) -> None:
        self.passes: list[list[int]] = []
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)
        self.error: Exception | None = None
        self.short = False

    def __call__(self, items: list[int]) -> list[int]:
        self.passes.append(items)
        self.begun.release()
        assert self.gate.wait(10)
        if self.error:
            raise self.error
        return [2 * item for item in items][: len(items) - self.short]


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def batcher(model: Model, clock: Clock) -> Iterator[Batcher[int, int]]:
    made: Batcher[int, int] = Batcher(model, lambda item: item, waiting=10, items=4, tokens=100, clock=clock)
    yield made
    model.gate.set()
    made.close()


def occupy(batcher: Batcher[int, int], model: Model) -> None:
    """A pass is under way, so that what comes now waits."""
    batcher.submit([1])
    assert model.begun.acquire(timeout=10)


class TestBatcher:
    def test_a_lone_item_runs_at_once(self, batcher: Batcher[int, int], model: Model) -> None:
        model.gate.set()
        assert batcher.wait([7]) == [14]
        assert model.passes == [[7]]

    def test_what_waits_meanwhile_shares_the_next_pass(self, batcher: Batcher[int, int], model: Model) -> None:
        occupy(batcher, model)
        futures = [batcher.submit([5]), batcher.submit([6, 7])]
        model.gate.set()
        assert [future.result(10) for future in futures] == [[10], [12, 14]]
        assert [sorted(items) for items in model.passes] == [[1], [5, 6, 7]]

    def test_a_pass_takes_so_many_items_and_padded_tokens(self, batcher: Batcher[int, int], model: Model) -> None:
        occupy(batcher, model)
        futures = [batcher.submit([40, 41, 2, 3, 2, 3])]
        model.gate.set()
        assert futures[0].result(10) == [80, 82, 4, 6, 4, 6]
        assert [sorted(items) for items in model.passes[1:]] == [[40, 41], [2, 2, 3, 3]]

    def test_the_oldest_goes_first_and_brings_those_of_its_length(
        self, batcher: Batcher[int, int], model: Model
    ) -> None:
        occupy(batcher, model)
        long, short = batcher.submit([60]), batcher.submit([2, 2])
        model.gate.set()
        assert (long.result(10), short.result(10)) == ([120], [4, 4])
        assert model.passes[1:] == [[60], [2, 2]]

    def test_too_much_is_refused_at_once_and_not_half_taken(self, batcher: Batcher[int, int], model: Model) -> None:
        occupy(batcher, model)
        batcher.submit([2] * 8)
        with pytest.raises(Busy, match="busy"):
            batcher.submit([2] * 3)
        assert batcher.waiting == 8
        assert batcher.submit([2] * 2)

    def test_what_passed_its_deadline_is_not_run(self, batcher: Batcher[int, int], model: Model, clock: Clock) -> None:
        occupy(batcher, model)
        late, patient = batcher.submit([5], timeout=0.1), batcher.submit([6], timeout=10)
        clock.now += 1
        model.gate.set()
        assert patient.result(10) == [12]
        with pytest.raises(Late):
            late.result(10)
        assert model.passes == [[1], [6]]

    def test_a_caller_that_gave_up_is_not_served(self, batcher: Batcher[int, int], model: Model) -> None:
        occupy(batcher, model)
        with pytest.raises(Late, match=r"within 0\.01 s"):
            batcher.wait([5], timeout=0.01)
        model.gate.set()
        assert batcher.wait([6]) == [12]
        assert model.passes == [[1], [6]]

    @pytest.mark.parametrize("error", [ValueError("a bug"), down("no memory")])
    def test_a_failing_model_fails_its_callers_and_serves_the_next(
        self, batcher: Batcher[int, int], model: Model, error: Exception
    ) -> None:
        occupy(batcher, model)
        futures = [batcher.submit([5]), batcher.submit([6])]
        model.error = error
        model.gate.set()
        for future in futures:
            with pytest.raises(ModelUnavailable, match=str(error)):
                future.result(10)
        model.error = None
        assert batcher.wait([7]) == [14]

    def test_an_answer_of_the_wrong_length_is_an_error(self, batcher: Batcher[int, int], model: Model) -> None:
        model.gate.set()
        model.short = True
        with pytest.raises(ModelUnavailable, match="1 rows for 2 items"):
            batcher.wait([5, 6])

    def test_nothing_asked_is_nothing_answered(self, batcher: Batcher[int, int], model: Model) -> None:
        assert batcher.wait([]) == []
        assert model.passes == []

    def test_closing_answers_what_is_waiting_and_takes_no_more(self, batcher: Batcher[int, int], model: Model) -> None:
        occupy(batcher, model)
        waiting = batcher.submit([5])
        model.gate.set()
        batcher.close()
        assert waiting.result(0) == [10]
        with pytest.raises(ModelUnavailable, match="shutting down"):
            batcher.submit([6])

    def test_closing_refuses_what_a_stuck_model_keeps_waiting(self, batcher: Batcher[int, int], model: Model) -> None:
        occupy(batcher, model)
        waiting = batcher.submit([5])
        batcher.close(timeout=0.01)
        with pytest.raises(ModelUnavailable, match="shut down"):
            waiting.result(0)

    def test_closing_one_that_never_began_is_quiet(self, batcher: Batcher[int, int]) -> None:
        batcher.close()

    def test_many_threads_each_get_their_own(self, batcher: Batcher[int, int], model: Model) -> None:
        model.gate.set()
        asked = [[n, n + 1] for n in range(5)] * 40
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda items: batcher.wait(items, timeout=10), asked))
        assert found == [[2 * item for item in items] for items in asked]


class TestBatchedEncoder:
    def test_it_answers_as_the_encoder_does(self) -> None:
        texts = [f"第{n}问" for n in range(3 * CHUNK + 1)]
        batched = BatchedEncoder(FakeEncoder())
        np.testing.assert_array_equal(batched.encode(texts), FakeEncoder().encode(texts))
        assert (batched.fingerprint, batched.dims) == ("fake", 16)
        assert batched.encode([]).shape == (0, 16)
        batched.close()

    def test_a_question_waits_for_one_chunk_of_a_publication_and_not_for_all(self) -> None:
        inner = FakeEncoder()
        inner.gate.clear()
        batched = BatchedEncoder(inner)
        with ThreadPoolExecutor(2) as pool:
            publication = pool.submit(batched.encode, [f"问{n}" for n in range(10 * CHUNK)])
            assert inner.entered.acquire(timeout=10)
            question = pool.submit(batched.encode, ["急"])
            while not batched.waiting:
                threading.Event().wait(0.002)
            inner.gate.set()
            assert question.result(10).shape == (1, 16)
            assert publication.result(10).shape == (10 * CHUNK, 16)
        assert next(place for place, call in enumerate(inner.calls) if "急" in call) <= 2
        batched.close()

    def test_the_timeout_covers_all_chunks(self) -> None:
        clock, inner = Clock(), FakeEncoder()
        batched = BatchedEncoder(inner, clock=clock)
        encode = inner.encode

        def slow(texts: list[str]) -> object:
            clock.now += 1
            return encode(texts)

        inner.encode = slow  # type: ignore[method-assign, assignment]
        with pytest.raises(Late):
            batched.encode(["问"] * (3 * CHUNK), timeout=1.5)
        assert len(inner.calls) == 2
        batched.close()


class TestBatchedReranker:
    def test_scores_come_back_in_order(self) -> None:
        batched = BatchedReranker(FakeReranker())
        assert batched.score("退货", ["退货", "退", "发票"]).tolist() == [2, 1, 0]
        assert batched.score("退货", []).shape == (0,)
        assert batched.fingerprint == "fake-reranker"
        batched.close()

    def test_questions_that_share_a_pass_do_not_mix(self) -> None:
        batched = BatchedReranker(FakeReranker())
        queries = ["退货", "发票", "换货"] * 20
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda query: batched.score(query, ["退货吗", "发票吗"]).tolist(), queries))
        assert found == [FakeReranker().score(query, ["退货吗", "发票吗"]).tolist() for query in queries]
        batched.close()
