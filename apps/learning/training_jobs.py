"""Training from the command line: the recipe is nlu's, what comes out becomes a candidate of the registry."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.bots.models import Bot, ModelVersion
from apps.conversations.wiring import Engine
from apps.core.commands import Progress
from apps.core.errors import Conflict, Invalid
from apps.learning.questions import Question, data_hash, known_questions, published_only
from apps.learning.registry import Kind, Trained, folder_trained, model_register
from apps.learning.replay import Observed, is_right, measured_engine, replay, untold
from dialog.types import Entry
from nlu.bootstrap import Gain, paired_gain
from nlu.metrics import Ranked, top1
from nlu.rank import Rankers

LEAST = 40
"""Labelled questions held out, and as many to train on, below which no ranker of one bot is tried."""

Labelled = tuple[str, frozenset[str]]
"""A question and the ids of the entries that answer it."""


class RankerTrainer(Protocol):
    """``nlu.training.bot_ranker.train``: the ranker as JSON, and figures of the training itself."""

    def __call__(
        self, entries: Sequence[Entry], labelled: Sequence[Labelled], models: Any, seed: int
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]: ...


# --- models for all bots --------------------------------------------------------------------------------------------


def model_train(*, kind: str, run: Path, arguments: Sequence[str]) -> ModelVersion:
    """Train by the recipe of that kind in the folder ``run`` (progress on stderr), and register what it left there.

    Raises:
        Invalid: the recipe cannot run here, or it left no whole model.
    """
    try:
        recipe = import_module(f"nlu.training.{kind}")
    except ModuleNotFoundError as error:
        needs = _("Training needs the packages of requirements-models.txt: %s is missing.")
        raise Invalid(needs % error.name) from error
    target = run / "ranker.json" if kind == Kind.RANKER else run
    out = ["--out", str(target)] if kind == Kind.RANKER else [str(run)]
    run.mkdir(parents=True, exist_ok=True)
    recipe.main([*arguments, *out] if kind == Kind.RANKER else [*out, *arguments])
    return model_add(kind=kind, path=target if kind == Kind.RANKER else _result(run, kind))


def model_add(*, kind: str, path: Path) -> ModelVersion:
    """Register a model that lies at ``path``: a folder, or the JSON of a ranker.

    Raises:
        Invalid: it is none.
    """
    if kind != Kind.RANKER:
        notes = _json(path / "metrics.json") if (path / "metrics.json").is_file() else {}
        return model_register(trained=folder_trained(kind, path, notes, str(notes.get("data_hash", ""))))
    artefact = _json(path)
    return model_register(trained=_ranker(artefact, artefact.get("held_out", {}), _data(artefact)))


def _result(run: Path, kind: str) -> Path:
    """A run keeps its models in folders named after their kinds, or is the model's folder itself."""
    return run / kind if (run / kind).is_dir() else run


def _data(artefact: Mapping[str, Any]) -> str:
    return str(artefact.get("recipe", {}).get("data_sha256", ""))


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(_("“%s” holds no readable JSON.") % path) from error
    return data if isinstance(data, dict) else {}


def _ranker(artefact: Mapping[str, Any], metrics: Mapping[str, Any], data: str) -> Trained:
    try:
        fingerprint = Rankers.from_json(artefact).fingerprint
    except (KeyError, ValueError) as error:
        raise Invalid(str(error)) from error
    return Trained(Kind.RANKER, fingerprint, metrics, data, artefact=artefact)


# --- a bot's own ranker ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnRanker:
    """``version`` is None where it is not better. ``old_top1`` and ``new_top1`` are over the questions held out."""

    version: ModelVersion | None
    gain: Gain
    old_top1: float
    new_top1: float
    trained_on: int

    def text(self) -> str:
        figures = {
            "n": self.gain.n,
            "old": f"{self.old_top1:.1%}",
            "new": f"{self.new_top1:.1%}",
            "gain": f"{self.gain.mean:+.3f}",
            "lower": f"{self.gain.lower:+.3f}",
        }
        seen = _(
            "On %(n)d labelled questions it was not trained on, the right entry stands first in %(new)s (now: %(old)s); "
            "it leads by %(gain)s more on average, at least %(lower)s with 95 %% confidence."
        )
        if self.version is None:
            return f"{seen % figures} " + _("That is no proven gain: nothing was registered, the present ranker stays.")
        hint = _("It is registered as “%(name)s”; let it serve with: python manage.py promote %(name)s")
        return f"{seen % figures} {hint % {'name': self.version.name}}"


