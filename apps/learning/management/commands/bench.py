from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser
from dataclasses import asdict
from typing import Any

from apps.core.commands import Result, ToolCommand
from apps.learning.load.bench import Bench, bench_own, bench_text, bench_url
from apps.learning.load.prepare import bench_bot_create


class Command(ToolCommand):
    help = "Measures the message path over HTTP, on a server that it starts with a database of its own."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--entries", type=int, default=10_000, help="in the bot of the started server (10000)")
        parser.add_argument("--messages", type=int, default=400, help="of each kind at each concurrency (400)")
        parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 10, 50], help="visitors (1 10 50)")
        parser.add_argument("--url", help="measure a running server with the demo instead; raise its limits first")
        parser.add_argument("--bot", default="demo", help="the bot at --url (demo)")
        parser.add_argument("--prepare", action="store_true", help=SUPPRESS)

    def perform(self, **options: Any) -> Result:
        if options["prepare"]:
            bot = bench_bot_create(entries=options["entries"])
            return Result({"bot": bot.slug}, bot.slug)
        bench = self._measure(**options)
        return Result(asdict(bench), bench_text(bench))

    def _measure(self, **options: Any) -> Bench:
        progress = self.progress(options["verbosity"])
        if options["url"]:
            return bench_url(options["url"], options["bot"], options["concurrency"], options["messages"], progress)
        return bench_own(options["entries"], options["concurrency"], options["messages"], progress)
