"""A conversation with flows that are being written: the drafts, the unsaved text among them, over the published knowledge.

The server keeps nothing of it: the state goes to the page signed, and comes back with the next message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.conversations.suggestions import suggestion_read
from apps.conversations.tasks import flows_of, understander_of
from apps.conversations.wiring import bot_ref, engines
from apps.core.errors import Invalid, Malformed
from apps.core.ids import uuid7
from apps.flows.checking import problems_of
from apps.flows.selectors import action_specs, flow_drafts
from apps.studio.playing import Played, Recording
from apps.studio.try_story import story_turn
from dialog.task.book import FlowBook
from dialog.task.bot import Tasks
from dialog.task.load import Loaded, load
from dialog.task.model import Problem
from dialog.task.ports import ActionRequest, ActionResult, Actions
from dialog.types import Choice, Lang, Reply, State, Turn
from dialog.types import User as Customer

SALT = "zhike.studio.try"
LASTS_SECONDS = 24 * 3600
MOST_TURNS = 60
_REGISTRY = frozenset({"unknown_action", "effect_mismatch", "unknown_input", "missing_input", "unknown_output"})
"""What may be wrong with a flow whose actions only play their part."""

Mode = Literal["played", "real"]


@dataclass(frozen=True, slots=True)
class Trial:
    """One try-out so far. ``turns`` are as :func:`apps.studio.try_story.story_turn` writes them; ``shown`` are the buttons
    of the last reply."""

    conversation: UUID
    customer: str
    state: Mapping[str, Any]
    lang: Lang
    turns: tuple[Mapping[str, Any], ...] = ()
    shown: tuple[str, ...] = ()

    @classmethod
    def begin(cls, by: User, lang: Lang) -> Trial:
        """Each with a customer of its own, so that in a sandbox nothing is left of the one before."""
        conversation = uuid7()
        return cls(conversation, f"try:{by.pk}:{conversation.hex[-8:]}", {}, lang)

    def sign(self, bot: Bot) -> str:
        data = [str(self.conversation), self.customer, self.state, self.lang, list(self.turns), list(self.shown)]
        return signing.dumps([str(bot.pk), *data], salt=SALT, compress=True)

    @classmethod
    def read(cls, bot: Bot, signed: str) -> Trial:
        """Raises Malformed where it is not ours, of another bot, or too old."""
        try:
            of, conversation, customer, state, lang, turns, shown = signing.loads(
                signed, salt=SALT, max_age=LASTS_SECONDS
            )
        except signing.BadSignature as error:
            raise Malformed(_("This try-out is too old to go on. Start a new one.")) from error
        if of != str(bot.pk):
            raise Malformed(_("This try-out belongs to another bot. Start a new one."))
        return cls(UUID(conversation), customer, state, lang, tuple(turns), tuple(shown))


@dataclass(frozen=True, slots=True)
class Said:
    """One message of whoever tries: a text, or a button by its id."""

    text: str = ""
    pick: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a message, and the try-out with it."""

    trial: Trial
    reply: Reply
    calls: tuple[tuple[ActionRequest, ActionResult], ...]
    actions: Played
    now: datetime

    @property
    def book(self) -> FlowBook:
        return self.actions.book

    def sends(self, request: ActionRequest) -> bool:
        """Whether a call went to the business's systems."""
        return self.actions.sends(request)


class Unfit(Invalid):
    """The flows have errors and cannot run; ``problems`` are those of the file that is edited."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(_("The flows cannot run yet: mend the errors first."))
        self.problems = problems


def try_out(
    bot: Bot, file: str, source: str, said: Said, trial: Trial, *, mode: Mode = "played", now: datetime
) -> Tried:
    """Say something to the bot as it would be with ``source`` in ``file``.

    ``played``: actions answer from their schemas and nothing leaves the house. ``real``: reads go to the business's systems;
    writes only where the bot is a sandbox.

    Raises:
        Unfit: the file has errors.
        Invalid: the try-out is over.
    """
    if len(trial.turns) >= MOST_TURNS:
        raise Invalid(_("This try-out has %d messages; start a new one.") % MOST_TURNS)
    live = engines().get_now(bot_ref(bot))
    book = _book(bot, file, source, mode)
    flows = flows_of(bot)
    actions = _actions(bot, book, flows.actions if mode == "real" else None)
    recording = Recording(actions)
    understander = live.tasks.understander if live.tasks else understander_of(flows, live.index.models.questions)
    engine = live.with_tasks(Tasks(book, recording, understander, flows.version))
    press = suggestion_read(trial.conversation, said.pick) if said.pick else None
    text = press.text if press else said.text
    reply = engine.respond(
        Turn(
            text=text,
            now=now,
            state=State.from_json(trial.state),
            pick=press.pick if press else None,
            lang=trial.lang,
            user=Customer(trial.customer, login=True),
            conversation=str(trial.conversation),
        )
    )
    turn = story_turn(text, bool(press), trial.shown, reply, recording.calls)
    shown = tuple(choice.text for choice in choices_of(reply))
    after = replace(trial, state=reply.state.to_json(), turns=(*trial.turns, turn), shown=shown)
    return Tried(after, reply, tuple(recording.calls), actions, now)


def choices_of(reply: Reply) -> tuple[Choice, ...]:
    return tuple(choice for message in reply.messages for choice in message.choices)


def _actions(bot: Bot, book: FlowBook, real: Actions | None) -> Played:
    sandbox = bool((bot.profile or {}).get("sandbox"))
    return Played(book, action_specs(bot), real, writes=sandbox)


def _book(bot: Bot, file: str, source: str, mode: Mode) -> FlowBook:
    """All drafts with ``source`` among them; other files with errors are left out."""
    specs = action_specs(bot)
    sources = {draft.name: draft.source for draft in flow_drafts(bot)} | {file: source}
    while broken := _broken(problems_of(sources, specs), mode):
        if file in broken:
            raise Unfit(broken[file])
        sources = {name: text for name, text in sources.items() if name not in broken}
    domains = [loaded.domain for loaded in map(loaded_of, sources.values()) if loaded.domain is not None]
    return FlowBook.build(domains)


def _broken(found: Mapping[str, tuple[Problem, ...]], mode: Mode) -> dict[str, tuple[Problem, ...]]:
    """The files that cannot run, with what stops them."""
    stops = {file: tuple(one for one in problems if _stops(one, mode)) for file, problems in found.items()}
    return {file: problems for file, problems in stops.items() if problems}


def _stops(problem: Problem, mode: Mode) -> bool:
    return problem.severity == "error" and not (mode == "played" and problem.code in _REGISTRY)


@lru_cache(maxsize=64)
def loaded_of(source: str) -> Loaded:
    """A flow file as it was read; equal texts are read once."""
    return load(source)
