"""A model as a folder: the weights, ``tokenizer.json`` where there is one, and a ``config.json`` that says how to use them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from nlu.encode.ports import ModelUnavailable

MODELS = Path(__file__).parents[1] / "models"
"""Where the shipped models lie."""

Kind = Literal["encoder", "reranker", "static"]
_FILES: Mapping[Kind, tuple[str, ...]] = {
    "encoder": ("model.onnx", "tokenizer.json"),
    "reranker": ("model.onnx", "tokenizer.json"),
    "static": ("table.npz",),
}


class BadFolder(ModelUnavailable):
    """Not a folder of ours, or a damaged one; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class FolderConfig:
    """What ``config.json`` says. A change of any of it but the name is a new model with a new fingerprint."""

    name: str
    kind: Kind
    dims: int
    fingerprint: str
    """Hash of the files that make the model what it is: :func:`fingerprint_of`."""
    prefix: str = ""
    """Stands before every text of an encoder, as in training."""
    longest: int = 48
    """Tokens; what goes beyond is cut."""
    pad_id: int = 1

    @property
    def role(self) -> str:
        """``encoder`` or ``reranker``."""
        return "reranker" if self.kind == "reranker" else "encoder"


def read_config(folder: Path) -> FolderConfig:
    """
    Raises:
        BadFolder: there is no ``config.json`` of ours.
    """
    try:
        data = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadFolder(f"{folder} holds no readable config.json") from error
    if not isinstance(data, dict) or data.get("kind") not in get_args(Kind):
        raise BadFolder(f"{folder}/config.json names no kind of model that is known here: {', '.join(get_args(Kind))}")
    try:
        return _config(data)
    except (KeyError, TypeError, ValueError) as error:
        raise BadFolder(f"{folder}/config.json is incomplete: {error!r}") from error


def _config(data: Mapping[str, Any]) -> FolderConfig:
    longest, pad_id, dims = int(data.get("longest", 48)), int(data.get("pad_id", 1)), int(data.get("dims", 0))
    if longest < 4 or pad_id < 0 or dims < 0:
        raise ValueError("longest, pad_id or dims is out of range")
    return FolderConfig(
        name=str(data["name"]),
        kind=data["kind"],
        dims=dims,
        fingerprint=str(data["fingerprint"]),
        prefix=str(data.get("prefix", "")),
        longest=longest,
        pad_id=pad_id,
    )


def open_folder(folder: Path, kind: Kind) -> FolderConfig:
    """The config of a folder that is whole and of this kind.

    Raises:
        BadFolder: a file is missing, or the files are not those that the config was written for.
    """
    config = read_config(folder)
    if config.kind != kind:
        raise BadFolder(f"{folder} holds a model of the kind {config.kind!r}, not {kind!r}")
    missing = [name for name in _FILES[kind] if not (folder / name).is_file()]
    if missing:
        raise BadFolder(f"{folder} lacks {', '.join(missing)}")
    if fingerprint_of(folder, kind) != config.fingerprint:
        raise BadFolder(f"{folder}: the files are not those that config.json was written for; export the model again")
    return config


def fingerprint_of(folder: Path, kind: Kind = "encoder") -> str:
    """A hash of the model's files; an export writes it into ``config.json``."""
    digest = hashlib.sha256()
    for name in _FILES[kind]:
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
