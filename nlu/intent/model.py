"""A trained understanding of messages: numpy, and the encoder that it was trained with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nlu.encode import Encoder
from nlu.intent import store
from nlu.intent.classify import Classifier, Judged
from nlu.intent.features import document, readable
from nlu.intent.slot_features import INTENTS, Around
from nlu.intent.slots import SlotModel
from nlu.intent.store import BadModel
from nlu.intent.tokens import tokenise
from nlu.intent.types import IntentScore, Parse

__all__ = ["BadModel", "NluModel"]

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class NluModel:
    """An :class:`nlu.intent.types.Understander`. ``needs`` is the fingerprint of its encoder, empty where it has none."""

    classifier: Classifier
    slots: SlotModel | None
    fingerprint: str
    needs: str = ""
    encoder: Encoder | None = None

    @property
    def intents(self) -> tuple[str, ...]:
        return self.classifier.names

    def parse(self, text: str, *, asked: str = "", history: Sequence[str] = ()) -> Parse:
        """
        Raises:
            ModelUnavailable: the encoder gives no vector.
        """
        judged = self._judge(text, asked, history)
        order = judged.chances.argsort(kind="stable")[::-1][:_SHOWN]
        intents = tuple(IntentScore(self.intents[place], float(judged.chances[place])) for place in order)
        around = Around(intents[:INTENTS], asked)
        slots = self.slots.read(tokenise(text), around) if self.slots else ()
        return Parse(intents, judged.in_scope, slots, self.classifier.method)

    def _judge(self, text: str, asked: str, history: Sequence[str]) -> Judged:
        classifier = self.classifier
        row = classifier.likeness.vocabulary.row(document(readable(text), asked, history))
        vector = self.encoder.encode([text])[0] if self.encoder is not None else None
        return classifier.judge(row, vector)

    def save(self, folder: Path) -> None:
        """Writes ``model.json`` and ``model.npz``; the encoder is not part of them."""
        store.save(folder, self.classifier, self.slots, fingerprint=self.fingerprint, needs=self.needs)

    @classmethod
    def load(cls, folder: Path, encoder: Encoder | None = None) -> NluModel:
        """
        Raises:
            BadModel: missing, damaged, or trained with another encoder than ``encoder``.
        """
        saved = store.load(folder)
        model = cls(saved.classifier, saved.slots, saved.fingerprint, saved.needs)
        return model.with_encoder(encoder) if saved.needs else model

    def with_encoder(self, encoder: Encoder | None) -> NluModel:
        """
        Raises:
            BadModel: not the encoder that the model was trained with.
        """
        if encoder is None or encoder.fingerprint != self.needs:
            given = f"the encoder {encoder.fingerprint}" if encoder else "no encoder"
            raise BadModel(
                f"This NLU model was trained with the encoder {self.needs}, and {given} was given: its vectors cannot be "
                "compared. Train the model again, or set ENCODER as it was."
            )
        return replace(self, encoder=encoder)
