"""One message as the task bot reads it: its text, its typed values, and what the NLU model makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dialog.task.model import Slot
from dialog.task.ports import IntentScore, Parse, Understander
from nlu.encode import ModelUnavailable
from nlu.entities.extract import entities
from nlu.entities.types import Entity
from nlu.normalize import normalise
from nlu.types import Normalized

ENTITY_KINDS: Mapping[str, tuple[str, ...]] = {
    "time": ("time",),
    "city": ("city",),
    "number": ("number", "quantity", "digits"),
    "amount": ("amount",),
    "phone": ("phone",),
    "id_number": ("id_number",),
    "ref": ("order_no", "tail_no", "tracking_no", "ordinal", "time"),
    "enum": ("ordinal",),
}


IN_SCOPE = 0.5
"""Below this chance a message is more likely about none of the model's intents."""


@dataclass(frozen=True, slots=True)
class Heard:
    """``parse`` is empty where the bot has no NLU model."""

    message: Normalized
    parse: Parse
    entities: tuple[Entity, ...] = ()
    past: tuple[Entity, ...] = ()
    """Times read as the latest that fit, for slots about what has happened."""
    weaker: str = ""
    """The weaker mode it was read in, by name."""

    @property
    def intents(self) -> tuple[IntentScore, ...]:
        """Of the NLU model, best first; where it doubts that the message is about any of them, they all count less."""
        if self.parse.in_scope >= IN_SCOPE:
            return self.parse.intents
        return tuple(IntentScore(one.name, one.probability * self.parse.in_scope) for one in self.parse.intents)

    def kind(self, *kinds: str, past: bool = False) -> list[Entity]:
        return [one for one in (self.past if past else self.entities) if one.kind in kinds]

    def spans(self, slot: Slot) -> list[str]:
        """What the NLU model marked for a slot."""
        names = slot.entity or (slot.name,)
        return [span.text for span in self.parse.slots if span.name in names]


def hear(
    message: Normalized,
    now: datetime,
    understander: Understander | None,
    *,
    asked: str = "",
    history: Sequence[str] = (),
) -> Heard:
    """Read a message once for all that the task bot asks of it."""
    parse, weaker = Parse(), ""
    if understander is not None:
        try:
            parse = understander.parse(message.raw, asked=asked, history=history)
        except ModelUnavailable:
            weaker = "nlu_unavailable"
    return Heard(message, parse, *_typed(message, now), weaker)


def heard_text(text: str, now: datetime) -> Heard:
    """A text without an NLU model's reading, such as one put together of two answers."""
    message = normalise(text)
    return Heard(message, Parse(), *_typed(message, now))


def _typed(message: Normalized, now: datetime) -> tuple[tuple[Entity, ...], tuple[Entity, ...]]:
    found = tuple(entities(message, now=now, policy="future"))
    if not any(one.kind == "time" for one in found):
        return found, ()
    return found, tuple(entities(message, now=now, policy="past", kinds=("time",)))
