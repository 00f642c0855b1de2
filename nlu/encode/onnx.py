"""The shipped encoder and reranker on ONNX Runtime, and any folder of the same form (:mod:`nlu.encode.folder`).

``model.onnx`` takes ``input_ids`` and ``attention_mask``, int64 (n, length), and returns ``vector`` (n, dims) or
``logit`` (n,). One thread a pass: a second one gains little and doubles the slowest answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from nlu.encode import checks
from nlu.encode.buckets import buckets
from nlu.encode.folder import MODELS, BadFolder, FolderConfig, Kind, open_folder
from nlu.encode.ports import Matrix, ModelUnavailable, Vector

if TYPE_CHECKING:
    from onnxruntime import InferenceSession, SessionOptions
    from tokenizers import Encoding, Tokenizer

_CHARS_A_TOKEN = 32
"""No piece of a vocabulary is longer: text beyond it cannot reach a model that reads ``longest`` tokens."""


@dataclass(frozen=True, slots=True)
class _Model:
    """A session with its tokenizer; both may be used by several threads at once."""

    config: FolderConfig
    session: InferenceSession
    tokenizer: Tokenizer
    output: str

    def run(self, encoded: Sequence[Encoding]) -> Iterator[tuple[list[int], npt.NDArray[np.float32]]]:
        """Places of ``encoded`` with the model's rows for them, in passes of similar length."""
        ids = [item.ids or [self.config.pad_id] for item in encoded]
        for places in buckets([len(tokens) for tokens in ids]):
            inputs = self._padded([ids[place] for place in places])
            try:
                (rows,) = self.session.run([self.output], inputs)
            except _errors() as error:
                raise ModelUnavailable(f"{self.config.name} failed: {error}") from error
            yield places, rows

    def _padded(self, ids: Sequence[Sequence[int]]) -> dict[str, npt.NDArray[np.int64]]:
        longest = max(map(len, ids))
        tokens = np.full((len(ids), longest), self.config.pad_id, dtype=np.int64)
        mask = np.zeros((len(ids), longest), dtype=np.int64)
        for row, known in enumerate(ids):
            tokens[row, : len(known)] = known
            mask[row, : len(known)] = 1
        return {"input_ids": tokens, "attention_mask": mask}

    def cut(self, text: str) -> str:
        return checks.readable(text[: _CHARS_A_TOKEN * self.config.longest])


def _load(folder: Path, kind: Kind, output: str) -> _Model:
    """
    Raises:
        BadFolder: missing, damaged, or not a model of this kind.
    """
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    config = open_folder(folder, kind)
    try:
        session = InferenceSession(str(folder / "model.onnx"), _options(), providers=["CPUExecutionProvider"])
    except _errors() as error:
        raise BadFolder(f"{folder}/model.onnx cannot be loaded: {error}") from error
    if output not in {item.name for item in session.get_outputs()}:
        raise BadFolder(f"{folder}/model.onnx has no output {output!r}")
    # The library raises bare Exceptions for a damaged file, but the fingerprint has already told that the file is right.
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(config.longest, strategy="longest_first")
    tokenizer.no_padding()
    return _Model(config, session, tokenizer, output)


def _errors() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises; its exceptions have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NotImplemented,
        state.RuntimeException,
        RuntimeError,
    )


def _options() -> SessionOptions:
    from onnxruntime import SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Batches come in every shape: an arena would grow to the largest one ever seen and keep a plan for each.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return options


class OnnxEncoder:
    """An :class:`nlu.encode.ports.Encoder`. Runs to its end once started: ``timeout`` is for those who wait outside."""

    def __init__(self, model: _Model) -> None:
        self._model = model

    @classmethod
    def load(cls, folder: Path) -> OnnxEncoder:
        """
        Raises:
            BadFolder: missing, damaged, or not an encoder.
        """
        return cls(_load(folder, "encoder", "vector"))

    @classmethod
    def shipped(cls) -> OnnxEncoder:
        return cls.load(_shipped_encoder())

    @property
    def fingerprint(self) -> str:
        return self._model.config.fingerprint

    @property
    def dims(self) -> int:
        return self._model.config.dims

    def encode(self, texts: Sequence[str], *, timeout: float | None = None) -> Matrix:
        model = self._model
        prefix, tokenizer = model.config.prefix, model.tokenizer
        # One by one: the batch call starts a thread a core, and this process has other work for them.
        encoded = [tokenizer.encode(prefix + model.cut(text)) for text in texts]
        vectors = np.empty((len(texts), self.dims), dtype=np.float32)
        for places, rows in model.run(encoded):
            vectors[places] = checks.unit_rows(rows, len(places), self.dims)
        return vectors


class OnnxReranker:
    """An :class:`nlu.encode.ports.Reranker` that reads question and text as one pair, the longer of them cut first."""

    def __init__(self, model: _Model) -> None:
        self._model = model

    @classmethod
    def load(cls, folder: Path) -> OnnxReranker:
        """
        Raises:
            BadFolder: missing, damaged, or not a reranker.
        """
        return cls(_load(folder, "reranker", "logit"))

    @classmethod
    def shipped(cls) -> OnnxReranker | None:
        """None where this version ships none: then the ranker's features decide alone.

        Raises:
            BadFolder: it is there and damaged.
        """
        return cls.load(MODELS / "reranker") if (MODELS / "reranker").is_dir() else None

    @property
    def fingerprint(self) -> str:
        return self._model.config.fingerprint

    def score(self, query: str, texts: Sequence[str], *, timeout: float | None = None) -> Vector:
        model = self._model
        asked = model.cut(query)
        encoded = [model.tokenizer.encode(asked, model.cut(text)) for text in texts]
        scores = np.empty(len(texts), dtype=np.float32)
        for places, rows in model.run(encoded):
            scores[places] = checks.logits(rows, len(places))
        return scores


def _shipped_encoder() -> Path:
    folder = MODELS / "encoder"
    if not folder.is_dir():
        raise BadFolder(f"the shipped encoder is not there: {folder} is missing from this installation")
    return folder
