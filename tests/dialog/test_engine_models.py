"""The engine with models: what its trace says of them, and of turns that had to do without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from dialog.engine import Engine
from dialog.kb.models import Models
from dialog.types import Outcome, Proposal, Route
from nlu.rank import Rankers
from nlu.types import Normalized
from tests.dialog.samples import publication, respond
from tests.fakes.encoder import NgramEncoder

OFF_TOPIC = "量子纠缠在火星上的葡萄种植补贴"


@dataclass(frozen=True)
class _Bot:
    """Proposes nothing, in the modes that it is told."""

    degraded: tuple[str, ...]

    def propose(self, _message: Normalized, _now: datetime) -> Proposal:
        return Proposal(Route.KB, degraded=self.degraded)


class _Reranker:
    fingerprint = "fake-reranker"

    def score(self, query: str, texts: object, *, timeout: float | None = None) -> None:
        raise AssertionError("an engine is built, and nothing is read")


def build(encoder: NgramEncoder, previous: Engine | None = None, **options: object) -> Engine:
    return Engine.build(publication(), previous, Models(encoder=encoder, patience=None), **options)  # type: ignore[arg-type]


def test_the_trace_names_the_models() -> None:
    versions = respond(build(NgramEncoder()), "怎么退货").trace.versions
    assert (versions["encoder"], versions["reranker"]) == ("fake-ngrams", "")
    with_reranker = Engine.build(publication(), models=Models(reranker=_Reranker()))  # type: ignore[arg-type]
    assert with_reranker.versions == {**versions, "encoder": "", "reranker": "fake-reranker"}


def test_a_turn_on_incomplete_vectors_says_so() -> None:
    reply = respond(build(NgramEncoder(), encode_limit=0), OFF_TOPIC)
    assert reply.trace.degraded == ("vectors_incomplete",)


def test_a_turn_that_needs_no_vectors_is_not_weaker() -> None:
    reply = respond(build(NgramEncoder(), encode_limit=0), "怎么退货")
    assert (reply.outcome, reply.trace.degraded) == (Outcome.ANSWER, ())


def test_a_turn_without_the_encoder_says_so_and_still_finds_words() -> None:
    encoder = NgramEncoder()
    encoder.down = True
    reply = respond(build(encoder), "你们多久可以发货呀")
    assert reply.trace.degraded == ("encoder_unavailable",)
    assert next(s for s in reply.trace.stages if s.name == "kb").candidates[0].entry_id == "ship"


@pytest.mark.parametrize("modes", [(), ("encoder_late",), ("encoder_late", "reranker_late")])
def test_the_bots_weaker_modes_are_in_the_trace(modes: tuple[str, ...]) -> None:
    engine = replace(build(NgramEncoder()), _bot=_Bot(modes))  # type: ignore[arg-type]
    assert respond(engine, OFF_TOPIC).trace.degraded == modes


def test_the_same_weakness_is_named_once() -> None:
    engine = replace(build(NgramEncoder(), encode_limit=0), _bot=_Bot(("vectors_incomplete",)))  # type: ignore[arg-type]
    assert respond(engine, OFF_TOPIC).trace.degraded == ("vectors_incomplete",)


class TestRankers:
    own = Rankers(lexical=replace(Rankers.shipped().lexical, name="own"))

    def test_a_bots_own_ones_rank(self) -> None:
        engine = Engine.build(publication(), models=Models(rankers=self.own))
        assert str(engine.versions["ranker"]).startswith("own@")

    def test_they_are_not_handed_on_to_a_build_without_them(self) -> None:
        shipped = Engine.build(publication())
        own = Engine.build(publication(), shipped, Models(rankers=self.own))
        assert Engine.build(publication(), own).versions == shipped.versions
        assert Engine.build(publication(), own, Models(rankers=self.own)).versions == own.versions


def test_a_new_encoder_swaps_the_vectors_whole() -> None:
    old, new = NgramEncoder("old"), NgramEncoder("new", dims=32)
    first = build(old)
    second = build(new, first, encode_limit=None)
    assert [engine.versions["encoder"] for engine in (first, second)] == ["fake-old", "fake-new"]
    assert second.index.unencoded == 0
    for engine in (first, second):
        assert respond(engine, "你们多久可以发货呀").trace.degraded == ()
