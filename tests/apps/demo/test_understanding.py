"""The demo bot understands wishes with a model that was trained on what it shows as its examples."""

from __future__ import annotations

import json

import pytest

from apps.bots.models import ModelVersion
from apps.bots.registry import production
from apps.core.commands import Progress
from apps.demo.services import demo_refresh
from apps.demo.understanding import MODEL, shipped
from apps.flows.models import NluExample
from apps.flows.selectors import nlu_examples
from apps.learning.nlu_jobs import data_hash
from apps.learning.registry import Trained, model_promote, model_register
from nlu.intent.store import load

pytestmark = pytest.mark.django_db


def silent(*_args: object) -> None:
    """Nobody watches."""


@pytest.fixture
def progress() -> Progress:
    return silent


def test_the_shipped_model_serves_and_was_trained_on_these_examples(progress: Progress) -> None:
    bot = demo_refresh(progress=progress).bot
    served = production("nlu", bot.pk)
    assert served is not None
    assert served.path == MODEL.resolve()
    assert NluExample.objects.filter(bot=bot).count() > 3_000
    stale = "train it again: python manage.py train nlu --bot demo --run apps/demo/data/nlu"
    notes = json.loads((MODEL / "metrics.json").read_text("utf-8"))
    assert notes["labelled"] == data_hash(nlu_examples(bot)), stale
    assert load(MODEL).fingerprint == shipped().fingerprint
    assert load(MODEL / "plain").needs == ""


def test_a_model_of_its_own_stays_in_production(progress: Progress) -> None:
    bot = demo_refresh(progress=progress).bot
    own = Trained("nlu", load(MODEL / "plain").fingerprint, {}, "", str(MODEL / "plain"))
    model_promote(version=model_register(trained=own, bot=bot))
    demo_refresh(progress=progress)
    assert ModelVersion.objects.get(bot=bot, kind="nlu", slot__isnull=False).fingerprint == own.fingerprint
