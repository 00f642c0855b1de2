"""Encoder and reranker trained end to end on a tiny base: resumable, repeatable, exported to what is served."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs requirements-models.txt")
pytest.importorskip("transformers", reason="training needs requirements-models.txt")

import torch

from nlu.encode.onnx import OnnxEncoder, OnnxReranker
from nlu.semantic import reading_text
from nlu.training import bert, encoder, reranker
from nlu.training import run as training_run
from nlu.training.base import Base, choose_pieces, keep_layers, keep_pieces
from nlu.training.batches import PairSource
from nlu.training.corpora import Meaning, Part, QuestionGroup
from nlu.training.export import export
from nlu.training.teachers import Taught

TEXTS = [
    "怎么退货",
    "怎么换货",
    "多久发货",
    "发票怎么开",
    "how do i return",
    "where is my parcel",
    "运费多少",
    "能便宜吗",
]


def groups() -> list[QuestionGroup]:
    """Enough for each part, by the hash of their ids."""
    made = []
    for number in range(60):
        thing = f"{TEXTS[number % len(TEXTS)]}{number}"
        own = Meaning(thing, (f"我想问{thing}", f"{thing}呢", f"请问{thing}"), f"答{number}")
        near = Meaning(f"不{thing}", (f"不想{thing}", f"别{thing}了"), f"不答{number}")
        made.append(QuestionGroup(f"t-{number}", "shop" if number % 2 else "bank", "zh", (own, near)))
    return made


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base of the real form: Unigram pieces, twelve layers cut down to four, random weights."""
    import transformers

    torch.manual_seed(0)
    characters = sorted({char for text in TEXTS for char in text} | set("我想问呢请不别了答0123456789query:"))
    pieces = [["<s>", 0.0], ["<pad>", 0.0], ["</s>", 0.0], ["<unk>", 0.0], ["▁", -1.0]]
    pieces += [[char, -2.0] for char in characters if char != " "] + [["unused", -9.0]]
    special = [
        {"id": place, "content": name, "special": True, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False}
        for place, name in enumerate(("<s>", "<pad>", "</s>", "<unk>"))
    ]  # fmt: skip
    tokens = [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
              {"SpecialToken": {"id": "</s>", "type_id": 0}}]  # fmt: skip
    second = [{"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}]
    names = {name: {"id": name, "ids": [place], "tokens": [name]} for name, place in (("<s>", 0), ("</s>", 2))}
    tokenizer = {
        "version": "1.0",
        "added_tokens": special,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": tokens,
            "pair": tokens + second,
            "special_tokens": names,
        },
        "model": {"type": "Unigram", "unk_id": 3, "vocab": pieces, "byte_fallback": False},
    }
    config = transformers.BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=12, num_attention_heads=2, intermediate_size=64,
        pad_token_id=1, max_position_embeddings=64,
    )  # fmt: skip
    model = transformers.BertModel(config, add_pooling_layer=False)
    weights = {name: value.numpy() for name, value in model.state_dict().items() if "position_ids" not in name}
    whole = Base(json.loads(config.to_json_string()) | {"model_type": "bert"}, weights, tokenizer)
    kept = choose_pieces(whole, TEXTS, len(pieces) - 1)
    assert len(pieces) - 1 not in kept  # what no text has is what goes
    folder = tmp_path_factory.mktemp("base")
    keep_layers(keep_pieces(whole, kept), 4).write(folder)
    return folder


