"""An NLU model as a folder: ``model.json`` and ``model.npz``. No pickle: a file cannot run code."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.intent.classify import Classifier
from nlu.intent.crf import Crf
from nlu.intent.features import Vocabulary
from nlu.intent.gazetteer import Gazetteer
from nlu.intent.likeness import Likeness
from nlu.intent.scope import Scope
from nlu.intent.slots import SlotModel

FORM = 1
Arrays = dict[str, npt.NDArray[Any]]


class BadModel(Exception):
    """A folder that holds no NLU model, or an encoder that does not fit it; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Saved:
    classifier: Classifier
    slots: SlotModel | None
    fingerprint: str
    needs: str


def fingerprint_of(classifier: Classifier, slots: SlotModel | None, needs: str) -> str:
    """Equal exactly where the models say the same of every message."""
    data, arrays = _packed(classifier, slots)
    digest = hashlib.sha256(json.dumps([data, needs], ensure_ascii=False, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()[:16]


def save(folder: Path, classifier: Classifier, slots: SlotModel | None, *, fingerprint: str, needs: str) -> None:
    data, arrays = _packed(classifier, slots)
    head = {"kind": "nlu", "form": FORM, "fingerprint": fingerprint, "encoder": needs}
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "model.npz").open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    text = json.dumps({**head, **data}, ensure_ascii=False)
    (folder / "model.json").write_text(text + "\n", encoding="utf-8")


def load(folder: Path) -> Saved:
    """
    Raises:
        BadModel: missing, damaged, or of a form that this version does not read.
    """
    try:
        data = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if data.get("kind") != "nlu" or data.get("form") != FORM:
            raise BadModel(f"{folder} holds no NLU model that this version reads. Train it again.")
        with np.load(folder / "model.npz", allow_pickle=False) as saved:
            arrays = {name: saved[name] for name in saved.files}
        classifier, slots = _classifier(data, arrays), _slots(data.get("slots"), arrays)
        found = Saved(classifier, slots, str(data["fingerprint"]), str(data["encoder"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise BadModel(f"{folder} holds no readable NLU model ({error}). Train it again.") from error
    if fingerprint_of(found.classifier, found.slots, found.needs) != found.fingerprint:
        raise BadModel(f"{folder}: model.npz and model.json do not belong together. Train the model again.")
    return found


def _packed(classifier: Classifier, slots: SlotModel | None) -> tuple[dict[str, Any], Arrays]:
    likeness = classifier.likeness
    data = {
        "intents": classifier.names,
        "method": classifier.method,
        "sharpness": classifier.sharpness,
        "scope": {"weights": classifier.scope.weights, "bias": classifier.scope.bias},
        "share": likeness.share,
        "features": list(likeness.vocabulary.columns),
        "common": sorted(likeness.vocabulary.common),
        "unseen": likeness.vocabulary.unseen,
        "slots": None,
    }
    arrays: Arrays = {
        "rarity": likeness.vocabulary.weights,
        "starts": likeness.starts,
        "examples": likeness.examples,
        "values": likeness.values,
        "vectors": likeness.vectors,
        "centre": likeness.centre,
        "labels": classifier.labels,
        "weights": classifier.weights,
    }
    if slots is not None:
        field = slots.crf
        data["slots"] = {
            "tags": field.names,
            "features": list(field.columns),
            "counts": slots.gazetteer.counts,
            "values": slots.gazetteer.values,
            "sure": slots.sure,
            "kinds": slots.kinds,
        }
        arrays |= {
            "crf_starts": field.starts,
            "crf_tags": field.tags,
            "crf_weights": field.weights,
            "crf_moves": field.moves,
        }
    return data, arrays


def _classifier(data: dict[str, Any], arrays: Arrays) -> Classifier:
    likeness = Likeness(
        vocabulary=Vocabulary(
            _numbered(data["features"]), arrays["rarity"], frozenset(data["common"]), float(data["unseen"])
        ),
        starts=arrays["starts"],
        examples=arrays["examples"],
        values=arrays["values"],
        vectors=arrays["vectors"],
        centre=arrays["centre"],
        share=float(data["share"]),
    )
    return Classifier(
        names=tuple(data["intents"]),
        method=data["method"],
        likeness=likeness,
        labels=arrays["labels"],
        weights=arrays["weights"],
        sharpness=float(data["sharpness"]),
        scope=Scope(tuple(data["scope"]["weights"]), float(data["scope"]["bias"])),
    )


def _slots(data: dict[str, Any] | None, arrays: Arrays) -> SlotModel | None:
    if data is None:
        return None
    field = Crf(
        names=tuple(data["tags"]),
        columns=_numbered(data["features"]),
        starts=arrays["crf_starts"],
        tags=arrays["crf_tags"],
        weights=arrays["crf_weights"],
        moves=arrays["crf_moves"],
    )
    kinds = {slot: tuple(kinds) for slot, kinds in data["kinds"].items()}
    return SlotModel(field, Gazetteer(data["counts"], data["values"]), data["sure"], kinds)


def _numbered(features: list[str]) -> dict[str, int]:
    return {feature: column for column, feature in enumerate(features)}
