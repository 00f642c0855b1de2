"""From examples to a model that understands messages like them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from nlu.encode import Encoder
from nlu.intent import classify, slots
from nlu.intent.classify import MOST_EXAMPLES, Learned, Progress
from nlu.intent.features import document, readable
from nlu.intent.model import NluModel
from nlu.intent.ridge import Matrix
from nlu.intent.slot_features import INTENTS, Around
from nlu.intent.slots import SlotModel
from nlu.intent.store import fingerprint_of
from nlu.intent.tokens import tokenise
from nlu.intent.types import OUT_OF_SCOPE, Example, IntentScore

_BATCH = 256


def train(
    examples: Sequence[Example], *, encoder: Encoder | None = None, seed: int = 17, progress: Progress | None = None
) -> NluModel:
    """The same examples, encoder and seed give the same model. Examples of ``OUT_OF_SCOPE`` teach refusing.

    Raises:
        ValueError: there are no two intents to tell apart (being out of scope is one).
        ModelUnavailable: the encoder gives no vectors.
    """
    tell = progress or _silent
    used = _most(examples, seed)
    names = tuple(sorted({example.intent for example in used} - {OUT_OF_SCOPE}))
    if not names or len({example.intent for example in used}) < 2:
        raise ValueError("Training needs examples of at least two intents.")
    vectors = _encoded(used, encoder, tell)
    number = {name: place for place, name in enumerate(names)}
    labels = np.array([number.get(example.intent, len(names)) for example in used], dtype=np.int64)
    documents = [document(readable(example.text), example.asked, example.history) for example in used]
    learned = classify.learn(documents, vectors, labels, names, seed=seed, progress=tell)
    tell("fitting the slots", 0, 0)
    tagger = _slots(used, learned)
    needs = encoder.fingerprint if encoder is not None else ""
    fingerprint = fingerprint_of(learned.classifier, tagger, needs)
    return NluModel(learned.classifier, tagger, fingerprint, needs, encoder)


def _encoded(examples: Sequence[Example], encoder: Encoder | None, tell: Progress) -> Matrix:
    """(examples, dims) vectors; dims is 0 without an encoder."""
    if encoder is None:
        return np.zeros((len(examples), 0), dtype=np.float32)
    texts = [example.text for example in examples]
    parts = []
    for start in range(0, len(texts), _BATCH):
        parts.append(encoder.encode(texts[start : start + _BATCH]))
        tell("encoding the examples", min(start + _BATCH, len(texts)), len(texts))
    return np.concatenate(parts)


def _slots(examples: Sequence[Example], learned: Learned) -> SlotModel | None:
    """The tagger is told the intents that the examples would get as new messages."""
    names = learned.classifier.names
    rows = []
    for example, chances in zip(examples, learned.held_out, strict=True):
        if example.intent != OUT_OF_SCOPE or example.slots:
            best = chances.argsort(kind="stable")[::-1][:INTENTS]
            intents = [IntentScore(names[place], float(chances[place])) for place in best]
            rows.append((tokenise(example.text), example.slots, Around(intents, example.asked)))
    return slots.learn(rows)


def _most(examples: Sequence[Example], seed: int) -> list[Example]:
    """Of more than ``MOST_EXAMPLES`` as many, the intents with most examples giving up theirs first."""
    if len(examples) <= MOST_EXAMPLES:
        return list(examples)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place in np.random.default_rng(seed).permutation(len(examples)):
        places[examples[place].intent].append(int(place))
    left, kept = MOST_EXAMPLES, list[int]()
    for rest, intent in enumerate(sorted(places, key=lambda intent: len(places[intent]))):
        fair = left // (len(places) - rest)
        kept += places[intent][:fair]
        left -= min(fair, len(places[intent]))
    return [examples[place] for place in sorted(kept)]


def _silent(_what: str, _done: int, _total: int) -> None:
    """The progress that nobody watches."""
