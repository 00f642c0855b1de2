"""Known questions put to the bot again, as if it had never been told of them.

A labelled question usually stands in the knowledge by now, word for word, and would only show that looking up works. It
is therefore taken out of the entry before it is asked: questions fall into five folds by their keys, and each fold meets
an engine without its own texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations.keys import text_key
from apps.conversations.wiring import Engine, engine_to_measure
from apps.core.commands import Progress
from apps.core.errors import Conflict
from apps.learning.questions import Question, published_only
from dialog.arbiter import conflicts, rival
from dialog.types import Entry, Proposal, Publication, Reply, Route, Thresholds, Turn
from nlu.calibrate import Scored
from nlu.encode import ModelUnavailable

FOLDS = 5
TRIES = 3
"""How often a question is asked when a model was late."""
_WEAK_SHARE = 0.02
_RAW = Thresholds(answer=0.0)
"""No map: the ranker's own scores."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What the knowledge proposed for one question, in the ranker's own scores."""

    question: Question
    proposal: Proposal
    scored: Scored


@dataclass(frozen=True, slots=True)
class Replayed:
    """``answers`` maps entry ids to answers, ``fingerprints`` names the models. Questions that an exact hit, a rule or
    the guard ended are left out: no threshold decides on them."""

    rows: tuple[Observed, ...]
    answers: Mapping[str, str]
    fingerprints: Mapping[str, str]
    version: int
    list_size: int


def replay(
    questions: Sequence[Question],
    engine: Engine,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> Replayed:
    """
    Raises:
        Conflict: the models do not answer; what is seen without them would not hold with them.
    """
    publication = engine.publication
    answers = {entry.id: entry.answer for entry in publication.entries}
    wanted = published_only(questions, frozenset(answers))
    rows: list[Observed] = []
    asked = weak = 0
    for fold_engine, fold in _folds(wanted, engine):
        for question in fold:
            reply = _ask(fold_engine, question.text, now)
            asked, weak = asked + 1, weak + bool(reply.trace.degraded)
            proposal = None if reply.trace.degraded else _proposal(reply)
            if proposal is not None:
                scored = _scored(proposal, question, answers, publication.profile.list_size)
                rows.append(Observed(question, proposal, scored))
            if progress:
                progress(_("questions"), asked, len(wanted))
    if weak > max(1, asked * _WEAK_SHARE):
        raise _no_models()
    rows.sort(key=lambda row: row.question.key)
    return Replayed(tuple(rows), answers, fingerprints_of(engine), publication.version, publication.profile.list_size)


def measured_engine(bot: Bot) -> Engine:
    """What answers the bot's customers, in no hurry.

    Raises:
        Conflict: the models do not answer.
    """
    try:
        return engine_to_measure(bot)
    except ModelUnavailable as error:
        raise _no_models() from error


def _no_models() -> Conflict:
    return Conflict(_("The models do not answer; calibrate when they do again."), code="models_unavailable")


def fingerprints_of(engine: Engine) -> dict[str, str]:
    """The models behind the engine's answers, as its traces name them."""
    return {name: str(value) for name, value in engine.versions.items() if name != "publication"}


def _folds(questions: Sequence[Question], engine: Engine) -> Iterable[tuple[Engine, list[Question]]]:
    """Each fold with the engine to ask; first the questions that need no other than the live one."""
    keys = _text_keys(engine.publication.entries)
    told = frozenset(keys.values())
    folds: list[list[Question]] = [[] for _fold in range(FOLDS)]
    plain: list[Question] = []
    for question in questions:
        stands = question.source != "file" and question.key in told
        (folds[int(question.key[1:7], 16) % FOLDS] if stands else plain).append(question)
    yield engine.with_thresholds(_RAW), plain
    for fold in filter(None, folds):
        out = frozenset(question.key for question in fold)
        yield engine.over(_without(engine.publication, out, keys)).with_thresholds(_RAW), fold


def untold(publication: Publication, questions: Iterable[Question]) -> Publication:
    """The knowledge as it would be if nobody had added these questions to its entries."""
    out = frozenset(question.key for question in questions)
    return _without(publication, out, _text_keys(publication.entries))


def _text_keys(entries: Iterable[Entry]) -> dict[str, str]:
    texts = {text for entry in entries for text in (*entry.similar, *entry.negative)}
    return {text: text_key(text) for text in texts}


def _without(publication: Publication, out: frozenset[str], keys: Mapping[str, str]) -> Publication:
    def kept(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if keys[text] not in out)

    entries = (
        replace(entry, similar=kept(entry.similar), negative=kept(entry.negative)) for entry in publication.entries
    )
    return replace(publication, entries=tuple(entries))


def _ask(engine: Engine, text: str, now: datetime) -> Reply:
    reply = engine.respond(Turn(text, now))
    for _try in range(TRIES - 1):
        if not reply.trace.degraded:
            break
        reply = engine.respond(Turn(text, now))
    return reply


def _proposal(reply: Reply) -> Proposal | None:
    """None where the turn ended before the knowledge was asked."""
    stage = next((stage for stage in reply.trace.stages if stage.name == Route.KB), None)
    return None if stage is None else Proposal(Route.KB, stage.candidates)


def _scored(proposal: Proposal, question: Question, answers: Mapping[str, str], list_size: int) -> Scored:
    """An entry with the same answer as a right one is right as well."""
    if not proposal.candidates:
        return Scored(score=0.0, rival=0.0, free=False, right=False, in_list=False)
    best, *rest = proposal.candidates
    second = rival(best, rest, answers)
    return Scored(
        score=best.probability,
        rival=second.probability if second else 0.0,
        free=not conflicts(best),
        right=is_right(best.entry_id, question, answers),
        in_list=any(is_right(c.entry_id, question, answers) for c in proposal.candidates[:list_size]),
    )


def is_right(entry_id: str, question: Question, answers: Mapping[str, str]) -> bool:
    """Whether answering with the entry gives the visitor a right answer."""
    return any(answers.get(entry_id) == answers[right] for right in question.gold)
