"""The n-gram table: what it reads of a text, and that training teaches it something that it keeps."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.encode.folder import MODELS, BadFolder
from nlu.encode.static import StaticEncoder, features, rows_of
from nlu.training import static
from nlu.training.corpora import Meaning, Part, QuestionGroup

NEEDS = [("退货", "东西不想要"), ("发票", "报销用的单子"), ("物流", "包裹走到哪"), ("密码", "登不进去")]
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="training needs PyTorch")
RECIPE = static.Recipe(bits=10, dims=16, passes=30, batch=8, spread=0.02, rate=2e-2, seed=3)


def groups() -> list[QuestionGroup]:
    """Enough ids that some fall into each part; only those of ``TRAIN`` are learned from."""
    found = []
    for number in range(40):
        asked, told = NEEDS[number % len(NEEDS)]
        meaning = Meaning(f"怎么办理{asked}", (f"{told}了怎么办", f"我的{told}"), "请看订单页。")
        found.append(QuestionGroup(f"shop-{number:04}", "shop", "zh", (meaning,)))
    return found


def trained(folder: Path, seed: int = 3) -> StaticEncoder:
    import torch

    torch.set_num_threads(1)  # tensors this small only lose time to threads
    return static.write(static.train(groups(), replace(RECIPE, seed=seed), lambda *_: None), folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    trained(folder)
    return folder


@pytest.fixture(scope="module")
def encoder(folder: Path) -> StaticEncoder:
    return StaticEncoder.load(folder)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("退货费", {"退", "货", "费", "退货", "货费", "退货费"}),
        ("refund me", {"=refund", "<re", "ref", "efu", "fun", "und", "nd>", "=me", "<me", "me>", "refund_me"}),
        ("ＰＤＦ 發票", {"=pdf", "<pd", "pdf", "df>", "发", "票", "发票"}),
        ("5G", {"=5", "=g", "5_g"}),
        ("", {""}),
        ("  ", {""}),
    ],
)
def test_a_text_is_its_ngrams_and_words(text: str, expected: set[str]) -> None:
    assert set(features(text)) == expected


def test_rows_never_change_from_one_process_to_the_next() -> None:
    assert rows_of("退货 ok", 1 << 15) == [10582, 1533, 12719, 24681, 2654, 31432]


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=40))
def test_any_text_has_a_vector_of_length_one(text: str) -> None:
    table = np.random.default_rng(0).integers(-127, 127, size=(64, 8)).astype(np.int8)
    found = StaticEncoder(table, np.full((64, 1), 0.01, np.float32), "x").encode([text])
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


@needs_torch
def test_training_brings_a_need_to_the_words_that_customers_use_for_it(encoder: StaticEncoder) -> None:
    entries = encoder.encode([f"怎么办理{asked}" for asked, _ in NEEDS])
    asked = encoder.encode([f"{told}了" for _, told in NEEDS])
    assert (asked @ entries.T).argmax(axis=1).tolist() == list(range(len(NEEDS)))


@needs_torch
def test_the_same_seed_gives_the_same_model(encoder: StaticEncoder, tmp_path: Path) -> None:
    assert trained(tmp_path / "same").fingerprint == encoder.fingerprint
    assert trained(tmp_path / "other", seed=4).fingerprint != encoder.fingerprint


@needs_torch
def test_held_out_groups_are_never_learned_from(encoder: StaticEncoder, tmp_path: Path) -> None:
    changed = [group for group in groups() if group.part is Part.TRAIN]
    assert len(changed) < len(groups())
    again = static.write(static.train(changed, RECIPE, lambda *_: None), tmp_path)
    assert again.fingerprint == encoder.fingerprint


def test_a_folder_whose_table_was_changed_is_refused(tmp_path: Path) -> None:
    written = static.write(np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32), tmp_path)
    assert StaticEncoder.load(tmp_path).fingerprint == written.fingerprint
    np.savez(tmp_path / "table.npz", table=np.zeros((4, 2), np.int8), scales=np.ones((4, 1)))
    with pytest.raises(BadFolder, match="not those that config"):
        StaticEncoder.load(tmp_path)


@pytest.mark.parametrize("table", [np.zeros((4, 2), np.float32), np.zeros(4, np.int8)])
def test_a_table_of_another_form_is_refused(table: np.ndarray, tmp_path: Path) -> None:  # type: ignore[type-arg]
    np.savez(tmp_path / "table.npz", table=table, scales=np.ones((4, 1)))
    config = {"name": "x", "kind": "static", "dims": 2, "fingerprint": static.fingerprint_of(tmp_path, "static")}
    (tmp_path / "config.json").write_text(json.dumps(config), "utf-8")
    with pytest.raises(BadFolder, match="int8"):
        StaticEncoder.load(tmp_path)


@pytest.mark.skipif(not (MODELS / "static").is_dir(), reason="the shipped table is not in this checkout")
def test_the_shipped_table_tells_needs_apart() -> None:
    encoder = StaticEncoder.shipped()
    asked, same, other = encoder.encode(["怎么退货", "想退货怎么弄", "发票什么时候开"])
    assert asked @ same > asked @ other
