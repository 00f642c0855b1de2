"""The live path on a draft that is not saved: what a visitor would get, what found it and what it is confused with."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations.wiring import engine_of_drafts
from apps.knowledge.content import EntryContent, entry_value
from dialog.serial import trace_to_json
from dialog.types import Candidate, Entry, Outcome, Reply, Turn
from nlu.normalize import question_key

RIVALS = 3
RIVAL_MIN = 0.1
"""Probability from which on another entry is worth naming."""
SELF_TESTS = 60
"""Own questions that one self-test asks; of more, a fixed sample."""


@dataclass(frozen=True, slots=True)
class Rival:
    """Another entry that came near."""

    entry_id: str
    question: str
    matched: str
    percent: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HitTest:
    """``won`` says whether the entry under test answers or is offered in the list; ``found_by`` is its own text that fitted."""

    outcome: str
    route: str
    percent: int
    text: str
    choices: tuple[str, ...]
    trace: dict[str, Any]
    won: bool
    found_by: str
    own_percent: int | None
    rivals: tuple[Rival, ...]


@dataclass(frozen=True, slots=True)
class Miss:
    """A question of the entry itself that something else takes, or a negative one that it answers."""

    text: str
    got: str


def draft_value(entry_id: str, content: EntryContent) -> Entry | None:
    """The form as the engine reads it, before it is fit to be saved; None without a question."""
    if not question_key(content.question):
        return None
    answer = content.answer.strip() or _("(no answer yet)")
    return entry_value(entry_id, replace(content, answer=answer))


def hit_test(bot: Bot, text: str, draft: Entry | None, now: datetime) -> HitTest:
    """Ask ``text`` as a visitor would, with ``draft`` among the drafts."""
    reply = engine_of_drafts(bot, draft).respond(Turn(text, now))
    own_id = draft.id if draft else ""
    candidates = _candidates(reply)
    own = next((c for c in candidates if c.entry_id == own_id), None)
    return HitTest(
        outcome=reply.outcome.value,
        route=reply.trace.route.value,
        percent=_percent(reply.trace.confidence),
        text="\n".join(message.text for message in reply.messages),
        choices=tuple(choice.text for message in reply.messages for choice in message.choices),
        trace=trace_to_json(reply.trace),
        won=bool(own_id) and own_id in _shown(reply),
        found_by=_found_by(reply, draft, own, text),
        own_percent=_percent(own.probability) if own else None,
        rivals=tuple(_rival(c) for c in candidates if c.entry_id != own_id and c.probability >= RIVAL_MIN)[:RIVALS],
    )


def self_test(bot: Bot, draft: Entry, now: datetime) -> tuple[Miss, ...]:
    """The entry's own questions that do not lead to it, and its negative ones that do."""
    engine = engine_of_drafts(bot, draft)
    misses = []
    for text in _sample((draft.question, *draft.similar)):
        reply = engine.respond(Turn(text, now))
        if reply.outcome is not Outcome.ANSWER or draft.id not in _shown(reply):
            misses.append(Miss(text, _got(reply)))
    for text in _sample(draft.negative):
        reply = engine.respond(Turn(text, now))
        if reply.outcome is Outcome.ANSWER and draft.id in _shown(reply):
            misses.append(Miss(text, _("is a negative question, and this entry answers it")))
    return tuple(misses)


def _sample(texts: Sequence[str]) -> Sequence[str]:
    return texts if len(texts) <= SELF_TESTS else random.Random(0).sample(texts, SELF_TESTS)


def _candidates(reply: Reply) -> tuple[Candidate, ...]:
    return next((stage.candidates for stage in reply.trace.stages if stage.candidates), ())


def _shown(reply: Reply) -> set[str]:
    """The entries that the visitor gets to see: the one that answers, or those in the list."""
    answered = {message.entry_id for message in reply.messages if message.entry_id}
    offered = {c.pick.value for message in reply.messages for c in message.choices if c.pick.kind == "entry"}
    return answered | (offered if reply.outcome is Outcome.LIST else set())


def _found_by(reply: Reply, draft: Entry | None, own: Candidate | None, text: str) -> str:
    if draft is None or draft.id not in _shown(reply):
        return ""
    if own is not None:
        return own.matched
    key = question_key(text)
    return next((known for known in (draft.question, *draft.similar) if question_key(known) == key), draft.question)


def _got(reply: Reply) -> str:
    """What came instead, in words."""
    detail: dict[str, Any] = {name: value for stage in reply.trace.stages for name, value in stage.detail.items()}
    if reply.outcome is Outcome.LIST:
        return _("is only offered in a list")
    if reply.outcome is Outcome.REFUSE:
        return _("is refused")
    if reply.outcome is Outcome.HANDOFF:
        return _("goes to a person")
    if reply.trace.route.value == "rule":
        return _("is answered by the rule “%s”") % str(detail.get("rule", ""))
    best = _candidates(reply)
    other = str(detail.get("question") or (best[0].question if best else ""))
    return _("is answered by “%s”") % other


def _rival(candidate: Candidate) -> Rival:
    return Rival(
        candidate.entry_id,
        candidate.question,
        candidate.matched,
        _percent(candidate.probability),
        candidate.flags,
    )


def _percent(probability: float) -> int:
    return round(probability * 100)
