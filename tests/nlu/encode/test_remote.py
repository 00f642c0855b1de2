"""Model servers: TEI's shape and OpenAI's, and everything that can go wrong on the way to them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import numpy as np
import pytest

from nlu.encode import ModelUnavailable
from nlu.encode.breaker import Breaker
from nlu.encode.caller import Caller
from nlu.encode.remote import ModelChanged, OpenAiEncoder, TeiEncoder, TeiReranker
from tests.nlu.encode.models import Clock

INFO = {"model_id": "intfloat/multilingual-e5-small", "model_sha": "abc", "model_dtype": "float16"}


class Server:
    """A model server in this process. ``answer`` replaces its next answers; every request is noted."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any, httpx.Headers]] = []
        self.info: Any = dict(INFO)
        self.headers: dict[str, str] = {}
        self.answer: Callable[[httpx.Request], httpx.Response] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content) if request.content else None
        self.requests.append((request.url.path, body, request.headers))
        if self.answer:
            return self.answer(request)
        return httpx.Response(200, json=self._usual(request.url.path, body), headers=self.headers)

    def _usual(self, path: str, body: Any) -> Any:
        if path == "/info":
            return self.info
        if path == "/embed":
            return [[float(len(text)), 3.0, 4.0] for text in body["inputs"]]
        if path == "/v1/embeddings":
            rows = [{"index": n, "embedding": [float(len(text)), 1.0]} for n, text in enumerate(body["input"])]
            return {"data": rows[::-1]}
        scores = [{"index": n, "score": float(len(text))} for n, text in enumerate(body["texts"])]
        return sorted(scores, key=lambda row: -row["score"])

    @property
    def asked(self) -> list[str]:
        return [path for path, _, _ in self.requests]


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def caller(server: Server, clock: Clock) -> Caller:
    return Caller("http://models.example:8090", api_key="key-1", transport=httpx.MockTransport(server), clock=clock)


@pytest.fixture
def encoder(caller: Caller) -> TeiEncoder:
    return TeiEncoder(caller)


@pytest.fixture
def reranker(caller: Caller) -> TeiReranker:
    return TeiReranker(caller)


class TestTei:
    def test_vectors_come_in_the_order_of_the_texts(self, encoder: TeiEncoder, server: Server) -> None:
        found = encoder.encode(["退", "退货", "怎么退货"])
        expected = np.array([[1, 3, 4], [2, 3, 4], [4, 3, 4]], dtype=np.float32)
        np.testing.assert_allclose(found, expected / np.linalg.norm(expected, axis=1, keepdims=True), rtol=1e-6)
        _, body, headers = server.requests[0]
        assert body == {"inputs": ["退", "退货", "怎么退货"], "normalize": True, "truncate": True}
        assert headers["authorization"] == "Bearer key-1"

    def test_many_texts_go_in_requests_of_32(self, encoder: TeiEncoder, server: Server) -> None:
        assert encoder.encode(["退"] * 70).shape == (70, 3)
        assert [len(body["inputs"]) for path, body, _ in server.requests if path == "/embed"] == [32, 32, 6]

    def test_the_width_is_learned(self, encoder: TeiEncoder, server: Server) -> None:
        assert encoder.dims == encoder.dims == 3
        assert server.asked.count("/embed") == 1
        assert encoder.encode([]).shape == (0, 3)

    def test_another_width_later_is_nonsense(self, encoder: TeiEncoder, server: Server) -> None:
        encoder.encode(["退"])
        server.answer = lambda _: httpx.Response(200, json=[[1.0, 2.0]])
        with pytest.raises(ModelUnavailable, match="2 dimensions instead of 3"):
            encoder.encode(["退"])

    def test_scores_find_their_texts_again(self, reranker: TeiReranker, server: Server) -> None:
        texts = ["退" * size for size in (2, 5, 1)] + ["货"] * 40
        assert reranker.score("怎么退货", texts).tolist() == [2, 5, 1] + [1] * 40
        assert server.requests[0][1]["raw_scores"] is True
        assert server.asked.count("/rerank") == 2

    def test_half_a_character_is_sent_as_a_question_mark(self, encoder: TeiEncoder, server: Server) -> None:
        encoder.encode(["退\ud83d"])
        assert server.requests[0][1]["inputs"] == ["退?"]

    def test_the_server_hears_how_long_the_caller_waits(self, encoder: TeiEncoder, server: Server) -> None:
        encoder.encode(["退"], timeout=0.15)
        assert 0 < int(server.requests[0][2]["x-timeout-ms"]) <= 151


