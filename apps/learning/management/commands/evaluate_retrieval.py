from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils import timezone

from apps.core.commands import Result, ToolCommand
from apps.learning.retrieval_test import figures_text, measured_models, read_test, retrieval_measure


class Command(ToolCommand):
    help = "Measures answering on a throw-away bot made from a file of entries and labelled queries."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help='jsonl: {"kb": [entries]}, then {"query", "gold": [ids]} a line')
        parser.add_argument("--precision", type=_share, default=0.95, help="of direct answers, 0..1 (default 0.95)")
        parser.add_argument("--calibrate-on", type=Path, metavar="FILE2", help="prove the threshold on this file")
        parser.add_argument("--encoder", metavar="SPEC", help="instead of the setting ENCODER, written as there")
        parser.add_argument("--reranker", metavar="SPEC", help="instead of the setting RERANKER, written as there")

    def perform(self, **options: Any) -> Result:
        calibrate_on = options["calibrate_on"]
        figures = retrieval_measure(
            read_test(options["file"]),
            now=timezone.now(),
            precision=options["precision"],
            models=measured_models(options["encoder"], options["reranker"]),
            calibrate_on=read_test(calibrate_on) if calibrate_on else None,
            progress=self.progress(options["verbosity"]),
        )
        return Result(data=asdict(figures), text=figures_text(figures))


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise ArgumentTypeError(f"{text!r} does not lie between 0 and 1")
    return value
