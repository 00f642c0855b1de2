from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from apps.core.commands import Result, ToolCommand
from apps.learning.nlu_test import figures_text, measured_encoder, nlu_measure, read_examples


class Command(ToolCommand):
    help = "Trains intents and slots from nothing on one file and measures them on another."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        form = 'jsonl: {"text", "intent", "slots": [{"name", "start", "end"}]} a line, intent out_of_scope for others'
        parser.add_argument("--train", type=Path, required=True, metavar="FILE", help=form)
        parser.add_argument("--test", type=Path, required=True, metavar="FILE", help="the same form")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--encoder", metavar="SPEC", help="instead of the setting ENCODER, written as there")
        which.add_argument(
            "--no-encoder", action="store_const", const="off", dest="encoder", help="by words alone; like --encoder off"
        )

    def perform(self, **options: Any) -> Result:
        figures = nlu_measure(
            read_examples(options["train"]),
            read_examples(options["test"]),
            encoder=measured_encoder(options["encoder"]),
            progress=self.progress(options["verbosity"]),
        )
        return Result(data=figures.to_json(), text=figures_text(figures))
