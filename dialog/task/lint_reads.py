"""Checks of names: what a step reads was collected or put out before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dialog.task import template
from dialog.task.expressions import Expression
from dialog.task.findings import finding, nearest
from dialog.task.lint_paths import Known, Visit
from dialog.task.model import Branch, Call, Collect, Confirm, Domain, Flow, Problem, Say, Slot, Text

USER = frozenset({"id", "login", "name"})
_PARTS: Mapping[str, frozenset[str] | None] = {
    "ref": None,
    "city": None,
    "time": frozenset({"label", "start", "end"}),
}
"""What may be read of a slot's value by a dot; None: whatever its options bring. Of other types only the label."""


def lint_reads(domain: Domain, flow: Flow, visits: list[Visit]) -> Iterator[Problem]:
    """Unknown slots, names that are not there yet, and parts that a value does not have."""
    reads = _Reads(domain, visits)
    if flow.guard is not None:
        yield from reads.guard(flow, flow.guard.when)
    for visit in visits:
        yield from reads.slots_of(visit)
        if visit.known is not None:
            yield from reads.step(visit, visit.known)


class _Reads:
    def __init__(self, domain: Domain, visits: list[Visit]) -> None:
        self.slots = domain.slots
        steps = [visit.step for visit in visits]
        self.collected = {name for step in steps if isinstance(step, Collect) for name in step.slots}
        self.put_out = {name for step in steps if isinstance(step, Call) for name in step.out}

    # --- slots that are named -----------------------------------------------------------------------------------------

    def slots_of(self, visit: Visit) -> Iterator[Problem]:
        """Slots that a step asks for or sends must exist; what it puts out has names of its own."""
        step = visit.step
        if isinstance(step, Collect):
            yield from self.exist(step.slots, step.line)
        if isinstance(step, Call):
            yield from self.exist(step.optional, step.line)
            for name in step.out:
                if name in self.slots:
                    message = "The output “{name}” has the name of a slot; rename it: “out: {{other_name: {name}}}”."
                    yield finding(step.line, "output_is_slot", message, name=name)

    def exist(self, names: tuple[str, ...], line: int) -> Iterator[Problem]:
        for name in names:
            if name not in self.slots:
                message = "There is no slot “{slot}”.{hint}"
                hint = nearest(name, self.slots)
                yield finding(line, "unknown_slot", message, slot=name, hint=hint)

    # --- names that are read ------------------------------------------------------------------------------------------

    def guard(self, flow: Flow, when: Expression) -> Iterator[Problem]:
        for path in sorted(when.paths):
            root, _, part = path.partition(".")
            if root != "user":
                message = "A guard is asked before anything is collected; it can read “user” and “now”, not “{name}”."
                yield finding(flow.line, "guard_reads_name", message, name=path)
            else:
                yield from self.part(flow.line, root, part)

    def step(self, visit: Visit, known: Known) -> Iterator[Problem]:
        match visit.step:
            case Collect(slots=slots, line=line):
                yield from self.collect(slots, known, line)
            case Say(text=text, line=line) | Confirm(text=text, line=line):
                yield from self.text(text, known, line)
            case Branch(when=when, line=line):
                yield from self.condition(when, known, line)
            case Call() as call:
                yield from self.call(call, known)

    def collect(self, names: tuple[str, ...], known: Known, line: int) -> Iterator[Problem]:
        """What the options of a slot depend on is asked for before it."""
        before = set(known.sure)
        for name in names:
            slot = self.slots.get(name)
            for need in slot.needs if slot else ():
                if need in self.slots and need not in before:
                    message = "The options of “{slot}” need “{need}”, which is not collected before it on every way."
                    yield finding(line, "need_not_collected", message, slot=name, need=need)
            before.add(name)

    def text(self, text: Text, known: Known, line: int) -> Iterator[Problem]:
        """Both languages; in a section a name may be unset."""
        found: dict[str, Problem] = {}
        for written in text.values():
            parsed = template.parse(written)
            own = {place.path for place in parsed.own_places}
            for place in parsed.places:
                for problem in self.path(place.path, known, line, loose=place.path not in own):
                    found.setdefault(problem.message, problem)
        yield from found.values()

    def condition(self, when: Expression, known: Known, line: int) -> Iterator[Problem]:
        """Unset is null here, so a name that is compared with null may be on some ways only, or be told unasked."""
        for path in sorted(when.paths):
            root = path.partition(".")[0]
            aware = root in when.tested and root in known.maybe | self.collected
            yield from self.path(path, known.plus(frozenset({root})) if aware else known, line, skippable=True)

    def call(self, call: Call, known: Known) -> Iterator[Problem]:
        for expression in call.inputs.values():
            for path in sorted(expression.paths):
                yield from self.path(path, known, call.line)
        for name in call.optional:
            if name in self.slots:
                yield from self.path(name, known, call.line, loose=True)
        after = known.plus(frozenset(call.out))
        for expression in call.undo.inputs.values() if call.undo else ():
            for path in sorted(expression.paths):
                yield from self.path(path, after, call.line)

    def path(
        self, path: str, known: Known, line: int, *, loose: bool = False, skippable: bool = False
    ) -> Iterator[Problem]:
        """``loose``: some ways are enough. ``skippable``: an optional slot that was skipped does no harm."""
        root, _, part = path.partition(".")
        if root in ("user", "now"):
            yield from self.part(line, root, part)
        elif root not in self.slots and root not in self.put_out:
            message = "Nothing is called “{name}”.{hint}"
            hint = nearest(root, [*self.slots, *self.put_out])
            yield finding(line, "unknown_name", message, name=root, hint=hint)
        elif root not in known.maybe:
            message = "“{name}” is read here and comes later or never; collect it or call for it before."
            yield finding(line, "read_too_early", message, name=root)
        elif not loose and root not in known.sure:
            message = "“{name}” is not set on every way that leads here; put it into […] or into “optional”."
            yield finding(line, "maybe_unset", message, name=root)
        elif not loose and not skippable and root in self.slots and self.slots[root].optional:
            message = "“{name}” may be skipped by the customer; put it into […] or into “optional”."
            yield finding(line, "maybe_skipped", message, name=root)
        else:
            yield from self.part(line, root, part)

    def part(self, line: int, root: str, part: str) -> Iterator[Problem]:
        allowed = USER if root == "user" else _parts(self.slots[root]) if root in self.slots else None
        if part and allowed is not None and part not in allowed:
            message = "“{name}” has no “{part}”; it has {known}."
            yield finding(line, "unknown_part", message, name=root, part=part, known=", ".join(sorted(allowed)))


def _parts(slot: Slot) -> frozenset[str] | None:
    return _PARTS.get(slot.type, frozenset({"label"}))
