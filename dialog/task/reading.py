"""Reads typed values from YAML nodes and notes what is wrong with them; nothing raises."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import yaml

from dialog.task import expressions, template
from dialog.task.expressions import RESERVED, Expression
from dialog.task.findings import finding, nearest
from dialog.task.model import Problem, Text
from dialog.task.yaml_lines import kind_of, tag_of, text_start

T = TypeVar("T")
S = TypeVar("S", bound=str)

LANGUAGES = ("zh", "en")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SHOWN_NAME = re.compile(r"\{[A-Za-z_][A-Za-z0-9_.]*\}")


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping whose keys were checked."""

    node: yaml.Node
    nodes: Mapping[str, yaml.Node] = field(default_factory=dict)

    def get(self, name: str) -> yaml.Node | None:
        return self.nodes.get(name)

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1


class Reader:
    """Collects the problems of one file."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, node: yaml.Node, code: str, message: str, *, offset: int = 0, **values: str) -> None:
        mark = node.start_mark
        self.problems.append(finding(mark.line + 1, code, message, "error", mark.column + 1 + offset, **values))

    def wrong(self, node: yaml.Node, what: str, wanted: str) -> None:
        message = "“{what}” must be {wanted}; this is {found}."
        self.problem(node, "wrong_type", message, what=what, wanted=wanted, found=kind_of(node))

    # --- mappings and lists -----------------------------------------------------------------------------------------

    def pairs(self, node: yaml.Node | None, what: str) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        """Key, its node, and the value's node; a key that stands twice is noted, and its second value left out."""
        if not isinstance(node, yaml.MappingNode):
            if node is not None:
                self.wrong(node, what, "a mapping")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not key.value.strip():
                self.problem(key, "wrong_type", "A key of “{what}” must be a text.", what=what)
            elif key.value in seen:
                self.problem(key, "duplicate_key", "“{key}” stands twice in “{what}”.", key=key.value, what=what)
            else:
                seen.add(key.value)
                yield key.value, key, value

    def fields(self, node: yaml.Node, what: str, known: Collection[str], needed: Collection[str] = ()) -> Fields:
        """A mapping of fixed keys; unknown ones and those that are missing are noted."""
        found: dict[str, yaml.Node] = {}
        for name, key, value in self.pairs(node, what):
            if name in known:
                found[name] = value
            else:
                message = "“{key}” is no key of “{what}”.{hint}"
                self.problem(key, "unknown_key", message, key=name, what=what, hint=nearest(name, known))
        for name in needed:
            if name not in found and isinstance(node, yaml.MappingNode):
                self.problem(node, "missing_key", "“{what}” lacks “{key}”.", what=what, key=name)
        return Fields(node, found)

    def items(self, node: yaml.Node | None, what: str) -> list[yaml.Node]:
        """A list; one value alone is a list of one."""
        if node is None:
            return []
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        if isinstance(node, yaml.MappingNode):
            self.wrong(node, what, "a list")
            return []
        return [node]

    # --- scalars ----------------------------------------------------------------------------------------------------

    def string(self, node: yaml.Node | None, what: str) -> str:
        """Any scalar as it was written; empty where there is none."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.wrong(node, what, "a text")
            return ""
        if not node.value.strip() or (tag_of(node) == "null" and not node.style):
            self.problem(node, "empty", "“{what}” is empty.", what=what)
            return ""
        return str(node.value).strip()

    def strings(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        return tuple(text for text in (self.string(one, what) for one in self.items(node, what)) if text)

    def name(self, node: yaml.Node | None, what: str) -> str:
        """A name that expressions may read."""
        text = self.string(node, what)
        return text if node is None or not text or self.is_name(node, text) else ""

    def names(self, node: yaml.Node | None, what: str) -> tuple[str, ...]:
        return tuple(text for text in (self.name(one, what) for one in self.items(node, what)) if text)

    def is_name(self, node: yaml.Node, text: str) -> bool:
        if text in RESERVED or text in ("user", "value"):
            self.problem(node, "bad_name", "“{name}” has a meaning of its own; take another name.", name=text)
            return False
        if not _NAME.fullmatch(text) or len(text) > 60:
            message = "“{name}” is no name; names have letters from a to z, digits and underscores, at most 60."
            self.problem(node, "bad_name", message, name=text)
            return False
        return True

    def choice(self, node: yaml.Node | None, what: str, known: Sequence[S], default: S) -> S:
        """One of ``known``; else it is noted and ``default``."""
        text = self.string(node, what)
        if node is None or not text:
            return default
        found = next((one for one in known if one == text), None)
        if found is None:
            message = "“{what}” is one of {known}; “{found}” is not.{hint}"
            listed, hint = ", ".join(known), nearest(text, known)
            self.problem(node, "unknown_value", message, what=what, known=listed, found=text, hint=hint)
            return default
        return found

    def boolean(self, node: yaml.Node | None, what: str) -> bool:
        if node is None:
            return False
        if not isinstance(node, yaml.ScalarNode) or tag_of(node) != "bool":
            self.wrong(node, what, "true or false")
            return False
        return node.value.lower() in ("true", "yes", "on")

    def integer(self, node: yaml.Node | None, what: str, default: int, low: int, high: int) -> int:
        if node is None:
            return default
        plain = isinstance(node, yaml.ScalarNode) and re.fullmatch(r"-?[0-9]{1,12}", node.value)
        if not plain or not low <= int(node.value) <= high:
            message = "“{what}” must be a whole number from {low} to {high}."
            self.problem(node, "bad_number", message, what=what, low=str(low), high=str(high))
            return default
        return int(node.value)

    def duration(self, node: yaml.Node | None, what: str) -> timedelta | None:
        """``30s 15m 2h 1d``."""
        text = self.string(node, what)
        if node is None or not text:
            return None
        match = _DURATION.fullmatch(text)
        span = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta()
        if not timedelta() < span <= timedelta(days=366):
            self.problem(node, "bad_duration", "“{what}” must be a time such as 30s, 15m, 2h or 1d.", what=what)
            return None
        return span

    # --- texts ------------------------------------------------------------------------------------------------------

    def text(self, node: yaml.Node | None, what: str) -> Text:
        """``a text`` or ``{zh: …, en: …}``; it stands as it is, without names in braces."""

        def check(text: str) -> str:
            if shown := _SHOWN_NAME.search(text):
                raise template.TemplateError(
                    "Names in braces are shown in “say” and “confirm” only.", shown.start() + 1
                )
            return text

        return self._text(node, what, check)

    def sentence(self, node: yaml.Node | None, what: str) -> Text:
        """A text that shows names, as :mod:`dialog.task.template` reads them."""
        return self._text(node, what, template.parse)

    def own_text(self, node: yaml.Node, what: str, usual: Text) -> Text:
        """A text in place of a ``usual`` one; it may show the names that one shows."""
        known = {name for text in usual.values() for name in _SHOWN_NAME.findall(text)}

        def check(text: str) -> str:
            for shown in _SHOWN_NAME.finditer(text):
                if shown[0] not in known:
                    may = ", ".join(sorted(known)) or "no names"
                    raise template.TemplateError(
                        f"“{what}” can show {may}; it does not know {shown[0]}.", shown.start() + 1
                    )
            return text

        return self._text(node, what, check)

    def _text(self, node: yaml.Node | None, what: str, check: Callable[[str], object]) -> Text:
        if not isinstance(node, yaml.MappingNode):
            text = self._written(node, what, check)
            return {"": text} if text else {}
        found = {
            lang: self._written(one, what, check) for lang, one in self.fields(node, what, LANGUAGES).nodes.items()
        }
        if not node.value:
            self.problem(node, "empty", "“{what}” is empty.", what=what)
        return {lang: text for lang, text in found.items() if text}

    def _written(self, node: yaml.Node | None, what: str, check: Callable[[str], object]) -> str:
        text = self.string(node, what)
        good = node is not None and text and self.checked(node, text, "bad_text", check) is not None
        return text if good else ""

    def expression(self, node: yaml.Node | None, what: str) -> Expression | None:
        text = self.string(node, what)
        return self.checked(node, text, "bad_expression", expressions.parse) if node is not None and text else None

    def checked(self, node: yaml.Node, text: str, code: str, read: Callable[[str], T]) -> T | None:
        """What ``read`` makes of a text; its complaint stands where the text has it."""
        try:
            return read(text)
        except (expressions.ExpressionError, template.TemplateError) as error:
            start = text_start(node)
            offset = 0 if start is None else start - node.start_mark.column + error.column - 1
            self.problem(node, code, "{reason}", offset=offset, reason=error.message)
            return None
