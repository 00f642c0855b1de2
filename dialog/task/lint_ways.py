"""Checks of where a flow goes: every failure leads on, and every step can be reached."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from dialog.task.findings import finding, nearest
from dialog.task.lint_paths import Known, Visit
from dialog.task.model import Branch, Call, Domain, Fail, Flow, Offer, Problem

LOGIN = "login"
"""The built-in flow that guards may name."""


def lint_ways(domain: Domain, flow: Flow, visits: Sequence[Visit], others: Collection[str]) -> Iterator[Problem]:
    """``others`` are the flows of the bot's other files."""
    yield from _guard(domain, flow, others)
    yield from _unreachable(visits)
    for visit in visits:
        for way in _ways(visit):
            yield from _way(domain, way, visit.known or Known())


def _ways(visit: Visit) -> list[Fail]:
    if isinstance(visit.step, Call):
        return list(visit.step.fail.values())
    if isinstance(visit.step, Offer):
        return [option.then for option in visit.step.options if option.then is not None]
    return []


def _way(domain: Domain, way: Fail, known: Known) -> Iterator[Problem]:
    ways = [bool(way.clear), bool(way.rerun), way.end, way.handoff]
    if not any(ways):
        message = "This does not lead on; add “clear”, “rerun”, “end: true” or “handoff: true”."
        yield finding(way.line, "no_way_on", message)
    elif sum(ways) > 1:
        message = "This leads to more than one place; keep one of “clear”, “rerun”, “end” and “handoff”."
        yield finding(way.line, "several_ways_on", message)
    if way.rerun and way.rerun not in known.calls:
        message = "“{step}” is no call before this one; “rerun” names the id of one.{hint}"
        hint = nearest(way.rerun, known.calls)
        yield finding(way.line, "unknown_rerun", message, step=way.rerun, hint=hint)
    for name in way.clear:
        if name not in domain.slots:
            hint = nearest(name, domain.slots)
            yield finding(way.line, "unknown_slot", "There is no slot “{slot}”.{hint}", slot=name, hint=hint)
        elif name not in known.maybe:
            message = "“{slot}” is cleared here and was not collected before, so nothing would change."
            yield finding(way.line, "clears_uncollected", message, slot=name)


def _guard(domain: Domain, flow: Flow, others: Collection[str]) -> Iterator[Problem]:
    if flow.guard is None:
        return
    known = [LOGIN, *domain.flows, *others]
    if flow.guard.flow == flow.name:
        yield finding(flow.line, "guard_of_itself", "The guard of “{flow}” leads to “{flow}” itself.", flow=flow.name)
    elif flow.guard.flow not in known:
        message = "The guard leads to “{flow}”, and there is no such flow.{hint}"
        hint = nearest(flow.guard.flow, known)
        yield finding(flow.line, "unknown_flow", message, flow=flow.guard.flow, hint=hint)


def _unreachable(visits: Sequence[Visit]) -> Iterator[Problem]:
    """The first of each row of steps that no way leads to."""
    cut = False
    for visit in visits:
        if visit.known is None and not cut:
            message = "No way leads to this step: what stands before it always ends, or its condition is never true."
            yield finding(visit.step.line, "unreachable", message)
        cut = visit.known is None
        if isinstance(visit.step, Branch) and not visit.step.do:
            cut = False
