"""Steps of a flow, from their nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import yaml

from dialog.task import expressions
from dialog.task.expressions import Expression
from dialog.task.model import Branch, Call, Collect, Confirm, Effect, Fail, Offer, OfferOption, Say, Step, Text, Undo
from dialog.task.reading import Fields, Reader

EFFECTS: tuple[Effect, ...] = ("read", "write")
_CALL = ("call", "id", "effect", "in", "optional", "out", "fail", "retry", "undo", "fresh")
_WAYS = ("say", "clear", "rerun", "end", "handoff")
_KEYS: Mapping[str, tuple[str, ...]] = {
    "collect": ("collect", "id"),
    "call": _CALL,
    "say": ("say", "id"),
    "confirm": ("confirm", "id"),
    "when": ("when", "do", "id"),
    "unless": ("unless", "do", "id"),
    "offer": ("offer", "id"),
}


def read_steps(reader: Reader, node: yaml.Node | None, what: str = "steps") -> tuple[Step, ...]:
    """The good ones, in order. Those without an id have an empty one; :func:`dialog.task.step_ids.with_ids` gives it."""
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode):
        reader.wrong(node, what, "a list of steps")
        return ()
    if not node.value:
        reader.problem(node, "empty", "“{what}” is empty.", what=what)
    read = (_step(reader, one) for one in node.value)
    return tuple(step for step in read if step is not None)


def _step(reader: Reader, node: yaml.Node) -> Step | None:
    if not isinstance(node, yaml.MappingNode):
        reader.wrong(node, "steps", "a mapping such as “say: …”")
        return None
    present = [key.value for key, _ in node.value if key.value in _KEYS]
    kind = next(iter(present), "")
    if not kind:
        reader.problem(node, "unknown_step", "A step has one of {kinds}; this one has none.", kinds=", ".join(_KEYS))
        return None
    fields = reader.fields(node, kind, _KEYS[kind])
    step_id = reader.name(fields.get("id"), "id")
    return _READ[kind](reader, fields, step_id)


def _collect(reader: Reader, fields: Fields, step_id: str) -> Step | None:
    slots = reader.names(fields.get("collect"), "collect")
    if not slots and isinstance(fields.nodes["collect"], yaml.SequenceNode) and not fields.nodes["collect"].value:
        reader.problem(fields.node, "empty", "“{what}” is empty.", what="collect")
    return Collect(step_id, slots, fields.line) if slots else None


def _say(reader: Reader, fields: Fields, step_id: str) -> Step:
    return Say(step_id, reader.sentence(fields.get("say"), "say"), fields.line)


def _confirm(reader: Reader, fields: Fields, step_id: str) -> Step:
    return Confirm(step_id, reader.sentence(fields.get("confirm"), "confirm"), fields.line)


def _branch(reader: Reader, fields: Fields, step_id: str) -> Step | None:
    kind = "when" if "when" in fields.nodes else "unless"
    condition = fields.nodes[kind]
    when = reader.expression(condition, kind)
    if kind == "unless" and when is not None:
        when = reader.checked(condition, f"not ({when.source})", "bad_expression", expressions.parse)
    if fields.get("do") is None:
        reader.problem(fields.node, "missing_key", "“{what}” lacks “{key}”.", what=kind, key="do")
    steps = read_steps(reader, fields.get("do"), "do")
    return Branch(step_id, when, steps, fields.line) if when is not None else None


def _call(reader: Reader, fields: Fields, step_id: str) -> Call:
    get = fields.get
    return Call(
        id=step_id,
        action=reader.string(get("call"), "call"),
        effect=reader.choice(get("effect"), "effect", EFFECTS, "read"),
        inputs=_inputs(reader, get("in")),
        optional=reader.names(get("optional"), "optional"),
        out=_out(reader, get("out")),
        fail=_fails(reader, get("fail")),
        retry=reader.integer(get("retry"), "retry", 1, 0, 5),
        undo=_undo(reader, get("undo")),
        fresh=reader.duration(get("fresh"), "fresh"),
        line=fields.line,
    )


def _inputs(reader: Reader, node: yaml.Node | None) -> dict[str, Expression]:
    """``[order]`` sends it under the same name; ``{order: order, lines: 1 + 2}`` renames."""
    if isinstance(node, yaml.MappingNode):
        read = {name: reader.expression(value, name) for name, _, value in reader.pairs(node, "in")}
    else:
        read = {name: expressions.parse(name) for name in reader.names(node, "in")}
    return {name: expression for name, expression in read.items() if expression is not None}


def _out(reader: Reader, node: yaml.Node | None) -> dict[str, str]:
    if not isinstance(node, yaml.MappingNode):
        return {name: name for name in reader.names(node, "out")}
    read = {
        name: reader.string(value, name) for name, key, value in reader.pairs(node, "out") if reader.is_name(key, name)
    }
    return {name: source for name, source in read.items() if source}


def _undo(reader: Reader, node: yaml.Node | None) -> Undo | None:
    if node is None:
        return None
    fields = reader.fields(node, "undo", ("action", "in", "within"), ("action", "within"))
    action, within = reader.string(fields.get("action"), "action"), reader.duration(fields.get("within"), "within")
    return Undo(action, _inputs(reader, fields.get("in")), within) if action and within else None


# --- ways on ----------------------------------------------------------------------------------------------------


def _fails(reader: Reader, node: yaml.Node | None) -> dict[str, Fail]:
    read = {status: _way(reader, value, "fail") for status, _, value in reader.pairs(node, "fail")}
    return {status: way for status, way in read.items() if way is not None}


def _way(reader: Reader, node: yaml.Node, what: str, extra: tuple[str, ...] = ()) -> Fail | None:
    """``handoff``, ``end``, or a mapping of :class:`Fail`'s own keys (and ``extra`` ones, read elsewhere)."""
    if isinstance(node, yaml.MappingNode):
        return _way_of(reader, reader.fields(node, what, (*_WAYS, *extra)))
    line = int(node.start_mark.line) + 1
    way = reader.choice(node, what, ("handoff", "end"), "")
    return Fail(handoff=way == "handoff", end=way == "end", line=line) if way else None


