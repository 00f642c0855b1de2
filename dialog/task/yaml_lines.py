"""YAML → nodes that know their place. Nothing is constructed; what could be used to blow up a reader is refused."""

from __future__ import annotations

from typing import Any

import yaml

MAX_SOURCE = 200_000
"""Bytes of UTF-8."""
MAX_DEPTH = 30

_KIND = {"str": "a text", "int": "a number", "float": "a number", "bool": "true or false", "null": "nothing"}


class YamlProblem(ValueError):
    """Why a text is not YAML that we read, as a whole sentence. ``line`` and ``column`` count from 1."""

    def __init__(self, code: str, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column


class _Loader(yaml.SafeLoader):
    """Composes nodes only; refuses anchors, aliases, tags and deep nesting as it meets them."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark = event.start_mark
        place = (mark.line + 1, mark.column + 1)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlProblem(
                "anchor", "Anchors and aliases (& and *) are not used in flow files; put the text in quotes.", *place
            )
        if getattr(event, "tag", None):
            raise YamlProblem("tag", "Tags (!) are not used in flow files; put the text in quotes.", *place)
        if self.depth >= MAX_DEPTH:
            raise YamlProblem("too_deep", f"The file is nested more than {MAX_DEPTH} deep.", *place)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, yaml.MappingNode):
            _names_only(node)
        return node


def _names_only(node: yaml.MappingNode) -> None:
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            mark = key.start_mark
            raise YamlProblem("key", "A key must be a name, not a list or a mapping.", mark.line + 1, mark.column + 1)


def nodes(source: str) -> yaml.Node | None:
    """The root of the one document in ``source``; None where it is empty.

    Raises:
        YamlProblem: it is too large, no YAML, or uses what is refused.
    """
    if len(source.encode(errors="replace")) > MAX_SOURCE:
        raise YamlProblem("too_large", f"A flow file may have {MAX_SOURCE // 1000} KB.")
    try:
        root: yaml.Node | None = _Loader(source).get_single_node()
    except YamlProblem:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise YamlProblem(
            "yaml",
            f"This is no YAML: {error.problem or error.context}. A text with signs such as , : ? or {{ stands in quotes.",
            line,
            column,
        ) from None
    except yaml.reader.ReaderError as error:
        before = source[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise YamlProblem("yaml", "A character here cannot stand in YAML.", line, column) from None
    except (ValueError, OverflowError):
        raise YamlProblem("yaml", "This is no YAML: a number or an escape in it is out of range.") from None
    return root


def kind_of(node: yaml.Node) -> str:
    """What a node is, in words."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return _KIND.get(tag_of(node), "a text")


def tag_of(node: yaml.Node) -> str:
    """``str``, ``int``, ``bool``, ``null`` …, as YAML reads a plain scalar."""
    return str(node.tag).rpartition(":")[2]


def text_start(node: yaml.Node) -> int | None:
    """The column, from 0, of the first character of a scalar that stands on one line; None where lines fold."""
    if not isinstance(node, yaml.ScalarNode) or node.style in ("|", ">") or node.start_mark.line != node.end_mark.line:
        return None
    return int(node.start_mark.column) + (1 if node.style else 0)
