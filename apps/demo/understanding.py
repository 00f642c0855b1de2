"""What teaches the demo bot to understand wishes: examples to look at and add to, and the model trained on them."""

from __future__ import annotations

from pathlib import Path

import orjson

from apps.bots.models import Bot, ModelVersion
from apps.core.errors import Invalid
from apps.flows.examples import examples_import
from apps.learning.registry import Kind, Trained, model_promote, model_register

DATA = Path(__file__).parent / "data"
MODEL = DATA / "nlu"


def demo_nlu(bot: Bot) -> None:
    """Import the examples, and let the shipped model serve unless the bot has one of its own. Safe to repeat.

    A model trained and promoted here stays in production.

    Raises:
        Invalid: the shipped files are damaged.
    """
    demo_examples(bot)
    trained = shipped()
    version = model_register(trained=trained, bot=bot)
    if version.path != trained.path:  # the product was moved
        ModelVersion.objects.filter(pk=version.pk).update(path=trained.path)
    own = ModelVersion.objects.filter(bot=bot, kind=Kind.NLU, slot__isnull=False).exclude(pk=version.pk)
    if version.status != ModelVersion.Status.PRODUCTION and not own.exists():
        model_promote(version=version)


def demo_examples(bot: Bot) -> None:
    """Import the examples.

    Raises:
        Invalid: a row is damaged.
    """
    for path in sorted(DATA.glob("nlu_*.jsonl")):
        report = examples_import(bot=bot, rows=path.read_bytes().splitlines(), source=path.stem)
        if report.refused:
            row, why = report.problems[0]
            raise Invalid(f"{path.name}, row {row}: {why}")


def shipped() -> Trained:
    """The model in ``data/nlu``, as training registered it."""
    notes = orjson.loads((MODEL / "metrics.json").read_bytes())
    return Trained(Kind.NLU, notes["fingerprint"], notes["metrics"], notes["data_hash"], str(MODEL.resolve()))
