"""A trained understanding of messages: numpy alone, and the encoder it was trained with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlu.encode import Encoder
from nlu.intent.features import Vocabulary, context, grams, readable
from nlu.intent.types import IntentScore, Parse, SlotSpan


class BadModel(Exception):
    """A folder that holds no such model, or an encoder that does not fit it; the message says what to do."""


@dataclass(frozen=True, slots=True)
class NluModel:
    """Reads messages. Immutable; safe in several threads."""

    intents: tuple[str, ...]
    vocabulary: Vocabulary
    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    threshold: float
    encoder_fingerprint: str
    encoder: Encoder | None
    fingerprint: str

    def parse(self, text: str, *, asked: str = "", history: Sequence[str] = ()) -> Parse:
        view = readable(text)
        row = self.vocabulary.row([*grams(view), *context(asked, history)])
        logits = row.values @ self.weights[row.columns] + self.bias
        if self.encoder is not None:
            logits = logits + self.encoder.encode([text])[0] @ self.weights[len(self.vocabulary.columns) :]
        chances = np.exp(logits - logits.max())
        chances /= chances.sum()
        order = np.argsort(-chances, kind="stable")
        intents = tuple(IntentScore(self.intents[place], float(chances[place])) for place in order[:10])
        slots: tuple[SlotSpan, ...] = ()
        return Parse(intents, intents[0].probability, slots, "linear")

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / "model.npz", weights=self.weights, bias=self.bias, rarity=self.vocabulary.weights)
        (folder / "model.json").write_text(
            json.dumps(
                {
                    "kind": "nlu",
                    "fingerprint": self.fingerprint,
                    "encoder": self.encoder_fingerprint,
                    "intents": self.intents,
                    "threshold": self.threshold,
                    "features": list(self.vocabulary.columns),
                },
                ensure_ascii=False,
            ),
            encoding="utf-8",
        )

    @classmethod
    def load(cls, folder: Path, encoder: Encoder | None = None) -> NluModel:
        """
        Raises:
            BadModel: missing, damaged, or trained with another encoder than ``encoder``.
        """
        try:
            data: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            with np.load(folder / "model.npz", allow_pickle=False) as saved:
                arrays = {name: saved[name] for name in saved.files}
        except (OSError, ValueError) as error:
            raise BadModel(f"{folder} holds no readable NLU model: {error}") from error
        if data["encoder"] and (encoder is None or encoder.fingerprint != data["encoder"]):
            raise BadModel(f"this NLU model needs the encoder {data['encoder']}")
        columns = {feature: column for column, feature in enumerate(data["features"])}
        return cls(
            tuple(data["intents"]),
            Vocabulary(columns, arrays["rarity"]),
            arrays["weights"],
            arrays["bias"],
            data["threshold"],
            data["encoder"],
            encoder if data["encoder"] else None,
            data["fingerprint"],
        )


def fingerprint_of(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return digest.hexdigest()[:16]
