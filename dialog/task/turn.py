"""One message to the task bot: what it means where the conversation stands, and what the flows do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from dialog.task import speech
from dialog.task.answers import Answers
from dialog.task.asking import Asking
from dialog.task.control import asks, clauses, control
from dialog.task.events import Event, Log
from dialog.task.filling import Filler
from dialog.task.heard import Heard, hear
from dialog.task.model import TEXT_TYPES, Slot
from dialog.task.ports import Parse, Understander
from dialog.task.presses import Press, button
from dialog.task.pressing import Pressing
from dialog.task.runner import FlowRunner, expired
from dialog.task.situation import Situation
from dialog.task.starts import PATTERN, PLAIN_WISH, SURE_START, StartCandidate, Starts, close_seconds, wishes
from dialog.task.state import MAX_FRAMES, Frame, TaskState
from dialog.task.undoing import Undoing
from dialog.task.wishes import Wish
from dialog.types import Choice, Json, Message, Outcome
from nlu.normalize import normalise
from nlu.types import Normalized

KEPT = timedelta(hours=24)
"""How long a flow that was left can be taken up again."""


@dataclass(frozen=True, slots=True)
class TaskReply:
    """How the task bot's turn ended. ``events`` are new; ``state`` is what they make of the old one."""

    outcome: Outcome
    messages: tuple[Message, ...]
    state: TaskState
    events: tuple[Event, ...]
    handoff_reason: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)


