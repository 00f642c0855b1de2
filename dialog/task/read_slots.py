"""Slots of a flow file, from their nodes."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Literal, get_args

import yaml

from dialog.task.model import EnumValue, Slot, SlotType, Text
from dialog.task.reading import Fields, Reader
from nlu.matching import validate_pattern

TYPES: tuple[SlotType, ...] = get_args(SlotType)
GRAINS: tuple[Literal["day", "hour", "minute"], ...] = ("day", "hour", "minute")
TENSES: tuple[Literal["future", "past"], ...] = ("future", "past")
SCOPES: tuple[Literal["flow", "session"], ...] = ("flow", "session")
CODES = ("order_no", "tail_no", "tracking_no")
"""What a ``ref`` may be named by, besides the words of its options."""

_KEYS = tuple(one.name for one in dataclasses.fields(Slot) if one.name not in ("name", "line"))
_ONLY_FOR: Mapping[str, Collection[str]] = {
    "values": ("enum",),
    "open": ("enum",),
    "options_from": ("ref",),
    "needs": ("ref",),
    "pattern": ("ref", "pattern"),
    "grain": ("time",),
    "prefer": ("time", "ref"),
    "min": ("text", "address", "number", "amount"),
    "max": ("text", "address", "number", "amount"),
}
_NEEDED: Mapping[str, str] = {"enum": "values", "ref": "options_from", "pattern": "pattern"}
_HIGHEST = 1_000_000_000
_LONGEST = 2000


def read_slots(reader: Reader, node: yaml.Node | None) -> dict[str, Slot]:
    """The good ones by name; what is wrong is noted."""
    found: dict[str, Slot] = {}
    for name, key, value in reader.pairs(node, "slots"):
        if reader.is_name(key, name):
            found[name] = _slot(reader, name, key, value)
    return found


def _slot(reader: Reader, name: str, key: yaml.Node, node: yaml.Node) -> Slot:
    fields = reader.fields(node, name, _KEYS, ("type",))
    get = fields.get
    kind: SlotType = reader.choice(get("type"), "type", TYPES, "text")
    if get("type") is not None:
        _check_keys(reader, name, kind, fields)
    low, high = _bounds(reader, kind, fields)
    return Slot(
        name=name,
        type=kind,
        ask=reader.text(get("ask"), "ask"),
        label=reader.text(get("label"), "label") or {"": name},
        values=_values(reader, get("values")),
        open=reader.boolean(get("open"), "open"),
        options_from=reader.string(get("options_from"), "options_from"),
        needs=reader.names(get("needs"), "needs"),
        pattern=_pattern(reader, kind, get("pattern")),
        role=reader.strings(get("role"), "role"),
        grain=reader.choice(get("grain"), "grain", GRAINS, "day"),
        prefer=reader.choice(get("prefer"), "prefer", TENSES, "future"),
        check=reader.expression(get("check"), "check"),
        invalid=reader.text(get("invalid"), "invalid"),
        min=low,
        max=high,
        tries=reader.integer(get("tries"), "tries", 3, 1, 10),
        optional=reader.boolean(get("optional"), "optional"),
        pii=reader.boolean(get("pii"), "pii"),
        scope=reader.choice(get("scope"), "scope", SCOPES, "flow"),
        entity=reader.strings(get("entity"), "entity"),
        line=int(key.start_mark.line) + 1,
    )


def _check_keys(reader: Reader, name: str, kind: SlotType, fields: Fields) -> None:
    for key, node in fields.nodes.items():
        if kind not in _ONLY_FOR.get(key, (kind,)):
            message = "“{key}” is for slots of type {types}; “{slot}” has type {type}."
            types = ", ".join(_ONLY_FOR[key])
            reader.problem(node, "misplaced_key", message, key=key, types=types, slot=name, type=kind)
    needed = _NEEDED.get(kind)
    if needed and needed not in fields.nodes:
        message = "The slot “{what}” has type {type}, so it needs “{key}”."
        reader.problem(fields.node, "missing_key", message, what=name, type=kind, key=needed)


def _bounds(reader: Reader, kind: SlotType, fields: Fields) -> tuple[int, int]:
    """Of a number, or of a text's length."""
    number = kind in ("number", "amount")
    lowest, highest, usual = (-_HIGHEST, _HIGHEST, _HIGHEST) if number else (0, _LONGEST, 200)
    low = reader.integer(fields.get("min"), "min", 0, lowest, highest)
    return low, reader.integer(fields.get("max"), "max", max(usual, low), low, highest)


def _pattern(reader: Reader, kind: SlotType, node: yaml.Node | None) -> str:
    if kind == "ref":
        return reader.choice(node, "pattern", CODES, "")
    text = reader.string(node, "pattern")
    return pattern_at(reader, node, text) if node is not None and text else ""


def pattern_at(reader: Reader, node: yaml.Node, text: str) -> str:
    """An RE2 pattern; empty where it is refused, and noted why."""
    reason = validate_pattern(text)
    if reason is None:
        return text
    reader.problem(node, "bad_pattern", "The pattern “{pattern}” cannot be used: {reason}", pattern=text, reason=reason)
    return ""


def _values(reader: Reader, node: yaml.Node | None) -> tuple[EnumValue, ...]:
    """``{key: [words]}``, the first word being the label, or ``{key: {label: …, words: […]}}``."""
    found = [_value(reader, name, value) for name, _, value in reader.pairs(node, "values")]
    if node is not None and not found:
        reader.problem(node, "empty", "“{what}” is empty.", what="values")
    return tuple(found)


def _value(reader: Reader, name: str, node: yaml.Node) -> EnumValue:
    if isinstance(node, yaml.MappingNode):
        fields = reader.fields(node, name, ("label", "words"), ("label",))
        label: Text = reader.text(fields.get("label"), "label")
        words = reader.strings(fields.get("words"), "words")
    else:
        words = reader.strings(node, name)
        label = {"": words[0]} if words else {}
        if isinstance(node, yaml.SequenceNode) and not node.value:
            reader.problem(node, "empty", "“{what}” is empty.", what=name)
    return EnumValue(name, label or {"": name}, tuple(dict.fromkeys([*label.values(), *words])))
