"""How the stages of a turn are worded in its trace, and in which language the bot replies."""

from __future__ import annotations

import re

from dialog.guard import GuardVerdict
from dialog.recorder import Described
from dialog.rules import RuleMatch
from dialog.task.starts import StartCandidate
from dialog.task.turn import TaskReply
from dialog.types import Entry, Json, Lang, Turn
from nlu.types import Normalized

_WORDS = re.compile(r"(?<![a-z0-9@.])[a-z']{2,}(?![a-z0-9@.]*[0-9@])")
"""English words, not the letters of codes, sizes and addresses."""


def language(turn: Turn, message: Normalized) -> Lang:
    """The text's own language; a press, a number, a code or a smile has none, so the conversation's or the page's counts.

    While a task is under way a word or two, such as a name, do not turn it to the other language.
    """
    before = turn.state.lang if turn.state.task.get("frames") else None
    if turn.pick is not None:
        return before or turn.lang or message.lang
    if message.lang == "en" and (before or turn.lang):
        words = len(_WORDS.findall(message.text))
        if words == 0 or (before == "zh" and words < 3):
            return before or turn.lang or "en"
    shows_one = any(char.isalpha() for char in message.text)
    return message.lang if shows_one else before or turn.lang or message.lang


def describe_task(found: TaskReply | None) -> Described:
    return ("stale", {}) if found is None else (found.outcome.value, found.detail)


def describe_floor(found: TaskReply | None) -> Described:
    return ("passed", {}) if found is None else (found.outcome.value, found.detail)


def describe_starts(starts: list[StartCandidate]) -> Described:
    found: list[Json] = [[one.flow, round(one.probability, 4), one.why] for one in starts[:3]]
    return ("propose" if starts else "nothing"), {"flows": found}


def describe_text(message: Normalized) -> Described:
    return "ok", {"text": message.text, "lang": message.lang}


def describe_guard(verdict: GuardVerdict) -> Described:
    return verdict.name, {"hits": list(verdict.hits), "injection": verdict.injection}


def describe_exact(entry: Entry | None) -> Described:
    return ("miss", {}) if entry is None else ("hit", {"entry_id": entry.id, "question": entry.question})


def describe_rule(found: RuleMatch | None) -> Described:
    if found is None:
        return "miss", {}
    return "hit", {"rule": found.rule.name, "kind": found.rule.kind, "matched": found.matched}
