"""Problems of flow files and what happened in a task, in the reader's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from dialog.task.model import Problem

_HINT = re.compile("“(.+?)”")

_PROBLEMS: Mapping[str, str] = {
    "key": noop("A key must be a name, not a list or a mapping."),
    "anchor": noop("Anchors and aliases are not used in flow files."),
    "bad_duration": noop("“{what}” is no time."),
    "bad_name": noop("“{name}” cannot be a name."),
    "bad_number": noop("“{what}” is no whole number from {low} to {high}."),
    "bad_pattern": noop("The pattern “{pattern}” is not acceptable: {reason}"),
    "check_reads_name": noop("The check of “{slot}” cannot read “{name}”."),
    "clears_uncollected": noop("“{slot}” is cleared and was not collected before."),
    "confirm_hides_input": noop("“{action}” sends “{slot}”, and this “confirm” does not show it."),
    "confirm_without_write": noop("Nothing is written after this confirm."),
    "duplicate_domain": noop("The file “{file}” is called “{domain}” inside too."),
    "duplicate_flow": noop("Another flow is called “{flow}” already."),
    "duplicate_id": noop("Two steps of “{flow}” share the id “{id}”."),
    "duplicate_key": noop("“{key}” stands twice in the same place."),
    "effect_mismatch": noop("“{action}” is a {is_a} and stands here as a {stands_as}."),
    "empty": noop("“{what}” has nothing in it."),
    "guard_of_itself": noop("The guard of “{flow}” leads back to it."),
    "guard_reads_name": noop("A guard cannot read “{name}”."),
    "maybe_skipped": noop("“{name}” may have been skipped here."),
    "maybe_unset": noop("“{name}” is missing on some ways that lead here."),
    "misplaced_key": noop("“{key}” is not for slots of type {type}."),
    "missing_input": noop("“{action}” cannot do without “{input}”."),
    "missing_key": noop("“{what}” has no “{key}”."),
    "need_not_collected": noop("“{need}” is collected too late for the options of “{slot}”."),
    "needs_in_circle": noop("“{slot}” and “{need}” wait for each other."),
    "never_started": noop("The flow “{flow}” never starts."),
    "no_way_on": noop("This leads nowhere."),
    "output_is_slot": noop("The output “{name}” is called like a slot."),
    "pattern_matches_other": noop("The pattern “{pattern}” of “{flow}” takes “{example}” from “{other}”."),
    "read_too_early": noop("“{name}” is read before it is known."),
    "same_example": noop("“{example}” stands with “{other}” too."),
    "several_ways_on": noop("This leads to several places."),
    "shared_intent": noop("“{other}” starts on the intent “{intent}” too."),
    "shared_word": noop("“{word}” stands for two values: “{key}” of “{slot}”, “{other_key}” of “{other}”."),
    "slot_without_ask": noop("“{slot}” is collected and nothing asks for it."),
    "tag": noop("Tags are not used in flow files."),
    "too_deep": noop("The file is nested too deep."),
    "too_large": noop("The file is too large."),
    "unknown_action": noop("No action is called “{action}”."),
    "unknown_flow": noop("No flow is called “{flow}”."),
    "unknown_input": noop("“{action}” does not take “{input}”."),
    "unknown_key": noop("“{what}” knows no “{key}”."),
    "unknown_name": noop("“{name}” is nothing."),
    "unknown_output": noop("“{action}” does not give “{output}”."),
    "unknown_part": noop("“{name}” does not have “{part}”, only {known}."),
    "unknown_rerun": noop("No call before this one has the id “{step}”."),
    "unknown_slot": noop("No slot is called “{slot}”."),
    "unknown_step": noop("This is no step: it has none of {kinds}."),
    "unknown_value": noop("“{what}” cannot be “{found}”, only one of {known}."),
    "unknown_version": noop("Only version {version} of the format is known."),
    "unreachable": noop("This step is never reached."),
    "unused_slot": noop("“{slot}” is never collected."),
    "write_without_confirm": noop("“{action}” writes without a confirm on some way here."),
    "wrong_type": noop("“{what}” must be {wanted}."),
    "yaml": noop("This is no YAML here; put texts with signs such as , : ? or { into quotes."),
}
"""By code, for languages other than English: there the problem's own sentence is the exact one."""

_EVENTS: Mapping[str, str] = {
    "push": noop("“%(flow)s” begins"),
    "pop": noop("the flow ends: %(how)s"),
    "park": noop("the flow is put aside"),
    "unpark": noop("“%(flow)s” is taken up again"),
    "drop": noop("“%(flow)s” is dropped"),
    "set": noop("%(slot)s = %(value)s"),
    "clear": noop("asked anew: %(slots)s"),
    "mention": noop("%(slot)s was named: %(found)s"),
    "forget": noop("the result of %(step)s does not count any more"),
    "started": noop("%(action)s is called"),
    "result": noop("%(action)s answered"),
    "failed": noop("%(what)s failed"),
    "confirmed": noop("%(step)s is confirmed"),
    "said": noop("%(step)s is said"),
    "chosen": noop("a way of %(step)s is chosen"),
    "round": noop("once more from here"),
    "options": noop("options for %(slot)s are shown"),
    "wait": noop("waits for an answer: %(at)s"),
    "undone": noop("%(step)s of “%(flow)s” is taken back"),
}
_ENDS: Mapping[str, str] = {
    "done": noop("done"),
    "cancelled": noop("cancelled"),
    "handed_over": noop("handed over"),
    "replaced": noop("replaced"),
}
ALREADY_SHOWN = frozenset({"user", "bot", "command"})
"""Events that stand beside the list in words of their own."""


