"""Runs the flow on top of the stack until it needs the customer, a person, or is through.

Every change goes through the log, so that the state is always the fold of its events. A write happens only where the
walk arrives at it, which a confirm (or the press of an offer) for exactly its inputs precedes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dialog.task import speech
from dialog.task.calls import Caller
from dialog.task.events import Log
from dialog.task.model import Branch, Call, Collect, Confirm, Fail, Offer, Say, Slot
from dialog.task.options import matching, option_json
from dialog.task.ports import ActionResult
from dialog.task.situation import Situation
from dialog.task.state import Bound, Frame, Result, Waiting, WaitKind
from dialog.task.validate import slot_problem
from dialog.task.walk import Point, stand
from dialog.types import Json, Message

MAX_STEPS = 20
"""Steps of one turn; a flow that wants more goes round in circles."""
MAX_FAILURES = 3
"""Of one call in one run; the last brings in a person."""


class FlowRunner:
    """The work of one turn on the log of one conversation; ``says`` are the replies so far."""

    def __init__(self, situation: Situation, log: Log) -> None:
        self.situation = situation
        self.log = log
        self.says: list[Message] = []
        self.handoff_reason = ""
        self._caller = Caller(situation, log)

    # --- the walk ---------------------------------------------------------------------------------------------------

    def advance(self, lead: str = "") -> None:
        """Go on until something has to be waited for. ``lead`` stands in place of the next question's own words."""
        for _ in range(MAX_STEPS):
            frame = self.log.state.top
            if frame is None or self.handoff_reason:
                return
            lead = self._drop_invalid(frame) or lead
            frame = self.log.top
            point = stand(
                frame, self.situation.flow(frame), self.situation.scope(frame), self.situation.now, self.situation.lang
            )
            if not (self.end_flow("done") if point is None else self._do(frame, point, lead)):
                return
            lead = lead if point is None or isinstance(point.step, Call) else ""
        self.hand_over("stuck", "stuck")

    def _drop_invalid(self, frame: Frame) -> str:
        """A value that another one made impossible is asked for again."""
        for name, bound in frame.slots.items():
            slot = self.situation.slot(frame, name)
            problem = "" if bound.skipped or slot.check is None else slot_problem(self.situation, frame, slot, bound)
            if problem:
                self.log.add("clear", slots=[name])
                return problem
        return ""

    def _do(self, frame: Frame, point: Point, lead: str) -> bool:
        """Whether to go on."""
        match point.step:
            case Collect():
                return self._collect(frame, self.situation.slot(frame, point.slot), lead)
            case Say():
                self.say(point.text)
                self.log.add("said", step=point.step.id, digest=point.digest)
                return True
            case Call():
                return self.call(frame, point.step, point.inputs, point.digest)
            case Confirm():
                self._take_back_yes()
                self.wait("confirm", point.step.id, point.digest)
                self.says.append(speech.ask_confirm(self.situation, self.log.top, point.text, self._token))
                return False
            case Offer():
                self.wait("offer", point.step.id, point.digest)
                self.says.append(speech.ask_offer(self.situation, self.log.top, point.step, self._token))
                return False
            case Branch():
                raise AssertionError("the walk enters branches and never returns one")

    # --- asking -----------------------------------------------------------------------------------------------------

    def _collect(self, frame: Frame, slot: Slot, lead: str) -> bool:
        if slot.type != "ref":
            self._ask(slot, None, lead)
            return False
        if slot.name not in frame.options and not self._fetch(frame, slot):
            return False
        frame = self.log.top
        options: Sequence[Any] = frame.options[slot.name]
        shown, said = self._named(frame, slot, options)
        if (shown is not None and len(shown) == 1) or (shown is None and len(options) == 1 and not lead):
            self.bind(slot.name, bound_option(options[shown[0] if shown else 0]))
            return True
        if frame.mentions.get(slot.name):
            self.log.add("mention", slot=slot.name, found=[])
        if shown == [] and frame.asked and self.fails(slot.name, slot.tries):
            return self.hand_over("too_many_tries", "slots_failed")
        if said:
            lead = self.situation.say(frame.flow, "several_match" if shown else "no_match", said=said)
        self._ask(slot, shown or None, lead)
        return False

    def _fetch(self, frame: Frame, slot: Slot) -> bool:
        """The slot's options into the state; False when there are none to choose from, and what follows was said."""
        inputs = {need: frame.slots[need].value for need in slot.needs if need in frame.slots}
        result = self._caller.read(slot.options_from, inputs, f"options.{slot.name}")
        if result.status not in ("ok", "not_found"):
            return self._failed_call(frame, f"options.{slot.name}", "read", {}, result) and self.advance_again()
        if not result.options:
            self.say(
                result.message or self.situation.say(frame.flow, "options_none", flow=self.situation.label(frame.flow))
            )
            if slot.needs:  # another day, another place: what the list depends on can be told again
                self.log.add("clear", slots=[slot.needs[-1]])
                return not self._call_fails(f"none.{slot.name}") and self.advance_again()
            return self.end_flow("cancelled") and self.advance_again()
        options: list[Json] = [option_json(option) for option in result.options]
        self.log.add("options", slot=slot.name, options=_latest_first(options, self.log.state.session.get(slot.name)))
        return True

    def advance_again(self) -> bool:
        self.advance()
        return False

    def _named(self, frame: Frame, slot: Slot, options: Sequence[Any]) -> tuple[list[int] | None, str]:
        """The options that all that was mentioned fits, and what was said where that is not just one."""
        mentions: Sequence[Any] = frame.mentions.get(slot.name, ())
        if not mentions:
            return None, ""
        found = [set(matching(options, mention)) for mention in mentions]
        fitting = [one for one in found if one]
        both = set.intersection(*fitting) if fitting else set()
        places = sorted(both or (fitting[0] if fitting else set()))
        said = str(next((m["said"] for m, one in zip(mentions, found, strict=True) if bool(one) == bool(places)), ""))
        return places, "" if len(places) == 1 else said

    def _ask(self, slot: Slot, shown: Sequence[int] | None, lead: str) -> None:
        self.wait("slot", slot.name)
        self.says.append(speech.ask_slot(self.situation, self.log.top, slot, self._token, shown, lead))

    def wait(self, kind: WaitKind, at: str = "", token: str = "", **detail: Json) -> None:
        waiting = Waiting(kind, at, token or str(self.log.state.seq + 1), detail)
        self.log.add("wait", waiting=waiting.to_json(), at=self.situation.now.isoformat())

    @property
    def _token(self) -> str:
        waiting = self.log.top.waiting
        return waiting.token if waiting else ""

    def say(self, text: str) -> None:
        if text:
            self.says.append(speech.message(text))

    # --- values -----------------------------------------------------------------------------------------------------

    def bind(self, name: str, bound: Bound) -> None:
        """Store a value that was found good; what depended on the old one is dropped."""
        frame = self.log.top
        slot = self.situation.slot(frame, name)
        old = frame.slots.get(name)
        self.log.add("set", slot=name, bound=bound.to_json(), session=slot.scope == "session")
        if old is None or old.value != bound.value:
            self._take_back_yes()
            self._clear_dependents(name)

    def _take_back_yes(self) -> None:
        """A yes is about what stood there then; after a change it is given anew, even if the same stands there again."""
        for step, mark in self.log.top.confirmed.items():
            if mark:
                self.log.add("confirmed", step=step, digest="")

    def _clear_dependents(self, name: str) -> None:
        frame = self.log.top
        gone: set[str] = set()
        todo = [name]
        while todo:
            cause = todo.pop()
            for slot in self.situation.slots(frame).values():
                if (
                    cause in slot.needs
                    and slot.name not in gone
                    and (slot.name in frame.slots or slot.name in frame.options)
                ):
                    gone.add(slot.name)
                    todo.append(slot.name)
        if gone:
            self.log.add("clear", slots=[*sorted(gone)])

    # --- calls ------------------------------------------------------------------------------------------------------

    def call(self, frame: Frame, step: Call, inputs: Mapping[str, Json], mark: str) -> bool:
        """Whether the flow goes on by itself."""
        result = self._caller.call(step, inputs)
        if result.status == "ok":
            self._caller.keep(step, inputs, mark, result)
            return True
        return self._failed_call(frame, step.id, step.effect, step.fail, result)

    def _failed_call(
        self, frame: Frame, what: str, effect: str, fails: Mapping[str, Fail], result: ActionResult
    ) -> bool:
        if result.status == "unknown" and effect == "write":
            return self.hand_over("unknown", "action_unknown")
        reason = str(result.out.get("reason", ""))
        fail = fails.get(reason) or fails.get(result.status)
        if fail is None and result.slot_errors:
            return self._slot_errors(frame, what, result)
        if fail is None and result.status in ("unavailable", "retry"):
            return self._offer_retry(frame, what)
        fail = fail or fails.get("other") or Fail(handoff=True)
        return self.follow(fail, what, self._denied_text(result))

    def _denied_text(self, result: ActionResult) -> str:
        key = "denied" if result.status == "denied" else "failed"
        return result.message or self.situation.say(self.log.top.flow, key)

    def _slot_errors(self, frame: Frame, what: str, result: ActionResult) -> bool:
        known = [name for name in result.slot_errors if name in frame.slots]
        if not known:
            return self.hand_over("failed", "action_failed")
        self.say("\n".join(result.slot_errors[name] for name in known))
        self.log.add("clear", slots=list(known))
        return not self._call_fails(what)

    def _offer_retry(self, frame: Frame, what: str) -> bool:
        if self._call_fails(what):
            return False
        self.ask_retry(what)
        return False

    def ask_retry(self, what: str) -> None:
        self.wait("retry", what)
        self._ask_yes_no("busy", "retry", "person")

    def ask_resume(self) -> None:
        self.wait("resume")
        self._ask_yes_no("resume", "resume_yes", "resume_no")

    def _ask_yes_no(self, *keys: str) -> None:
        frame = self.log.top
        label = self.situation.label(frame.flow)
        texts = (self.situation.say(frame.flow, key, flow=label) for key in keys)
        self.says.append(speech.ask_yes_no(self.situation, frame, self._token, *texts))

    def fails(self, what: str, most: int) -> bool:
        """Count a failure of a slot or a call; True when it was the last that is borne."""
        self.log.add("failed", what=what)
        return self.log.top.tries[what] >= most

    def _call_fails(self, what: str) -> bool:
        """Count a call's failure; True when a person was asked for."""
        if not self.fails(what, MAX_FAILURES):
            return False
        self.hand_over("failed", "action_failed")
        return True

    def follow(self, fail: Fail, what: str, otherwise: str = "") -> bool:
        """Go the way that a fail branch or, without ``what`` failed, an offer names; whether the flow goes on by itself."""
        said = self.situation.text(fail.say) if fail.say else ""
        if fail.handoff:
            key, reason = ("failed", "action_failed") if what else ("handoff", "asked")
            return self.hand_over(key, reason, said or otherwise)
        self.say(said)
        if fail.end:
            return self.end_flow("done")
        if what and self._call_fails(what):
            return False
        if fail.clear:
            self.log.add("clear", slots=list(fail.clear))
            for name in fail.clear:
                self._clear_dependents(name)
        if fail.rerun:
            self.log.add("forget", step=fail.rerun)
        return True

    # --- ends -------------------------------------------------------------------------------------------------------

    def end_flow(self, how: str) -> bool:
        """Take the flow off the stack and turn to the one below it; whether that goes on by itself."""
        frame = self.log.top
        steps = self.situation.steps(frame)
        keep = any(isinstance(steps.get(s), Call) and steps[s].undo for s, r in frame.results.items() if r.write)  # type: ignore[union-attr]
        self.log.add("pop", how=how, keep=keep)
        below = self.log.state.top
        if below is None:
            if not self.says:
                self.say(self.situation.say(frame.flow, "ended"))
            return False
        label = self.situation.label(below.flow)
        if not below.asked:
            self.say(self.situation.say(below.flow, "next_flow", flow=label))
            return True
        self.ask_resume()
        return False

    def take_back(self, frame: Frame, step: Call, result: Result) -> ActionResult:
        """Call the undo of a write that ``frame`` made."""
        return self._caller.take_back(frame, step, result)

    def hand_over(self, key: str, reason: str, text: str = "") -> bool:
        """A person is wanted. What was filled in stays, and can be gone on with later."""
        flow = self.log.state.top.flow if self.log.state.top else ""
        self.say(text or self.situation.say(flow, key))
        self.handoff_reason = reason
        while self.log.state.frames:
            self.log.add("park")
        return False


def bound_option(option: Mapping[str, Any]) -> Bound:
    return Bound(option["value"], option["label"], option["extra"])


def _latest_first(options: list[Any], last: Bound | None) -> list[Json]:
    """What the customer chose in the flow before stands first."""
    return sorted(options, key=lambda option: last is None or option["value"] != last.value)


def expired(frame: Frame, now: datetime, ttl_seconds: float) -> bool:
    return (now - datetime.fromisoformat(frame.touched)).total_seconds() > ttl_seconds


def submitted_by(frame: Frame, slot: str) -> str:
    """The step of a finished write that sent this slot, or nothing."""
    return next((step for step, r in frame.results.items() if r.write and slot in r.inputs), "")
