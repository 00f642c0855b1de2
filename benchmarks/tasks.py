"""A user simulator over every task of the demo bot: who gets what they wanted, in how many turns, and what was written.

    python benchmarks/tasks.py [--dialogues 2000] [--seed 11] [--nlu FOLDER|off] [--show N]

Works in a temporary folder with a demo bot of its own; its shop's systems answer over the contract, in process. Customers
answer what they are asked, by words or by buttons, and now and then tell more than that, change their mind, ask something
else, mumble, say no, want it repeated or give up. They read what they are asked to confirm: what is wrong there they
correct. A write is wrong if its inputs are not what the customer wants at that moment, or if no yes led to it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from _customers import CHANGES, ENDINGS, INPUTS, OPENINGS, SAYINGS, TEXTS, Goal, Want, goal_of, wanted  # noqa: E402

DATA = ROOT / "apps" / "demo" / "data"
INTENTS = {"yes": "affirm", "no": "deny", "cancel": "cancel", "repeat": "repeat", "skip": "skip"}
_OF_A_TASK = re.compile(
    r"投诉|退|换|票|约|查|催|取消|订|快递|地址|号|款|修|(?i:repair|invoice|flight|complain|refund|return|order|book|number|address)"
)
"""Words of some other task than the one at hand."""
MOST_TURNS = 40
HABITS = {"extra": 0.3, "mind": 0.12, "question": 0.1, "mumble": 0.05, "repeat": 0.04, "cancel": 0.02, "no": 0.15}
CHANGES_OF_MIND = 2
"""How probable each is, turn by turn; the last at a confirm. And how often one customer changes their mind at most."""
LEAST_SHARE = 0.7
"""Of a text that stands for the text."""


@dataclass
class Shop:
    """The bot's own actions, watched."""

    real: Any
    writes: list[tuple[str, Mapping[str, Any], str]] = field(default_factory=list)
    seconds: float = 0.0

    def call(self, request: Any) -> Any:
        began = perf_counter()
        result = self.real.call(request)
        self.seconds += perf_counter() - began
        if request.effect == "write":
            self.writes.append((request.action, request.inputs, result.status))
        return result


@dataclass
class Outcome:
    """One dialogue: what became of it. ``told`` and ``right`` are the wants shown at the first confirm, and those of them
    that stood there as they were wanted."""

    flow: str
    success: bool = False
    handed_over: bool = False
    wrong: int = 0
    turns: int = 0
    told: int = 0
    right: int = 0
    gave_up: bool = False
    transcript: list[str] = field(default_factory=list)


