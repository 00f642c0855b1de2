from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.commands import known_bot
from apps.core.commands import Result, ToolCommand
from apps.learning.registry import Kind, model_json, model_rollback


class Command(ToolCommand):
    help = "Let the model serve that did before the present one; in the end the shipped one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=Kind.values)
        parser.add_argument("--bot", help="the bot's own model, not that of all bots")

    def perform(self, **options: Any) -> Result:
        serving = model_rollback(kind=options["kind"], bot=known_bot(options["bot"]) if options["bot"] else None)
        if serving is None:
            return Result(
                {"serving": None}, _("The shipped model, or that of all bots, serves from the next message on.")
            )
        return Result({"serving": model_json(serving)}, _("“%s” serves from the next message on.") % serving.name)