class TestFingerprint:
    def test_it_is_the_models_and_not_the_servers(self, server: Server, encoder: TeiEncoder) -> None:
        other = Server()
        twin = TeiEncoder(Caller("http://other:1", transport=httpx.MockTransport(other)))
        assert encoder.fingerprint == twin.fingerprint
        other.info = {**INFO, "model_sha": "def"}
        assert TeiEncoder(Caller("http://o:1", transport=httpx.MockTransport(other))).fingerprint != twin.fingerprint

    def test_our_own_server_names_the_one_that_its_folder_has(self, server: Server, caller: Caller) -> None:
        server.info = {**INFO, "fingerprint": "f00d", "reranker_fingerprint": "beef"}
        assert (TeiEncoder(caller).fingerprint, TeiReranker(caller).fingerprint) == ("f00d", "beef")

    def test_vectors_of_another_model_are_refused(self, server: Server, encoder: TeiEncoder) -> None:
        server.info = {**INFO, "fingerprint": "one"}
        server.headers = {"x-model-fingerprint": "one"}
        encoder.encode(["退"])
        server.headers = {"x-model-fingerprint": "two"}
        for _ in range(5):  # and it stays refused, however often it is asked
            with pytest.raises(ModelChanged, match="two now, not one"):
                encoder.encode(["退"])
        assert encoder.fingerprint == "one"

    def test_a_server_that_does_not_say_is_asked_again_now_and_then(
        self, server: Server, encoder: TeiEncoder, clock: Clock
    ) -> None:
        encoder.encode(["退"])
        server.info = {**INFO, "model_sha": "def"}
        encoder.encode(["退"])
        clock.now += 61
        with pytest.raises(ModelChanged):
            encoder.encode(["退"])

    def test_one_that_was_never_reached_has_none(self, server: Server, encoder: TeiEncoder) -> None:
        server.answer = refuse
        with pytest.raises(ModelUnavailable, match=r"models\.example:8090 cannot be reached"):
            _ = encoder.fingerprint


class TestOpenAi:
    def test_rows_are_put_in_order(self, caller: Caller, server: Server) -> None:
        encoder = OpenAiEncoder(caller_at("http://models.example/v1", server), "http://models.example/v1", "small")
        found = encoder.encode(["退", "怎么退货"])
        np.testing.assert_allclose(found, [[0.7071, 0.7071], [0.9701, 0.2425]], atol=1e-4)
        assert server.requests[0][1] == {"model": "small", "input": ["退", "怎么退货"], "encoding_format": "float"}
        assert encoder.dims == 2

    def test_models_of_one_server_are_told_apart(self, caller: Caller) -> None:
        names = [("http://a/v1", "small"), ("http://a/v1", "large"), ("http://b/v1", "small")]
        assert len({OpenAiEncoder(caller, address, model).fingerprint for address, model in names}) == 3

    @pytest.mark.parametrize(
        "body", [{"data": [{"index": 5, "embedding": [1.0]}]}, {"data": [{}]}, {"error": "no"}, [], {"data": 3}]
    )
    def test_nonsense_is_said_to_be_nonsense(self, body: object, server: Server) -> None:
        server.answer = lambda _: httpx.Response(200, json=body)
        encoder = OpenAiEncoder(caller_at("http://models.example/v1", server), "http://models.example/v1", "small")
        with pytest.raises(ModelUnavailable, match="nonsense"):
            encoder.encode(["退"])


