"""One turn through the funnel: normalise → guard → exact → rules → bots → arbiter; the cheapest stage that knows, answers.

The engine is a plain object over one immutable publication. It holds no state of its own: the conversation's state
comes in with the turn and goes out with the reply, so the same turn on the same publication gives the same reply.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from types import MappingProxyType
from typing import TYPE_CHECKING

from dialog.arbiter import Decision, calibrated, decide
from dialog.exact import ExactIndex
from dialog.guard import Guard, GuardVerdict
from dialog.kb.bot import KnowledgeBot
from dialog.kb.index import KnowledgeIndex
from dialog.kb.models import NO_MODELS, Models, fingerprint_of
from dialog.kb.vectors import ENCODE_LIMIT, Progress
from dialog.ports import Emit, RecallUnavailable
from dialog.recorder import Described, Recorder
from dialog.refusal import Refusals
from dialog.rules import RuleBook, RuleMatch
from dialog.texts import say
from dialog.types import (
    Choice,
    Entry,
    Json,
    Lang,
    Message,
    Outcome,
    Pick,
    Proposal,
    Publication,
    Reply,
    Route,
    Thresholds,
    Turn,
)
from nlu.normalize import normalise
from nlu.rank import Rankers
from nlu.types import Normalized

if TYPE_CHECKING:
    from dialog.ports import StoredVector


def _silent(_event: object) -> None:
    """The stream of a turn that nobody watches."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Everything a bot knows at one version, ready to answer. Build once, swap whole; safe in several threads."""

    publication: Publication
    index: KnowledgeIndex
    _guard: Guard
    _exact: ExactIndex
    _rules: RuleBook
    _bot: KnowledgeBot
    _refusals: Refusals
    _entries: Mapping[str, Entry]
    _answers: dict[str, str]
    _versions: Mapping[str, Json]
    _clock: Callable[[], float] = perf_counter

    @classmethod
    def build(
        cls,
        publication: Publication,
        previous: Engine | None = None,
        models: Models = NO_MODELS,
        stored: Mapping[str, StoredVector] = MappingProxyType({}),
        *,
        encode_limit: int | None = ENCODE_LIMIT,
        progress: Progress | None = None,
    ) -> Engine:
        """Compile a publication; what ``previous`` already prepared and has not changed is taken over.

        ``stored``, ``encode_limit`` and ``progress`` are about vectors, as in :meth:`KnowledgeIndex.build`.

        Raises:
            ValueError: a rule's pattern is not RE2.
        """
        before = previous.index if previous else None
        index = KnowledgeIndex.build(publication, before, models, stored, encode_limit=encode_limit, progress=progress)
        rankers = models.rankers or _shipped_rankers(previous)
        return cls(
            publication=publication,
            index=index,
            _guard=Guard.build(publication.words),
            _exact=ExactIndex.build(publication.entries, previous._exact if previous else None),
            _rules=RuleBook.build(publication.rules),
            _bot=KnowledgeBot(index, rankers),
            _refusals=Refusals.build(publication),
            _entries={entry.id: entry for entry in publication.entries},
            _answers={entry.id: entry.answer for entry in publication.entries},
            _versions={
                "publication": publication.version,
                "ranker": f"{rankers.name}@{rankers.fingerprint}",
                "encoder": index.vectors.fingerprint,
                "reranker": fingerprint_of(models.reranker),
            },
        )

    def with_thresholds(self, thresholds: Thresholds) -> Engine:
        """The same knowledge, judged otherwise; for measurements."""
        profile = replace(self.publication.profile, thresholds=thresholds)
        return replace(self, publication=replace(self.publication, profile=profile))

    def with_rankers(self, rankers: Rankers) -> Engine:
        """The same knowledge, ranked by other models; for measurements."""
        index = replace(self.index, models=replace(self.index.models, rankers=rankers))
        return replace(self, index=index, _bot=replace(self._bot, index=index, rankers=rankers))

    def over(self, publication: Publication) -> Engine:
        """The same models over another publication; what has not changed is taken over."""
        return Engine.build(publication, self, self.index.models)

    def respond(self, turn: Turn, emit: Emit = _silent) -> Reply:
        """Answer one message. Never raises for anything a visitor can write."""
        record = Recorder(emit, self._clock, self._versions)
        said = turn.pick.value if turn.pick and turn.pick.kind == "say" else turn.text
        message = record.run("normalise", partial(normalise, said), _describe_text)
        run = _Run(self, turn, message, _language(turn, message), record)
        if turn.pick is not None and turn.pick.kind != "say":
            return run.pick(turn.pick)
        if not any(char.isalnum() for char in message.text):
            return run.refuse("no_words", Route.FALLBACK)
        return run.guard() or run.exact() or run.rules() or run.knowledge()

    @property
    def versions(self) -> Mapping[str, Json]:
        """What answers, as the trace names it: the publication, and the models by their fingerprints."""
        return self._versions