def problem_text(problem: Problem) -> str:
    """The sentence in the reader's language; in English, and where no translation is at hand, as it was written."""
    known = _PROBLEMS.get(problem.code, "")
    words = _(known) if known else ""
    if words == known:
        return problem.message
    try:
        said = words.format(**problem.values) if problem.values or "{" not in words else words
    except (KeyError, IndexError, ValueError):
        return problem.message
    hint = _HINT.search(problem.values.get("hint", ""))
    return f"{said}{_(' Is “%s” meant?') % hint[1]}" if hint and "?" in problem.values["hint"] else said


@dataclass(frozen=True, slots=True)
class ShownProblem:
    line: int
    column: int
    severity: str
    code: str
    text: str

    @classmethod
    def of(cls, problem: Problem) -> ShownProblem:
        return cls(problem.line, problem.column, problem.severity, problem.code, problem_text(problem))


def event_text(kind: str, data: Mapping[str, Any]) -> str:
    """One event of a task's log on one line; empty for those that are shown otherwise."""
    if kind == "wait":
        waiting = data.get("waiting")
        return _(_EVENTS[kind]) % {"at": waiting.get("at") or waiting["kind"]} if waiting else ""
    if kind in ALREADY_SHOWN or kind not in _EVENTS:
        return ""
    values = {name: plain_text(value) for name, value in data.items()}
    if kind == "set":
        values["value"] = bound_text(data["bound"])
    elif kind == "result":
        values["action"] = str(data["result"]["action"])
    elif kind == "pop":
        values["how"] = _(_ENDS.get(str(data.get("how")), str(data.get("how"))))
    return _(_EVENTS[kind]) % values


def bound_text(bound: Mapping[str, Any]) -> str:
    """A slot's value as it is shown."""
    return _("skipped") if bound.get("skipped") else str(bound.get("label") or plain_text(bound.get("value")))


def plain_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain_text(one)}" for name, one in value.items() if one not in (None, "", [], {}))
    if isinstance(value, list | tuple):
        return ", ".join(map(plain_text, value))
    return "" if value is None else str(value)


def words() -> dict[str, str]:
    """What the editor, the diagram and the try-out say, by name; values stand in braces."""
    return {
        # the diagram
        "kind_start": _("start"),
        "kind_collect": _("ask"),
        "kind_read": _("read"),
        "kind_write": _("write"),
        "kind_say": _("say"),
        "kind_confirm": _("confirm"),
        "kind_branch": _("if"),
        "kind_offer": _("choice"),
        "kind_end": _("end"),
        "kind_handoff": _("hand over"),
        "zoom_fit": _("Fit"),
        "zoom_in": _("Larger"),
        "zoom_out": _("Smaller"),
        "flow": _("Flow"),
        "steps": _("The steps as a list"),
        "leads": _("then {names}"),
        "no_diagram": _("The diagram appears once the text can be read."),
        "stale_diagram": _("The text cannot be read at the moment; this is how it was before."),
        # the editor
        "saved": _("Saved"),
        "saving": _("Saving …"),
        "unsaved": _("Not saved yet"),
        "unreachable": _("The server cannot be reached; your text is still here."),
        "no_problems": _("No problems found"),
        "problems": _("{count} problems"),
        "checking": _("Checking …"),
        "line": _("line {line}"),
        "error": _("error"),
        "warning": _("warning"),
        "conflict": _("{by} saved this file meanwhile. Your text is still here, nothing was overwritten."),
        "somebody": _("Somebody"),
        "save_mine": _("Save mine all the same"),
        "take_theirs": _("Show theirs"),
        "theirs_taken": _("Their text is shown now"),
        # the try-out
        "you": _("You"),
        "bot": _("Bot"),
        "thinking": _("Thinking …"),
        "failed": _("That did not work; nothing was lost. Try again."),
        "again": _("Try again"),
        "understood": _("Understood"),
        "stack": _("Under way"),
        "nothing_runs": _("no flow"),
        "parked": _("put aside"),
        "waits_for": _("waits for {what}"),
        "calls": _("Actions"),
        "not_sent": _("played"),
        "events": _("What happened"),
        "why": _("Why: every step"),
        "outcome_answer": _("answered"),
        "outcome_list": _("offered as a list"),
        "outcome_ask": _("asked back"),
        "outcome_chat": _("small talk"),
        "outcome_refuse": _("refused"),
        "outcome_handoff": _("handed to a person"),
        "started_anew": _("A new conversation"),
        "story_saved": _("The story is saved as {file}"),
    }
