"""Stories told to a bot as it is published: each to a customer of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.bots.commands import known_bot
from apps.conversations.wiring import bot_ref, engines
from apps.core.commands import Progress
from apps.core.errors import Invalid, NotFound
from dialog.stories import Story, StoryFailure, StoryProblem, StoryResult, read_stories, run_story
from dialog.types import Json, User

SUFFIXES = (".yml", ".yaml")
DEFAULT_BOT = "demo"


@dataclass(frozen=True, slots=True)
class Told:
    """A story of a file, and how it went."""

    file: str
    story: Story
    result: StoryResult

    @property
    def failures(self) -> tuple[StoryFailure, ...]:
        """A story that was given up must fail; one that works again should say so."""
        if not self.story.xfail:
            return self.result.failures
        return () if self.result.failures else (StoryFailure(0, "xfail", self.story.xfail, "it went as written"),)


def stories_of(paths: Sequence[Path]) -> list[tuple[str, Story]]:
    """The stories of files and of all files in folders, with the file that each stands in.

    Raises:
        NotFound: there is no such file or folder.
        Invalid: a file holds something else than stories, or there is none at all.
    """
    found = [(str(file), story) for path in paths for file in _files(path) for story in _read(file)]
    if not found:
        raise Invalid(_("There is no story in these files. A story is a YAML document with “name” and “turns”."))
    return found


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
    elif path.is_file():
        yield path
    else:
        raise NotFound(_("There is no file or folder “%s”.") % path)


def _read(file: Path) -> list[Story]:
    try:
        return read_stories(file.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise Invalid(_("“%s” is not UTF-8. Save it as UTF-8 and try again.") % file) from error
    except StoryProblem as error:
        raise Invalid(_("“%(file)s” cannot be read.\n%(problems)s") % {"file": file, "problems": error}) from error


def stories_tell(stories: Sequence[tuple[str, Story]], *, bot: str, progress: Progress) -> list[Told]:
    """Run every story against the published state of ``bot``, or where that is empty of the bot that the story names.

    Raises:
        NotFound: no such bot.
    """
    told: list[Told] = []
    for done, (file, story) in enumerate(stories):
        progress(_("Stories"), done, len(stories))
        engine = engines().get_now(bot_ref(known_bot(bot or story.bot or DEFAULT_BOT)))
        actions = engine.tasks.actions if engine.tasks else None
        customer = User(f"story-{uuid4().hex}", login=True)
        told.append(Told(file, story, run_story(story, engine, actions, customer, timezone.now())))
    return told


def told_json(told: Sequence[Told]) -> dict[str, Json]:
    failed: list[Json] = [_failed_json(one) for one in told if one.failures]
    return {"stories": len(told), "passed": len(told) - len(failed), "failed": failed}


def _failed_json(one: Told) -> dict[str, Json]:
    failures: list[Json] = [
        {"turn": failure.turn, "check": failure.check, "expected": failure.expected, "got": failure.got}
        for failure in one.failures
    ]
    return {
        "file": one.file,
        "line": one.story.line,
        "story": one.story.name,
        "failures": failures,
        "transcript": list(one.result.transcript),
    }


def told_text(told: Sequence[Told]) -> str:
    """Every failure with what was said until then, and the count."""
    failed = [one for one in told if one.failures]
    counts = {"passed": len(told) - len(failed), "stories": len(told)}
    return "\n".join([*map(_failed_text, failed), _("%(passed)d of %(stories)d stories went as written.") % counts])


def _failed_text(one: Told) -> str:
    lines = [f"{one.file}:{one.story.line} {one.story.name}"]
    for failure in one.failures:
        values = {"turn": failure.turn, "check": failure.check, "expected": failure.expected, "got": failure.got}
        lines.append("  " + _("Turn %(turn)d, %(check)s: expected %(expected)s, got %(got)s") % values)
    return "\n".join([*lines, *(f"    {line}" for line in one.result.transcript), ""])
