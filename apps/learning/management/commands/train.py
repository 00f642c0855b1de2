from __future__ import annotations

import shlex
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.commands import known_bot
from apps.core.commands import Result, ToolCommand
from apps.core.errors import Invalid
from apps.learning.nlu_jobs import nlu_train
from apps.learning.registry import Kind, model_json
from apps.learning.training_jobs import bot_ranker_train, model_add, model_train


class Command(ToolCommand):
    help = "Train a model and register it as a candidate; `promote` lets it serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=Kind.values)
        parser.add_argument("--run", type=Path, help="folder of the run; one that was cut off goes on where it stopped")
        parser.add_argument("--recipe", default="", help='further arguments of the recipe, as one text: "--steps 2000"')
        parser.add_argument(
            "--add", type=Path, metavar="PATH", help="train nothing: register the model that lies there"
        )
        parser.add_argument(
            "--bot",
            help="with `ranker`: the bot's own, from its entries and labels; with `nlu`: from its examples and flows",
        )
        parser.add_argument("--seed", type=int, default=17, help="of a bot's own model (17)")

    def perform(self, **options: Any) -> Result:
        kind, run, lies_at = options["kind"], options["run"], options["add"]
        if options["bot"]:
            return self._own(**options)
        if kind == Kind.NLU:
            raise Invalid(_("Name the bot that the NLU model is for with --bot."))
        if run is None and lies_at is None:
            raise Invalid(_("Name the folder of the run with --run, or a bot with --bot."))
        if lies_at is not None:
            version = model_add(kind=kind, path=lies_at)
        else:
            version = model_train(kind=kind, run=run, arguments=shlex.split(options["recipe"]))
        text = _("Registered as “%(name)s”. Let it serve with: python manage.py promote %(name)s") % {
            "name": version.name
        }
        return Result(model_json(version), text)

    def _own(self, **options: Any) -> Result:
        progress = self.progress(options["verbosity"])
        if options["kind"] == Kind.NLU:
            trained = nlu_train(
                bot=known_bot(options["bot"]), seed=options["seed"], progress=progress, into=options["run"]
            )
            return Result(model_json(trained.version), trained.text())
        if options["kind"] != Kind.RANKER:
            raise Invalid(_("Only a ranker or an NLU model can be a bot's own."))
        done = bot_ranker_train(bot=known_bot(options["bot"]), seed=options["seed"], progress=progress)
        data = {"version": done.version and done.version.name, "gain": asdict(done.gain)}
        return Result({**data, "old_top1": done.old_top1, "new_top1": done.new_top1}, done.text())
