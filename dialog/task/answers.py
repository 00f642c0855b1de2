"""What a message or a press means as an answer to what the bot asked last."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dialog.task.asking import Asking
from dialog.task.control import SURE, SURER, Control, asks, clauses, control, said_control, yes_or_no
from dialog.task.heard import Heard
from dialog.task.model import Call, Offer
from dialog.task.part import Part
from dialog.task.starts import SURE_START, SURER_START
from dialog.task.state import Bound
from dialog.task.undoing import Undoing
from dialog.task.wishes import Wish
from nlu.normalize import match_key, normalise

if TYPE_CHECKING:
    from dialog.task.turn import TaskTurn

_WISHES = re.compile(
    r"我(?:要|想|得)|想要|帮我|帮忙|给我|麻烦|请|能不能|可以帮|\b(?:i want|i need|i'd like|please|can you|could you|help me)\b"
)
_CORRECTS = re.compile(
    r"改成|换成|改为|不对|说错|写错|应该是|不是|\b(?:make it|should be|i meant?|actually|instead|rather|sorry)\b"
)
_NOT_NEEDED = re.compile(
    r"(?:(?:不用|不要|不需要|不必|不)[了吧啦,，。 ]*(?:谢谢)?|no(?:pe|ne)?(?:,? thanks?| thank you| need)?"
    r"|not (?:needed|necessary))"
    r"[。.!！ ]*"
)
"""Asked for what may be left out, 不用了 leaves it out; 算了 drops the whole."""
_NO_CHANGE = re.compile(r"^[^算退]*不用?改了?[^算退]*$")
"""Asked what to change, 不改了 leaves it as it is; 算了 drops the whole."""


class Answers(Part):
    """The answers of one turn; each method says whether the message was for it."""

    def __init__(self, turn: TaskTurn, is_question: Callable[[], bool] = lambda: False) -> None:
        super().__init__(turn)
        self.asking = Asking(turn)
        self.undoing = Undoing(turn)
        self._is_question = is_question

    # --- a message --------------------------------------------------------------------------------------------------

    def take(self) -> bool:
        """Whether the flow that waits knows what to do with the message."""
        return self._pressed_by_words() or self._parts() or self._steer() or self._answer() or self._other_flow()

    def _steer(self) -> bool:
        heard = self.turn.heard
        if self.asked and self._typed_words(self.asked):
            return False
        said = said_control(heard.message.text) or self._ends_in_cancel()
        steering = said or control(heard, sure=SURER if self.turn.asked_text else SURE)
        if steering is None or (said is None and self._is_value(steering)):
            return False
        return self.steer(steering)

    def _ends_in_cancel(self) -> Control | None:
        """太贵了，不订了: said last, and nothing else in the message is for the flow."""
        parts = clauses(self.turn.heard.message.raw)
        last = said_control(normalise(parts[-1]).text) if len(parts) > 1 and not self.turn.asked_text else None
        return last if last == "cancel" and not self.filler.would_fill(self.turn.heard, "") else None

    def _is_value(self, steering: Control) -> bool:
        """What the model takes for steering may be the answer after all: 不要了 is a reason, 没有 may be a value."""
        asked = self.asked
        if not asked and steering in ("affirm", "repeat", "skip", "ask_back"):
            return yes_or_no(self.turn.heard) is True  # 再试一下，好 agrees
        return bool(asked) and steering in ("affirm", "deny", "cancel", "skip") and self._typed(asked)

    def _typed(self, asked: str) -> bool:
        slot = self.turn.situation.slot(self.frame, asked)
        return slot.type not in ("text", "address") and self.filler.would_fill(self.turn.heard, asked)

    def steer(self, steering: Control) -> bool:
        """Do what the customer asks of the dialogue itself; False where it is an answer to something else."""
        match steering:
            case "human":
                self.turn.command("human")
                return not self.runner.hand_over("handoff", "asked")
            case "cancel":
                return self.cancel()
            case "repeat":
                self.turn.command("repeat")
                self.asking.again("")
                return True
            case "undo":
                self.turn.command("undo")
                self.undoing.last()
                return True
            case "skip":
                return bool(self.asked) and self.skip()
            case "hold":
                self.turn.command("hold")
                self.asking.again(self.say("hold", ask=self.asking.text()))
                return True
            case "ask_back":
                return not self._is_question() and self._why()
            case _:
                return False

    def _why(self) -> bool:
        """They want to know what the question means."""
        if not self.asked:
            return False
        self.turn.command("ask_back")
        label = self.label
        self.asking.again(self.say("why_asked", flow=label, ask=self.asking.text()))
        return True

    def cancel(self) -> bool:
        """End the flow that runs, as long as nothing was submitted by it."""
        if self.waiting.kind in ("undo", "retry", "interrupt", "resume"):
            return self._no()
        if self._may_skip() and _NOT_NEEDED.fullmatch(self.turn.heard.message.text):
            return self.skip()
        if self.waiting.kind == "change" and _NO_CHANGE.search(self.turn.heard.message.text):
            return self._no()
        self.turn.command("cancel")
        if not any(result.write for result in self.frame.results.values()):
            self.runner.say(self.say("cancelled", flow=self.label))
        if self.runner.end_flow("cancelled"):
            self.runner.advance()
        return True

    def _may_skip(self) -> bool:
        return bool(self.asked) and self.turn.situation.slot(self.frame, self.asked).optional

    def skip(self) -> bool:
        name = self.asked
        slot = self.turn.situation.slot(self.frame, name)
        self.turn.command("skip", slot=name)
        if not slot.optional:
            self.asking.again(self.say("not_optional", ask=self.asking.text()))
            return True
        self.runner.bind(name, Bound(None, skipped=True))
        self.runner.advance()
        return True

    def _parts(self) -> bool:
        """Several wishes in one message: 算了不退了，帮我查下快递 · 对，提交吧，再给我开张发票."""
        parts = clauses(self.turn.heard.message.raw)
        if len(parts) < 2:
            return False
        first = said_control(normalise(parts[0]).text)
        rest = self.turn.hear_part("，".join(parts[1:]))
        start = next(iter(self.turn.begun_by(rest)), None)
        if start is None or start.probability < SURE_START or start.flow == self.frame.flow:
            return False
        if first == "cancel":
            self.turn.command("cancel")
            self.log.add("pop", how="cancelled", keep=False)
            self.turn.begin([Wish(start.flow, rest.message.raw)])
            return True
        if self.waiting.kind != "confirm" or not yes_or_no(self.turn.hear_part(parts[0])):
            return False
        if self._fill_from(self.turn.hear_part("，".join(self._before(start.flow, parts))), corrects=True):
            return True  # what was agreed to is not what stood there
        self._confirm()
        self.runner.advance()
        if not self.runner.handoff_reason:
            self.turn.begin([Wish(start.flow, rest.message.raw)])
        return True

    def _before(self, flow: str, parts: Sequence[str]) -> Sequence[str]:
        """The clauses that stand before the one that asks for a flow."""
        heard = [[one.flow for one in self.turn.begun_by(self.turn.hear_part(part))] for part in parts]
        return parts[: next((place for place, flows in enumerate(heard) if flow in flows), len(parts))]

    def _answer(self) -> bool:
        match self.waiting.kind:
            case "slot":
                return self._slot()
            case "confirm":
                return self._confirmation()
            case "change":
                return self._change()
            case "offer":
                return self._fill()
            case "retry":  # something else may be wanted by then
                return self._yes_or_no() or self._fill()
            case _:
                return self._yes_or_no()

    # --- slots ------------------------------------------------------------------------------------------------------

    def _slot(self) -> bool:
        asked = self.asked
        if self._may_skip() and _NOT_NEEDED.fullmatch(self.turn.heard.message.text):
            return self.skip()
        if self.turn.asked_text and not self._typed_words(asked) and self._elsewhere():
            if asks(self.turn.heard.message.text):
                self._keep_answer(asked)
            return False
        return self._fill(asked) or (self._may_skip() and yes_or_no(self.turn.heard) is False and self.skip())

    def _typed_words(self, asked: str) -> bool:
        """Whether an open list of values was answered with one of its own words."""
        slot = self.turn.situation.slot(self.frame, asked)
        return slot.type == "enum" and any(
            normalise(word).text == self.turn.heard.message.text for value in slot.values for word in value.words
        )

    def _elsewhere(self) -> bool:
        """A whole message would be the answer, but it wants something else: another flow, or a question we can answer."""
        best = next(iter(self.turn.candidates), None)
        if best is not None and best.flow != self.frame.flow and self._wishes(best):
            return True
        return asks(self.turn.heard.message.text) and self._is_question()

    def _fill(self, asked: str = "") -> bool:
        start = next(iter(self.turn.candidates), None)
        if self._means_other_flow(start, asked):
            return False
        if self._is_aside(asked):
            self._keep_answer(asked)
            return False
        return self._fill_from(self.turn.heard, asked, corrects=self._corrects())

    def _is_aside(self, asked: str) -> bool:
        """A question that we can answer, though it has words that could be values."""
        if not asks(self.turn.heard.message.text) or (asked and self._typed_words(asked)):
            return False
        return self._is_question()

    def _keep_answer(self, asked: str) -> None:
        """质量问题，另外运费谁出: the part that answers is kept, while the question goes on to the knowledge."""
        parts = clauses(self.turn.heard.message.raw)
        if len(parts) < 2 or self.turn.asked_words:
            return
        before = dict(self.frame.slots)
        told = [part for part in parts if self._tells(part, asked)]
        changed = [name for part in told for name in self.filler.fill(self.turn.hear_part(part), asked=asked)]
        self._note_sets(changed, before, asked)

    def _tells(self, part: str, asked: str) -> bool:
        """Whether a clause gives a value and is neither a question nor a word in between (等等, 你好)."""
        text = normalise(part).text
        if asks(text) or said_control(text) is not None:
            return False
        slot = self.turn.situation.slots(self.frame).get(asked)
        words = [normalise(word).text for value in slot.values for word in value.words] if slot else []
        return slot is None or slot.type != "enum" or any(word and word in text for word in words)

    def _fill_from(self, heard: Heard, asked: str = "", *, corrects: bool) -> bool:
        before = dict(self.frame.slots)
        changed = self.filler.fill(heard, asked=asked, corrects=corrects)
        if self.filler.pending:
            return self.undoing.ask(*self.filler.pending)
        if not changed:
            return self._refused(asked)
        self._note_sets(changed, before, asked)
        self.runner.advance(self.filler.problem)
        return True

    def _means_other_flow(self, start: Any, asked: str) -> bool:
        if start is None or start.flow == self.frame.flow or start.probability < SURE_START:
            return False
        may_answer = bool(asked) and (self.turn.asked_text or self._typed(asked))
        return not may_answer or self._wishes(start)

    def _wishes(self, start: Any) -> bool:
        """Whether a message is surely a wish and no answer: a phone number alone looks like one to a model."""
        return start.why == "pattern" or bool(
            start.probability >= SURER_START and _WISHES.search(self.turn.heard.message.text)
        )

    def _corrects(self) -> bool:
        said = next((one.value for one in self.turn.heard.kind("yes_no")), None)
        return said is False or bool(_CORRECTS.search(self.turn.heard.message.text))

    def _refused(self, asked: str) -> bool:
        """A value was told and cannot be taken."""
        if not self.filler.problem:
            return False
        if asked and self.asking.one_try_more(asked):
            return True
        self.asking.again(self.filler.problem)
        return True

    def _note_sets(self, changed: list[str], before: Mapping[str, Bound], asked: str) -> None:
        for name in changed:
            corrected = name in before and name != asked
            self.turn.command("correct" if corrected else "set", slot=name)
            bound = self.frame.slots.get(name)
            if corrected and bound is not None:
                slot = self.turn.situation.slot(self.frame, name)
                scope = self.turn.situation.scope(self.frame)
                label = getattr(scope.get(name), "label", "")
                self.runner.say(self.say("changed", slot=self.turn.situation.text(slot.label), value=str(label)))

    # --- confirming -------------------------------------------------------------------------------------------------

    def _confirmation(self) -> bool:
        agreed = yes_or_no(self.turn.heard)
        if self._fill():
            return True
        if agreed and self._means_other_flow(next(iter(self.turn.candidates), None), ""):
            return False  # 好的帮我开张发票 may be a yes to this or to that
        if agreed:
            self._confirm()
            self.runner.advance()
            return True
        if self._name_slot():
            return True
        if agreed is False:
            self._deny()
            return True
        return False

    def _confirm(self) -> None:
        self.turn.command("affirm")
        self.log.add("confirmed", step=self.waiting.at, digest=self.waiting.token)

    def _deny(self) -> None:
        self.turn.command("deny")
        self.asking.change()

    def _change(self) -> bool:
        """Which of the things told is wrong, by its name or by a better value."""
        if self._fill() or self._name_slot():
            return True
        if yes_or_no(self.turn.heard) is False:
            self.turn.command("deny")
            self.runner.advance()
            return True
        return False

    def _name_slot(self) -> bool:
        """地址不对 · change the date: the slot is asked for anew."""
        text = self.turn.heard.message.text
        for slot in self.asking.slots():
            labels = [normalise(label).text for label in slot.label.values()]
            if slot.name in self.frame.slots and len(text) <= 20 and any(label and label in text for label in labels):
                return self.reopen(slot.name)
        return False

    def reopen(self, name: str) -> bool:
        self.turn.command("correct", slot=name)
        self.log.add("clear", slots=[name])
        self.runner.advance()
        return True

    # --- offers and yes or no ---------------------------------------------------------------------------------------

    def _pressed_by_words(self) -> bool:
        """The text of a button, typed; or its place: 第一个."""
        if self.waiting.kind != "offer":
            return self._typed_yes()
        offer = self.turn.situation.steps(self.frame)[self.waiting.at]
        assert isinstance(offer, Offer)
        text = self.turn.heard.message.text
        labels = [normalise(self.turn.situation.text(option.label)).text for option in offer.options]
        place: Any = next(
            (i for i, label in enumerate(labels) if label == text or (len(label) > 1 and label in text)), None
        )
        if place is None:
            place = next((one.value for one in self.turn.heard.kind("ordinal")), None)
        if place is None and yes_or_no(self.turn.heard) and len(offer.options) == 1:
            place = 0
        if not isinstance(place, int) or not -len(labels) <= place < len(labels):
            return False
        return self.choose(offer, place % len(labels))

    def _typed_yes(self) -> bool:
        """再试一次, typed in place of pressed; a typed 修改 too."""
        kind, text = self.waiting.kind, match_key(self.turn.heard.message.text)
        if kind == "confirm" and text == match_key(normalise(self.say("change")).text):
            self._deny()
            return True
        key = {"retry": "retry", "resume": "resume_yes", "undo": "undo_yes"}.get(kind)
        return key is not None and text == match_key(normalise(self.say(key)).text) and self._yes()

    def choose(self, offer: Offer, place: int) -> bool:
        """Do what a button of an offer says; the press is the customer's word for it."""
        option = offer.options[place]
        self.turn.command("choose", step=offer.id, option=place)
        self.log.add("chosen", step=offer.id, digest=self.waiting.token)
        if option.call is not None:
            on = self._call_now(option.call)
        else:
            assert option.then is not None
            if option.then.clear or option.then.rerun:
                self.log.add("round")
            on = self.runner.follow(option.then, "")
        if on:
            self.runner.advance()
        return True

    def _call_now(self, call: Call) -> bool:
        from dialog.task.scope import digest
        from dialog.task.walk import inputs_of

        situation = self.turn.situation
        inputs = inputs_of(call, situation.scope(self.frame), set(self.frame.slots))
        return self.runner.call(self.frame, call, inputs, digest([call.action, inputs]))

    def _yes_or_no(self) -> bool:
        agreed = yes_or_no(self.turn.heard)
        if agreed is None:
            if said_control(self.turn.heard.message.text) == "resume":
                agreed = True
            else:
                return False
        return self._yes() if agreed else self._no()

    def _yes(self) -> bool:
        waiting = self.waiting
        self.turn.command("affirm")
        match waiting.kind:
            case "undo":
                self.undoing.then_change(waiting.detail)
            case "interrupt":
                detail: Any = waiting.detail
                self.log.add("wait", waiting=None)
                self.turn.begin([Wish(flow, text) for flow, text in detail["wishes"]])
            case "confirm":
                self.log.add("confirmed", step=waiting.at, digest=waiting.token)
                self.runner.advance()
            case _:  # resume, retry: the walk finds what comes next
                self.log.add("wait", waiting=None)
                self.runner.advance()
        return True

    def _no(self) -> bool:
        self.turn.command("deny")
        label = self.label
        match self.waiting.kind:
            case "retry":
                self.runner.hand_over("handoff", "action_failed")
            case "undo":
                self.runner.say(self.say("kept"))
                self.runner.advance()
            case "resume":
                self.runner.say(self.say("resume_dropped", flow=label))
                if self.runner.end_flow("cancelled"):
                    self.runner.advance()
            case "confirm":
                self._deny()
            case _:
                self.runner.advance()
        return True

    # --- other flows --------------------------------------------------------------------------------------------------

    def _other_flow(self) -> bool:
        """Another flow is asked for: switch, and ask before that if much has been filled in."""
        several = self.turn.several
        best = next(iter(self.turn.candidates), None)
        bar = SURER_START if self.turn.asked_text else SURE_START
        if not several and (best is None or best.probability < bar):
            return False
        if best is not None and best.why != "pattern" and self._is_aside(""):
            return False
        raw = self.turn.heard.message.raw
        wishes = several or ([Wish(best.flow, raw)] if best else [])
        wishes = [wish for wish in wishes if wish.flow != self.frame.flow]
        if not wishes:
            self.filler.fill(self.turn.heard)
            self.asking.again(self.say("already", flow=self.label) + self.asking.text())
            return True
        if len(self.frame.slots) >= 2 and self.waiting.kind != "resume":
            return self._ask_interrupt(wishes)
        self.turn.begin(wishes)
        return True

    def _ask_interrupt(self, wishes: Sequence[Wish]) -> bool:
        kept: list[Any] = [[wish.flow, wish.text] for wish in wishes]
        self.runner.wait("interrupt", wishes=kept)
        self.asking.interrupt()
        return True
