"""What is known at each step of a flow, over all ways through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from dialog.task.model import Branch, Call, Collect, Confirm, Flow, Offer, OfferOption, Step


@dataclass(frozen=True, slots=True)
class Known:
    """Names collected or put out before a step: on every way (``sure``) or on some (``maybe``).

    ``confirmed``: on every way the customer said yes before. ``calls`` are the ids of calls on some way. ``under`` has
    what is sure where a condition holds, by its source, from branches on the same condition before.
    """

    sure: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    confirmed: bool = False
    calls: frozenset[str] = frozenset()
    under: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def plus(self, names: frozenset[str]) -> Known:
        return replace(self, sure=self.sure | names, maybe=self.maybe | names)


@dataclass(frozen=True, slots=True)
class Visit:
    """A step and what is known before it; ``known`` is None where no way leads to it. ``offered``: its button confirms it."""

    step: Step
    known: Known | None
    offered: bool = False


def visits(flow: Flow) -> list[Visit]:
    """All steps in the order of the file, those of branches and the calls of offers too."""
    walk = _Walk()
    walk.steps(flow.steps, Known())
    return walk.visits


class _Walk:
    def __init__(self) -> None:
        self.visits: list[Visit] = []

    def steps(self, steps: tuple[Step, ...], known: Known | None) -> Known | None:
        """What is known after the steps; None where no way leads past them."""
        for step in steps:
            self.visits.append(Visit(step, known))
            known = self.step(step, known)
        return known

    def step(self, step: Step, known: Known | None) -> Known | None:
        match step:
            case Branch():
                return self.branch(step, known)
            case Offer():
                return _either([self.option(option, known) for option in step.options])
        if known is None:
            return None
        match step:
            case Collect(slots=slots):
                return known.plus(frozenset(slots))
            case Call():
                return _called(step, known)
            case Confirm():
                return replace(known, confirmed=True)
        return known

    def branch(self, step: Branch, known: Known | None) -> Known | None:
        always = bool(step.when.evaluate({})) if not step.when.paths and "now" not in step.when.source else None
        if known is None or always is False:
            self.steps(step.do, None)
            return known
        source = step.when.source
        inner = self.steps(step.do, known.plus(known.under.get(source, frozenset())))
        if always or inner is None:
            return inner if always else known
        merged = _either([known, inner])
        return replace(merged, under={**known.under, source: inner.sure}) if merged else None

    def option(self, option: OfferOption, known: Known | None) -> Known | None:
        if option.call is not None:
            self.visits.append(Visit(option.call, known, offered=True))
            return _called(option.call, known) if known else None
        ends = option.then is not None and (option.then.end or option.then.handoff)
        return None if ends else known


def _called(call: Call, known: Known) -> Known:
    return replace(known.plus(frozenset(call.out)), calls=known.calls | {call.id})


def _either(ways: list[Known | None]) -> Known | None:
    open_ways = [way for way in ways if way is not None]
    return reduce(_joined, open_ways) if open_ways else None


def _joined(a: Known, b: Known) -> Known:
    return Known(
        sure=a.sure & b.sure,
        maybe=a.maybe | b.maybe,
        confirmed=a.confirmed and b.confirmed,
        calls=a.calls | b.calls,
        under={source: a.under[source] & b.under[source] for source in a.under.keys() & b.under.keys()},
    )
