"""Stories: conversations written down with what is expected of them, and how they went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from dialog.task.ports import ActionResult
from dialog.types import Json, Lang


@dataclass(frozen=True, slots=True)
class StoryTurn:
    """What the customer does, after ``wait`` has passed, and what the reply must be like.

    At most one of ``user`` (types it), ``pick`` (presses a button of the last reply: its text, a part of it, or its place
    from 1), ``earlier`` (presses a button of a reply before that one) and ``press`` (chooses an entry, by id or question).
    With none of them nothing is sent, and ``expect`` is about the reply at hand.
    """

    user: str | None = None
    pick: str | int | None = None
    earlier: str | None = None
    press: str | None = None
    wait: timedelta = timedelta()
    expect: Mapping[str, Json] = field(default_factory=dict)
    line: int = 0

    @property
    def sends(self) -> bool:
        return not (self.user is None and self.pick is None and self.earlier is None and self.press is None)


@dataclass(frozen=True, slots=True)
class Story:
    """``actions`` are scripted answers by action: they come one after the other and the last one stays; None stands for the
    bot's own system. ``writes`` is how often each write must have been done at the end, all others never; None: whatever.
    """

    name: str
    turns: tuple[StoryTurn, ...]
    bot: str = ""
    lang: Lang = "zh"
    """Of the page that the customer writes on; it counts where their words show none."""
    actions: Mapping[str, tuple[ActionResult | None, ...]] = field(default_factory=dict)
    writes: Mapping[str, int] | None = None
    xfail: str = ""
    """Why it is out of reach today, if it is."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class StoryFailure:
    """``turn`` counts from 1; 0 is the story as a whole."""

    turn: int
    check: str
    expected: Json
    got: str


@dataclass(frozen=True, slots=True)
class StoryResult:
    """No failures: it went as written. ``transcript`` has a line for each thing said, buttons in brackets."""

    failures: tuple[StoryFailure, ...]
    transcript: tuple[str, ...]