def _shipped_rankers(previous: Engine | None) -> Rankers:
    """Read once, as long as they are handed from build to build."""
    if previous is not None and previous.index.models.rankers is None:
        return previous._bot.rankers
    return Rankers.shipped()


@dataclass(frozen=True, slots=True)
class _Run:
    """One turn on its way down the funnel; each stage returns the reply, or None to go on."""

    engine: Engine
    turn: Turn
    message: Normalized
    lang: Lang
    record: Recorder

    def pick(self, pick: Pick) -> Reply:
        entry = self.engine._entries.get(pick.value) if pick.kind == "entry" else None
        stale = pick.kind == "entry" and (entry is None or not entry.valid_at(self.turn.now))
        self.record.note("pick", "stale" if stale else pick.kind, {"value": pick.value})
        if pick.kind == "handoff":
            return self.handoff("asked", Route.RULE)
        if pick.kind == "resume":  # pressed once more, after the bot was back already
            return self.end(
                Outcome.ANSWER, [Message(self.say("resumed"), Route.HUMAN, 1.0)], Route.HUMAN, 1.0, refusals=0
            )
        if entry is None or stale:
            return self.refuse("stale_pick", Route.FALLBACK)
        return self.answer(entry, Route.KB, 1.0)

    def guard(self) -> Reply | None:
        verdict = self.record.run("guard", partial(self.engine._guard.check, self.message), _describe_guard)
        if verdict.name == "block":
            text = verdict.reply or self.say("blocked")
            return self.end(Outcome.REFUSE, [Message(text, Route.GUARD, 1.0)], Route.GUARD, 1.0, refusals=0)
        if verdict.name == "handoff":
            return self.handoff("risk", Route.GUARD, verdict.reply or self.say("handoff_care"))
        return None

    def exact(self) -> Reply | None:
        look_up = partial(self.engine._exact.lookup, self.message.text, self.turn.now)
        entry = self.record.run("exact", look_up, _describe_exact)
        return None if entry is None else self.answer(entry, Route.EXACT, 1.0)

    def rules(self) -> Reply | None:
        found = self.record.run("rules", partial(self.engine._rules.match, self.message), _describe_rule)
        if found is None:
            return None
        if found.rule.action == "handoff":
            return self.handoff("asked" if found.rule.id == "builtin:person" else "rule", Route.RULE, found.rule.reply)
        return self.end(Outcome.ANSWER, [Message(found.rule.reply, Route.RULE, 1.0)], Route.RULE, 1.0, refusals=0)

    def knowledge(self) -> Reply:
        proposal = self.propose()
        profile = self.engine.publication.profile
        decision = decide(proposal, profile.thresholds, profile.list_size, self.engine._answers)
        shown: list[Json] = [candidate.entry_id for candidate in decision.candidates]
        detail: dict[str, Json] = {"reason": decision.reason, "bot": proposal.bot.value, "listed": shown}
        self.record.note("arbiter", decision.outcome, detail)
        if decision.outcome == "answer":
            best = decision.candidates[0]
            return self.answer(self.engine._entries[best.entry_id], Route.KB, best.probability)
        if decision.outcome == "list":
            return self.offer(decision)
        return self.refuse("refuse", Route.FALLBACK, proposal.probability)

    def propose(self) -> Proposal:
        """What the knowledge holds; when its index fails, nothing, and the trace says so."""
        try:
            proposal = self.record.propose("kb", self._ask_bot, self.engine.publication.profile.thresholds)
        except RecallUnavailable as error:
            self.record.degrade("kb_unavailable")
            self.record.note("kb", "unavailable", {"error": str(error)})
            return Proposal(Route.KB)
        for mode in dict.fromkeys((*self.engine.index.vectors.weaker, *proposal.degraded)):
            self.record.degrade(mode)
        return proposal

    def _ask_bot(self) -> Proposal:
        found = self.engine._bot.propose(self.message, self.turn.now)
        return calibrated(found, self.engine.publication.profile.thresholds)

    def answer(self, entry: Entry, route: Route, confidence: float) -> Reply:
        message = Message(entry.answer, route, confidence, entry_id=entry.id)
        return self.end(Outcome.ANSWER, [message], route, confidence, refusals=0)

    def offer(self, decision: Decision) -> Reply:
        choices = tuple(Choice(c.question, Pick("entry", c.entry_id)) for c in decision.candidates)
        person = Choice(self.say("none_of_these"), Pick("handoff"))
        confidence = decision.candidates[0].probability
        message = Message(self.say("list_intro"), Route.KB, confidence, type="list", choices=(*choices, person))
        return self.end(Outcome.LIST, [message], Route.KB, confidence, refusals=0)

    def refuse(self, key: str, route: Route, confidence: float = 0.0) -> Reply:
        refusals = self.turn.state.refusals + 1
        again = key == "refuse" and refusals >= 2
        text = self.say("refuse_again" if again else key, topics=self.engine._refusals.topics(self.lang, self.say))
        person = Choice(self.say("offer_person"), Pick("handoff"))
        choices = self.engine._refusals.choices(self.lang, self.turn.now, person, person_first=again)
        message = Message(text, route, confidence, choices=choices)
        return self.end(Outcome.REFUSE, [message], route, confidence, refusals=refusals)

    def handoff(self, reason: str, route: Route, text: str = "") -> Reply:
        resume = Choice(self.say("resume"), Pick("resume"))
        message = Message(text or self.say("handoff"), route, 1.0, choices=(resume,))
        reply = self.end(Outcome.HANDOFF, [message], route, 1.0, refusals=0)
        return replace(reply, handoff_reason=reason)

    def end(
        self, outcome: Outcome, messages: list[Message], route: Route, confidence: float, *, refusals: int
    ) -> Reply:
        state = replace(self.turn.state, refusals=refusals)
        return Reply(outcome, tuple(messages), state, self.record.trace(outcome, route, confidence))

    def say(self, key: str, **values: str) -> str:
        return say(key, self.lang, self.engine.publication.profile.texts, **values)


def _language(turn: Turn, message: Normalized) -> Lang:
    """The text's own language; a press, a number or a smile has none, so the page's counts."""
    shows_one = turn.pick is None and any(char.isalpha() for char in message.text)
    return message.lang if shows_one or turn.lang is None else turn.lang


def _describe_text(message: Normalized) -> Described:
    return "ok", {"text": message.text, "lang": message.lang}


def _describe_guard(verdict: GuardVerdict) -> Described:
    return verdict.name, {"hits": list(verdict.hits), "injection": verdict.injection}


def _describe_exact(entry: Entry | None) -> Described:
    return ("miss", {}) if entry is None else ("hit", {"entry_id": entry.id, "question": entry.question})


def _describe_rule(found: RuleMatch | None) -> Described:
    if found is None:
        return "miss", {}
    return "hit", {"rule": found.rule.name, "kind": found.rule.kind, "matched": found.matched}