def bot_ranker_train(
    *, bot: Bot, seed: int = 17, trainer: RankerTrainer | None = None, progress: Progress | None = None
) -> OwnRanker:
    """Train the bot's own ranker on half of its labelled questions; a candidate only if better on the other half.

    Better: by the paired bootstrap its right entries lead their best wrong rivals by more (an unanswerable question
    counts how far all stay below certainty), with 95 % confidence, and no fewer of them stand first.

    Raises:
        Conflict: too little is labelled, or nothing can be learned from it.
    """
    questions = known_questions(bot)
    held = [question for question in questions if question.held_out]
    learned = [question for question in questions if not question.held_out]
    if min(len(held), len(learned)) < LEAST:
        raise Conflict(
            _("A ranker of its own needs %(least)d labelled questions; this bot has %(n)d. Label more, or stay.")
            % {"least": 2 * LEAST, "n": len(questions)}
        )
    engine = measured_engine(bot)
    train = trainer or _trainer()
    entries = untold(engine.publication, held).entries  # what was labelled stands in the entries by now
    published = frozenset(entry.id for entry in entries)
    labelled = [(question.text, question.gold) for question in published_only(learned, published)]
    try:
        artefact, metrics = train(entries, labelled, engine.index.models, seed)
    except ValueError as error:
        raise Conflict(_("These labels teach nothing: %s") % error) from error
    rankers = Rankers.from_json(artefact)
    old = _seen(held, engine, progress)
    new = _seen(held, engine.with_rankers(rankers), progress)
    return _judged(bot, old, new, _ranker(artefact, metrics, data_hash(learned)), len(learned), seed)


def _trainer() -> RankerTrainer:
    train: RankerTrainer = import_module("nlu.training.bot_ranker").train
    return train


@dataclass(frozen=True, slots=True)
class _Seen:
    """By the key of the question: how far the right entry leads, and the ranking."""

    leads: Mapping[str, float]
    ranked: Mapping[str, Ranked]


def _seen(questions: Sequence[Question], engine: Engine, progress: Progress | None) -> _Seen:
    found = replay(questions, engine, now=timezone.now(), progress=progress)
    leads = {row.question.key: _lead(row, found.answers) for row in found.rows}
    return _Seen(leads, {row.question.key: _ranking(row) for row in found.rows})


def _lead(row: Observed, answers: Mapping[str, str]) -> float:
    right = wrong = 0.0
    for candidate in row.proposal.candidates:
        if is_right(candidate.entry_id, row.question, answers):
            right = max(right, candidate.probability)
        else:
            wrong = max(wrong, candidate.probability)
    return right - wrong


def _ranking(row: Observed) -> Ranked:
    return Ranked(tuple(c.entry_id for c in row.proposal.candidates), row.question.gold, row.proposal.probability)


def _judged(bot: Bot, old: _Seen, new: _Seen, trained: Trained, trained_on: int, seed: int) -> OwnRanker:
    keys = sorted(old.leads.keys() & new.leads.keys())
    gain = paired_gain([old.leads[key] for key in keys], [new.leads[key] for key in keys], seed=seed)
    before, after = (top1([seen.ranked[key] for key in keys]) for seen in (old, new))
    version = None
    if gain.proven and after >= before:
        figures = {
            "top1": after,
            "top1_before": before,
            "gain": gain.mean,
            "gain_lower": gain.lower,
            "held_out": gain.n,
        }
        metrics = {**trained.metrics, **figures}
        full = Trained(trained.kind, trained.fingerprint, metrics, trained.data_hash, artefact=trained.artefact)
        version = model_register(trained=full, bot=bot)
    return OwnRanker(version, gain, before, after, trained_on)
