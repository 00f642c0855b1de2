"""A saved model says the same as the one that was trained, and only with its own encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.intent.model import BadModel, NluModel
from nlu.intent.train import train
from tests.fakes.encoder import NgramEncoder
from tests.nlu.intent.sentences import examples

TEXTS = ("订一张杭州到大连的机票", "我的快递到哪了", "唱首歌", "track SF5556667778889")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that needs an encoder."""
    folder = tmp_path_factory.mktemp("nlu")
    train(examples(others=True), encoder=NgramEncoder()).save(folder)
    return folder


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.mark.parametrize("encoder", [None, NgramEncoder()])
def test_a_loaded_model_parses_as_the_trained_one(tmp_path: Path, encoder: NgramEncoder | None) -> None:
    model = train(examples(others=True), encoder=encoder)
    model.save(tmp_path)
    loaded = NluModel.load(tmp_path, encoder)
    assert loaded.fingerprint == model.fingerprint
    assert [loaded.parse(text) for text in TEXTS] == [model.parse(text) for text in TEXTS]


def test_another_encoder_is_refused(folder: Path) -> None:
    with pytest.raises(BadModel, match=r"trained with the encoder fake-ngrams, and the encoder fake-other was given"):
        NluModel.load(folder, NgramEncoder("other"))


def test_a_missing_encoder_is_refused(folder: Path) -> None:
    with pytest.raises(BadModel, match="no encoder was given"):
        NluModel.load(folder)


def test_a_model_of_words_alone_takes_no_notice_of_an_encoder(tmp_path: Path) -> None:
    train(examples()).save(tmp_path)
    encoder = NgramEncoder()
    NluModel.load(tmp_path, encoder).parse("退款")
    assert encoder.seen == []


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=str(tmp_path)):
        NluModel.load(tmp_path)


@pytest.mark.parametrize(("name", "data"), [("model.json", b"{}"), ("model.json", b"{oops"), ("model.npz", b"PK no")])
def test_a_damaged_file_is_told(copy: Path, name: str, data: bytes) -> None:
    (copy / name).write_bytes(data)
    with pytest.raises(BadModel, match="Train it again"):
        NluModel.load(copy, NgramEncoder())


def test_files_of_two_models_do_not_mix(copy: Path, tmp_path: Path) -> None:
    with np.load(copy / "model.npz") as saved:
        arrays = dict(saved)
    arrays["weights"] = arrays["weights"] + 1
    np.savez_compressed(copy / "model.npz", **arrays)
    with pytest.raises(BadModel, match="do not belong together"):
        NluModel.load(copy, NgramEncoder())
