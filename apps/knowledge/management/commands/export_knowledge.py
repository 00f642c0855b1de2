from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.commands import BotCommand
from apps.bots.models import Bot
from apps.core.commands import Result
from apps.knowledge.exporting import export_file


class Command(BotCommand):
    help = "Writes a bot's drafts to a csv, xlsx or jsonl file; importing it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="the file to write: .csv, .xlsx or .jsonl")

    def perform_for(self, bot: Bot, **options: Any) -> Result:
        path = options["file"]
        count = export_file(bot=bot, path=path)
        text = _("%(count)d entries written to %(path)s.") % {"count": count, "path": path}
        return Result(data={"entries": count, "file": str(path)}, text=text)
