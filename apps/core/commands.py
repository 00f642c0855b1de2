"""What every command line tool here has in common: ``--json``, progress on stderr, and errors as sentences."""

from __future__ import annotations

import json
import time
from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.core.management.base import BaseCommand, CommandError

from apps.core.errors import ZhikeError

Progress: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is (0: unknown)."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a command found or did: for machines, for people, and whether it counts as a failure."""

    data: Mapping[str, Any]
    text: str
    failure: str = ""
    """A sentence; where there is one the command ends with exit code 1 after it printed its result."""


class ToolCommand(BaseCommand):
    """A thin command: subclasses add their arguments and :meth:`perform`.

    With ``--json`` stdout holds exactly one JSON object, for errors too: ``{"error": {"code", "detail", "fields"}}``.
    Settings are checked where the server starts, not before each tool.
    """

    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object on stdout, for machines")

    def handle(self, *args: str, **options: Any) -> None:
        try:
            result = self.perform(**options)
        except ZhikeError as error:
            if options["json"]:
                self._print_json({"error": {"code": error.code, "detail": error.detail, "fields": error.fields}})
            raise CommandError(describe(error)) from error
        if options["json"]:
            self._print_json(result.data)
        elif result.text:
            self.stdout.write(result.text)
        if result.failure:
            raise CommandError(result.failure)

    @abstractmethod
    def perform(self, **options: Any) -> Result:
        """Do the work. A :class:`ZhikeError` becomes the command's error message."""

    def progress(self, verbosity: int) -> Progress:
        """A reporter on stderr; silent with ``--verbosity 0``."""
        return ProgressLine(lambda line: self.stderr.write(line, style_func=str)) if verbosity else _silent

    def _print_json(self, data: Mapping[str, Any]) -> None:
        self.stdout.write(json.dumps(data, ensure_ascii=False, default=str))


class ProgressLine:
    """Writes at most one line a second; work that is done sooner leaves no trace."""

    def __init__(
        self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic, every: float = 1.0
    ) -> None:
        self._write = write
        self._clock = clock
        self._every = every
        self._last = clock()

    def __call__(self, what: str, done: int, total: int) -> None:
        now = self._clock()
        if now - self._last >= self._every:
            self._last = now
            self._write(f"{what}: {done:,}/{total:,}" if total else f"{what}: {done:,}")


def describe(error: ZhikeError) -> str:
    """The sentence of an error, and below it each field that is named."""
    fields = [f"  {name}: {reason}" for name, reason in error.fields.items() if reason != error.detail]
    return "\n".join([error.detail, *fields])


def _silent(_what: str, _done: int, _total: int) -> None:
    """The progress of a command that nobody watches."""
