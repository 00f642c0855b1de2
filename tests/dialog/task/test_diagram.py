"""A flow's picture: every step is there once, boxes lie in columns, and no line runs through a box."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialog.task.diagram import Diagram, Edge, Node, diagram
from dialog.task.expressions import parse
from dialog.task.load import load
from dialog.task.model import Branch, Call, Collect, Confirm, Fail, Flow, Offer, OfferOption, Say, Start, Step
from dialog.task.step_ids import each_step, with_ids

DEMO = sorted((Path(__file__).parents[3] / "apps/demo/data/flows").glob("*.yaml"))
FILE = """
version: 1
domain: d
slots:
  order: {type: text, ask: 哪单？, label: {zh: 订单, en: order}}
flows:
  f:
    label: {zh: 退货, en: return}
    guard: {when: user.login, else: {flow: login}}
    steps:
      - collect: order
      - {call: check, in: [order], out: [ok], fail: {not_found: {clear: order}, other: handoff}}
      - unless: ok
        do:
          - say: {zh: 抱歉, en: Sorry}
          - offer: {再查: {rerun: check}, 催: {call: urge, effect: write}, 转人工: handoff, 算了: end}
      - confirm: {zh: "退 {order}？", en: "Return {order}?"}
      - {call: send, effect: write, in: [order]}
"""


def flow_of(source: str) -> Flow:
    loaded = load(source)
    assert loaded.domain is not None, loaded.problems
    return next(iter(loaded.domain.flows.values()))


def test_every_step_is_a_box_with_its_kind_title_and_line() -> None:
    drawn = diagram(flow_of(FILE), "zh")
    assert [(node.id, node.kind, node.title, node.line) for node in drawn.nodes] == [
        ("start", "start", "退货", 7),
        ("guard", "branch", "user.login", 7),
        ("guard.else", "end", "→ login", 7),
        ("0", "collect", "order", 11),
        ("check", "read", "check", 12),
        ("2", "branch", "not (ok)", 13),
        ("2.do.0", "say", "抱歉", 15),
        ("2.do.1", "offer", "选择", 16),
        ("urge", "write", "urge", 16),
        ("2.do.1.offer.2", "handoff", "转人工", 16),
        ("2.do.1.offer.3", "end", "结束", 16),
        ("3", "confirm", "退 {order}？", 17),
        ("send", "write", "send", 18),
        ("end", "end", "结束", 0),
    ]


def test_lines_lead_where_the_flow_goes() -> None:
    drawn = diagram(flow_of(FILE), "en")
    assert {(edge.source, edge.target, edge.label, edge.back) for edge in drawn.edges} == {
        ("start", "guard", "", False),
        ("guard", "guard.else", "no", False),
        ("guard", "0", "yes", False),
        ("0", "check", "", False),
        ("check", "0", "not_found", True),
        ("check", "2", "", False),
        ("2", "2.do.0", "yes", False),
        ("2.do.0", "2.do.1", "", False),
        ("2.do.1", "check", "再查", True),
        ("2.do.1", "urge", "催", False),
        ("2.do.1", "2.do.1.offer.2", "转人工", False),
        ("2.do.1", "2.do.1.offer.3", "算了", False),
        ("2", "3", "no", False),
        ("urge", "3", "", False),
        ("3", "send", "", False),
        ("send", "end", "", False),
    }


def test_the_language_and_the_slots_labels_are_used() -> None:
    loaded = load(FILE).domain
    assert loaded is not None
    titles = [node.title for node in diagram(loaded.flows["f"], "en", loaded.slots).nodes]
    assert {"return", "order", "Sorry", "A person", "End", "Choice"} <= set(titles)


@pytest.mark.parametrize("path", DEMO, ids=lambda path: path.stem)
def test_pictures_of_the_demo_are_sound(path: Path) -> None:
    loaded = load(path.read_text("utf-8")).domain
    assert loaded is not None
    for flow in loaded.flows.values():
        assert faults(diagram(flow, "zh", loaded.slots), flow) == []


TRUE = parse("x")
ENDS = st.sampled_from([Fail(end=True), Fail(handoff=True), Fail(clear=("a",)), Fail(rerun="first")])
CALLS = st.sampled_from([Call("", "get", "read", {}), Call("", "put", "write", {}, fail={"other": Fail(clear=("b",))})])
OPTIONS = st.builds(OfferOption, st.just({"": "去"}), CALLS, st.none()) | st.builds(
    OfferOption, st.just({"": "回"}), st.none(), ENDS
)
PLAIN = st.sampled_from([Collect("", ("a",)), Collect("", ("b", "c")), Say("", {"": "好"}), Confirm("", {"": "好？"})])
OFFERS = st.builds(Offer, st.just(""), st.lists(OPTIONS, min_size=1, max_size=4).map(tuple))
STEPS: st.SearchStrategy[Step] = st.recursive(
    PLAIN | CALLS | OFFERS,
    lambda inner: st.builds(Branch, st.just(""), st.just(TRUE), st.lists(inner, max_size=4).map(tuple)),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=6))
def test_any_flow_makes_a_sound_picture(steps: list[Step]) -> None:
    first = Call("first", "first", "read", {})
    flow = Flow("f", {"": "流程"}, {}, Start(), with_ids((first, *steps)))
    drawn = diagram(flow, "zh")
    assert faults(drawn, flow) == []
    assert drawn == diagram(flow, "zh")
    json.dumps(drawn.to_json())


def faults(drawn: Diagram, flow: Flow) -> list[str]:
    """What is wrong with a picture."""
    nodes = {node.id: node for node in drawn.nodes}
    missing = {step.id for step in each_step(flow.steps)} - nodes.keys()
    found = [f"no box for {step}" for step in missing]
    found += [f"{a.id} overlaps {b.id}" for a in nodes.values() for b in nodes.values() if a.id < b.id and _meet(a, b)]
    columns = sorted({node.x for node in nodes.values()})
    found += [f"columns {a} and {b} overlap" for a, b in pairwise(columns) if b - a < nodes["start"].w]
    for edge in drawn.edges:
        found += _edge_faults(edge, nodes, drawn)
    inside = all(
        n.x >= 0 and n.y >= 0 and n.x + n.w <= drawn.width and n.y + n.h <= drawn.height for n in nodes.values()
    )
    return found if inside else [*found, "a box lies outside"]


def _edge_faults(edge: Edge, nodes: dict[str, Node], drawn: Diagram) -> list[str]:
    name = f"{edge.source} → {edge.target}"
    found = []
    if not all(0 <= x <= drawn.width and 0 <= y <= drawn.height for x, y in edge.points):
        found.append(f"{name} leaves the picture")
    for end, (x, y) in ((nodes[edge.source], edge.points[0]), (nodes[edge.target], edge.points[-1])):
        if not (end.x <= x <= end.x + end.w and end.y <= y <= end.y + end.h):
            found.append(f"{name} does not touch {end.id}")
    for (x1, y1), (x2, y2) in pairwise(edge.points):
        if (x1 == x2) == (y1 == y2):
            found.append(f"{name} has a slanting or empty piece")
        low, high = (min(x1, x2), min(y1, y2)), (max(x1, x2), max(y1, y2))
        for box in nodes.values():
            if box.x < high[0] and low[0] < box.x + box.w and box.y < high[1] and low[1] < box.y + box.h:
                found.append(f"{name} runs through {box.id}")
    return found


def _meet(a: Node, b: Node) -> bool:
    return a.x < b.x + b.w and b.x < a.x + a.w and a.y < b.y + b.h and b.y < a.y + a.h
