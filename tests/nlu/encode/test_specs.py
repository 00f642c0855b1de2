"""What ENCODER and RERANKER may say, and what they open."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from nlu.encode import ModelUnavailable, folder, onnx, static
from nlu.encode.onnx import OnnxEncoder, OnnxReranker
from nlu.encode.open import open_encoder, open_reranker, warm_up
from nlu.encode.remote import OpenAiEncoder, TeiEncoder, TeiReranker
from nlu.encode.specs import BadSpec, Role, Source, Spec, read_serving_spec, read_spec
from nlu.encode.static import StaticEncoder
from nlu.training.static import write as write_static
from tests.nlu.encode import models
from tests.nlu.encode.models import FakeEncoder, FakeReranker

ENCODER, RERANKER = Role.ENCODER, Role.RERANKER


@pytest.mark.parametrize(
    ("text", "role", "expected"),
    [
        ("", ENCODER, Spec(Source.SHIPPED)),
        (" ", RERANKER, Spec(Source.SHIPPED)),
        ("shipped", ENCODER, Spec(Source.SHIPPED)),
        ("off", RERANKER, Spec(Source.OFF)),
        ("static", ENCODER, Spec(Source.STATIC)),
        ("http://10.0.0.5:8090", ENCODER, Spec(Source.TEI, "http://10.0.0.5:8090")),
        ("https://models.example/tei/", RERANKER, Spec(Source.TEI, "https://models.example/tei")),
        ("tei+http://[::1]:8090", ENCODER, Spec(Source.TEI, "http://[::1]:8090")),
        ("openai+https://api.example/v1#small", ENCODER, Spec(Source.OPENAI, "https://api.example/v1", "small")),
        ("openai+http://h/v1#org/m#2", ENCODER, Spec(Source.OPENAI, "http://h/v1", "org/m#2")),
        ("BAAI/bge-small-zh-v1.5", ENCODER, Spec(Source.HUB, "BAAI/bge-small-zh-v1.5")),
    ],
)
def test_a_setting_is_read(text: str, role: Role, expected: Spec) -> None:
    assert read_spec(text, role) == expected


@pytest.mark.parametrize(
    ("text", "role", "words"),
    [
        ("static", RERANKER, "'static' is an encoder"),
        ("openai+http://h/v1#m", RERANKER, "no reranking"),
        ("openai+http://h/v1", ENCODER, "model's name is missing"),
        ("ftp://h", ENCODER, "a server is written"),
        ("http://", ENCODER, "a server is written"),
        ("http://h:port", ENCODER, "a server is written"),
        ("grpc+http://h:1", ENCODER, "a server is written"),
        ("/no/such/folder", ENCODER, "no folder /no/such/folder"),
        ("./nor/this", ENCODER, r"no folder \./nor/this"),
    ],
)
def test_nonsense_is_refused_in_words(text: str, role: Role, words: str) -> None:
    with pytest.raises(BadSpec, match=words):
        read_spec(text, role)


def test_an_error_never_repeats_a_password() -> None:
    for text in ("http://me:secret@h:port", "grpc+http://me:secret@h", "openai+http://me:secret@h/v1"):
        with pytest.raises(BadSpec) as caught:
            read_spec(text, ENCODER)
        assert "secret" not in str(caught.value)


class TestFolders:
    def test_one_of_ours_is_told_from_a_transformers_directory(self, tmp_path: Path) -> None:
        ours, theirs = models.write_encoder(tmp_path / "ours"), tmp_path / "theirs"
        theirs.mkdir()
        (theirs / "config.json").write_text('{"model_type": "bert"}')
        assert read_spec(str(ours), ENCODER) == Spec(Source.FOLDER, str(ours))
        assert read_spec(str(theirs), ENCODER) == Spec(Source.HUB, str(theirs))

    def test_a_model_of_the_other_role_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(BadSpec, match="kind 'reranker', not an encoder"):
            read_spec(str(models.write_reranker(tmp_path)), ENCODER)


def test_a_hub_name_is_pointed_to_the_inference_process() -> None:
    with pytest.raises(BadSpec, match=r"manage\.py inference --encoder BAAI/bge` .* ENCODER=http://127"):
        read_serving_spec("BAAI/bge", ENCODER)
    with pytest.raises(BadSpec, match=r"manage\.py inference --reranker BAAI/bge` .* RERANKER=http://127"):
        open_reranker("BAAI/bge")


class TestOpening:
    def test_off_is_none(self) -> None:
        assert open_encoder("off") is None
        assert open_reranker("off") is None

    def test_each_form_opens_what_it_names(self, tmp_path: Path) -> None:
        table = write_static(np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32), tmp_path / "table")
        assert table.dims == 8
        assert isinstance(open_encoder(str(models.write_encoder(tmp_path / "e"))), OnnxEncoder)
        assert isinstance(open_encoder(str(tmp_path / "table")), StaticEncoder)
        assert isinstance(open_reranker(str(models.write_reranker(tmp_path / "r"))), OnnxReranker)

    def test_a_server_need_not_be_there_yet(self) -> None:
        assert isinstance(open_encoder("http://127.0.0.1:9"), TeiEncoder)
        assert isinstance(open_encoder("openai+http://127.0.0.1:9/v1#m", api_key="k"), OpenAiEncoder)
        assert isinstance(open_reranker("tei+http://127.0.0.1:9"), TeiReranker)


class TestShipped:
    """The shipped folders stand in a folder of the test's own here."""

    @pytest.fixture(autouse=True)
    def _elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (folder, onnx, static):
            monkeypatch.setattr(module, "MODELS", tmp_path)

    def test_the_encoder_and_the_reranker_are_taken_from_there(self, tmp_path: Path) -> None:
        models.write_encoder(tmp_path / "encoder")
        models.write_reranker(tmp_path / "reranker")
        assert isinstance(open_encoder(""), OnnxEncoder)
        assert isinstance(open_reranker(""), OnnxReranker)

    def test_where_there_are_none_the_error_says_so(self) -> None:
        with pytest.raises(ModelUnavailable, match="the shipped encoder is not there"):
            open_encoder("")

    def test_a_version_that_ships_no_reranker_goes_without_one(self) -> None:
        assert open_reranker("") is None

    def test_the_table_stands_in_for_an_encoder_that_cannot_be_loaded(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        write_static(np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32), tmp_path / "static")
        (models.write_encoder(tmp_path / "encoder") / "model.onnx").write_bytes(b"cut off")
        with caplog.at_level(logging.WARNING):
            assert isinstance(open_encoder(""), StaticEncoder)
        assert "the n-gram table stands in" in caplog.text


def test_warming_up_calls_each_model_once() -> None:
    encoder, reranker = FakeEncoder(), FakeReranker()
    warm_up(encoder, reranker)
    warm_up(None, None)
    assert (len(encoder.calls), len(reranker.calls)) == (1, 1)
