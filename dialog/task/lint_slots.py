"""Checks of slots: they can be asked for, they depend on slots that exist, and their words tell them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dialog.task.findings import finding, nearest
from dialog.task.lint_paths import Visit
from dialog.task.model import Collect, Domain, Problem, Slot
from dialog.task.step_ids import each_step
from nlu.normalize import normalise


def lint_slots(domain: Domain) -> Iterator[Problem]:
    for slot in domain.slots.values():
        yield from _needs(domain, slot)
        yield from _check(domain, slot)
    steps = [step for flow in domain.flows.values() for step in each_step(flow.steps)]
    used = {name for step in steps if isinstance(step, Collect) for name in step.slots}
    for slot in domain.slots.values():
        if slot.name not in used:
            yield finding(slot.line, "unused_slot", "No flow collects “{slot}”.", "warning", slot=slot.name)


def lint_collected(domain: Domain, visits: Sequence[Visit]) -> Iterator[Problem]:
    """Of one flow: what it asks for has a question, and no word stands for two values."""
    collected = [(visit.step, name) for visit in visits if isinstance(visit.step, Collect) for name in visit.step.slots]
    for step, name in collected:
        slot = domain.slots.get(name)
        if slot is not None and not slot.ask:
            message = "“{slot}” is collected here and has no “ask”."
            yield finding(step.line, "slot_without_ask", message, slot=name)
    names = dict.fromkeys(name for _, name in collected if name in domain.slots)
    yield from _shared_words([domain.slots[name] for name in names])


def _needs(domain: Domain, slot: Slot) -> Iterator[Problem]:
    for need in slot.needs:
        if need not in domain.slots:
            message = "“{slot}” needs “{need}”, and there is no such slot.{hint}"
            hint = nearest(need, domain.slots)
            yield finding(slot.line, "unknown_slot", message, slot=slot.name, need=need, hint=hint)
        elif need == slot.name or slot.name in domain.slots[need].needs:
            message = "“{slot}” and “{need}” need each other."
            yield finding(slot.line, "needs_in_circle", message, slot=slot.name, need=need)


def _check(domain: Domain, slot: Slot) -> Iterator[Problem]:
    for name in sorted(slot.check.names - {"value"}) if slot.check else ():
        if name not in domain.slots:
            message = "The check of “{slot}” can read “value”, slots and “now”; “{name}” is none of them.{hint}"
            hint = nearest(name, domain.slots)
            yield finding(slot.line, "check_reads_name", message, slot=slot.name, name=name, hint=hint)


def _shared_words(slots: Sequence[Slot]) -> Iterator[Problem]:
    seen: dict[str, tuple[Slot, str]] = {}
    for slot in slots:
        for value in slot.values:
            for word in dict.fromkeys(normalise(one).text for one in value.words):
                first, key = seen.setdefault(word, (slot, value.key))
                if (first.name, key) != (slot.name, value.key):
                    message = "“{word}” stands for “{key}” of “{slot}” and for “{other_key}” of “{other}”."
                    values = {"word": word, "key": value.key, "slot": slot.name, "other_key": key, "other": first.name}
                    yield finding(slot.line, "shared_word", message, "warning", 1, **values)
