"""Checks of what is written: nothing without the customer's yes to what they see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dialog.task import template
from dialog.task.findings import finding
from dialog.task.lint_paths import Visit
from dialog.task.model import Branch, Call, Confirm, Domain, Flow, Problem, Step


def lint_writes(domain: Domain, flow: Flow, visits: Sequence[Visit]) -> Iterator[Problem]:
    """Writes that a way reaches without a confirm, and confirms that do not show all that is sent."""
    for visit in visits:
        step = visit.step
        if not isinstance(step, Call) or step.effect != "write" or visit.offered:
            continue
        if visit.known is not None and not visit.known.confirmed:
            message = "“{action}” writes, and a way leads here without a “confirm”; put one before it."
            yield finding(step.line, "write_without_confirm", message, action=step.action)
    for confirm, writes in _guarded(flow.steps, ()):
        yield from _confirm(domain, confirm, writes)


def _confirm(domain: Domain, confirm: Confirm, writes: Sequence[Call]) -> Iterator[Problem]:
    if not writes:
        yield finding(confirm.line, "confirm_without_write", "Nothing is written after this “confirm”.", "warning")
    shown = [template.names(text) for text in confirm.text.values()]
    sent = {name: write for write in writes for name in _sent(write) if name in domain.slots}
    for name, write in sent.items():
        if not all(name in names for names in shown):
            message = "The customer gave “{slot}”, and “{action}” sends it, but this “confirm” does not show it."
            yield finding(confirm.line, "confirm_hides_input", message, "warning", slot=name, action=write.action)


def _sent(write: Call) -> list[str]:
    return [*(name for expression in write.inputs.values() for name in sorted(expression.names)), *write.optional]


def _guarded(steps: tuple[Step, ...], rest: tuple[Step, ...]) -> Iterator[tuple[Confirm, list[Call]]]:
    """Each confirm with the writes that it is a yes to: those up to the next confirm, of all ways."""
    for place, step in enumerate(steps):
        after = (*steps[place + 1 :], *rest)
        if isinstance(step, Confirm):
            yield step, _writes(after)[0]
        elif isinstance(step, Branch):
            yield from _guarded(step.do, after)


def _writes(steps: tuple[Step, ...]) -> tuple[list[Call], bool]:
    """The writes up to the next confirm, and whether there is one on every way."""
    found: list[Call] = []
    for step in steps:
        if isinstance(step, Confirm):
            return found, True
        if isinstance(step, Branch):
            found += _writes(step.do)[0]
        elif isinstance(step, Call) and step.effect == "write":
            found.append(step)
    return found, False