class TestFailures:
    @pytest.mark.parametrize(
        "body",
        [
            b"[[1,2,3]]",
            b"[[1,2,3],[1,2]]",
            b"[[1,2,3],[NaN,2,3]]",
            b"[[1,2,3],[null,2,3]]",
            b'[["a","b"],["c","d"]]',
            b"[[0,0,0],[1,2,3]]",
            b"[[1e39,0,0],[1,2,3]]",
            b"[[],[]]",
            b"[" + b"9" * 20_000_000 + b"]",
            b"{}",
            b"null",
            b"<html>",
            b"",
        ],
    )
    def test_vectors_that_make_no_sense_are_refused(self, body: bytes, encoder: TeiEncoder, server: Server) -> None:
        server.answer = lambda _: httpx.Response(200, content=body)
        with pytest.raises(ModelUnavailable, match="nonsense"):
            encoder.encode(["退", "货"])

    @pytest.mark.parametrize(
        "body",
        [
            [{"index": 0, "score": 1.0}],
            [{"index": 0, "score": 1.0}, {"index": 0, "score": 2.0}],
            [{"index": 0, "score": 1.0}, {"index": 2, "score": 2.0}],
            [{"index": 0, "score": 1.0}, {"index": 1, "score": None}],
            [{"index": 0, "score": 1.0}, {"score": 2.0}],
            [{"index": n, "score": 1.0} for n in range(3)],
            {"error": "no"},
            [1, 2],
        ],
    )
    def test_scores_that_make_no_sense_are_refused(self, body: object, reranker: TeiReranker, server: Server) -> None:
        _ = reranker.fingerprint
        server.answer = lambda _: httpx.Response(200, json=body)
        with pytest.raises(ModelUnavailable, match="nonsense"):
            reranker.score("退", ["货", "票"])

    def test_a_server_that_cannot_be_reached_is_tried_three_times(self, encoder: TeiEncoder, server: Server) -> None:
        server.answer = refuse
        with pytest.raises(ModelUnavailable, match="cannot be reached"):
            encoder.encode(["退"])
        assert len(server.requests) == 3

    def test_a_connection_that_comes_back_is_no_failure(self, encoder: TeiEncoder, server: Server) -> None:
        _ = encoder.fingerprint
        tries = iter([True, True, False])

        def now_and_then(request: httpx.Request) -> httpx.Response:
            if next(tries):
                raise httpx.ConnectError("refused", request=request)
            return httpx.Response(200, json=[[1.0]])

        server.answer = now_and_then
        assert encoder.encode(["退"]).tolist() == [[1.0]]

    def test_a_request_that_was_sent_is_not_sent_again(self, encoder: TeiEncoder, server: Server) -> None:
        server.answer = fail(httpx.ReadTimeout("slow"))
        with pytest.raises(ModelUnavailable, match="did not answer in time"):
            encoder.encode(["退"])
        assert server.asked == ["/embed"]

    def test_no_time_left_means_no_request(self, encoder: TeiEncoder, server: Server) -> None:
        with pytest.raises(ModelUnavailable, match="in time"):
            encoder.encode(["退"], timeout=0.0)
        assert server.requests == []

    def test_an_answer_in_drops_is_held_to_the_deadline(
        self, encoder: TeiEncoder, server: Server, clock: Clock
    ) -> None:
        def drops() -> Iterator[bytes]:
            for _ in range(100):
                clock.now += 1
                yield b" "

        server.answer = lambda _: httpx.Response(200, content=drops())
        with pytest.raises(ModelUnavailable, match="in time"):
            encoder.encode(["退"], timeout=5)
        assert clock.now <= 107

    @pytest.mark.parametrize(
        ("status", "words"), [(429, "busy"), (500, "status 500: oops"), (401, "status 401"), (302, "status 302")]
    )
    def test_a_refusal_says_why(self, status: int, words: str, encoder: TeiEncoder, server: Server) -> None:
        server.answer = lambda _: httpx.Response(status, text="oops")
        with pytest.raises(ModelUnavailable, match=words):
            encoder.encode(["退"])

    def test_no_error_repeats_a_password_or_key(self, server: Server) -> None:
        server.answer = refuse
        transport = httpx.MockTransport(server)
        encoder = TeiEncoder(Caller("http://me:secret@models.example", api_key="key-1", transport=transport))
        with pytest.raises(ModelUnavailable) as caught:
            encoder.encode(["退"])
        assert "secret" not in str(caught.value)
        assert "key-1" not in str(caught.value)


class TestRest:
    def test_after_three_failures_the_server_is_left_alone(
        self, encoder: TeiEncoder, server: Server, clock: Clock
    ) -> None:
        _ = encoder.fingerprint
        server.answer = lambda _: httpx.Response(500)
        for _ in range(3):
            with pytest.raises(ModelUnavailable, match="500"):
                encoder.encode(["退"])
        before = len(server.requests)
        with pytest.raises(ModelUnavailable, match="given a rest"):
            encoder.encode(["退"])
        assert len(server.requests) == before
        clock.now += 5.1
        server.answer = None
        assert encoder.encode(["退"]).shape == (1, 3)
        assert encoder.encode(["退"]).shape == (1, 3)

    def test_nonsense_counts_as_a_failure(self, encoder: TeiEncoder, server: Server) -> None:
        _ = encoder.fingerprint
        server.answer = lambda _: httpx.Response(200, json=[])
        for _ in range(3):
            with pytest.raises(ModelUnavailable, match="nonsense"):
                encoder.encode(["退"])
        with pytest.raises(ModelUnavailable, match="given a rest"):
            encoder.encode(["退"])

    def test_a_busy_server_is_not_an_ailing_one(self, encoder: TeiEncoder, server: Server) -> None:
        server.answer = lambda _: httpx.Response(429)
        for _ in range(6):
            with pytest.raises(ModelUnavailable, match="busy"):
                encoder.encode(["退"])

    def test_one_at_a_time_tries_a_server_that_rested(self) -> None:
        clock = Clock()
        breaker = Breaker(failures=2, rest=5, clock=clock)
        breaker.failed()
        assert breaker.allows()
        breaker.failed()
        assert not breaker.allows()
        clock.now += 5
        assert [breaker.allows(), breaker.allows()] == [True, False]
        breaker.failed()
        clock.now += 4.9
        assert not breaker.allows()
        clock.now += 0.1
        assert breaker.allows()
        breaker.succeeded()
        assert [breaker.allows(), breaker.allows()] == [True, True]


def caller_at(address: str, server: Server) -> Caller:
    return Caller(address, transport=httpx.MockTransport(server))


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


def fail(error: httpx.HTTPError) -> Callable[[httpx.Request], httpx.Response]:
    def answer(_request: httpx.Request) -> httpx.Response:
        raise error

    return answer
