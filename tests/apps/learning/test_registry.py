"""Versions of models: registered once, one in production a place, and the way back."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.bots.models import Bot, ModelVersion
from apps.bots.registry import model_named, models_list, production
from apps.conversations.keys import text_key
from apps.conversations.wiring import bot_ref, engines
from apps.core.errors import Conflict, Invalid, NotFound
from apps.knowledge.models import Entry
from apps.learning import training_jobs
from apps.learning.questions import Question
from apps.learning.registry import Trained, model_promote, model_register, model_rollback
from apps.learning.training_jobs import OwnRanker, bot_ranker_train, model_add, model_train
from nlu.encode.folder import fingerprint_of
from nlu.rank import FeatureRanker, Rankers
from tests.apps.learning.known import ANSWERABLE, UNANSWERABLE
from tests.people import World

pytestmark = pytest.mark.django_db


def ranker(bias: float) -> dict[str, Any]:
    return Rankers(replace(FeatureRanker.load(), name=f"b{bias}", bias=bias)).to_json()


def registered(bias: float, bot: Bot | None = None) -> ModelVersion:
    artefact = ranker(bias)
    found = Trained("ranker", Rankers.from_json(artefact).fingerprint, {"top1": 0.5}, artefact=artefact)
    return model_register(trained=found, bot=bot)


def encoder_folder(folder: Path, weights: bytes = b"weights") -> Path:
    folder.mkdir()
    (folder / "model.onnx").write_bytes(weights)
    (folder / "tokenizer.json").write_text("{}")
    config = {"name": "tiny", "kind": "encoder", "dims": 8, "fingerprint": fingerprint_of(folder)}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "metrics.json").write_text(json.dumps({"top1": 0.7, "data_hash": "abc"}))
    return folder


def status(name: str) -> str:
    return ModelVersion.objects.get(name=name).status


class TestVersions:
    def test_the_same_model_is_registered_once(self) -> None:
        assert registered(0.0) == registered(0.0)
        assert registered(1.0).name == "ranker-2"

    def test_one_serves_and_the_one_before_is_archived(self) -> None:
        first, second = registered(0.0), registered(1.0)
        assert production("ranker") is None
        model_promote(version=first)
        model_promote(version=second)
        served = production("ranker")
        assert served is not None
        assert (served.name, served.own) == (second.name, False)
        assert [status(first.name), status(second.name)] == ["archived", "production"]
        with pytest.raises(Conflict, match="serves already"):
            model_promote(version=second)

    def test_each_roll_back_goes_one_further_and_ends_at_the_shipped_one(self) -> None:
        versions = [registered(bias) for bias in (0.0, 1.0, 2.0)]
        for version in versions:
            model_promote(version=version)
        assert model_rollback(kind="ranker") == versions[1]
        assert model_rollback(kind="ranker") == versions[0]
        assert model_rollback(kind="ranker") is None
        assert production("ranker") is None
        with pytest.raises(Conflict, match="nothing to roll back"):
            model_rollback(kind="ranker")

    def test_a_bots_own_goes_before_that_of_all_and_stays_its_own(self, world: World) -> None:
        model_promote(version=registered(0.0))
        model_promote(version=registered(1.0, world.bot))
        names = [production("ranker", bot.pk) for bot in (world.bot, world.foreign_bot)]
        assert [served and served.name for served in names] == ["ranker-shop-1", "ranker-1"]
        assert [row.name for row in models_list(world.foreign_bot)] == ["ranker-1"]

    def test_a_damaged_ranker_is_not_promoted(self) -> None:
        version = registered(0.0)
        ModelVersion.objects.update(artefact={"name": "x", "features": []})
        with pytest.raises(Invalid, match="does not fit"):
            model_promote(version=version)
        assert status(version.name) == "candidate"

    def test_the_engine_follows_a_promotion(self, shop: World) -> None:
        version = registered(-3.0, shop.bot)
        before = engines().get_now(bot_ref(shop.bot)).versions["ranker"]
        model_promote(version=version)
        shop.bot.refresh_from_db()
        after = engines().get_now(bot_ref(shop.bot)).versions["ranker"]
        assert before != after == f"b-3.0@{version.fingerprint}"


class TestFolders:
    def test_a_whole_folder_becomes_a_candidate_with_its_figures(self, tmp_path: Path) -> None:
        version = model_add(kind="encoder", path=encoder_folder(tmp_path / "run"))
        assert (version.name, version.status, version.data_hash) == ("encoder-1", "candidate", "abc")
        assert version.metrics["top1"] == 0.7
        model_promote(version=version)
        served = production("encoder")
        assert served is not None
        assert served.path == tmp_path / "run"

    def test_a_folder_that_was_changed_since_is_not_promoted(self, tmp_path: Path) -> None:
        version = model_add(kind="encoder", path=encoder_folder(tmp_path / "run"))
        (tmp_path / "run" / "model.onnx").write_bytes(b"others")
        with pytest.raises(Invalid, match="export the model again"):
            model_promote(version=version)

    def test_what_is_no_model_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(Invalid, match="no readable config"):
            model_add(kind="reranker", path=tmp_path)
        (tmp_path / "ranker.json").write_text('{"name": "x"}')
        with pytest.raises(Invalid, match="lack the one"):
            model_add(kind="ranker", path=tmp_path / "ranker.json")

    def test_training_runs_the_recipe_and_registers_what_it_left(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Recipe:
            @staticmethod
            def main(arguments: list[str]) -> None:
                assert arguments == [str(tmp_path / "run"), "--steps", "1"]
                encoder_folder(Path(arguments[0]) / "encoder")

        monkeypatch.setattr(training_jobs, "import_module", lambda name: Recipe)
        version = model_train(kind="encoder", run=tmp_path / "run", arguments=["--steps", "1"])
        assert version.path == str(tmp_path / "run" / "encoder")


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, "--verbosity", "0", stdout=out)
    return out.getvalue()


class TestCommands:
    def test_from_a_file_to_service_and_back(self, tmp_path: Path) -> None:
        assert "shipped ones serve" in command("models")
        (tmp_path / "ranker.json").write_text(json.dumps(ranker(0.5)))
        assert "promote ranker-1" in command("train", "ranker", "--add", str(tmp_path / "ranker.json"))
        command("promote", "ranker-1")
        (row,) = json.loads(command("models", "--json"))["models"]
        assert (row["name"], row["status"], row["bot"]) == ("ranker-1", "production", None)
        assert json.loads(command("rollback", "ranker", "--json")) == {"serving": None}

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("promote", "ranker-9"), "no model version"),
            (("rollback", "encoder"), "nothing to roll back"),
            (("train", "encoder"), "Name the folder"),
            (("train", "encoder", "--bot", "shop"), "Only a ranker"),
            (("train", "ranker", "--bot", "nobody"), "create_bot nobody"),
            (("train", "ranker", "--bot", "shop"), "needs 80 labelled questions"),
        ],
    )
    def test_what_cannot_be_done_is_said(self, shop: World, arguments: tuple[str, ...], message: str) -> None:
        with pytest.raises(CommandError, match=message):
            command(*arguments)

    def test_a_name_that_does_not_exist(self) -> None:
        with pytest.raises(NotFound):
            model_named("nothing")


class TestABotsOwnRanker:
    """Trained on half of the labels, judged on the other half."""

    @pytest.fixture
    def labelled(self, shop: World, monkeypatch: pytest.MonkeyPatch) -> World:
        monkeypatch.setattr(training_jobs, "LEAST", 3)
        known = []
        for question, texts in ANSWERABLE.items():
            gold = frozenset({str(Entry.objects.get(question=question).pk)})
            known += [Question(text_key(text), text, gold, "label") for text in texts]
        known += [Question(text_key(text), text, frozenset(), "label") for text in UNANSWERABLE]
        monkeypatch.setattr(training_jobs, "known_questions", lambda bot: known)
        return shop

    def train(self, shop: World, *, factor: float, shift: float) -> OwnRanker:
        """As if training had made the shipped ranker surer by ``factor`` and more willing by ``shift``."""
        shipped = FeatureRanker.load()
        made = replace(shipped, name="own", weights=shipped.weights * factor, bias=shipped.bias * factor + shift)
        seen: list[str] = []

        def trainer(
            entries: Any, labelled: Sequence[tuple[str, frozenset[str]]], models: Any, seed: int
        ) -> tuple[dict[str, Any], dict[str, Any]]:
            assert len(entries) == 5
            seen.extend(text for text, _gold in labelled)
            return Rankers(made).to_json(), {"rows": len(labelled)}

        done = bot_ranker_train(bot=shop.bot, trainer=trainer)
        assert not any(Question(text_key(text), text, frozenset(), "label").held_out for text in seen)
        assert done.trained_on == len(seen) > 0
        return done

    def test_a_better_one_becomes_a_candidate(self, labelled: World) -> None:
        done = self.train(labelled, factor=2.0, shift=1.5)
        assert done.version is not None
        assert (done.version.bot, done.version.status) == (labelled.bot, "candidate")
        assert done.version.metrics["gain_lower"] > 0
        assert "promote ranker-shop-1" in done.text()

    def test_one_that_is_not_better_is_left_alone_and_it_says_so(self, labelled: World) -> None:
        for shift in (0.0, -4.0):
            done = self.train(labelled, factor=1.0, shift=shift)
            assert done.version is None
            assert "nothing was registered" in done.text()
        assert not ModelVersion.objects.exists()
