"""One turn through the funnel: normalise → guard → floor → exact → rules → bots → arbiter; the cheapest that knows, answers.

A flow that waits for an answer has the floor: it sees the message before the knowledge does, and what it does not take
goes on down; a question in between is answered, and the flow's own question stands again under the answer.

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

from dialog.arbiter import Decision, calibrated, decide, weigh
from dialog.exact import ExactIndex
from dialog.guard import Guard
from dialog.kb.bot import KnowledgeBot
from dialog.kb.index import KnowledgeIndex
from dialog.kb.models import NO_MODELS, Models, fingerprint_of
from dialog.kb.vectors import ENCODE_LIMIT, Progress
from dialog.ports import Emit, RecallUnavailable
from dialog.recorder import Recorder
from dialog.refusal import Refusals
from dialog.rules import RuleBook
from dialog.task.bot import TaskBot, Tasks
from dialog.task.presses import Press, button, press_of
from dialog.task.turn import TaskReply, TaskTurn
from dialog.task.wishes import Wish
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
    State,
    Thresholds,
    Turn,
)
from dialog.wording import (
    describe_exact,
    describe_floor,
    describe_guard,
    describe_rule,
    describe_starts,
    describe_task,
    describe_text,
    language,
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
    _tasks: TaskBot | None = None
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
        tasks: Tasks | None = None,
    ) -> Engine:
        """Compile a publication; what ``previous`` already prepared and has not changed is taken over.

        ``stored``, ``encode_limit`` and ``progress`` are about vectors, as in :meth:`KnowledgeIndex.build`. ``tasks`` are
        the flows that the bot runs for customers, if any.

        Raises:
            ValueError: a rule's or a flow's pattern is not RE2.
        """
        before = previous.index if previous else None
        index = KnowledgeIndex.build(publication, before, models, stored, encode_limit=encode_limit, progress=progress)
        rankers = models.rankers or _shipped_rankers(previous)
        task_bot = TaskBot.build(tasks) if tasks and tasks.book.flows else None
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
                **(task_bot.versions if task_bot else {}),
            },
            _tasks=task_bot,
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
        """The same models and flows over another publication; what has not changed is taken over."""
        return Engine.build(publication, self, self.index.models, tasks=self.tasks)

    def with_tasks(self, tasks: Tasks | None) -> Engine:
        """The same knowledge with other flows: to try out a draft, or with actions that only play their part."""
        task_bot = TaskBot.build(tasks) if tasks and tasks.book.flows else None
        kept = {name: value for name, value in self._versions.items() if name not in ("flows", "nlu")}
        return replace(self, _tasks=task_bot, _versions={**kept, **(task_bot.versions if task_bot else {})})

    def respond(self, turn: Turn, emit: Emit = _silent) -> Reply:
        """Answer one message. Never raises for anything a visitor can write."""
        record = Recorder(emit, self._clock, self._versions)
        said = turn.pick.value if turn.pick and turn.pick.kind == "say" else turn.text
        message = record.run("normalise", partial(normalise, said), describe_text)
        lang = language(turn, message)
        run = _Run(self, turn, message, lang, record, self._task_turn(turn, message, lang))
        if turn.pick is not None and turn.pick.kind == "task":
            return run.press(turn.pick)
        if turn.pick is not None and turn.pick.kind != "say":
            return run.pick(turn.pick)
        if not any(char.isalnum() for char in message.text):
            return run.lost() or run.refuse("no_words", Route.FALLBACK)
        return run.guard() or run.floor() or run.exact() or run.rules() or run.bots()

    def reminder(self, state: State, lang: Lang) -> Message | None:
        """What is said to a customer who fell silent while a task waits for them; None where none does."""
        return self._tasks.reminder(state.task, state.lang or lang) if self._tasks else None

    def _task_turn(self, turn: Turn, message: Normalized, lang: Lang) -> TaskTurn | None:
        if self._tasks is None:
            return None
        user = turn.user
        if self.publication.profile.sandbox:
            user = replace(user, login=True)
        return self._tasks.turn(
            message,
            turn.state.task,
            user=user,
            conversation=turn.conversation,
            now=turn.now,
            lang=lang,
            history=turn.state.history,
        )

    @property
    def tasks(self) -> Tasks | None:
        """What it can do for customers."""
        return self._tasks.tasks if self._tasks else None

    @property
    def versions(self) -> Mapping[str, Json]:
        """What answers, as the trace names it: the publication, and the models by their fingerprints."""
        return self._versions


def _shipped_rankers(previous: Engine | None) -> Rankers:
    """Read once, as long as they are handed from build to build."""
    if previous is not None and previous.index.models.rankers is None:
        return previous._bot.rankers
    return Rankers.shipped()


@dataclass(slots=True)
class _Run:
    """One turn on its way down the funnel; each stage returns the reply, or None to go on."""

    engine: Engine
    turn: Turn
    message: Normalized
    lang: Lang
    record: Recorder
    task: TaskTurn | None = None
    _proposal: Proposal | None = None
    """What the knowledge holds, once somebody asked."""

    # --- tasks ------------------------------------------------------------------------------------------------------

    @property
    def waits(self) -> bool:
        """Whether a flow waits for an answer."""
        return self.task is not None and self.task.frame is not None

    def press(self, pick: Pick) -> Reply:
        press = press_of(pick)
        task = self.task
        found = None if task is None else self.record.run("task", partial(task.press, press), describe_task)
        if found is None:
            self.record.note("pick", "stale", {})
            return self.refuse("stale_pick", Route.FALLBACK)
        return self.done(found)

    def floor(self) -> Reply | None:
        task = self.task
        if task is None:
            return None
        if not self.waits and not task.log.state.done and not task.log.state.parked:
            return None
        found = self.record.run("floor", partial(task.floor, self.has_answer), describe_floor)
        return None if found is None else self.done(found)

    def has_answer(self) -> bool:
        """Whether the knowledge would answer the message directly: then it is a question, whatever a flow waits for."""
        if self.engine._exact.lookup(self.message.text, self.turn.now) is not None:
            return True
        return self.decision().outcome == "answer"

    def lost(self) -> Reply | None:
        """A flow waits, and nobody made sense of the message."""
        found = self.task.lost() if self.task is not None else None
        return None if found is None else self.done(found)

    def done(self, found: TaskReply, confidence: float = 1.0) -> Reply:
        """The task bot's reply as the turn's."""
        messages = list(found.messages)
        if found.outcome is Outcome.HANDOFF and messages:
            resume = Choice(self.say("resume"), Pick("resume"))
            messages[-1] = replace(messages[-1], choices=(resume,))
        reply = self.end(found.outcome, messages, Route.TASK, confidence, refusals=0)
        return replace(reply, handoff_reason=found.handoff_reason)

    def wish(self) -> Reply | None:
        """A plain wish for something that the bot can do is done, not explained."""
        task = self.task
        wished = None if task is None else task.wished
        if task is None or wished is None:
            return None
        self.record.note("task", "wish", {"flows": [[wished.flow, round(wished.probability, 4), wished.why]]})
        return self.done(task.start(task.several or [Wish(wished.flow, self.message.raw)]), wished.probability)

    def bots(self) -> Reply:
        """Tasks and knowledge propose; the arbiter weighs them."""
        if self.waits:
            return self.knowledge_between()
        wished = self.wish()
        if wished is not None:
            return wished
        task = self.task
        starts = [] if task is None else self.record.run("task", lambda: task.candidates, describe_starts)
        if task is None or not starts:
            return self.knowledge()
        decision = self.decision()
        choice = weigh([one.probability for one in starts], decision, asks=task.asks)
        self.record.note("arbiter", choice, {"task": starts[0].flow, "kb": decision.outcome, "reason": decision.reason})
        if choice == "kb":
            return self.knowledge()
        several = task.several
        if several:
            return self.done(task.start(several), starts[0].probability)
        if choice == "ask":
            entries = decision.candidates[:1] if decision.outcome == "answer" else ()
            more = [Choice(one.question, Pick("entry", one.entry_id)) for one in entries]
            return self.done(task.ask_which(task.close(), more), starts[0].probability)
        return self.done(task.start([Wish(starts[0].flow, self.message.raw)]), starts[0].probability)

    def knowledge_between(self) -> Reply:
        """What no flow took in the middle of a task. A question gets what the knowledge has for it, or an honest no, and the
        task's own question stands again under it; anything else was meant for the task and not understood."""
        decision = self.decision()
        if decision.outcome != "answer":
            return self.unsure_between(decision)
        self.record.note("arbiter", "answer", {"reason": decision.reason, "bot": "kb"})
        best = decision.candidates[0]
        return self.answer(self.engine._entries[best.entry_id], Route.KB, best.probability)

    def unsure_between(self, decision: Decision) -> Reply:
        asks = self.task is not None and self.task.asks
        detail: dict[str, Json] = {"kb": decision.outcome, "reason": decision.reason}
        self.record.note("arbiter", decision.outcome if asks else "lost", detail)
        if not asks:
            return self.lost() or self.knowledge()
        if decision.outcome == "list":
            return self.offer(decision)
        message = Message(self.say("refuse_between"), Route.FALLBACK, self.propose().probability)
        refusals = self.turn.state.refusals + 1
        return self.end(Outcome.REFUSE, [message], Route.FALLBACK, message.confidence, refusals=refusals)

    def decision(self) -> Decision:
        profile = self.engine.publication.profile
        return decide(self.propose(), profile.thresholds, profile.list_size, self.engine._answers)

    # --- the stages -------------------------------------------------------------------------------------------------

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
        verdict = self.record.run("guard", partial(self.engine._guard.check, self.message), describe_guard)
        if verdict.name == "block":
            text = verdict.reply or self.say("blocked")
            return self.end(Outcome.REFUSE, [Message(text, Route.GUARD, 1.0)], Route.GUARD, 1.0, refusals=0)
        if verdict.name == "handoff":
            return self.handoff("risk", Route.GUARD, verdict.reply or self.say("handoff_care"))
        return None

    def exact(self) -> Reply | None:
        look_up = partial(self.engine._exact.lookup, self.message.text, self.turn.now)
        entry = self.record.run("exact", look_up, describe_exact)
        if entry is None:
            return None
        return self.wish() or self.answer(entry, Route.EXACT, 1.0)

    def rules(self) -> Reply | None:
        found = self.record.run("rules", partial(self.engine._rules.match, self.message), describe_rule)
        if found is None:
            return None
        if found.rule.action == "handoff":
            return self.handoff("asked" if found.rule.id == "builtin:person" else "rule", Route.RULE, found.rule.reply)
        return self.end(Outcome.ANSWER, [Message(found.rule.reply, Route.RULE, 1.0)], Route.RULE, 1.0, refusals=0)

    def knowledge(self) -> Reply:
        proposal, decision = self.propose(), self.decision()
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
        if self._proposal is None:
            self._proposal = self._propose()
        return self._proposal

    def _propose(self) -> Proposal:
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
        events: tuple[Mapping[str, Json], ...] = ()
        state = replace(self.turn.state, refusals=refusals)
        if self.task is not None:
            messages = self._with_task(self.task, outcome, messages, route)
            if self.task.weaker:
                self.record.degrade(self.task.weaker)
            events = tuple(event.to_json() for event in self.task.log.events)
            state = replace(state, task=self.task.log.state.to_json() if self.task.log.state.seq else {})
            state = state.heard(self.message.raw if self.turn.pick is None else "", self.lang)
        trace = self.record.trace(outcome, route, confidence)
        return Reply(outcome, tuple(messages), state, trace, events=events)

    def _with_task(self, task: TaskTurn, outcome: Outcome, messages: list[Message], route: Route) -> list[Message]:
        """What stands under an answer: the flow's own question again, or a way into the flow that the words are about."""
        if outcome is Outcome.HANDOFF:
            task.park_all()
        elif route is not Route.TASK and route is not Route.GUARD and task.frame is not None:
            return [*messages, *task.again()]
        elif route in (Route.EXACT, Route.KB) and self.turn.pick is None:
            return self._with_way_in(task, messages)
        return messages

    def _with_way_in(self, task: TaskTurn, messages: list[Message]) -> list[Message]:
        flow = task.likely()
        if not flow:
            return messages
        press = Press(0, "", "flow", flow, self.message.raw[:200])
        way_in = button(self.say("do_it", flow=task.situation.label(flow)), press)
        *entries, person = messages[-1].choices or (None,)
        kept = (*entries, way_in, person) if person is not None else (way_in,)
        return [*messages[:-1], replace(messages[-1], choices=kept)]

    def say(self, key: str, **values: str) -> str:
        return say(key, self.lang, self.engine.publication.profile.texts, **values)
