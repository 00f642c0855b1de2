"""The inference process as its callers see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from nlu.encode.batched import BatchedEncoder, BatchedReranker
from nlu.encode.server import App, Served
from nlu.encode.serving import ModelSource, reload
from nlu.encode.specs import BadSpec
from tests.nlu.encode import models
from tests.nlu.encode.models import FakeEncoder, FakeReranker


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
async def app(encoder: FakeEncoder) -> AsyncIterator[App]:
    served = Served(BatchedEncoder(encoder, waiting=8), BatchedReranker(FakeReranker()), "tiny", "tiny-cross")
    yield App(served)
    encoder.gate.set()
    served.close()


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as made:
        yield made


async def busy(client: httpx.AsyncClient, encoder: FakeEncoder, waiting: int) -> list[asyncio.Task[httpx.Response]]:
    """A pass is under way, and ``waiting`` texts wait for the next."""
    encoder.gate.clear()
    first = asyncio.create_task(client.post("/embed", json={"inputs": "一"}))
    await asyncio.to_thread(encoder.entered.acquire)
    second = asyncio.create_task(client.post("/embed", json={"inputs": ["二"] * waiting}))
    await until_waiting(client, waiting)
    return [first, second]


async def until_waiting(client: httpx.AsyncClient, count: int) -> None:
    async with asyncio.timeout(10):
        while (await client.get("/info")).json()["waiting"] < count:
            await asyncio.sleep(0.005)


class TestEmbed:
    @pytest.mark.parametrize("inputs", ["退货", ["退货"], ["退货", "发票", ""], ["x"] * 8])
    async def test_one_vector_a_text(self, inputs: Any, client: httpx.AsyncClient) -> None:
        answer = await client.post("/embed", json={"inputs": inputs, "normalize": True, "truncate": True})
        texts = [inputs] if isinstance(inputs, str) else inputs
        np.testing.assert_allclose(answer.json(), FakeEncoder().encode(texts), atol=1e-6)
        assert answer.headers["x-model-fingerprint"] == "fake"

    async def test_callers_share_passes(self, client: httpx.AsyncClient, encoder: FakeEncoder) -> None:
        waiting = await busy(client, encoder, 2)
        third = asyncio.create_task(client.post("/embed", json={"inputs": ["三", "四"]}))
        await until_waiting(client, 4)
        encoder.gate.set()
        assert [answer.status_code for answer in await asyncio.gather(*waiting, third)] == [200] * 3
        assert [sorted(call) for call in encoder.calls] == [["一"], ["三", "二", "二", "四"]]

    async def test_too_much_is_refused_early(self, client: httpx.AsyncClient, encoder: FakeEncoder) -> None:
        waiting = await busy(client, encoder, 7)
        answer = await client.post("/embed", json={"inputs": ["三", "四"]})
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.json()["error_type"] == "Overloaded"
        encoder.gate.set()
        assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [200, 200]

    async def test_who_waits_no_longer_is_not_served(self, client: httpx.AsyncClient, encoder: FakeEncoder) -> None:
        waiting = await busy(client, encoder, 1)
        answer = await client.post("/embed", json={"inputs": "急"}, headers={"x-timeout-ms": "20"})
        assert answer.status_code == 504
        encoder.gate.set()
        await asyncio.gather(*waiting)
        assert not any("急" in call for call in encoder.calls)

    async def test_a_failing_model_is_an_error_and_not_the_end(
        self, client: httpx.AsyncClient, encoder: FakeEncoder
    ) -> None:
        encoder.error = models.down("out of memory")
        answer = await client.post("/embed", json={"inputs": "退货"})
        assert (answer.status_code, answer.json()["error"]) == (503, "out of memory")
        encoder.error = None
        assert (await client.post("/embed", json={"inputs": "退货"})).status_code == 200


class TestRerank:
    async def test_best_first_with_their_places(self, client: httpx.AsyncClient) -> None:
        body = {"query": "退货", "texts": ["发票", "退货", "退"], "raw_scores": True}
        answer = await client.post("/rerank", json=body)
        assert answer.json() == [{"index": 1, "score": 2}, {"index": 2, "score": 1}, {"index": 0, "score": 0}]
        assert answer.headers["x-model-fingerprint"] == "fake-reranker"

    async def test_scores_lie_within_0_and_1_unless_they_are_wanted_raw(self, client: httpx.AsyncClient) -> None:
        body = {"query": "退货", "texts": ["发票", "退货"], "return_text": True}
        rows = (await client.post("/rerank", json=body)).json()
        assert rows == [
            {"index": 1, "score": pytest.approx(0.8808, abs=1e-4), "text": "退货"},
            {"index": 0, "score": 0.5, "text": "发票"},
        ]


class TestRefusals:
    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("/embed", b"", 422),
            ("/embed", b"[1]", 422),
            ("/embed", b"{}", 422),
            ("/embed", b'{"inputs": []}', 422),
            ("/embed", b'{"inputs": [1]}', 422),
            ("/embed", b'{"inputs": {"a": 1}}', 422),
            ("/embed", b'{"inputs": "x", "normalize": false}', 422),
            ("/embed", b'{"inputs": "x", "normalize": "yes"}', 422),
            ("/embed", b'{"inputs": "\xff"}', 422),
            ("/embed", b'{"inputs": [%s]}' % b",".join([b'"x"'] * 33), 413),
            ("/embed", b'{"inputs": "%s"}' % (b"x" * 2_000_000), 413),
            ("/rerank", b'{"texts": ["x"]}', 422),
            ("/rerank", b'{"query": "x", "texts": "y"}', 422),
            ("/rerank", b'{"query": "x", "texts": ["y"], "raw_scores": 1}', 422),
            ("/elsewhere", b"{}", 404),
            ("/health", b"{}", 405),
        ],
    )
    async def test_nonsense_gets_a_status_and_a_sentence(
        self, path: str, body: bytes, status: int, client: httpx.AsyncClient
    ) -> None:
        answer = await client.post(path, content=body)
        assert answer.status_code == status
        assert answer.json()["error"]

    @pytest.mark.parametrize("header", ["0", "-1", "soon", "1e3", "9" * 30])
    async def test_a_timeout_that_is_none(self, header: str, client: httpx.AsyncClient) -> None:
        answer = await client.post("/embed", json={"inputs": "x"}, headers={"x-timeout-ms": header})
        assert answer.status_code == 422

    async def test_a_model_that_is_off_is_not_found(self) -> None:
        app = App(Served(None, None))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
            assert (await client.post("/embed", json={"inputs": "x"})).status_code == 404
            assert (await client.post("/rerank", json={"query": "x", "texts": ["y"]})).status_code == 404

    async def test_with_a_key_set_it_is_asked_for(self, encoder: FakeEncoder) -> None:
        app = App(Served(BatchedEncoder(encoder), None), api_key="s3cret")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as client:
            ask = {"inputs": "x"}
            right = {"authorization": "Bearer s3cret"}
            assert (await client.get("/health")).status_code == 200
            assert (await client.post("/embed", json=ask)).status_code == 401
            assert (await client.post("/embed", json=ask, headers={"authorization": "Bearer x"})).status_code == 401
            assert (await client.post("/embed", json=ask, headers=right)).status_code == 200


async def test_info_tells_both_models(client: httpx.AsyncClient) -> None:
    info = (await client.get("/info")).json()
    assert (info["model_id"], info["fingerprint"], info["dims"]) == ("tiny", "fake", 16)
    assert (info["reranker_id"], info["reranker_fingerprint"]) == ("tiny-cross", "fake-reranker")
    assert info["max_client_batch_size"] == 32


class TestSwap:
    async def test_a_reload_serves_the_new_model_and_finishes_what_the_old_one_began(
        self, app: App, client: httpx.AsyncClient, encoder: FakeEncoder, tmp_path: Path
    ) -> None:
        waiting = await busy(client, encoder, 2)
        models.write_encoder(tmp_path)
        reloading = asyncio.create_task(reload(app, ModelSource(str(tmp_path), "off")))
        async with asyncio.timeout(30):
            while (await client.get("/info")).json()["fingerprint"] == "fake":
                await asyncio.sleep(0.01)
        fresh = await client.post("/embed", json={"inputs": "退货"})
        assert len(fresh.json()[0]) == models.DIMS
        encoder.gate.set()
        assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [200, 200]
        await reloading

    async def test_a_model_that_cannot_be_loaded_leaves_the_old_one(
        self, app: App, client: httpx.AsyncClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        await reload(app, ModelSource(str(tmp_path / "gone"), "off"))
        assert "the models were not swapped" in caplog.text
        assert (await client.post("/embed", json={"inputs": "退货"})).status_code == 200


class TestSource:
    @pytest.mark.parametrize(
        ("encoder", "reranker", "words"),
        [
            ("off", "off", "nothing to serve"),
            ("http://h:1", "off", "serves models of its own"),
            ("off", "http://h:1", "serves models of its own"),
            ("/no/such", "off", "no folder"),
        ],
    )
    def test_what_cannot_be_served_is_said(self, encoder: str, reranker: str, words: str) -> None:
        with pytest.raises(BadSpec, match=words):
            ModelSource(encoder, reranker).load()

    def test_what_is_loaded_is_named(self, tmp_path: Path) -> None:
        folder = models.write_reranker(tmp_path)
        served = ModelSource("off", str(folder)).load()
        assert (served.encoder, served.encoder_name, served.reranker_name) == (None, "", str(folder))
        served.close()
