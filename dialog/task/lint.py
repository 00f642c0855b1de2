"""All static checks of a flow file: what would go wrong with some customer is said to its author."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from dialog.task.lint_actions import lint_calls, lint_options
from dialog.task.lint_paths import visits
from dialog.task.lint_reads import lint_reads
from dialog.task.lint_slots import lint_collected, lint_slots
from dialog.task.lint_starts import lint_starts
from dialog.task.lint_ways import lint_ways
from dialog.task.lint_writes import lint_writes
from dialog.task.model import Domain, Flow, Problem
from dialog.task.ports import ActionSpec


def lint(domain: Domain, actions: Mapping[str, ActionSpec] | None, others: Collection[str] = ()) -> tuple[Problem, ...]:
    """The problems of a loaded file, in the order of its lines.

    ``actions`` is the registry; None where it is not known, and calls are not checked against it. ``others`` are the
    names of flows in the bot's other files, which a guard may lead to.
    """
    found = [*lint_slots(domain), *lint_starts(domain)]
    if actions is not None:
        found += lint_options(domain, actions)
    for flow in domain.flows.values():
        found += _flow(domain, flow, actions, others)
    once = {(problem.line, problem.message): problem for problem in found}
    return tuple(sorted(once.values(), key=lambda problem: (problem.line, problem.column)))


def _flow(
    domain: Domain, flow: Flow, actions: Mapping[str, ActionSpec] | None, others: Collection[str]
) -> Iterator[Problem]:
    found = visits(flow)
    yield from lint_reads(domain, flow, found)
    yield from lint_collected(domain, found)
    yield from lint_writes(domain, flow, found)
    yield from lint_ways(domain, flow, found, others)
    if actions is not None:
        yield from lint_calls(actions, found)
