"""What the studio's forms send, as the services take it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.knowledge.content import EntryContent


def entry_content(data: QueryDict) -> EntryContent:
    """The form of an entry.

    Raises:
        Invalid: a date cannot be read.
    """
    return EntryContent(
        question=data.get("question", ""),
        answer=data.get("answer", ""),
        similar=tuple(data.getlist("similar")),
        negative=tuple(data.getlist("negative")),
        category=data.get("category", ""),
        valid_from=_moment(data, "valid_from"),
        valid_to=_moment(data, "valid_to"),
    )


def revision_of(data: QueryDict) -> int | None:
    """The revision that the editor had before them; ``over`` is the one that they chose to replace."""
    text = data.get("over") or data.get("revision", "")
    return int(text) if text.isdecimal() else None


def ids_of(values: Iterable[str]) -> list[UUID]:
    """Ids; what is none is left out."""
    return [found for found in map(_id, values) if found is not None]


def rule_fields(data: QueryDict) -> dict[str, Any]:
    """The form of a rule."""
    priority = data.get("priority", "")
    return {
        "name": data.get("name", "").strip(),
        "kind": data.get("kind", ""),
        "patterns": lines_of(data.get("patterns", "")),
        "action": data.get("action", ""),
        "reply": data.get("reply", "").strip(),
        "priority": int(priority) if priority.isdecimal() and int(priority) < 32_768 else 100,
        "tests": {"match": lines_of(data.get("match", "")), "no_match": lines_of(data.get("no_match", ""))},
        "enabled": data.get("enabled") == "on",
    }


def precision_of(data: QueryDict) -> float:
    """A precision in percent, as a share.

    Raises:
        Invalid: it is no number.
    """
    text = data.get("precision", "").strip()
    if not text.isdecimal() or len(text) > 3:
        raise Invalid(_("“%s” is no percentage.") % text, fields={"precision": _("Write a whole number.")})
    return int(text) / 100


def lines_of(text: str) -> list[str]:
    """The lines with something in them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def local_value(moment: datetime | None) -> str:
    """A moment as ``<input type=datetime-local>`` takes it."""
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _moment(data: QueryDict, name: str) -> datetime | None:
    """In UTC, as the database gives it back, so that equal content has one hash."""
    text = data.get(name, "").strip()
    if not text:
        return None
    try:
        parsed = parse_datetime(text)
    except ValueError:
        parsed = None
    if parsed is None:
        raise Invalid(_("“%s” is no date and time.") % text, fields={name: _("Write it as 2026-05-01 09:00.")})
    aware = parsed if timezone.is_aware(parsed) else timezone.make_aware(parsed)
    return aware.astimezone(UTC)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