class Dialogue:
    """One customer talking to the bot."""

    def __init__(self, engine: Any, goal: Goal, user: Any, draw: Random, now: datetime) -> None:
        from dialog.types import State

        self.shop = Shop(engine.tasks.actions)
        self.engine = engine.with_tasks(replace(engine.tasks, actions=self.shop))
        self.goal, self.user, self.draw, self.now, self.today = goal, user, draw, now, now
        self.state, self.reply = State(), None
        self.found = Outcome(goal.flow)
        self.said_yes = False
        self.changes = 0
        self.reopens = ""
        self.times: list[tuple[float, float]] = []

    def run(self) -> Outcome:
        self.say(self._opening())
        while self._goes_on():
            self._next()
        done = [write for write in self.shop.writes if write[2] == "ok"]
        writes = 0 if self.found.gave_up or not INPUTS[self.goal.flow] else 1
        self.found.success = (
            not self.found.handed_over and not self.found.wrong and len(done) == writes and not self.top
        )
        return self.found

    # --- turns ------------------------------------------------------------------------------------------------------

    def say(self, text: str, pick: Any = None, *, yes: bool = False) -> None:
        from dialog.types import State, Turn

        before, shop = len(self.shop.writes), self.shop.seconds
        turn = Turn(text, self.now, self.state, pick, self.goal.lang, self.user, f"sim:{self.user.id}")
        began = perf_counter()
        self.reply = self.engine.respond(turn)
        took = perf_counter() - began
        self.times.append((took, took - (self.shop.seconds - shop)))
        self.state = State.from_json(self.reply.state.to_json())
        self.now += timedelta(seconds=8)
        self.found.turns += 1
        self.found.transcript += [
            f"> {text}{' [pressed]' if pick else ''}",
            *(f"< {m.text}" for m in self.reply.messages),
        ]
        self.found.handed_over |= bool(self.reply.handoff_reason)
        for action, inputs, status in self.shop.writes[before:]:
            if status == "ok" and not (yes and same(inputs, self.goal.inputs())):
                self.found.wrong += 1
                self.found.transcript.append(
                    f"! WRONG {action} {dict(inputs)}, wanted {self.goal.inputs()}, yes: {yes}"
                )

    def press(self, choice: Any, *, yes: bool = False) -> None:
        self.say(choice.text, choice.pick, yes=yes)

    def word(self, kind: str) -> str:
        """Half of them in words that customers used."""
        used = used_words(self.goal.lang).get(kind, ())
        own = ENDINGS[kind][self.goal.lang]
        return self.draw.choice(used if used and self.draw.random() < 0.5 else own)

    @property
    def top(self) -> Any:
        from dialog.task.state import TaskState

        return TaskState.from_json(self.state.task).top

    @property
    def buttons(self) -> list[Any]:
        return [choice for message in self.reply.messages for choice in message.choices] if self.reply else []

    def _goes_on(self) -> bool:
        asks_which = self.reply is not None and self.reply.messages[-1].type == "list" and self.found.turns == 1
        return self.found.turns < MOST_TURNS and not self.found.handed_over and (self.top is not None or asks_which)

    # --- what they do -----------------------------------------------------------------------------------------------

    def _opening(self) -> str:
        known = {name: want.said for name, want in self.goal.wants.items()}
        fits = [
            text
            for text in OPENINGS[self.goal.flow][self.goal.lang]
            if all(f"{{{name}}}" not in text or name in known for name in ("order", "phone", "to", "from", "date"))
        ]
        return self.draw.choice(fits).format_map(known)

    def _next(self) -> None:
        top = self.top
        waiting = top.waiting if top else None
        kind = waiting.kind if waiting else "clarify"
        match kind:
            case "slot":
                self._at_slot(top, waiting.at)
            case "confirm":
                self._at_confirm(top)
            case "change":
                self._reopen()
            case "offer":
                self.press(self.buttons[-1])  # no, thanks
            case "clarify":
                self._choose_task()
            case "resume" | "retry" | "undo":
                self.press(self.buttons[0])
            case _:
                self.press(self.buttons[-1])

    def _choose_task(self) -> None:
        """Asked which it is, or shown a list of questions with the task under it."""
        self.press(next((choice for choice in self.buttons if choice.pick.kind == "task"), self.buttons[0]))

    def _habit(self, name: str) -> bool:
        return self.draw.random() < HABITS[name]

    def _at_slot(self, top: Any, slot: str) -> None:
        for name in ("question", "mumble", "repeat"):
            if self._habit(name) and not (name == "mumble" and slot in TEXTS):
                self.say(self.word(name))
                return
        if self._habit("cancel"):
            self._give_up()
        elif self._habit("mind") and self._change_mind(top):
            return
        else:
            self._answer(top, slot)

    def _give_up(self) -> None:
        self.found.gave_up = True
        self.say(self.word("cancel"))

    def _answer(self, top: Any, slot: str) -> None:
        options = top.options.get(slot, ())
        if options and (
            slot not in self.goal.wants or not any(o["value"] == self.goal.wants[slot].value for o in options)
        ):
            chosen = self.draw.choice(list(options)[:6])
            self.goal.wants[slot] = Want(str(chosen["label"]), chosen["value"])
        want = self.goal.wants.get(slot)
        if want is None:
            self.say(self.word("skip"))
            return
        place = next((i for i, one in enumerate(options) if one["value"] == want.value), None)
        shown = [choice for choice in self.buttons if self._is(choice, slot, want)]
        if shown and self.draw.random() < 0.5:
            self.press(shown[0])
        elif place is not None and place < 6 and self.draw.random() < 0.5:
            self.say(_ordinal(place, self.goal.lang))
        else:
            self.say(self._told(slot, want) + self._extra(top, slot))

    def _is(self, choice: Any, slot: str, want: Want) -> bool:
        from dialog.task.presses import press_of

        press = press_of(choice.pick)
        return press is not None and press.kind == "option" and press.at == slot and press.value == want.value

    def _told(self, slot: str, want: Want) -> str:
        forms = SAYINGS.get(slot, {}).get(self.goal.lang, ("{}",))
        return self.draw.choice(forms).format(want.said)

    def _extra(self, top: Any, slot: str) -> str:
        """One more value that nobody asked for yet."""
        more = [name for name in ("date", "to", "reason", "email", "day") if name in self.goal.wants]
        more = [name for name in more if name != slot and name not in top.slots]
        if not more or slot in TEXTS or not self._habit("extra"):
            return ""
        told = self._told(more[0], self.goal.wants[more[0]])
        return f"，{told}" if self.goal.lang == "zh" else f", {told}"

    def _change_mind(self, top: Any) -> bool:
        """They want another value than the one they told; False where there is nothing to change by a word."""
        if self.changes >= CHANGES_OF_MIND:
            return False
        names = [name for name in top.slots if name in self.goal.wants and name not in (*TEXTS, "order", "person")]
        names = [name for name in names if name not in top.options]
        if not names:
            return False
        name = self.draw.choice(names)
        other = wanted(name, self.goal, self.draw, self.today)
        if other is None or other.value == self.goal.wants[name].value:
            return False
        self.changes += 1
        self.goal.wants[name] = other
        if name in ("from", "to", "date"):
            self.goal.wants.pop("flight", None)
        forms = CHANGES.get(name, CHANGES[""])[self.goal.lang]
        self.say(self.draw.choice(forms).format(other.said))
        return True

    # --- confirming -------------------------------------------------------------------------------------------------

    def _at_confirm(self, top: Any) -> None:
        for name in INPUTS[self.goal.flow]:  # the only one there was is taken without a question
            if name not in self.goal.wants and name in top.options and name in top.slots:
                self.goal.wants[name] = Want(top.slots[name].label, top.slots[name].value)
        wants = self.goal.inputs_by_slot()
        read = "\n".join(message.text for message in self.reply.messages)
        wrong = [
            name
            for name in wants
            if not is_bound(top, name, self.goal.wants[name])
            or (name in TEXTS and name not in top.options and str(top.slots[name].value) not in read)
        ]
        if not self.found.told:
            self.found.told, self.found.right = len(wants), len(wants) - len(wrong)
        wrong += [name for name in INPUTS[self.goal.flow] if name not in self.goal.wants and _stands(top, name)]
        if wrong:
            self.reopens = wrong[0]
            self.press(self.buttons[1])
        elif self._habit("cancel"):
            self._give_up()
        elif self._habit("mind") and self._change_mind(top):
            return
        elif self._habit("no") and not self.reopens:
            self.reopens = self.draw.choice([name for name in self.goal.inputs_by_slot() if name in top.slots])
            self.say(self.word("no"))
        elif self.draw.random() < 0.4:
            self.press(self.buttons[0], yes=True)
        else:
            self.say(self.word("yes"), yes=True)

    def _reopen(self) -> None:
        """They name what is wrong; to get the same again is a wish too."""
        from dialog.task.presses import press_of

        slots = [
            (press.at, choice) for choice in self.buttons if (press := press_of(choice.pick)) and press.kind == "slot"
        ]
        found = next((choice for at, choice in slots if at == self.reopens), None)
        self.press(found or slots[0][1])


