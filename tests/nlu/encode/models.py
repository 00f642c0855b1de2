"""Tiny models of the shipped form, and fakes that say what they were asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

from nlu.encode import Matrix, ModelUnavailable, Vector
from nlu.encode.folder import fingerprint_of

WORDS = ["<s>", "<pad>", "</s>", "<unk>", "query", ":", *"怎么退货换发票多久能到咋啊", "return", "refund", "late"]
DIMS = 8


def write_tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.Split(_han(), "isolated")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))


def _han() -> object:
    from tokenizers import Regex

    return Regex("[\u4e00-\u9fff]")


def write_encoder(folder: Path, *, seed: int = 1, broken: bool = False) -> Path:
    """Mean of token vectors; ``broken`` answers vectors that are no numbers."""
    from onnx import TensorProto, helper, numpy_helper

    table = np.random.default_rng(seed).normal(size=(len(WORDS), DIMS)).astype(np.float32)
    if broken:
        table[:] = np.nan
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["tokens"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["shown"]),
        helper.make_node("Mul", ["tokens", "shown"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["sums"], keepdims=0),
        helper.make_node("LpNormalization", ["sums"], ["vector"], axis=1, p=2),
    ]
    weights = [
        numpy_helper.from_array(table, "table"),
        numpy_helper.from_array(np.array([2]), "last"),
        numpy_helper.from_array(np.array([1]), "middle"),
    ]
    output = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["n", DIMS])
    return _write(folder, "encoder", nodes, weights, output, {"dims": DIMS, "prefix": "query: ", "longest": 12})


def write_reranker(folder: Path, *, seed: int = 1) -> Path:
    """Sum over the tokens of a pair of one weight each."""
    from onnx import TensorProto, helper, numpy_helper

    table = np.random.default_rng(seed).normal(size=len(WORDS)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["tokens"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["tokens", "mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "last"], ["logit"], keepdims=0),
    ]
    weights = [numpy_helper.from_array(table, "table"), numpy_helper.from_array(np.array([1]), "last")]
    output = helper.make_tensor_value_info("logit", TensorProto.FLOAT, ["n"])
    return _write(folder, "reranker", nodes, weights, output, {"longest": 10})


def _write(folder: Path, kind: str, nodes: list, weights: list, output: object, config: dict) -> Path:  # type: ignore[type-arg]
    import onnx
    from onnx import TensorProto, helper

    shape = ["n", "length"]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")]
    graph = helper.make_graph(nodes, kind, inputs, [output], weights)
    folder.mkdir(parents=True, exist_ok=True)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    write_tokenizer(folder)
    written = {"name": f"tiny-{kind}", "kind": kind, "pad_id": 1, "fingerprint": fingerprint_of(folder), **config}
    (folder / "config.json").write_text(json.dumps(written), "utf-8")
    return folder


class FakeEncoder:
    """Vectors from hashed characters. Notes every call; waits for ``gate`` and raises ``error`` where one is given."""

    def __init__(self, *, fingerprint: str = "fake", dims: int = 16) -> None:
        self.fingerprint = fingerprint
        self.dims = dims
        self.calls: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Semaphore(0)
        self.error: Exception | None = None

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        self.calls.append(list(texts))
        self.entered.release()
        assert self.gate.wait(10)
        if self.error is not None:
            raise self.error
        rows = np.ones((len(texts), self.dims), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for char in text:
                row[crc32(char.encode()) % self.dims] += 1
        result: Matrix = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return result


class FakeReranker:
    """One point a character that question and text share."""

    fingerprint = "fake-reranker"

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[str]]] = []

    def score(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Vector:
        self.calls.append((query, list(texts)))
        return np.array([len(set(query) & set(text)) for text in texts], dtype=np.float32)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def down(reason: str = "down") -> ModelUnavailable:
    return ModelUnavailable(reason)
