"""The figures of ``evaluate_nlu``: those of the contract, and the mistakes of the files named."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings
from django.utils import translation

from apps.core.errors import Invalid
from apps.learning.nlu_test import nlu_measure
from tests.fakes.encoder import NgramEncoder
from tests.fakes.folder import static_folder
from tests.nlu.intent.sentences import examples

CONTRACT = [
    "intent_accuracy", "intent_macro_f1", "slot_f1", "frame_accuracy", "oos_recall", "oos_precision", "train_s", "p50_ms",
]  # fmt: skip
MORE = ["p99_ms", "in_scope_accuracy", "in_scope_recall", "auroc_oos", "ece", "n_train", "n_test", "method", "baseline"]


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def evaluate(train: Path, test: Path, *options: str) -> dict[str, Any]:
    out = io.StringIO()
    arguments = ("--train", str(train), "--test", str(test), "--json", *options)
    call_command("evaluate_nlu", *arguments, stdout=out, stderr=io.StringIO())
    figures: dict[str, Any] = json.loads(out.getvalue())
    return figures


@pytest.fixture
def train(tmp_path: Path) -> Path:
    return write(tmp_path / "train.jsonl", [asdict(one) for one in examples()])


@pytest.fixture
def test(tmp_path: Path) -> Path:
    rows: list[Any] = [
        {"text": "我的快递到哪了", "intent": "track"},
        {"text": "从西安到北京的机票", "intent": "flight", "slots": [
            {"name": "from", "start": 1, "end": 3}, {"name": "to", "start": 4, "end": 6}]},
        {"text": "开张发票", "intent": "invoice", "history": ["还需要什么"]},
        {"text": "唱首歌吧", "intent": "out_of_scope"},
    ]  # fmt: skip
    return write(tmp_path / "test.jsonl", rows)


def test_it_prints_the_figures_of_the_contract(train: Path, test: Path) -> None:
    found = evaluate(train, test, "--no-encoder")
    assert set(CONTRACT) | set(MORE) <= set(found)
    assert (found["in_scope_accuracy"], found["oos_recall"], found["slot_f1"]) == (1.0, 1.0, 1.0)
    assert (found["n_train"], found["n_test"], found["encoder"]) == (40, 4, "")
    assert found["baseline"]["in_scope_accuracy"] == 1.0
    assert found["baseline"]["oos_recall"] == 0.0


def test_what_the_test_does_not_ask_is_null(train: Path, tmp_path: Path) -> None:
    plain = write(tmp_path / "plain.jsonl", [{"text": "申请退款", "intent": "refund"}])
    found = evaluate(train, plain, "--no-encoder")
    assert (found["slot_f1"], found["oos_recall"], found["oos_precision"], found["auroc_oos"]) == (None,) * 4
    assert (found["intent_accuracy"], found["frame_accuracy"]) == (1.0, 1.0)


def test_people_read_one_figure_a_line_beside_the_baseline(train: Path, test: Path) -> None:
    out, told = io.StringIO(), io.StringIO()
    with translation.override("en"):
        arguments = ("--train", str(train), "--test", str(test), "--no-encoder")
        call_command("evaluate_nlu", *arguments, stdout=out, stderr=told)
    shown = {line.split()[0]: line.split()[1:] for line in out.getvalue().splitlines()[1:]}
    assert shown["in_scope_accuracy"] == ["1.0", "1.0"]
    assert shown["n_train"] == ["40"]


def test_the_encoder_is_that_of_the_setting_or_the_one_named(train: Path, test: Path, tmp_path: Path) -> None:
    spec = static_folder(tmp_path / "model")
    fingerprint = json.loads((tmp_path / "model" / "config.json").read_text())["fingerprint"]
    assert evaluate(train, test, "--encoder", spec)["encoder"] == fingerprint
    with override_settings(ENCODER=spec):
        assert evaluate(train, test)["encoder"] == fingerprint
        assert evaluate(train, test, "--no-encoder")["encoder"] == ""


def test_an_encoder_that_cannot_be_had_is_an_error(train: Path, test: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        evaluate(train, test, "--encoder", str(tmp_path / "nowhere"))


def test_an_encoder_that_stops_is_an_error() -> None:
    encoder = NgramEncoder()
    encoder.survives = 45
    with pytest.raises(Invalid, match="--no-encoder"):
        nlu_measure(examples(), examples(), encoder=encoder)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"intent": "a"}, ["Line 2", "text"]),
        ({"text": " ", "intent": "a"}, ["Line 2", "text"]),
        ({"text": "退款"}, ["Line 2", "intent"]),
        ({"text": "退款", "intent": 3}, ["Line 2", "intent"]),
        ({"text": "退款", "intent": "a", "slots": {}, "history": "x"}, ["Line 2", "history"]),
        ({"text": "退款", "intent": "a", "history": [1]}, ["Line 2", "history"]),
        ({"text": "退款", "intent": "a", "slots": [{"start": 0, "end": 1}]}, ["Line 2", "name"]),
        ({"text": "退款", "intent": "a", "slots": [{"name": "x", "start": 0, "end": 3}]}, ["Line 2", "2 characters"]),
        ({"text": "退款", "intent": "a", "slots": [{"name": "x", "start": 1, "end": 1}]}, ["Line 2", "“x”"]),
        ({"text": "退款", "intent": "a", "slots": [{"name": "x", "start": "0", "end": 1}]}, ["Line 2", "places"]),
        (["退款"], ["Line 2", "JSON object"]),
    ],
)
def test_a_bad_line_is_named_with_its_reason(train: Path, tmp_path: Path, row: object, words: list[str]) -> None:
    bad = write(tmp_path / "bad.jsonl", [{"text": "退款", "intent": "a"}, row])
    with translation.override("en"), pytest.raises(CommandError) as caught:
        evaluate(train, bad, "--no-encoder")
    assert all(word in str(caught.value) for word in words)


def test_every_bad_line_is_named(train: Path, tmp_path: Path) -> None:
    bad = write(tmp_path / "bad.jsonl", [{"text": "", "intent": "a"}, {"text": "退款", "intent": "a"}, {"text": "退"}])
    with translation.override("en"), pytest.raises(CommandError, match=r"(?s)Line 1.*Line 3"):
        evaluate(bad, train, "--no-encoder")


def test_an_empty_file_and_one_of_a_single_intent_are_errors(train: Path, tmp_path: Path) -> None:
    empty = write(tmp_path / "empty.jsonl", [])
    with pytest.raises(CommandError, match="intent"):
        evaluate(train, empty, "--no-encoder")
    single = write(tmp_path / "single.jsonl", [{"text": "退款", "intent": "a"}])
    with pytest.raises(CommandError, match="at least two intents"):
        evaluate(single, train, "--no-encoder")
