"""A flow file → a :class:`Domain`, or what is wrong with it, line by line. Never raises, whatever the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import yaml

from dialog.task.model import Domain, Flow, Guard, Problem, Start, Text
from dialog.task.read_slots import pattern_at, read_slots
from dialog.task.read_steps import read_steps
from dialog.task.reading import Fields, Reader
from dialog.task.step_ids import each_step, with_ids
from dialog.task.texts import DEFAULTS
from dialog.task.yaml_lines import YamlProblem, nodes

VERSION = "1"
TTL = timedelta(minutes=15)
_FLOW = ("label", "about", "start", "guard", "ttl", "steps")


@dataclass(frozen=True, slots=True)
class Loaded:
    """``domain`` is None exactly where there are problems; they are in the order of the file."""

    domain: Domain | None
    problems: tuple[Problem, ...]


def load(source: str) -> Loaded:
    """Read a flow file (YAML, at most 200 KB). What it says is checked by :func:`dialog.task.lint.lint`."""
    try:
        root = nodes(source)
    except YamlProblem as error:
        return Loaded(None, (Problem(error.line, error.column, "error", error.code, error.message),))
    if root is None:
        return Loaded(None, (Problem(1, 1, "error", "empty", "The file is empty."),))
    reader = Reader()
    domain = _domain(reader, root)
    problems = tuple(sorted(reader.problems, key=lambda problem: (problem.line, problem.column)))
    return Loaded(None if problems else domain, problems)


def _domain(reader: Reader, root: yaml.Node) -> Domain:
    known, needed = ("version", "domain", "slots", "flows", "texts"), ("version", "domain", "flows")
    fields = reader.fields(root, "the file", known, needed)
    version = fields.get("version")
    if version is not None and reader.string(version, "version") != VERSION:
        reader.problem(version, "unknown_version", "The version of the format is {version}.", version=VERSION)
    return Domain(
        name=reader.name(fields.get("domain"), "domain"),
        slots=read_slots(reader, fields.get("slots")),
        flows=_flows(reader, fields.get("flows")),
        texts=_texts(reader, fields.get("texts")),
    )


def _flows(reader: Reader, node: yaml.Node | None) -> dict[str, Flow]:
    found: dict[str, Flow] = {}
    for name, key, value in reader.pairs(node, "flows"):
        if reader.is_name(key, name):
            found[name] = _flow(reader, name, value, int(key.start_mark.line) + 1)
    if isinstance(node, yaml.MappingNode) and not node.value:
        reader.problem(node, "empty", "“{what}” is empty.", what="flows")
    return found


def _flow(reader: Reader, name: str, node: yaml.Node, line: int) -> Flow:
    fields = reader.fields(node, name, _FLOW, ("steps",))
    about = reader.text(fields.get("about"), "about") or {"": name}
    flow = Flow(
        name=name,
        label=reader.text(fields.get("label"), "label") or about,
        about=about,
        start=_start(reader, fields.get("start")),
        steps=with_ids(read_steps(reader, fields.get("steps"))),
        guard=_guard(reader, fields.get("guard")),
        ttl=reader.duration(fields.get("ttl"), "ttl") or TTL,
        line=line,
    )
    _check_ids(reader, fields, flow)
    return flow


def _check_ids(reader: Reader, fields: Fields, flow: Flow) -> None:
    seen: set[str] = set()
    for step in each_step(flow.steps):
        if step.id in seen:
            message = "Two steps of “{flow}” have the id “{id}”."
            reader.problem(fields.nodes["steps"], "duplicate_id", message, flow=flow.name, id=step.id)
        seen.add(step.id)


def _start(reader: Reader, node: yaml.Node | None) -> Start:
    if node is None:
        return Start()
    fields = reader.fields(node, "start", ("intent", "say", "examples"))
    said = reader.items(fields.get("say"), "say")
    patterns = [(one, reader.string(one, "say")) for one in said]
    read = (pattern_at(reader, one, pattern) for one, pattern in patterns if pattern)
    return Start(
        intent=reader.string(fields.get("intent"), "intent"),
        say=tuple(pattern for pattern in read if pattern),
        examples=reader.strings(fields.get("examples"), "examples"),
    )


def _guard(reader: Reader, node: yaml.Node | None) -> Guard | None:
    if node is None:
        return None
    fields = reader.fields(node, "guard", ("when", "else"), ("when", "else"))
    when = reader.expression(fields.get("when"), "when")
    other = fields.get("else")
    if isinstance(other, yaml.MappingNode):
        other = reader.fields(other, "else", ("flow",), ("flow",)).get("flow")
    flow = reader.string(other, "flow")
    return Guard(when, flow) if when is not None and flow else None


def _texts(reader: Reader, node: yaml.Node | None) -> Mapping[str, Text]:
    """What the dialogue says of its own accord, in this bot's words; each may show what the usual text shows."""
    fields = reader.fields(node, "texts", tuple(DEFAULTS)) if node is not None else None
    return {name: reader.own_text(one, name, DEFAULTS[name]) for name, one in fields.nodes.items()} if fields else {}