def _way_of(reader: Reader, fields: Fields) -> Fail:
    get = fields.get
    return Fail(
        say=reader.text(get("say"), "say"),
        clear=reader.names(get("clear"), "clear"),
        rerun=reader.string(get("rerun"), "rerun"),
        end=reader.boolean(get("end"), "end"),
        handoff=reader.boolean(get("handoff"), "handoff"),
        line=fields.line,
    )


def _offer(reader: Reader, fields: Fields, step_id: str) -> Step | None:
    node = fields.nodes["offer"]
    if isinstance(node, yaml.MappingNode) and any(key.value == "options" for key, _ in node.value):
        inner = reader.fields(node, "offer", ("text", "options"))
        listed = (_listed(reader, one) for one in reader.items(inner.get("options"), "options"))
        text = reader.text(inner.get("text"), "text")
    else:
        listed = (_option(reader, {"": label}, value, ()) for label, _, value in reader.pairs(node, "offer"))
        text = {}
    options = tuple(option for option in listed if option is not None)
    if not options:
        reader.problem(node, "empty", "“{what}” is empty.", what="offer")
    return Offer(step_id, options, text, fields.line) if options else None


def _listed(reader: Reader, node: yaml.Node) -> OfferOption | None:
    if not isinstance(node, yaml.MappingNode):
        reader.wrong(node, "options", "a mapping with “label”")
        return None
    label = next((value for key, value in node.value if key.value == "label"), None)
    if label is None:
        reader.problem(node, "missing_key", "“{what}” lacks “{key}”.", what="options", key="label")
    return _option(reader, reader.text(label, "label"), node, ("label",))


def _option(reader: Reader, label: Text, node: yaml.Node, extra: tuple[str, ...]) -> OfferOption | None:
    if isinstance(node, yaml.MappingNode) and any(key.value == "call" for key, _ in node.value):
        fields = reader.fields(node, "offer", (*_CALL, *extra))
        return OfferOption(label, call=_call(reader, fields, reader.name(fields.get("id"), "id")))
    then = _way(reader, node, "offer", extra)
    return OfferOption(label, then=then) if then is not None else None


_READ: Mapping[str, Callable[[Reader, Fields, str], Step | None]] = {
    "collect": _collect,
    "call": _call,
    "say": _say,
    "confirm": _confirm,
    "when": _branch,
    "unless": _branch,
    "offer": _offer,
}