def _stands(top: Any, slot: str) -> bool:
    return slot in top.slots and not top.slots[slot].skipped


@cache
def used_words(lang: str) -> Mapping[str, Sequence[str]]:
    """What customers said to steer a dialogue, from the demo's NLU examples; without those that hold a value too."""
    rows = [json.loads(line) for line in (DATA / f"nlu_{lang}.jsonl").read_text("utf-8").splitlines() if line.strip()]
    plain = [
        row for row in rows if not row.get("slots") and len(row["text"]) <= 40 and not _OF_A_TASK.search(row["text"])
    ]
    return {kind: [row["text"] for row in plain if row["intent"] == intent] for kind, intent in INTENTS.items()}


def is_bound(top: Any, slot: str, want: Want) -> bool:
    bound = top.slots.get(slot)
    return bound is not None and equal(bound.value, want.value)


def same(sent: Mapping[str, Any], wants: Mapping[str, Any]) -> bool:
    """Whether a write got all that is wanted and nothing else; a price is what it is."""
    named = {name: value for name, value in sent.items() if name != "price"}
    return named.keys() == wants.keys() and all(equal(named[name], value) for name, value in wants.items())


def equal(value: Any, wants: Any) -> bool:
    if isinstance(wants, datetime):
        return isinstance(value, Mapping) and datetime.fromisoformat(value["start"]) == wants
    if isinstance(value, Mapping):
        return wants in value.values()
    if isinstance(value, str) and isinstance(wants, str):  # "stops after a while" is what they said
        return value == wants or (value in wants and len(value) >= LEAST_SHARE * len(wants))
    return bool(value == wants)


