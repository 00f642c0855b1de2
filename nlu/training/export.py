"""From a trained transformers directory to what is shipped: one ONNX file with int8 weights, tokenizer.json, config.json.

python -m nlu.training.export encoder|reranker FOLDER OUT [--name NAME] [--float]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor, nn

from nlu.encode.folder import fingerprint_of
from nlu.training import bert
from nlu.training.base import PREFIX

_OPSET = 17
_LONGEST = {"encoder": 64, "reranker": 56}
"""Tokens that are read at run time: more than in training, since answers are longer than questions."""


class _Pooled(nn.Module):
    """Unit vectors, (n, dims), from token ids and mask."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        hidden = self.body(input_ids, attention_mask=attention_mask).last_hidden_state
        shown = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return nn.functional.normalize((hidden * shown).sum(1) / shown.sum(1), dim=-1)


class _Logit(nn.Module):
    """Logits, (n,), from token ids and mask of pairs."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        logits: Tensor = self.body(input_ids, attention_mask=attention_mask).logits.squeeze(-1)
        return logits


def export(kind: str, folder: Path, out: Path, name: str, *, quantised: bool = True) -> dict[str, Any]:
    """Writes ``out`` and returns its config.json."""
    if kind == "encoder":
        model: nn.Module = _Pooled(bert.load_model(folder, attention="eager"))
    else:
        model = _Logit(bert.load_cross_encoder(folder, attention="eager"))
    out.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch:
        plain = Path(scratch) / "plain.onnx"
        _to_onnx(model.eval(), plain, "vector" if kind == "encoder" else "logit")
        fused = Path(scratch) / "fused.onnx"
        heads, hidden = _shape(folder)
        _fuse(plain, fused, heads, hidden)
        if quantised:
            _quantise(fused, out / "model.onnx")
        else:
            (out / "model.onnx").write_bytes(fused.read_bytes())
    (out / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    config: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "dims": hidden if kind == "encoder" else 1,
        "prefix": PREFIX if kind == "encoder" else "",
        "longest": _LONGEST[kind],
        "pad_id": 1,
        "fingerprint": fingerprint_of(out),
    }
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    return config


def _shape(folder: Path) -> tuple[int, int]:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return config["num_attention_heads"], config["hidden_size"]


def _to_onnx(model: nn.Module, path: Path, output: str) -> None:
    ids = torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])
    torch.onnx.export(
        model,
        (ids, mask),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=[output],
        dynamic_axes={"input_ids": {0: "n", 1: "length"}, "attention_mask": {0: "n", 1: "length"}, output: {0: "n"}},
        opset_version=_OPSET,
        dynamo=False,
    )


def _fuse(plain: Path, fused: Path, heads: int, hidden: int) -> None:
    """Attention, layer norm and GELU as one operator each."""
    from onnxruntime.transformers.optimizer import optimize_model

    optimised = optimize_model(str(plain), model_type="bert", num_heads=heads, hidden_size=hidden, opt_level=1)
    optimised.save_model_to_file(str(fused))


def _quantise(fused: Path, out: Path) -> None:
    """Weights to int8, a scale for each channel; activations are quantised as they come."""
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        fused,
        out,
        weight_type=QuantType.QInt8,
        per_channel=True,
        reduce_range=False,
        op_types_to_quantize=["MatMul", "Attention", "Gather", "EmbedLayerNormalization"],
        extra_options={"DefaultTensorType": TensorProto.FLOAT},  # fused operators tell no types
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["encoder", "reranker"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--name", default="")
    parser.add_argument("--float", action="store_true", help="keep 32 bits a weight")
    args = parser.parse_args()
    config = export(args.kind, args.folder, args.out, args.name or args.folder.name, quantised=not args.float)
    size = (args.out / "model.onnx").stat().st_size / 1e6
    sys.stderr.write(f"{args.out}: {config['name']} {config['fingerprint']}, {size:.1f} MB\n")


if __name__ == "__main__":
    main()
