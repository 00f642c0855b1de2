"""The models of a process: opened once, missing rather than fatal, and gone when nobody has them any more."""

from __future__ import annotations

import gc
import logging
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone

from apps.bots.models import Bot, ModelVersion
from apps.bots.registry import slot_of
from apps.conversations.shelf import Shelf, Wanted, models_wanted
from nlu.encode import Encoder, ModelUnavailable, Reranker
from nlu.rank import Rankers
from nlu.semantic import Scale
from tests.fakes.encoder import NgramEncoder
from tests.people import World

WANTED = Wanted(encoder="some", reranker="off")


class Doors:
    """Opens a fake for every spec but the ``broken`` ones and ``off``, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.broken = {"broken"}

    def encoder(self, spec: str) -> Encoder | None:
        if spec in self.broken:
            raise ModelUnavailable("there is no folder")
        self.opened.append(spec)
        return None if spec == "off" else NgramEncoder(spec)

    def reranker(self, spec: str) -> Reranker | None:
        if spec == "broken":
            raise ImportError("No module named 'onnxruntime'")
        return None


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture
def shelf(doors: Doors) -> Shelf:
    return Shelf(doors.encoder, doors.reranker, measure=lambda _encoder: Scale(0.1, 0.9))


def test_a_model_is_opened_once_for_all(shelf: Shelf, doors: Doors) -> None:
    models = [shelf.models(WANTED) for _ in range(3)]
    assert doors.opened == ["some"]
    assert {id(m.encoder) for m in models} == {id(models[0].encoder)}


def test_another_spec_is_another_model(shelf: Shelf, doors: Doors) -> None:
    models = shelf.models(WANTED), shelf.models(Wanted("other", "off"))
    assert doors.opened == ["some", "other"]
    assert [m.encoder.fingerprint for m in models if m.encoder] == ["fake-some", "fake-other"]


def test_a_question_asked_again_is_not_encoded_again(shelf: Shelf) -> None:
    questions = shelf.models(WANTED).questions
    assert questions is not None
    first, second = questions.encode(["怎么退货"]), questions.encode(["怎么退货"])
    assert first.tolist() == second.tolist()


def test_the_scale_is_measured(shelf: Shelf) -> None:
    assert shelf.models(WANTED).scale == Scale(0.1, 0.9)
    assert shelf.models(Wanted("off", "off")).scale == Scale()


def test_off_is_no_model_and_no_error(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    models = shelf.models_or_fail(Wanted("off", "off"))
    assert (models.encoder, models.questions, models.reranker, caplog.records) == (None, None, None, [])


def test_what_cannot_be_opened_is_missing_and_the_log_says_why(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        models = shelf.models(Wanted("broken", "broken"))
    assert (models.encoder, models.questions, models.reranker) == (None, None, None)
    assert "there is no folder" in caplog.text
    assert "onnxruntime" in caplog.text


def test_whoever_measures_hears_of_it(shelf: Shelf) -> None:
    with pytest.raises(ModelUnavailable, match="no folder"):
        shelf.models_or_fail(Wanted("broken", "off"))


def test_it_is_tried_again_at_the_next_build(shelf: Shelf, doors: Doors) -> None:
    doors.broken = {"some"}
    assert shelf.models(WANTED).encoder is None
    doors.broken = set()
    assert shelf.models(WANTED).encoder is not None


def test_a_model_that_nobody_has_is_closed(shelf: Shelf, doors: Doors) -> None:
    models = shelf.models(WANTED)
    assert models.encoder is not None
    before = set(threading.enumerate())
    models.encoder.encode(["退货"])
    (thread,) = set(threading.enumerate()) - before
    del models
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()
    shelf.models(WANTED)
    assert doors.opened == ["some", "some"]


def test_a_bots_own_rankers(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    own = Rankers(lexical=replace(Rankers.shipped().lexical, name="own"))
    rankers = shelf.models(Wanted("off", "off", own.to_json())).rankers
    assert rankers is not None
    assert rankers.name == "own"
    assert shelf.models(Wanted("off", "off", {"features": []})).rankers is None
    assert "ranker" in caplog.text


def promote(kind: str, bot: Bot | None, path: str = "", **artefact: object) -> None:
    ModelVersion.objects.create(
        kind=kind,
        bot=bot,
        name=f"{kind}-{bot}-{path}",
        fingerprint="f",
        status="production",
        slot=slot_of(kind, bot.pk if bot else None),
        path=path,
        artefact=artefact,
        promoted_at=timezone.now(),
    )


class TestWanted:
    @pytest.fixture(autouse=True)
    def _promoted(self, world: World, tmp_path: Path) -> None:
        promote("encoder", None, "/models/for-all")
        promote("encoder", world.bot, "/models/own")
        promote("reranker", None, "/models/reranker")
        promote("ranker", world.bot, weights=[1])

    @override_settings(ENCODER="", RERANKER="")
    def test_promoted_models_stand_in_for_the_shipped_ones(self, world: World) -> None:
        assert models_wanted(world.bot.pk) == Wanted("/models/own", "/models/reranker", {"weights": [1]})
        assert models_wanted(world.foreign_bot.pk) == Wanted("/models/for-all", "/models/reranker")
        assert models_wanted() == Wanted("/models/for-all", "/models/reranker")

    @pytest.mark.parametrize("spec", ["off", "http://127.0.0.1:8090", "/srv/model", "static"])
    def test_what_the_operator_names_stays(self, world: World, spec: str) -> None:
        with override_settings(ENCODER=spec, RERANKER="off"):
            assert models_wanted(world.bot.pk) == Wanted(spec, "off", {"weights": [1]})
