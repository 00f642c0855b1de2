"""Models of transformers and sentence-transformers, tiny ones made here: no hub is asked."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nlu.encode import ModelUnavailable
from nlu.encode.hub import HubEncoder, HubReranker
from tests.nlu.encode import models

pytestmark = pytest.mark.skipif(
    find_spec("torch") is None or find_spec("sentence_transformers") is None, reason="needs requirements-models.txt"
)

TEXTS = ["怎么退货", "return", "发票多久能到" * 40, "", "\ud83d"]


def write_bert(folder: Path, kind: str, *, seed: int = 1, **settings: Any) -> Path:
    import torch
    import transformers

    torch.manual_seed(seed)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = transformers.BertConfig(vocab_size=len(models.WORDS), pad_token_id=1, **size, **settings)
    getattr(transformers, kind)(config).save_pretrained(folder)
    models.write_tokenizer(folder)
    special = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"}
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="<pad>", unk_token="<unk>", **special
    )
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bert(tmp_path_factory.mktemp("bert"), "BertModel")


@pytest.fixture(scope="module")
def encoder(bert: Path) -> HubEncoder:
    return HubEncoder.load(str(bert))


@pytest.fixture(scope="module")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> HubReranker:
    folder = tmp_path_factory.mktemp("cross")
    return HubReranker.load(str(write_bert(folder, "BertForSequenceClassification", num_labels=1)))


def test_a_plain_directory_gives_unit_vectors_whatever_the_batch(encoder: HubEncoder) -> None:
    found = encoder.encode(TEXTS)
    assert found.shape == (len(TEXTS), encoder.dims) == (len(TEXTS), 32)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found, np.concatenate([encoder.encode([text]) for text in TEXTS]), atol=1e-4)
    assert encoder.encode([]).shape == (0, 32)


def test_a_sentence_transformers_directory_is_taken_too(encoder: HubEncoder, tmp_path: Path) -> None:
    encoder._model.save(str(tmp_path))
    np.testing.assert_allclose(HubEncoder.load(str(tmp_path)).encode(TEXTS), encoder.encode(TEXTS), atol=1e-5)


def test_a_prefix_stands_before_every_text(bert: Path, encoder: HubEncoder) -> None:
    prefixed = HubEncoder.load(str(bert), prefix="query: ")
    np.testing.assert_allclose(prefixed.encode(["退货"]), encoder.encode(["query: 退货"]), atol=1e-5)
    assert prefixed.fingerprint != encoder.fingerprint


def test_the_fingerprint_is_of_the_weights_and_not_of_the_name(encoder: HubEncoder, tmp_path: Path) -> None:
    same = HubEncoder.load(str(write_bert(tmp_path / "same", "BertModel")))
    other = HubEncoder.load(str(write_bert(tmp_path / "other", "BertModel", seed=2)))
    assert same.fingerprint == encoder.fingerprint
    assert other.fingerprint != encoder.fingerprint


def test_a_cross_encoder_gives_one_logit_a_text(reranker: HubReranker) -> None:
    scores = reranker.score("怎么退货", TEXTS)
    assert scores.shape == (len(TEXTS),)
    alone = [reranker.score("怎么退货", [text])[0] for text in TEXTS]
    np.testing.assert_allclose(scores, alone, atol=1e-4)
    assert len(set(scores.tolist())) > 1
    assert reranker.score("怎么退货", []).shape == (0,)
    assert len(reranker.fingerprint) == 16


@pytest.mark.parametrize(
    ("kind", "settings"), [("BertModel", {}), ("BertForSequenceClassification", {"num_labels": 3})]
)
def test_what_is_no_reranker_is_refused(kind: str, settings: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no cross-encoder with one output"):
        HubReranker.load(str(write_bert(tmp_path, kind, **settings)))


@pytest.mark.parametrize("load", [HubEncoder.load, HubReranker.load])
def test_a_folder_without_a_model_is_refused(load: Any, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelUnavailable, match="cannot be loaded"):
        load(str(tmp_path))
