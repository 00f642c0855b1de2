"""What goes wrong in a page without anybody seeing it: console errors, uncaught exceptions, violated policies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, WebError


@dataclass
class Watch:
    """Collects the problems of every page and frame of a context."""

    allowed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._exception)

    @contextmanager
    def allow(self, *parts: str) -> Iterator[None]:
        """Within the block an error that holds one of ``parts`` is expected."""
        self.allowed += parts
        yield
        for part in parts:
            self.allowed.remove(part)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._note(f"{message.location.get('url', '')}: {message.text}")

    def _exception(self, error: WebError) -> None:
        self._note(f"{error.page.url if error.page else ''}: {error.error}")

    def _note(self, problem: str) -> None:
        if not any(part in problem for part in self.allowed):
            self.problems.append(problem)