def taught() -> Taught:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(2, 40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    texts = tuple(f"{TEXTS[place % len(TEXTS)]}{place}" for place in range(40))
    return Taught(texts, vectors[0], vectors[1][:16])


PUBLIC = [PairSource("pairs", 1.0, tuple((f"{a}1", f"{a}2") for a in TEXTS), unlike=(("怎么退货", "怎么换货"),) * 4)]
RECIPE = encoder.Recipe(steps=8, distil_first=2, groups=4, pairs=4, general=6, frozen=1, rate=1e-3)


def silent(_line: str) -> None:
    pass


def trained(base: Path, out: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    encoder.train(base, out, groups(), PUBLIC, taught(), RECIPE, silent)
    return load_file(out / "model.safetensors")


def test_the_groups_fall_into_all_parts_for_good() -> None:
    assert {group.part for group in groups()} == set(Part)
    game = QuestionGroup("g-1", "game", "zh", groups()[0].meanings)
    assert game.part is Part.TEST


def test_a_run_that_was_cut_off_ends_as_one_that_was_not(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(base, tmp_path / "whole")
    monkeypatch.setattr(training_run, "KEEP_EVERY", 3)
    lines: list[str] = []

    def stops(line: str) -> None:
        lines.append(line)
        if "step 6" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        encoder.train(base, tmp_path / "cut", groups(), PUBLIC, taught(), RECIPE, stops)
    resumed = trained(base, tmp_path / "cut")
    assert whole.keys() == resumed.keys()
    assert all(torch.equal(value, resumed[name]) for name, value in whole.items())
    assert not (tmp_path / "cut" / "checkpoint.pt").exists()


def test_embeddings_and_lower_layers_stay_once_the_cut_has_healed(base: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file

    before, after = load_file(base / "model.safetensors"), trained(base, tmp_path / "run")
    assert torch.equal(before["embeddings.word_embeddings.weight"], after["embeddings.word_embeddings.weight"])
    name = "encoder.layer.3.output.dense.weight"
    assert not torch.equal(before[name], after[name])


@pytest.fixture(scope="module")
def run(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    trained(base, folder / "encoder")
    recipe = reranker.Recipe(steps=4, questions=3, others=2, frozen=1)
    reranker.train(folder / "encoder", folder / "reranker", groups(), PUBLIC, recipe, silent)
    return folder


@pytest.mark.parametrize("quantised", [False, True])
def test_the_exported_encoder_gives_the_trained_vectors(run: Path, tmp_path: Path, quantised: bool) -> None:
    export("encoder", run / "encoder", tmp_path / "out", "tiny", quantised=quantised)
    model, tokenizer = bert.load_model(run / "encoder").eval(), bert.load_tokenizer(run / "encoder", 64)
    wanted = np.concatenate(list(bert.vectors(model, tokenizer, TEXTS)))
    found = OnnxEncoder.load(tmp_path / "out").encode(TEXTS)
    assert (found * wanted).sum(axis=1).min() > (0.98 if quantised else 0.99999)


def test_the_exported_reranker_gives_the_trained_scores(run: Path, tmp_path: Path) -> None:
    export("reranker", run / "reranker", tmp_path / "out", "tiny", quantised=False)
    model, tokenizer = bert.load_cross_encoder(run / "reranker").eval(), bert.load_tokenizer(run / "reranker", 64)
    with torch.inference_mode():
        wanted = reranker.score(model, tokenizer, [("退货", text) for text in TEXTS]).numpy()
    found = OnnxReranker.load(tmp_path / "out").score("退货", TEXTS)
    np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_a_trained_reranker_is_a_cross_encoder_to_other_tools(run: Path) -> None:
    sentence_transformers = pytest.importorskip("sentence_transformers")
    model = sentence_transformers.CrossEncoder(str(run / "reranker"), device="cpu")
    assert np.isfinite(model.predict([("退货", text) for text in TEXTS])).all()


def test_what_is_shown_to_the_reranker_names_the_right_text(base: Path) -> None:
    import random

    model, tokenizer = bert.load_model(base).eval(), bert.load_tokenizer(base, 64)
    deck = reranker.Deck(groups(), model, tokenizer)
    meanings = [meaning for group in groups() for meaning in group.meanings]
    meaning_of = {text: meaning for meaning in meanings for text in meaning.texts}
    meaning_of |= {reading_text(text, meaning.answer): meaning for text, meaning in meaning_of.items()}
    recipe = reranker.Recipe(without_right=0.3)
    shown = [deck.draw(recipe, random.Random(seed)) for seed in range(60)]
    for item in shown:
        same = [meaning_of[text] is meaning_of[item.question] for text in item.texts]
        assert not any(text.split(" ")[0] == item.question for text in item.texts)
        if item.right is not None:
            assert same[item.right]
    assert 0 < sum(item.right is None for item in shown) < len(shown)
