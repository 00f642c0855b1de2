from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.bots.commands import BotCommand
from apps.bots.models import Bot
from apps.core.commands import Result
from apps.core.errors import Invalid
from apps.flows.examples import examples_import
from apps.knowledge.readers import file_bytes

MOST_BYTES = 20_000_000


class Command(BotCommand):
    help = 'Imports examples of what customers want: {"text", "intent", "slots": [{"name", "start", "end"}]} a line.'

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="jsonl; the same text again changes the example that is there")
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows although others are bad")

    def perform_for(self, bot: Bot, **options: Any) -> Result:
        path: Path = options["file"]
        lines = file_bytes(path, MOST_BYTES).decode("utf-8", "replace").rstrip().splitlines()
        with transaction.atomic():
            report = examples_import(bot=bot, rows=lines, source=path.stem)
            problems = [_("Row %(row)d: %(problem)s") % {"row": row, "problem": why} for row, why in report.problems]
            if report.refused and not options["skip_bad"]:
                hint = _("Nothing was imported. Mend the rows, or leave them out with --skip-bad.")
                raise Invalid("\n".join([*problems, hint]))
        text = _("%(created)d new, %(changed)d changed, %(unchanged)d as before, %(refused)d refused.") % asdict(report)
        return Result(asdict(report), "\n".join([*problems, text]))
