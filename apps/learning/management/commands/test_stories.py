from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from apps.core.commands import Result, ToolCommand
from apps.learning.stories import stories_of, stories_tell, told_json, told_text


class Command(ToolCommand):
    help = "Tell stories (conversations with what is expected of them, YAML) to a bot and report what goes otherwise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="+", type=Path, help="files, or folders with .yml and .yaml files")
        parser.add_argument("--bot", default="", help="tell them to this bot, whichever they name")
        super().add_arguments(parser)

    def perform(self, **options: Any) -> Result:
        told = stories_tell(
            stories_of(options["path"]), bot=options["bot"], progress=self.progress(options["verbosity"])
        )
        failed = sum(bool(one.failures) for one in told)
        failure = _("%d stories went otherwise.") % failed if failed else ""
        return Result(told_json(told), told_text(told), failure)
