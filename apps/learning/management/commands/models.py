from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.bots.commands import known_bot
from apps.bots.registry import models_list
from apps.core.commands import Result, ToolCommand
from apps.learning.registry import model_json
from apps.learning.telling import models_text


class Command(ToolCommand):
    help = "List the trained models: what serves, what could, and what did."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--bot", help="only its own and those for all bots")

    def perform(self, **options: Any) -> Result:
        rows = models_list(known_bot(options["bot"]) if options["bot"] else None)
        return Result({"models": [model_json(row) for row in rows]}, models_text(rows))
