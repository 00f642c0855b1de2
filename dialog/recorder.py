"""Writes down what each stage of a turn found and how long it took; its sum is the Trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from dialog.ports import Emit
from dialog.types import Json, Outcome, Proposal, Route, Stage, StageEvent, Thresholds, Trace

T = TypeVar("T")

Described: TypeAlias = tuple[str, Mapping[str, Json]]
"""A verdict and its details."""


class Recorder:
    """Lives for one turn and in one thread. ``clock`` gives seconds."""

    def __init__(self, emit: Emit, clock: Callable[[], float], versions: Mapping[str, Json]) -> None:
        self._emit = emit
        self._clock = clock
        self._versions = versions
        self._began = clock()
        self._stages: list[Stage] = []
        self._degraded: list[str] = []

    def run(self, name: str, stage: Callable[[], T], describe: Callable[[T], Described]) -> T:
        """Run a stage and note its verdict and detail as ``describe`` words them."""
        began = self._clock()
        result = stage()
        verdict, detail = describe(result)
        self._add(Stage(name, verdict, self._since(began), detail))
        return result

    def propose(self, name: str, bot: Callable[[], Proposal], thresholds: Thresholds) -> Proposal:
        """Run a bot and note all its candidates beside the thresholds they are judged by."""
        began = self._clock()
        proposal = bot()
        verdict = "propose" if proposal.candidates else "nothing"
        ms = self._since(began)
        self._add(Stage(name, verdict, ms, proposal.detail, proposal.candidates, thresholds))
        return proposal

    def note(self, name: str, verdict: str, detail: Mapping[str, Json]) -> None:
        """Note a stage that takes no time worth measuring."""
        self._add(Stage(name, verdict, 0.0, detail))

    def degrade(self, mode: str) -> None:
        """Name the weaker mode in which the turn goes on."""
        self._degraded.append(mode)

    def trace(self, outcome: Outcome, route: Route, confidence: float) -> Trace:
        return Trace(
            outcome=outcome,
            route=route,
            confidence=round(confidence, 4),
            stages=tuple(self._stages),
            versions=self._versions,
            degraded=tuple(self._degraded),
            ms=self._since(self._began),
        )

    def _add(self, stage: Stage) -> None:
        self._stages.append(stage)
        self._emit(StageEvent(stage.name, stage.verdict, stage.ms))

    def _since(self, began: float) -> float:
        return round((self._clock() - began) * 1000, 3)
