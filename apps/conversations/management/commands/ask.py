from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from apps.conversations.asking import Answer, answer
from apps.core.commands import Result, ToolCommand
from apps.core.errors import ZhikeError


class Command(ToolCommand):
    help = "Send one message through the full engine, or chat when no text is given. A visitor's conversation goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("bot")
        parser.add_argument("text", nargs="*", help="the message; without it, one message a line is read")
        parser.add_argument("--visitor", default="", help="any name; the same one continues its conversation")
        parser.add_argument("--trace", action="store_true", help="say what each stage found")

    def perform(self, **options: Any) -> Result:
        if not options["text"]:
            return self._chat(options)
        found = answer(slug=options["bot"], text=" ".join(options["text"]), visitor=options["visitor"])
        return Result(found.data(with_trace=options["trace"]), found.text(with_trace=options["trace"]))

    def _chat(self, options: dict[str, Any]) -> Result:
        """One answer a line until the input ends; a refused message ends nothing."""
        visitor = options["visitor"] or f"chat-{id(self)}"
        count = 0
        for line in sys.stdin:
            if not line.strip():
                continue
            try:
                found = answer(slug=options["bot"], text=line.rstrip("\n"), visitor=visitor)
            except ZhikeError as error:
                self.stderr.write(error.detail)
                continue
            self._say(found, options)
            count += 1
        return Result({"messages": count}, "")

    def _say(self, found: Answer, options: dict[str, Any]) -> None:
        if options["json"]:
            self._print_json(found.data(with_trace=options["trace"]))
        else:
            self.stdout.write(found.text(with_trace=options["trace"]) + "\n")
