"""The slots of a message: a tagger, typed values that always name one slot, and the normal form of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu.entities.extract import entities
from nlu.entities.types import JsonValue
from nlu.intent import crf
from nlu.intent.crf import Crf
from nlu.intent.features import SOME_DAY
from nlu.intent.gazetteer import Gazetteer, said
from nlu.intent.slot_features import Around, slot_features
from nlu.intent.tokens import Tokens, marks, tags
from nlu.intent.types import SlotMark, SlotSpan

_RELIABLE = 0.95
_SEEN = 10
_COMMON = 0.2
"""Share of a slot's values that are typed values of a kind, for the kind to give its normal form."""


@dataclass(frozen=True, slots=True)
class SlotModel:
    """``sure``: the slot that values of a kind always named in the examples; ``kinds``: the kinds that a slot's values
    are of. Times have no normal form here: it depends on the day, which a model does not know."""

    crf: Crf
    gazetteer: Gazetteer
    sure: Mapping[str, str]
    kinds: Mapping[str, tuple[str, ...]]

    def read(self, tokens: Tokens, around: Around) -> tuple[SlotSpan, ...]:
        """By place, not overlapping; offsets are of the raw text."""
        tagged = marks(tokens, self.crf.best(slot_features(tokens, self.gazetteer, around)))
        sure = [
            SlotMark(self.sure[entity.kind], entity.start, entity.end)
            for entity in tokens.entities
            if entity.kind in self.sure
        ]
        kept = [mark for mark in tagged if all(mark.end <= one.start or one.end <= mark.start for one in sure)]
        return tuple(self._span(tokens, mark) for mark in sorted([*kept, *sure], key=lambda mark: mark.start))

    def _span(self, tokens: Tokens, mark: SlotMark) -> SlotSpan:
        return SlotSpan(mark.name, mark.start, mark.end, tokens.raw[mark.start : mark.end], self._value(tokens, mark))

    def _value(self, tokens: Tokens, mark: SlotMark) -> JsonValue:
        known = self.gazetteer.values.get(said(tokens, mark), {})
        if mark.name in known:
            return known[mark.name]
        wanted = self.kinds.get(mark.name, ())
        for entity in tokens.entities:
            if entity.kind in wanted and (entity.start, entity.end) == (mark.start, mark.end):
                return entity.value
        text = tokens.raw[mark.start : mark.end]
        alone = entities(text, now=SOME_DAY, kinds=wanted) if wanted else []
        return alone[0].value if len(alone) == 1 and alone[0].text == text else None


def learn(examples: Sequence[tuple[Tokens, Sequence[SlotMark], Around]]) -> SlotModel | None:
    """From tokens, their slots and what is known beside them; None where no example names a slot."""
    if not any(slots for _tokens, slots, _around in examples):
        return None
    gazetteer = Gazetteer.of([(tokens, slots) for tokens, slots, _around in examples])
    sequences = [slot_features(tokens, gazetteer, around, slots) for tokens, slots, around in examples]
    field = crf.fit(sequences, [tags(tokens, slots) for tokens, slots, _around in examples])
    return SlotModel(field, gazetteer, *_kinds(examples))


def _kinds(
    examples: Sequence[tuple[Tokens, Sequence[SlotMark], Around]],
) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Kinds that always name one slot, and the kinds of each slot's values."""
    seen: Counter[str] = Counter()
    named: Counter[tuple[str, str]] = Counter()
    slots_seen: Counter[str] = Counter()
    for tokens, slots, _around in examples:
        spans = {(slot.start, slot.end): slot.name for slot in slots}
        slots_seen.update(slot.name for slot in slots)
        for entity in tokens.entities:
            seen[entity.kind] += 1
            if (entity.start, entity.end) in spans:
                named[entity.kind, spans[entity.start, entity.end]] += 1
    sure = {
        kind: slot for (kind, slot), count in named.items() if seen[kind] >= _SEEN and count >= _RELIABLE * seen[kind]
    }
    kinds: dict[str, tuple[str, ...]] = {}
    for (kind, slot), count in sorted(named.items()):
        if kind != "time" and count >= _COMMON * slots_seen[slot]:
            kinds[slot] = (*kinds.get(slot, ()), kind)
    return sure, kinds
