"""Sentences of flows: ``{order.name} 运费 {fee} 元[，{pickup.label} 上门]，确认吗？``

``{path}`` shows a name of the scope. A section in ``[…]`` is left out where a name that stands directly in it has no value;
sections may hold sections. ``\\[ \\] \\{ \\} \\\\`` are the signs themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dialog.task.model import Text
from dialog.task.values import Value, lookup

MAX_LENGTH = 2000
MAX_DEPTH = 5

_TOKEN = re.compile(r"\\(?P<escaped>[\[\]{}\\])|\{(?P<path>[^{}\[\]]*)\}|(?P<sign>[\[\]{}])")
_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


class TemplateError(ValueError):
    """Why a sentence cannot be used, as a whole sentence. ``column`` counts its characters from 1."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Place:
    """A ``{path}``."""

    path: str
    column: int


@dataclass(frozen=True, slots=True)
class Template:
    """``parts`` are words, places and sections, in order. ``column`` is where a section begins."""

    parts: tuple[str | Place | Template, ...]
    column: int = 1

    @property
    def places(self) -> Iterator[Place]:
        """All of them, those of sections too."""
        for part in self.parts:
            if isinstance(part, Template):
                yield from part.places
            elif isinstance(part, Place):
                yield part

    @property
    def own_places(self) -> tuple[Place, ...]:
        """Those outside of inner sections."""
        return tuple(part for part in self.parts if isinstance(part, Place))


@dataclass(slots=True)
class _Open:
    column: int
    parts: list[str | Place | Template] = field(default_factory=list)


def parse(template: str) -> Template:
    """Read a sentence.

    Raises:
        TemplateError: a bracket without its partner, something else than a dotted name in braces, a section that
            shows no name, or a sentence that is too long or too deep.
    """
    if len(template) > MAX_LENGTH:
        raise TemplateError(f"A sentence may have {MAX_LENGTH} characters; this one has {len(template)}.")
    stack = [_Open(1)]
    at = 0
    for token in _TOKEN.finditer(template):
        stack[-1].parts.append(template[at : token.start()])
        at = token.end()
        _take(token, stack)
    stack[-1].parts.append(template[at:])
    if len(stack) > 1:
        raise TemplateError("The section that begins here with [ has no end.", stack[-1].column)
    return _closed(stack[0])


def _take(token: re.Match[str], stack: list[_Open]) -> None:
    column = token.start() + 1
    if token["escaped"]:
        stack[-1].parts.append(token["escaped"])
    elif token["path"] is not None:
        stack[-1].parts.append(_place(token["path"], column))
    elif token["sign"] == "[":
        if len(stack) > MAX_DEPTH:
            raise TemplateError(f"Sections are nested more than {MAX_DEPTH} deep.", column)
        stack.append(_Open(column))
    elif token["sign"] == "]" and len(stack) > 1:
        section = _closed(stack.pop())
        if not section.own_places:
            raise TemplateError(r"A section in […] must show a {name}; for a bracket write \[ and \].", section.column)
        stack[-1].parts.append(section)
    else:
        raise TemplateError(
            f"This {token['sign']} has no partner; for the sign itself write \\{token['sign']}.", column
        )


def _place(path: str, column: int) -> Place:
    if not _PATH.fullmatch(path.strip()):
        raise TemplateError(f"In braces stands a name such as {{order.name}}, not “{path}”.", column)
    return Place(path.strip(), column)


def _closed(section: _Open) -> Template:
    return Template(tuple(part for part in section.parts if part != ""), section.column)


def render(template: str, scope: Mapping[str, object]) -> str:
    """The sentence over ``scope``: labels where there are some, else values; nothing for what is not set.

    Raises:
        TemplateError: as :func:`parse`; the texts of a loaded flow have been read before.
    """
    return _rendered(parse(template), scope)


def _rendered(template: Template, scope: Mapping[str, object]) -> str:
    out: list[str] = []
    for part in template.parts:
        match part:
            case str():
                out.append(part)
            case Place():
                out.append(shown(lookup(scope, part.path)))
            case Template():
                full = all(shown(lookup(scope, place.path)) for place in part.own_places)
                out.append(_rendered(part, scope) if full else "")
    return "".join(out)


def shown(found: object) -> str:
    """A value as customers read it; empty where there is none."""
    if isinstance(found, Value):
        return found.label or shown(found.value)
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, float):
        return f"{found:.6f}".rstrip("0").rstrip(".")
    if isinstance(found, datetime):
        return found.strftime("%Y-%m-%d %H:%M")
    if isinstance(found, list | tuple):
        return ", ".join(filter(None, map(shown, found)))
    return "" if found is None or isinstance(found, Mapping) else str(found)


def names(template: str) -> frozenset[str]:
    """The root names that a sentence shows. Raises TemplateError as :func:`parse`."""
    return frozenset(place.path.partition(".")[0] for place in parse(template).places)


def names_outside(template: str) -> frozenset[str]:
    """Those that it shows outside of all sections, and so in any case."""
    return frozenset(place.path.partition(".")[0] for place in parse(template).own_places)


def text_in(text: Text, lang: str) -> str:
    """A text in a language; in the other one where it is not written in this one."""
    return text.get(lang) or text.get("") or next((one for one in text.values() if one), "")
