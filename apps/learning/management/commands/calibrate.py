from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from apps.bots.commands import BotCommand
from apps.bots.models import Bot
from apps.core.commands import Result
from apps.learning.calibrations import calibration_apply, calibration_now
from apps.learning.questions import read_questions
from apps.learning.telling import calibration_json, calibration_text


class Command(BotCommand):
    help = "Find the thresholds at which a bot's direct answers are right as often as asked, from labelled questions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--precision", type=float, default=0.95, help="of direct answers, 0.8 to 0.99 (0.95)")
        parser.add_argument(
            "--file", type=Path, help='more labelled questions: {"query", "gold": [ids or questions]} a line'
        )
        parser.add_argument("--apply", action="store_true", help="answer by them from the next message on")

    def perform_for(self, bot: Bot, **options: Any) -> Result:
        found = calibration_now(
            bot=bot,
            by=None,
            precision=options["precision"],
            questions=read_questions(bot, options["file"]) if options["file"] else (),
            progress=self.progress(options["verbosity"]),
        )
        if options["apply"]:
            found = calibration_apply(calibration=found, by=None)
        return Result(calibration_json(found), calibration_text(found))
