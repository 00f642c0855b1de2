"""Runs stories: what the customer does, one turn after the other, against what the bot was expected to answer.

Pure but for the actions: the clock starts where it is told to and goes on by itself, ten seconds a turn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dialog.engine import Engine
from dialog.story_checks import CHECKS, Seen, told
from dialog.story_reading import StoryProblem, read_stories
from dialog.story_types import Story, StoryFailure, StoryResult, StoryTurn
from dialog.task.events import Event, fold
from dialog.task.ports import Actions
from dialog.task.scripted import ScriptedActions
from dialog.task.situation import Situation
from dialog.task.state import TaskState
from dialog.types import Choice, Json, Pick, Reply, State, Turn, User

__all__ = ["Story", "StoryFailure", "StoryProblem", "StoryResult", "StoryTurn", "read_stories", "run_story"]

TURN = timedelta(seconds=10)


def run_story(story: Story, engine: Engine, actions: Actions | None, user: User, now: datetime) -> StoryResult:
    """Tell a story to a bot; it ends at the first turn that goes otherwise.

    ``actions`` are the bot's own, called for what the story does not script; without them nothing else can be done.
    """
    run = _Run(story, engine, actions, user, now)
    for number, turn in enumerate(story.turns, start=1):
        failures = run.turn(number, turn)
        if failures:
            return StoryResult(tuple(failures), tuple(run.transcript))
    return StoryResult(tuple(run.end()), tuple(run.transcript))


class _Run:
    """One story on its way."""

    def __init__(self, story: Story, engine: Engine, actions: Actions | None, user: User, now: datetime) -> None:
        self.story, self.user, self.now = story, user, now
        self.actions = ScriptedActions(story.actions, actions)
        tasks = engine.tasks
        self.engine = engine if tasks is None else engine.with_tasks(replace(tasks, actions=self.actions))
        self.questions = {entry.id: entry.question for entry in engine.publication.entries}
        self.state = State()
        self.events: list[Event] = []
        self.shown: list[list[Choice]] = []
        """The buttons of each reply."""
        self.seen: Seen | None = None
        self.transcript: list[str] = []

    def turn(self, number: int, turn: StoryTurn) -> list[StoryFailure]:
        self.now += turn.wait
        if turn.sends:
            pressed = self._pressed(turn)
            if pressed is None and turn.user is None:
                name = "earlier" if turn.earlier is not None else "pick"
                wanted = turn.earlier if turn.earlier is not None else turn.pick
                return [StoryFailure(number, name, wanted, f"these buttons: {self._offered()}")]
            self.seen = self._send(turn.user or "", pressed)
        return list(self._failures(number, turn.expect))

    def end(self) -> list[StoryFailure]:
        wanted = self.story.writes
        if wanted is None:
            return []
        found = {action: count for action, count in self.actions.writes.items() if count}
        if found == {action: count for action, count in wanted.items() if count}:
            return []
        return [StoryFailure(0, "writes", dict(wanted), told(found))]

    # --- what the customer does -------------------------------------------------------------------------------------

    def _pressed(self, turn: StoryTurn) -> Choice | None:
        if turn.press is not None:
            entry = next((id_ for id_, question in self.questions.items() if turn.press in (id_, question)), turn.press)
            return Choice(turn.press, Pick("entry", entry))
        if turn.earlier is not None:
            return next(filter(None, (_button(shown, turn.earlier) for shown in reversed(self.shown[:-1]))), None)
        return _button(self.shown[-1], turn.pick) if self.shown and turn.pick is not None else None

    def _offered(self) -> str:
        return " | ".join(choice.text for choice in self.shown[-1]) if self.shown else ""

    def _send(self, text: str, pressed: Choice | None) -> Seen:
        self.transcript.append(f"> {text if pressed is None else f'[{pressed.text}]'}")
        before = TaskState.from_json(self.state.task)
        reply = self.engine.respond(
            Turn(
                text=text if pressed is None else pressed.text,
                now=self.now,
                state=self.state,
                pick=None if pressed is None else pressed.pick,
                lang=self.story.lang,
                user=self.user,
                conversation=f"story:{self.user.id}",
            )
        )
        self.state = State.from_json(json.loads(json.dumps(reply.state.to_json())))
        self.events += [Event.from_json(event) for event in reply.events]
        seen = self._seen(reply, before)
        self.now += TURN
        self.shown.append([choice for message in reply.messages for choice in message.choices])
        self.transcript += [_line(message.text, message.choices) for message in reply.messages]
        return seen

    def _seen(self, reply: Reply, before: TaskState) -> Seen:
        tasks, lang = self.engine.tasks, self.state.lang or self.story.lang
        situation = Situation(tasks.book, self.actions, self.user, "", self.now, lang) if tasks else None
        after = TaskState.from_json(self.state.task)
        return Seen(reply, before, after, self.questions, situation, self.actions, self.now)

    # --- what is expected -------------------------------------------------------------------------------------------

    def _failures(self, number: int, expect: Mapping[str, Json]) -> list[StoryFailure]:
        if self.seen is None:
            return [StoryFailure(number, name, wanted, "no reply yet") for name, wanted in expect.items()]
        found = [(name, wanted, CHECKS[name](self.seen, wanted)) for name, wanted in expect.items()]
        failures = [StoryFailure(number, name, wanted, got) for name, wanted, got in found if got is not None]
        if fold(self.events).to_json() != self.seen.after.to_json():
            failures.append(StoryFailure(number, "events", "the state is the fold of the log", "another state"))
        return failures


def _button(shown: list[Choice], wanted: str | int) -> Choice | None:
    """By its place from 1, by its text, or by a part of it."""
    if isinstance(wanted, int):
        return shown[wanted - 1] if wanted <= len(shown) else None
    exact = next((choice for choice in shown if choice.text == wanted), None)
    return exact or next((choice for choice in shown if wanted in choice.text), None)


def _line(text: str, choices: tuple[Choice, ...]) -> str:
    return " ".join([f"< {text}", *(f"[{choice.text}]" for choice in choices)])
