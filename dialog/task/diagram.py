"""A flow as a picture: boxes in rows and columns, and lines that never run through a box. Pure; equal flows, equal pictures.

The steps of a flow stand below each other. What a branch does, and what the buttons of an offer lead to, stands in the
next column to the right, from the same row on, and joins back below. Ways back (``clear``, ``rerun``) run on the left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from dialog.task.diagram_grid import GAP_X, GAP_Y, HEIGHT, LANE, MARGIN, WIDTH, Cell, Link, NodeKind, grid
from dialog.task.model import Flow, Slot
from dialog.types import Json

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A box; ``x`` and ``y`` are its upper left corner. ``id`` is the step's; ``line`` where the file has it, 0 for none."""

    id: str
    kind: NodeKind
    title: str
    line: int
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A line of upright and level pieces from one box to another. ``at`` is where its label begins, on the base line.

    ``back``: it leads to an earlier step.
    """

    source: str
    target: str
    label: str
    points: tuple[Point, ...]
    at: Point
    back: bool = False


@dataclass(frozen=True, slots=True)
class Diagram:
    """All measures are in pixels; everything lies between (0, 0) and (``width``, ``height``)."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    width: int
    height: int

    def to_json(self) -> dict[str, Json]:
        return {
            "nodes": [asdict(node) for node in self.nodes],
            "edges": [
                asdict(edge) | {"points": [list(point) for point in edge.points], "at": list(edge.at)}
                for edge in self.edges
            ],
            "width": self.width,
            "height": self.height,
        }


def diagram(flow: Flow, lang: str, slots: Mapping[str, Slot] | None = None) -> Diagram:
    """Draw a flow. With ``slots`` those are shown by their labels, else by their names."""
    cells, links = grid(flow, lang, slots or {})
    lanes = sum(link.back for link in links)
    left = MARGIN + lanes * LANE
    nodes = {cell.id: _node(cell, left) for cell in cells}
    edges: list[Edge] = []
    for link in links:
        lane = MARGIN + LANE * sum(edge.back for edge in edges)
        points = _back(nodes, link, lane) if link.back else _forward(nodes, link)
        edges.append(Edge(link.source, link.target, link.label, points, _label_at(link, points), link.back))
    return Diagram(
        tuple(nodes.values()),
        tuple(edges),
        max(node.x + node.w for node in nodes.values()) + GAP_X,
        max(node.y + node.h for node in nodes.values()) + GAP_Y + MARGIN,
    )


def _node(cell: Cell, left: int) -> Node:
    x = left + cell.column * (WIDTH + GAP_X)
    return Node(cell.id, cell.kind, cell.title, cell.line, x, MARGIN + cell.row * (HEIGHT + GAP_Y), WIDTH, HEIGHT)


def _forward(nodes: Mapping[str, Node], link: Link) -> tuple[Point, ...]:
    a, b = nodes[link.source], nodes[link.target]
    if link.sideways:
        bend = a.x + a.w + GAP_X * 2 // 5
        start, end = (a.x + a.w, a.y + a.h // 2), (b.x, b.y + b.h // 2)
        return (start, end) if start[1] == end[1] else (start, (bend, start[1]), (bend, end[1]), end)
    start, end = (a.x + a.w // 2, a.y + a.h), (b.x + b.w // 2, b.y)
    if a.x == b.x:
        return (start, end)
    out, into = start[1] + GAP_Y // 2, end[1] - GAP_Y // 2
    gutter = b.x + b.w + GAP_X * 7 // 10
    if out == into:
        return (start, (start[0], out), (end[0], out), end)
    return (start, (start[0], out), (gutter, out), (gutter, into), (end[0], into), end)


def _label_at(link: Link, points: tuple[Point, ...]) -> Point:
    """Lines to the side part from one trunk, so their labels stand at their ends; others' beside their beginnings."""
    if link.sideways:
        return points[-1][0] - GAP_X * 3 // 5 + 4, points[-1][1] - 5
    return points[0][0] + 4, points[0][1] + 13


def _back(nodes: Mapping[str, Node], link: Link, lane: int) -> tuple[Point, ...]:
    """Down into the gap below, left to a lane of its own, up, and in from the gap above the target."""
    a, b = nodes[link.source], nodes[link.target]
    out, into = a.y + a.h + GAP_Y // 4, b.y - GAP_Y // 4
    x, y = a.x + a.w // 4, b.x + b.w // 4
    return ((x, a.y + a.h), (x, out), (lane, out), (lane, into), (y, into), (y, b.y))