def _ordinal(place: int, lang: str) -> str:
    if lang == "zh":
        return f"第{'一二三四五六'[place]}个"
    return f"the {('first', 'second', 'third', 'fourth', 'fifth', 'sixth')[place]} one"


# --- the run ----------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialogues", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--nlu", default="", help="a model's folder, or off; else the demo's own model, if it has one")
    parser.add_argument("--show", type=int, default=0, help="transcripts of so many dialogues that did not succeed")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="zhike-tasks-") as folder:
        os.environ.update(VAR_DIR=folder, DEBUG="1", DJANGO_SETTINGS_MODULE="apps.config.settings", LOG_LEVEL="ERROR")
        os.environ.update(ENCODER="off", RERANKER="off")
        os.environ.pop("DATABASE_URL", None)
        import django

        django.setup()
        outcomes, times = simulate(args.dialogues, args.seed, args.nlu)
    print(table(outcomes))
    print(speed(times))
    for outcome in [one for one in outcomes if not one.success or one.wrong][: args.show]:
        print("\n" + "\n".join([f"--- {outcome.flow}", *outcome.transcript]))


def simulate(dialogues: int, seed: int, nlu: str) -> tuple[list[Outcome], list[tuple[float, float]]]:
    from django.core.management import call_command
    from django.utils import timezone

    from apps.conversations.wiring import bot_ref, engines
    from apps.demo.services import demo_refresh
    from dialog.types import User

    call_command("migrate", verbosity=0)
    bot = demo_refresh(progress=lambda *_: None).bot
    bot.refresh_from_db()
    engine = engines().get_now(bot_ref(bot))
    if nlu == "off":
        engine = engine.with_tasks(replace(engine.tasks, understander=None))
    elif nlu:
        from nlu.intent.model import NluModel

        engine = engine.with_tasks(replace(engine.tasks, understander=NluModel.load(Path(nlu), encoder=None)))
    print(f"NLU model: {engine.versions.get('nlu') or 'none'}\n")
    draw, now = Random(seed), timezone.localtime()
    outcomes, times = [], []
    for number in range(dialogues):
        user = User(f"sim-{seed}-{number}", login=True)
        flow, lang = list(OPENINGS)[number % len(OPENINGS)], ("zh", "en")[number // len(OPENINGS) % 2]
        goal = goal_of(flow, lang, draw, now, orders_of(engine, user, lang))
        dialogue = Dialogue(engine, goal, user, draw, now)
        outcomes.append(dialogue.run())
        times += dialogue.times
    return outcomes, times


def orders_of(engine: Any, user: Any, lang: str) -> Sequence[Any]:
    from dialog.task.ports import ActionRequest

    request = ActionRequest("order.mine", {}, user, f"look:{user.id}", 0, "look", "read", f"look:{user.id}", lang=lang)
    return engine.tasks.actions.call(request).options


def table(outcomes: Sequence[Outcome]) -> str:
    lines = [
        "| task | dialogues | success | inform | turns | hand-overs | wrong writes |",
        "|---|---|---|---|---|---|---|",
    ]
    for flow in (*OPENINGS, "all"):
        some = [one for one in outcomes if flow in (one.flow, "all")]
        told = sum(one.told for one in some)
        lines.append(
            f"| {flow} | {len(some)} | {sum(one.success for one in some) / len(some):.3f} "
            f"| {f'{sum(one.right for one in some) / told:.3f}' if told else '–'} "
            f"| {statistics.mean(one.turns for one in some):.1f} | {sum(one.handed_over for one in some)} "
            f"| {sum(one.wrong for one in some)} |"
        )
    return "\n".join(lines)


def speed(times: Sequence[tuple[float, float]]) -> str:
    told = []
    for place, name in ((1, "the bot alone"), (0, "with the shop's answers")):
        ms = sorted(1000 * one[place] for one in times)
        told.append(f"{name} p50 {ms[len(ms) // 2]:.1f} ms, p99 {ms[int(len(ms) * 0.99)]:.1f} ms")
    return f"\n{len(times):,} turns: {'; '.join(told)}"


if __name__ == "__main__":
    main()
