"""A trace as plain JSON."""

from __future__ import annotations

import json
from dataclasses import fields

from dialog.engine import Engine
from dialog.serial import trace_to_json
from dialog.types import Candidate, Outcome, Route, Stage, State, Thresholds, Trace
from tests.dialog.samples import respond

CANDIDATE = Candidate(
    entry_id="a",
    question="怎么退货",
    matched="咋退啊",
    score=1.23456,
    probability=0.987654,
    features={"cosine": 0.33333},
    flags=("number",),
    legs={"words": 1.0, "bigrams": 0.23456},
)


def trace(*stages: Stage) -> Trace:
    return Trace(Outcome.LIST, Route.KB, 0.5, stages, {"publication": 3}, ("kb_unavailable",), 1.5)


def test_a_trace_is_plain_json_with_chinese_as_it_is() -> None:
    stage = Stage("kb", "propose", 0.4, {"recalled": 1}, (CANDIDATE,), Thresholds(0.9, 0.4, 0.1))
    assert json.loads(json.dumps(trace_to_json(trace(stage)))) == {
        "outcome": "list",
        "route": "kb",
        "confidence": 0.5,
        "ms": 1.5,
        "versions": {"publication": 3},
        "degraded": ["kb_unavailable"],
        "stages": [
            {
                "name": "kb",
                "verdict": "propose",
                "ms": 0.4,
                "detail": {"recalled": 1},
                "thresholds": {"answer": 0.9, "list": 0.4, "margin": 0.1},
                "candidates": [
                    {
                        "entry_id": "a",
                        "question": "怎么退货",
                        "matched": "咋退啊",
                        "probability": 0.9877,
                        "score": 1.235,
                        "legs": {"words": 1.0, "bigrams": 0.235},
                        "features": {"cosine": 0.333},
                        "flags": ["number"],
                    }
                ],
            }
        ],
    }


def test_a_stage_without_details_is_short() -> None:
    assert trace_to_json(trace(Stage("guard", "pass", 0.1)))["stages"] == [
        {"name": "guard", "verdict": "pass", "ms": 0.1}
    ]


def test_every_field_of_a_trace_and_a_candidate_is_kept() -> None:
    data = trace_to_json(trace(Stage("kb", "propose", 0.4, {}, (CANDIDATE,), Thresholds())))
    assert set(data) == {field.name for field in fields(Trace)}
    assert set(data["stages"][0]["candidates"][0]) == {field.name for field in fields(Candidate)}  # type: ignore[index, call-overload, arg-type]


def test_a_real_turns_trace_survives_json(engine: Engine) -> None:
    data = trace_to_json(respond(engine, "退个货要怎么弄").trace)
    assert json.loads(json.dumps(data)) == data


def test_the_state_goes_to_json_and_back() -> None:
    assert State.from_json(State(refusals=2).to_json()) == State(refusals=2)
    assert State.from_json({}) == State()
    assert State.from_json({"refusals": "two", "unknown": 1}) == State()
