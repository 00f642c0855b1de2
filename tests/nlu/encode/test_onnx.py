"""Models of the shipped form: right whatever the batch, and refused where they are not what they say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nlu.encode import ModelUnavailable
from nlu.encode.folder import MODELS, BadFolder, read_config
from nlu.encode.onnx import OnnxEncoder, OnnxReranker
from tests.nlu.encode import models

TEXTS = ["怎么退货", "", "return", "发票多久能到啊" * 30, "咋退", "不认识的字 xyz", "\ud83d 退"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return models.write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def encoder(folder: Path) -> OnnxEncoder:
    return OnnxEncoder.load(folder)


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> OnnxReranker:
    return OnnxReranker.load(models.write_reranker(tmp_path_factory.mktemp("reranker")))


class TestEncoder:
    def test_a_batch_gives_what_each_text_gives_alone(self, encoder: OnnxEncoder) -> None:
        many = [text for _ in range(20) for text in TEXTS]
        alone = np.concatenate([encoder.encode([text]) for text in many])
        np.testing.assert_allclose(encoder.encode(many), alone, atol=1e-6)

    def test_vectors_are_of_length_one_and_as_wide_as_it_says(self, encoder: OnnxEncoder) -> None:
        found = encoder.encode(TEXTS)
        assert found.shape == (len(TEXTS), encoder.dims) == (len(TEXTS), models.DIMS)
        assert found.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)

    def test_no_text_gives_no_row(self, encoder: OnnxEncoder) -> None:
        assert encoder.encode([]).shape == (0, models.DIMS)

    def test_the_prefix_stands_before_every_text(self, encoder: OnnxEncoder, tmp_path: Path) -> None:
        bare = models.write_encoder(tmp_path)
        change_config(bare, prefix="")
        without = OnnxEncoder.load(bare)
        np.testing.assert_allclose(without.encode(["query: 怎么退货"]), encoder.encode(["怎么退货"]), atol=1e-6)

    def test_what_goes_beyond_the_longest_changes_nothing(self, encoder: OnnxEncoder) -> None:
        short = encoder.encode(["退货" * 6])
        np.testing.assert_allclose(encoder.encode(["退货" * 6 + "发票" * 100]), short, atol=1e-6)

    def test_vectors_that_are_no_numbers_are_not_handed_out(self, tmp_path: Path) -> None:
        broken = OnnxEncoder.load(models.write_encoder(tmp_path, broken=True))
        with pytest.raises(ModelUnavailable, match="without a direction"):
            broken.encode(["怎么退货"])


class TestReranker:
    def test_a_batch_gives_what_each_pair_gives_alone(self, reranker: OnnxReranker) -> None:
        many = TEXTS * 10
        alone = [reranker.score("怎么退货", [text])[0] for text in many]
        np.testing.assert_allclose(reranker.score("怎么退货", many), alone, atol=1e-5)

    def test_the_longer_text_of_a_pair_is_cut_first(self, reranker: OnnxReranker) -> None:
        """Ten tokens: three specials, the question's two, five of the text."""
        scores = reranker.score("退货", ["发票多久能", "发票多久能到啊", "发票多久到"])
        assert scores[0] == pytest.approx(scores[1])
        assert scores[0] != pytest.approx(scores[2])

    def test_no_text_gives_no_score(self, reranker: OnnxReranker) -> None:
        assert reranker.score("怎么退货", []).shape == (0,)


class TestFolders:
    def test_the_fingerprint_changes_with_the_weights(self, encoder: OnnxEncoder, tmp_path: Path) -> None:
        again = OnnxEncoder.load(models.write_encoder(tmp_path / "again"))
        other = OnnxEncoder.load(models.write_encoder(tmp_path / "other", seed=2))
        assert again.fingerprint == encoder.fingerprint
        assert other.fingerprint != encoder.fingerprint

    @pytest.mark.parametrize(
        ("harm", "words"),
        [
            (lambda folder: (folder / "model.onnx").unlink(), "lacks model.onnx"),
            (lambda folder: (folder / "tokenizer.json").write_text("{}"), "not those that config.json was written for"),
            (lambda folder: (folder / "config.json").unlink(), "no readable config.json"),
            (lambda folder: (folder / "config.json").write_text("[1]"), "no kind of model"),
            (lambda folder: change_config(folder, kind="bert"), "no kind of model"),
            (lambda folder: change_config(folder, kind="reranker"), "kind 'reranker', not 'encoder'"),
            (lambda folder: change_config(folder, longest="long"), "incomplete"),
            (lambda folder: change_config(folder, longest=0), "out of range"),
        ],
    )
    def test_a_damaged_one_is_refused_in_words(
        self, harm: Callable[[Path], object], words: str, tmp_path: Path
    ) -> None:
        folder = models.write_encoder(tmp_path)
        harm(folder)
        with pytest.raises(BadFolder, match=words):
            OnnxEncoder.load(folder)

    def test_a_model_without_the_wanted_output_is_refused(self, tmp_path: Path) -> None:
        folder = models.write_reranker(tmp_path)
        change_config(folder, kind="encoder")
        with pytest.raises(BadFolder, match="no output 'vector'"):
            OnnxEncoder.load(folder)

    def test_what_is_no_onnx_at_all_is_refused(self, tmp_path: Path) -> None:
        folder = models.write_encoder(tmp_path)
        (folder / "model.onnx").write_bytes(b"not a model")
        change_config(folder, fingerprint=models.fingerprint_of(folder))
        with pytest.raises(BadFolder, match="cannot be loaded"):
            OnnxEncoder.load(folder)


@pytest.mark.skipif(not (MODELS / "encoder").is_dir(), reason="the shipped encoder is not in this checkout")
def test_the_shipped_encoder_tells_meanings_apart() -> None:
    encoder = OnnxEncoder.shipped()
    asked, same, other = encoder.encode(["怎么退货", "东西不想要了想退掉", "发票什么时候开"])
    assert asked @ same > asked @ other
    assert encoder.dims == read_config(MODELS / "encoder").dims == len(asked)


@pytest.mark.skipif(not (MODELS / "reranker").is_dir(), reason="the shipped reranker is not in this checkout")
def test_the_shipped_reranker_tells_opposites_apart() -> None:
    reranker = OnnxReranker.shipped()
    assert reranker is not None
    scores = reranker.score("东西不想要了想退掉", ["怎么退货", "怎么换货", "发票什么时候开"])
    assert scores.argmax() == 0


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")
