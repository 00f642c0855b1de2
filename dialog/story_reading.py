"""Reads stories from YAML: one document each, every mistake as a sentence with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, get_args

import yaml

from dialog.story_checks import CHECKS, KNOWN_VALUES, MAPPINGS
from dialog.story_types import Story, StoryTurn
from dialog.task.ports import ActionOption, ActionResult, Status
from dialog.task.reading import Reader
from dialog.task.yaml_lines import tag_of
from dialog.types import Json, Lang

MAX_SOURCE = 2_000_000
"""Characters of one file."""
REAL = "real"
"""A scripted answer that passes the call on to the bot's own system."""

_STORY = ("name", "bot", "lang", "turns", "actions", "expect", "xfail")
_TURN = ("user", "pick", "earlier", "press", "bot_asks", "wait", "expect")
_ANSWER = ("status", "out", "options", "slot_errors", "message")
_OPTION = ("value", "label", "desc", "words", "extra")
_LANGS: tuple[Lang, ...] = ("zh", "en")
_STATUSES: tuple[Status, ...] = get_args(Status)


class _Loader(yaml.SafeLoader):
    """Composes nodes only, each of its own."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1
            raise StoryProblem(f"Line {line}: Anchors and aliases (& and *) are not used in stories; use quotes.")
        return super().compose_node(parent, index)


class StoryProblem(ValueError):
    """What is wrong with a file of stories, as whole sentences, one a line, each with the line of the file."""


def read_stories(text: str) -> list[Story]:
    """The stories of a file, in its order.

    Raises:
        StoryProblem: it is no YAML, or no story.
    """
    reader = Reader()
    stories = [_story(reader, node) for node in _documents(text)]
    if reader.problems:
        raise StoryProblem("\n".join(f"Line {problem.line}: {problem.message}" for problem in reader.problems))
    return stories


def _documents(text: str) -> Iterator[yaml.Node]:
    if len(text) > MAX_SOURCE:
        raise StoryProblem(f"Line 1: A file of stories may have {MAX_SOURCE:,} characters; split it.")
    try:
        for node in yaml.compose_all(text, Loader=_Loader):
            if tag_of(node) != "null":
                yield node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise StoryProblem(f"Line {line}: This is no YAML: {error.problem or error.context}.") from None
    except yaml.YAMLError as error:
        raise StoryProblem(f"Line 1: This is no YAML: {error}.") from None


def _story(reader: Reader, node: yaml.Node) -> Story:
    fields = reader.fields(node, "a story", _STORY, ("name", "turns"))
    if not isinstance(node, yaml.MappingNode):
        return Story("", ())
    return Story(
        name=reader.string(fields.get("name"), "name"),
        turns=_turns(reader, fields.get("turns")),
        bot=reader.string(fields.get("bot"), "bot"),
        lang=reader.choice(fields.get("lang"), "lang", _LANGS, "zh"),
        actions={
            name: _answers(reader, value, name) for name, _key, value in reader.pairs(fields.get("actions"), "actions")
        },
        writes=_writes(reader, fields.get("expect")),
        xfail=reader.string(fields.get("xfail"), "xfail"),
        line=fields.line,
    )


def _writes(reader: Reader, node: yaml.Node | None) -> Mapping[str, int] | None:
    if node is None:
        return None
    found = reader.fields(node, "the story's expect", ("writes",), ("writes",)).get("writes")
    return None if found is None else _counts(reader, found)


def _counts(reader: Reader, node: yaml.Node) -> dict[str, int]:
    return {name: reader.integer(value, name, 0, 0, 1000) for name, _key, value in reader.pairs(node, "writes")}


# --- turns ------------------------------------------------------------------------------------------------------


def _turns(reader: Reader, node: yaml.Node | None) -> tuple[StoryTurn, ...]:
    if node is None:
        return ()
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        reader.wrong(node, "turns", "a list of turns")
        return ()
    return tuple(_turn(reader, one) for one in node.value)


def _turn(reader: Reader, node: yaml.Node) -> StoryTurn:
    fields = reader.fields(node, "a turn", _TURN)
    does = [name for name in ("user", "pick", "earlier", "press", "bot_asks") if fields.get(name) is not None]
    if len(does) > 1:
        message = "A turn does one thing, and this one does {found}; make two turns of it."
        reader.problem(node, "two_things", message, found=" and ".join(does))
    if isinstance(node, yaml.MappingNode) and not does and fields.get("wait") is None:
        reader.problem(node, "missing_key", "A turn has one of {known}.", known=", ".join(_TURN[:-1]))
    expect = _expect(reader, fields.get("expect"))
    if fields.get("bot_asks") is not None:
        expect["asks"] = reader.string(fields.get("bot_asks"), "bot_asks")
    return StoryTurn(
        user=_user(fields.get("user")),
        pick=_pick(reader, fields.get("pick")),
        earlier=reader.string(fields.get("earlier"), "earlier") or None,
        press=reader.string(fields.get("press"), "press") or None,
        wait=reader.duration(fields.get("wait"), "wait") or timedelta(),
        expect=expect,
        line=fields.line,
    )


def _user(node: yaml.Node | None) -> str | None:
    """As it was written; a customer may send nothing at all."""
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _pick(reader: Reader, node: yaml.Node | None) -> str | int | None:
    text = reader.string(node, "pick")
    if node is not None and tag_of(node) == "int" and not re.fullmatch(r"[1-9]\d?", text):
        reader.problem(node, "bad_number", "Buttons are counted from 1.")
        return None
    return int(text) if node is not None and tag_of(node) == "int" and text else text or None


def _expect(reader: Reader, node: yaml.Node | None) -> dict[str, Json]:
    fields = reader.fields(node, "expect", tuple(CHECKS)) if node is not None else None
    found: dict[str, Json] = {}
    for name, value in (fields.nodes if fields else {}).items():
        if name == "writes":
            found[name] = dict(_counts(reader, value))
            continue
        if name in MAPPINGS and not isinstance(value, yaml.MappingNode):
            reader.wrong(value, name, "a mapping")
            continue
        if name in KNOWN_VALUES:
            for one in reader.items(value, name):
                reader.choice(one, name, KNOWN_VALUES[name], "")
        found[name] = _json(value)
    return found


# --- answers ----------------------------------------------------------------------------------------------------


def _answers(reader: Reader, node: yaml.Node, action: str) -> tuple[ActionResult | None, ...]:
    if isinstance(node, yaml.SequenceNode) and not node.value:
        reader.problem(node, "empty", "“{what}” is empty.", what=action)
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return tuple(_answer(reader, one, action) for one in nodes)


def _answer(reader: Reader, node: yaml.Node, action: str) -> ActionResult | None:
    """Outputs alone, or a whole answer; ``status`` may also be the name of an output (``logistics.get``)."""
    if isinstance(node, yaml.ScalarNode) and node.value == REAL:
        return None
    if not isinstance(node, yaml.MappingNode):
        reader.wrong(node, action, f"a mapping of outputs, a whole answer, or “{REAL}”")
        return None
    values: dict[str, Any] = {name: _json(value) for name, _key, value in reader.pairs(node, action)}
    if not values.keys() <= set(_ANSWER) or values.get("status", "ok") not in _STATUSES:
        return ActionResult("ok", values)
    fields = reader.fields(node, action, _ANSWER)
    return ActionResult(
        status=reader.choice(fields.get("status"), "status", _STATUSES, "ok"),
        out={name: _json(value) for name, _key, value in reader.pairs(fields.get("out"), "out")},
        options=tuple(_option(reader, one) for one in reader.items(fields.get("options"), "options")),
        slot_errors={
            name: reader.string(value, name)
            for name, _key, value in reader.pairs(fields.get("slot_errors"), "slot_errors")
        },
        message=reader.string(fields.get("message"), "message"),
    )


def _option(reader: Reader, node: yaml.Node) -> ActionOption:
    if isinstance(node, yaml.ScalarNode):
        return ActionOption(node.value, node.value)
    fields = reader.fields(node, "an option", _OPTION, ("value",))
    value = reader.string(fields.get("value"), "value")
    return ActionOption(
        value=value,
        label=reader.string(fields.get("label"), "label") or value,
        desc=reader.string(fields.get("desc"), "desc"),
        words=reader.strings(fields.get("words"), "words"),
        extra={name: _json(one) for name, _key, one in reader.pairs(fields.get("extra"), "extra")},
    )


def _json(node: yaml.Node) -> Json:
    """Plain values; what YAML would read as a date stays the text that it is."""
    if isinstance(node, yaml.SequenceNode):
        return [_json(one) for one in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _json(value) for key, value in node.value}
    tag, text = tag_of(node), str(node.value)
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    if tag in ("int", "float"):
        return _number(text)
    return text


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
