"""Words and differences for the studio's templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.knowledge.changes import FieldChange
from apps.knowledge.figures import Figure
from apps.knowledge.models import Rule, SensitiveWord
from apps.studio.diff import Piece, lines_diff, text_diff

register = template.Library()


@register.simple_tag
def field_name(name: str) -> str:
    """A field of an entry in the reader's language."""
    words = {
        "question": _("Standard question"),
        "answer": _("Answer"),
        "similar": _("Similar questions"),
        "negative": _("Negative questions"),
        "category": _("Category"),
        "valid_from": _("Answers from"),
        "valid_to": _("Answers until"),
    }
    return words.get(name, name)


@register.simple_tag
def braced(names: str) -> str:
    """The names of figures as they stand in an answer: ``{phone} {days}``."""
    return " ".join(f"{{{name}}}" for name in names.split())


@register.simple_tag
def list_row(kind: str, row: Any) -> str:
    """A published row of a small list on one line."""
    if kind == "synonyms":
        return " = ".join(row)
    if kind == "figures":
        return f"{{{row[0]}}} = {row[1]}"
    if kind == "words":
        return f"{row['text']} → {SensitiveWord.Level(row['level']).label}"
    does = row["reply"] if row["action"] == Rule.Action.REPLY else Rule.Action(row["action"]).label
    return f"{row['name']}（{Rule.Kind(row['kind']).label}）{' | '.join(row['patterns'])} → {does}"


@register.simple_tag
def typed_figure(figure: Figure, typed: Mapping[str, str] | str) -> str:
    """What stands in a figure's input: what was typed and refused, else its value."""
    return typed.get(figure.name, figure.value) if isinstance(typed, Mapping) else figure.value


@register.filter
def one_a_line(texts: Sequence[str]) -> str:
    return "\n".join(texts or ())


@register.filter
def pieces(change: FieldChange) -> tuple[Piece, ...]:
    """What went and what came in one field."""
    if isinstance(change.before, tuple):
        return lines_diff(change.before, change.after)
    if isinstance(change.before, str):
        return text_diff(change.before, change.after)
    return text_diff(_moment(change.before), _moment(change.after))


def _moment(value: datetime | None) -> str:
    return date_format(timezone.localtime(value), "Y-m-d H:i") if value else _("always")
