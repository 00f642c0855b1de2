"""A bot's own NLU model: trained on its examples and those of its flows, tried on what was held out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from apps.bots.models import Bot, ModelVersion
from apps.conversations.shelf import models_wanted, shelf
from apps.conversations.tasks import PLAIN, book_of
from apps.core.commands import Progress
from apps.core.errors import Conflict
from apps.flows.selectors import flows_live, nlu_examples
from apps.knowledge.selectors import publication_load
from apps.learning.registry import Kind, Trained, model_register
from dialog.task.control import asks
from dialog.task.starts import Starts
from nlu.intent.types import OUT_OF_SCOPE, Example
from nlu.normalize import normalise

if TYPE_CHECKING:
    from nlu.encode import Encoder

FOLDS = 5
"""One example in so many is held out for the figures; the model itself learns from all."""
LEAST = 10
"""Examples below which there is nothing to train."""


@dataclass(frozen=True, slots=True)
class NluTrained:
    version: ModelVersion
    examples: int
    metrics: dict[str, Any]

    def text(self) -> str:
        figures = {
            "n": self.examples,
            "accuracy": f"{self.metrics['intent_accuracy']:.1%}",
            "held": self.metrics["n_test"],
            "name": self.version.name,
        }
        return (
            _(
                "Learned from %(n)d examples; on %(held)d that were held out, %(accuracy)s of the intents are right. "
                "Registered as “%(name)s”; let it serve with: python manage.py promote %(name)s"
            )
            % figures
        )


def nlu_train(*, bot: Bot, seed: int = 17, progress: Progress | None = None, into: Path | None = None) -> NluTrained:
    """Train the bot's NLU model with the encoder that answers its customers, and register it as a candidate.

    Raises:
        Conflict: too few examples.
        ModelUnavailable: the encoder cannot be had.
    """
    examples = examples_of(bot)
    if len(examples) < LEAST:
        needs = _(
            "An NLU model needs at least %(least)d examples; this bot has %(n)d. Import some, or write more in its flows."
        )
        raise Conflict(needs % {"least": LEAST, "n": len(examples)})
    encoder = shelf().models_or_fail(models_wanted(bot.pk)).encoder
    return nlu_train_from(bot=bot, examples=examples, encoder=encoder, seed=seed, progress=progress, into=into)


def nlu_train_from(
    *,
    bot: Bot,
    examples: Sequence[Example],
    encoder: Encoder | None,
    seed: int = 17,
    progress: Progress | None = None,
    into: Path | None = None,
) -> NluTrained:
    """The same with examples and encoder at hand; ``into``: the folder that the model is written to."""
    from nlu.intent.measure import measured
    from nlu.intent.train import train

    learned, held = _parted(examples)
    figures: dict[str, Any] = dict(measured(train(learned, encoder=encoder, seed=seed), held)) if held else {}
    model = train(examples, encoder=encoder, seed=seed, progress=progress)
    folder = into or Path(settings.VAR_DIR) / "models" / f"nlu-{bot.slug}-{model.fingerprint}"
    model.save(folder)
    if encoder is not None:  # for the hours in which the encoder cannot be had
        train(examples, encoder=None, seed=seed).save(folder / PLAIN)
    trained = Trained(Kind.NLU, model.fingerprint, figures, data_hash(examples), str(folder.resolve()))
    labelled = data_hash(nlu_examples(bot))
    notes = {"fingerprint": model.fingerprint, "data_hash": trained.data_hash, "labelled": labelled, "metrics": figures}
    (folder / "metrics.json").write_text(json.dumps(notes, indent=1), "utf-8")
    return NluTrained(model_register(trained=trained, bot=bot), len(examples), figures)


def examples_of(bot: Bot) -> list[Example]:
    """What was imported, the examples of the published flows, and what is no wish: the questions that the bot's knowledge
    answers. The same text counts once, and what somebody labelled counts first."""
    book = book_of(flows_live(bot))
    found = list(nlu_examples(bot))
    starts = [Example(text, flow.start.intent) for flow in book.flows for text in flow.start.examples]
    found += [example for example in starts if example.intent]
    found += [Example(text, OUT_OF_SCOPE) for text in _questions(bot, Starts.build(book), len(found))]
    return list({(example.text, example.asked): example for example in reversed(found)}.values())[::-1]


def _questions(bot: Bot, starts: Starts, most: int) -> list[str]:
    """Published questions, and similar ones in the form of a question, that no flow's pattern takes for a wish; at most as
    many as there are wishes."""
    found: list[str] = []
    for entry in publication_load(bot, bot.live_version).publication.entries:
        found += [entry.question, *(text for text in entry.similar if asks(normalise(text).text))]
    return [text for text in found if not starts.by_pattern(normalise(text).text)][:most]


def data_hash(examples: Sequence[Example]) -> str:
    """Names what was learned from."""
    lines = sorted(repr(example) for example in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _parted(examples: Sequence[Example]) -> tuple[list[Example], list[Example]]:
    """Always the same parts: by the hash of the text."""
    held = [example for example in examples if _hash(example.text) % FOLDS == 0]
    return [example for example in examples if _hash(example.text) % FOLDS], held


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
