"""Checks of how flows begin: what starts one must not start another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dialog.task.findings import finding
from dialog.task.model import Domain, Flow, Problem
from nlu.matching import PatternSet
from nlu.normalize import normalise

Between = Iterator[tuple[Flow, Flow, Problem]]
"""Problems of the first flow with the second."""


def lint_starts(domain: Domain) -> Iterator[Problem]:
    flows = list(domain.flows.values())
    for _, _, problem in (*collisions(flows), *shared_intents(flows)):
        yield problem
    guards = {flow.guard.flow for flow in flows if flow.guard}
    for flow in flows:
        if not (flow.start.intent or flow.start.say or flow.start.examples or flow.name in guards):
            yield finding(flow.line, "never_started", "Nothing starts the flow “{flow}”.", "warning", flow=flow.name)


def collisions(flows: Sequence[Flow]) -> Between:
    """Patterns of one flow that find an example of another, and examples that two flows have."""
    patterns = PatternSet([pattern for flow in flows for pattern in flow.start.say])
    owners = [(flow, pattern) for flow in flows for pattern in flow.start.say]
    seen: dict[str, Flow] = {}
    for flow in flows:
        for example in flow.start.examples:
            text = normalise(example).text
            for place in patterns.search(text):
                owner, pattern = owners[place]
                if owner is not flow:
                    yield owner, flow, _stolen(owner, flow, pattern, example)
            first = seen.setdefault(text, flow)
            if first is not flow:
                message = "“{example}” is an example of “{other}” too."
                yield flow, first, finding(flow.line, "same_example", message, other=first.name, example=example)


def _stolen(owner: Flow, other: Flow, pattern: str, example: str) -> Problem:
    return finding(
        owner.line,
        "pattern_matches_other",
        "The pattern “{pattern}” of “{flow}” finds “{example}”, which is an example of “{other}”.",
        flow=owner.name,
        other=other.name,
        pattern=pattern,
        example=example,
    )


def shared_intents(flows: Sequence[Flow]) -> Between:
    """Intents that more than one flow starts on; the later flow has the problem."""
    seen: dict[str, Flow] = {}
    for flow in flows:
        first = seen.setdefault(flow.start.intent, flow) if flow.start.intent else flow
        if first is not flow:
            yield flow, first, _shared(flow, first)


def _shared(flow: Flow, first: Flow) -> Problem:
    message = "The intent “{intent}” starts “{other}” too, so “{flow}” never begins by it."
    intent = flow.start.intent
    return finding(flow.line, "shared_intent", message, "warning", intent=intent, other=first.name, flow=flow.name)
