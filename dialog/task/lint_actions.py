"""Checks of calls against the registry: the action exists, gets what it needs, and gives what is read of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dialog.task.findings import finding, nearest
from dialog.task.lint_paths import Visit
from dialog.task.model import Call, Domain, Effect, Problem, Slot
from dialog.task.ports import ActionSpec

Actions = Mapping[str, ActionSpec]


def lint_calls(actions: Actions, visits: Sequence[Visit]) -> Iterator[Problem]:
    for visit in visits:
        if isinstance(visit.step, Call):
            yield from _call(actions, visit.step)


def lint_options(domain: Domain, actions: Actions) -> Iterator[Problem]:
    """Options come from a reading action, which gets what the slot needs."""
    for slot in domain.slots.values():
        if slot.options_from:
            yield from _options(actions, slot)


def _call(actions: Actions, call: Call) -> Iterator[Problem]:
    spec = actions.get(call.action)
    if spec is None:
        yield _unknown(call.line, call.action, actions)
        return
    yield from _effect(call.line, spec, call.effect)
    yield from _inputs(call.line, spec, call.inputs, call.optional)
    yield from _outputs(call, spec)
    if call.undo is not None:
        undo = actions.get(call.undo.action)
        if undo is None:
            yield _unknown(call.line, call.undo.action, actions)
        else:
            yield from _effect(call.line, undo, "write")
            yield from _inputs(call.line, undo, call.undo.inputs)


def _options(actions: Actions, slot: Slot) -> Iterator[Problem]:
    spec = actions.get(slot.options_from)
    if spec is None:
        yield _unknown(slot.line, slot.options_from, actions)
        return
    yield from _effect(slot.line, spec, "read")
    yield from _inputs(slot.line, spec, slot.needs)


def _unknown(line: int, action: str, actions: Actions) -> Problem:
    message = "There is no action “{action}”.{hint}"
    hint = nearest(action, actions)
    return finding(line, "unknown_action", message, action=action, hint=hint)


def _effect(line: int, spec: ActionSpec, effect: Effect) -> Iterator[Problem]:
    if spec.effect != effect:
        message = "“{action}” is an action that is a {is_a}; here it stands as a {stands_as}."
        yield finding(line, "effect_mismatch", message, action=spec.name, is_a=spec.effect, stands_as=effect)


def _inputs(line: int, spec: ActionSpec, sent: Collection[str], optional: Collection[str] = ()) -> Iterator[Problem]:
    known: Mapping[str, Any] = spec.inputs.get("properties", {})
    for name in [*sent, *optional]:
        if name not in known and spec.inputs.get("additionalProperties", not known) is False:
            message = "“{action}” takes no “{input}”.{hint}"
            hint = nearest(name, known)
            yield finding(line, "unknown_input", message, action=spec.name, input=name, hint=hint)
    for name in spec.inputs.get("required", ()):
        if name not in sent:
            hint = " It may be missing where it stands under “optional”." if name in optional else ""
            message = "“{action}” needs “{input}”.{hint}"
            yield finding(line, "missing_input", message, action=spec.name, input=str(name), hint=hint)


def _outputs(call: Call, spec: ActionSpec) -> Iterator[Problem]:
    known: Mapping[str, Any] = spec.output.get("properties", {})
    for source in call.out.values():
        if known and source not in known:
            message = "“{action}” gives no “{output}”.{hint}"
            hint = nearest(source, known)
            yield finding(call.line, "unknown_output", message, action=call.action, output=source, hint=hint)
