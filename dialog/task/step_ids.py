"""Ids for the steps of a flow that its author gave none; logs and idempotency keys name steps by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from dialog.task.model import Branch, Call, Offer, OfferOption, Step


def each_step(steps: tuple[Step, ...]) -> Iterator[Step]:
    """All steps in the order of the file, those of branches and the calls of offers too."""
    for step in steps:
        yield step
        if isinstance(step, Branch):
            yield from each_step(step.do)
        elif isinstance(step, Offer):
            yield from (option.call for option in step.options if option.call is not None)


def with_ids(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """A call of an action that the flow calls once is named by the action; every other step by its place (``3.do.0``)."""
    written = {step.id for step in each_step(steps)}
    calls = Counter(step.action for step in each_step(steps) if isinstance(step, Call))
    return _Ids(frozenset(action for action, n in calls.items() if n == 1 and action not in written)).of(steps, "")


class _Ids:
    def __init__(self, single: frozenset[str]) -> None:
        self._single = single

    def of(self, steps: tuple[Step, ...], prefix: str) -> tuple[Step, ...]:
        return tuple(self._step(step, f"{prefix}{place}") for place, step in enumerate(steps))

    def _step(self, step: Step, place: str) -> Step:
        if isinstance(step, Call):
            return self._call(step, place)
        if isinstance(step, Branch):
            return replace(step, id=step.id or place, do=self.of(step.do, f"{place}.do."))
        if isinstance(step, Offer):
            options = tuple(self._option(option, f"{place}.offer.{n}") for n, option in enumerate(step.options))
            return replace(step, id=step.id or place, options=options)
        return replace(step, id=step.id or place)

    def _option(self, option: OfferOption, place: str) -> OfferOption:
        return replace(option, call=self._call(option.call, place)) if option.call else option

    def _call(self, call: Call, place: str) -> Call:
        return replace(call, id=call.id or (call.action if call.action in self._single else place))
