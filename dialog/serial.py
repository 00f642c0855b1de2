"""A trace as plain JSON: what is stored with a turn and what ``zk-trace`` draws."""

from __future__ import annotations

from dialog.types import Candidate, Json, Stage, Trace


def trace_to_json(trace: Trace) -> dict[str, Json]:
    return {
        "outcome": trace.outcome.value,
        "route": trace.route.value,
        "confidence": trace.confidence,
        "ms": trace.ms,
        "versions": dict(trace.versions),
        "degraded": list(trace.degraded),
        "stages": [_stage(stage) for stage in trace.stages],
    }


def _stage(stage: Stage) -> dict[str, Json]:
    data: dict[str, Json] = {"name": stage.name, "verdict": stage.verdict, "ms": stage.ms}
    if stage.detail:
        data["detail"] = dict(stage.detail)
    if stage.thresholds is not None:
        limits = stage.thresholds
        data["thresholds"] = {"answer": limits.answer, "list": limits.list, "margin": limits.margin}
        data["candidates"] = [_candidate(candidate) for candidate in stage.candidates]
    return data


def _candidate(candidate: Candidate) -> dict[str, Json]:
    return {
        "entry_id": candidate.entry_id,
        "question": candidate.question,
        "matched": candidate.matched,
        "probability": round(candidate.probability, 4),
        "score": round(candidate.score, 3),
        "legs": {name: round(value, 3) for name, value in candidate.legs.items()},
        "features": {name: round(value, 3) for name, value in candidate.features.items()},
        "flags": list(candidate.flags),
    }