class TaskTurn:
    """Made for one message. ``floor`` and ``start`` change the log; ask for one of them once."""

    def __init__(
        self,
        situation: Situation,
        starts: Starts,
        understander: Understander | None,
        state: TaskState,
        message: Normalized,
        history: Sequence[str] = (),
    ) -> None:
        self.situation = situation
        self._starts = starts
        self._understander = understander
        self._message = message
        self._history = history
        self.log = Log(state)
        self.runner = FlowRunner(situation, self.log)
        self.filler = Filler(self.runner)
        self.commands: list[Json] = []
        self._park_expired()

    def _park_expired(self) -> None:
        """What nobody answered for long does not hold the floor any more; it can be taken up again for a day."""
        now = self.situation.now
        top = self.log.state.top
        if top is not None and (
            not self.situation.book.knows(top.flow) or expired(top, now, self.situation.flow(top).ttl.total_seconds())
        ):
            while self.log.state.frames:
                self.log.add("park")
        for parked in self.log.state.parked:
            if not self.situation.book.knows(parked.flow) or datetime.fromisoformat(parked.touched) + KEPT < now:
                self.log.add("drop", flow=parked.flow)

    # --- reading ----------------------------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        return self.log.state.top

    @property
    def asked(self) -> Slot | None:
        """The slot that the running flow asked for."""
        frame = self.frame
        if frame is None or frame.waiting is None or frame.waiting.kind != "slot":
            return None
        return self.situation.slot(frame, frame.waiting.at)

    @cached_property
    def heard(self) -> Heard:
        asked = self.asked.name if self.asked else ""
        return hear(self._message, self.situation.now, self._understander, asked=asked, history=self._history)

    @property
    def _read(self) -> Heard | None:
        """The message as it was read; a press, or one that a cheaper stage answered, need not be read at all."""
        heard: Heard | None = self.__dict__.get("heard")
        return heard

    @property
    def weaker(self) -> str:
        """The weaker mode in which the message was read, if it was."""
        return self._read.weaker if self._read else ""

    @cached_property
    def candidates(self) -> list[StartCandidate]:
        """Flows that the message may start, best first."""
        return self.begun_by(self.heard)

    def begun_by(self, heard: Heard) -> list[StartCandidate]:
        """Flows that a message, or a part of it, may start, best first."""
        return self._starts.of(heard)

    def hear_part(self, text: str) -> Heard:
        return hear(normalise(text), self.situation.now, self._understander)

    @property
    def asked_text(self) -> bool:
        """Whether a whole message may be the answer to what was asked."""
        return self.asked is not None and (self.asked.type in TEXT_TYPES or self.asked.open)

    @property
    def asked_words(self) -> bool:
        """Whether the slot that was asked for takes any words at all."""
        return self.asked is not None and self.asked.type in TEXT_TYPES

    # --- the floor --------------------------------------------------------------------------------------------------

    def floor(self, is_question: Callable[[], bool]) -> TaskReply | None:
        """A flow that waits for an answer sees the message first; None: it is not for the flow, and nothing changed.

        ``is_question`` says whether the knowledge has a sure answer to the message; asked only where that decides.
        """
        if self.frame is None:
            return self._without_flow()
        self.log.add("user", text=self._message.raw)
        if not Answers(self, is_question).take():
            return None
        return self.reply()

    def _without_flow(self) -> TaskReply | None:
        steering = control(self.heard, sure=PATTERN)
        if steering == "undo" and self.log.state.done:
            self.log.add("user", text=self._message.raw)
            self.command("undo")
            Undoing(self).last()
            return self.reply()
        if steering == "resume" and self.log.state.parked:
            self.log.add("user", text=self._message.raw)
            self.command("resume")
            self.take_up(self.log.state.parked[-1].flow)
            return self.reply()
        return None

    def press(self, press: Press | None) -> TaskReply | None:
        """A button of ours; None when it is stale."""
        if press is None:
            return None
        self.log.add("user", press=press.kind, at=press.at, value=press.value)
        return self.reply() if Pressing(self).press(press) else None

    def take_up(self, flow: str) -> None:
        self.log.add("unpark", flow=flow, at=self.situation.now.isoformat())
        self.runner.advance()

    # --- starting ---------------------------------------------------------------------------------------------------

    def start(self, wishes: Sequence[Wish]) -> TaskReply:
        """Start what a message asks for: the first flow runs now, the others after it."""
        self.log.add("user", text=self._message.raw)
        self.begin(wishes)
        return self.reply()

    def begin(self, wishes: Sequence[Wish]) -> None:
        """Put flows on the stack, the first on top, each with the values that its own words hold."""
        frame = self.frame
        if frame is not None and len(self.log.state.frames) + len(wishes) > MAX_FRAMES:
            self.runner.advance(self.situation.say(frame.flow, "too_many"))
            return
        for wish in reversed(wishes):
            name = self._allowed(wish.flow)
            self.command("start", flow=name)
            self._drop_parked(name)
            self.log.add("push", flow=name, run=self.log.state.seq + 1, at=self.situation.now.isoformat())
            self.filler.fill(self.heard if wish.text == self._message.raw else self.hear_part(wish.text))
        self.runner.advance()

    def _allowed(self, name: str) -> str:
        """The flow, or the one that its guard puts in its place."""
        guard = self.situation.book.flow(name).guard
        if guard is None:
            return name
        frame = Frame(name, 0, self.situation.now.isoformat())
        return name if guard.when.evaluate(self.situation.scope(frame)) else guard.flow

    def _drop_parked(self, flow: str) -> None:
        if any(parked.flow == flow for parked in self.log.state.parked):
            self.log.add("drop", flow=flow)

    @cached_property
    def several(self) -> list[Wish]:
        """The flows that the message asks for one after the other: 先查快递，再开张发票. Empty unless there are two."""
        parts = clauses(self._message.raw)
        if len(parts) < 2:
            return []
        found: list[Wish] = []
        for part in parts:
            best = next(iter(self.begun_by(self.hear_part(part))), None)
            if best is not None and best.probability >= SURE_START and best.flow not in {wish.flow for wish in found}:
                found.append(Wish(best.flow, part))
            elif found:  # a clause that begins nothing belongs to the one before it
                found[-1] = Wish(found[-1].flow, f"{found[-1].text}，{part}")
        return found[: MAX_FRAMES - 1] if len(found) > 1 else []

    @property
    def asks(self) -> bool:
        """Whether the message has the form of a question."""
        return asks(self._message.text)

    @cached_property
    def wished(self) -> StartCandidate | None:
        """The flow that the message plainly wishes for, where none runs: 我想退货, not 退货要几天."""
        if self.frame is not None or not wishes(self._message.text):
            return None
        return next((one for one in self.candidates[:1] if one.probability >= PLAIN_WISH), None)

    def close(self) -> list[StartCandidate]:
        """The flows between which it has to be asked."""
        return close_seconds(self.candidates)

    def likely(self) -> str:
        """A flow that the message may well be about, for a button under an answer."""
        if self.frame is not None:
            return ""
        by_words = self._starts.by_pattern(self._message.text)
        return by_words or next((one.flow for one in self._starts.by_intent(self.heard)), "")

    def ask_which(self, candidates: Sequence[StartCandidate], more: Sequence[Choice] = ()) -> TaskReply:
        """Several flows are as likely: ask with their names."""
        self.log.add("user", text=self._message.raw)
        names: list[Json] = [one.flow for one in candidates]
        self.command("clarify", flows=names)
        choices = [
            button(self.situation.label(one.flow), Press(0, "", "flow", one.flow, self._message.raw[:200]))
            for one in candidates
        ]
        text = self.situation.say(candidates[0].flow, "clarify")
        self.runner.says.append(speech.message(text, [*choices, *more], "list"))
        return self.reply(Outcome.ASK)

    # --- the end of the turn ----------------------------------------------------------------------------------------

    def command(self, name: str, **values: Json) -> None:
        """Note what was understood, for the log and the trace."""
        self.commands.append({"command": name, **values})
        self.log.add("command", name=name, **values)

    def again(self) -> list[Message]:
        """The question that still stands, for after a digression."""
        if self.frame is None or self.frame.waiting is None:
            return []
        before = len(self.runner.says)
        Asking(self).again("")
        asked = self.runner.says[before:]
        del self.runner.says[before:]
        return speech.joined(asked)

    def lost(self) -> TaskReply | None:
        """Nobody made sense of the message while a flow waits: ask once more, in the end a person."""
        if self.frame is None or self.frame.waiting is None:
            return None
        Asking(self).not_understood()
        return self.reply()

    def park_all(self) -> None:
        """A person takes over; what was under way can be gone on with later."""
        while self.log.state.frames:
            self.log.add("park")

    def reply(self, outcome: Outcome | None = None) -> TaskReply:
        said = speech.joined(self.runner.says)
        for one in said:
            self.log.add("bot", text=one.text)
        if outcome is None:
            outcome = self._outcome()
        return TaskReply(
            outcome, tuple(said), self.log.state, tuple(self.log.events), self.runner.handoff_reason, self.detail()
        )

    def _outcome(self) -> Outcome:
        if self.runner.handoff_reason:
            return Outcome.HANDOFF
        return Outcome.ASK if self.frame is not None and self.frame.waiting is not None else Outcome.ANSWER

    def detail(self) -> dict[str, Json]:
        """For the trace: what was understood, and what stands on the stack."""
        parse = self._read.parse if self._read else Parse()
        intents: list[Json] = [[one.name, round(one.probability, 4)] for one in parse.intents[:3]]
        slots: list[Json] = [[span.name, span.text] for span in parse.slots]
        stack: list[Json] = [
            {"flow": frame.flow, "slots": {name: bound.label or bound.value for name, bound in frame.slots.items()}}
            for frame in self.log.state.frames
        ]
        events: list[Json] = [event.kind for event in self.log.events]
        return {"intents": intents, "marked": slots, "commands": self.commands, "stack": stack, "events": events}
