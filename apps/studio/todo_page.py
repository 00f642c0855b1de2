"""What the to-do screen shows: one question with all that helps to decide on it, and where it stands in the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.bots.models import Bot
from apps.conversations.models import Message, Turn
from apps.conversations.staff import messages_around
from apps.conversations.traces import trace_json
from apps.core.errors import NotFound
from apps.core.logs import mask
from apps.knowledge.selectors import categories_of
from apps.learning.access import turn_of
from apps.learning.models import Label
from apps.learning.proposals import Suggested, proposals
from apps.learning.selectors import (
    TodoFilter,
    TodoItem,
    label_active,
    labels_today,
    last_action_of,
    reasons_of,
    todo_items,
    turns_alike,
)
from apps.studio.frame import StudioRequest
from apps.studio.queries import todo_query

QUEUE = 30
"""Items listed beside the one at hand."""
SPELLINGS = 5

REASON_WORDS = {
    "refused": _("refused"),
    "not_picked": _("nothing picked from the list"),
    "thumbs_down": _("thumbed down"),
    "person": _("asked for a person"),
}
FLAG_WORDS = {
    "number": _("the numbers differ"),
    "negation": _("one says yes where the other says no"),
    "antonym": _("they mean the opposite"),
    "question_type": _("they ask for different things"),
    "entity": _("they are about different things"),
    "negative_question": _("marked as a negative question"),
    "invalid_date": _("outside its dates"),
}


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal as a row with a number key; ``percent`` is 0 to 100."""

    key: int
    entry: Suggested
    percent: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemView:
    """One question. ``reasons`` pairs words with counts; ``label`` is set when somebody decided on it already."""

    turn: Turn
    weight: int
    first: datetime
    reasons: tuple[tuple[str, str, int], ...]
    spellings: tuple[str, ...]
    around: list[Message]
    trace: Mapping[str, Any]
    proposals: tuple[Proposed, ...]
    thresholds: Mapping[str, int]
    label: Label | None
    question: str


@dataclass(frozen=True, slots=True)
class Place:
    """The neighbours of the item at hand in the list; ``number`` is 0 when it is not in there."""

    items: tuple[TodoItem, ...]
    total: int
    number: int = 0
    previous: TodoItem | None = None
    next: TodoItem | None = None


def page_context(request: StudioRequest, bot: Bot, wanted: TodoFilter, item: str = "", **extra: Any) -> dict[str, Any]:
    """Everything the template needs. An item that is gone gives way to the first one.

    ``extra`` may bring ``form`` and ``error`` of a new entry that was not accepted.
    """
    items, total = todo_items(bot, wanted, timezone.now())
    turn = _turn(bot, item) if item else None
    if turn is None and items:
        turn = turn_of(bot, items[0].turn)
    today = labels_today(bot)
    return {
        "bot": bot,
        "wanted": wanted,
        "query": todo_query(wanted),
        "place": _place(items, total, turn),
        "item": item_view(turn) if turn else None,
        "today": today,
        "changes": [(Label.Kind(kind).label, n) for kind, n in today.kinds.items()],
        "all": total + today.done,
        "categories": categories_of(bot),
        "last": last_action_of(bot, request.user),
        "form": {},
        "error": None,
        **extra,
    }


def item_view(turn: Turn) -> ItemView:
    alike = turns_alike(turn)
    counts = reasons_of(alike)
    label = label_active(turn)
    spellings = dict.fromkeys(row.text for row in alike if row.text != turn.text)
    return ItemView(
        turn=turn,
        weight=len(alike),
        first=alike[-1].created_at,
        reasons=tuple((name, str(REASON_WORDS[name]), n) for name, n in counts.items()),
        spellings=tuple(spellings)[:SPELLINGS],
        around=messages_around(turn),
        trace=trace_json(turn),
        proposals=() if label else _rows(proposals(turn)),
        thresholds=_lines(turn),
        label=label,
        question=mask(turn.text),
    )


def _turn(bot: Bot, turn_id: str) -> Turn | None:
    try:
        return turn_of(bot, turn_id)
    except NotFound:
        return None


def _rows(found: list[Suggested]) -> tuple[Proposed, ...]:
    return tuple(
        Proposed(key, entry, round(entry.probability * 100), tuple(str(FLAG_WORDS.get(f, f)) for f in entry.flags))
        for key, entry in enumerate(found, start=1)
    )


def _lines(turn: Turn) -> Mapping[str, int]:
    """The two thresholds in percent, as the turn was judged by them; none where the knowledge was not asked."""
    for stage in turn.trace.get("stages", []):
        if "thresholds" in stage:
            return {name: round(stage["thresholds"][name] * 100) for name in ("answer", "list")}
    return {}


def _place(items: list[TodoItem], total: int, turn: Turn | None) -> Place:
    at = next((i for i, row in enumerate(items) if turn is not None and turn.text_key == row.key), None)
    if at is None:
        return Place(tuple(items[:QUEUE]), total, next=items[0] if items else None)
    first = max(0, min(at - 3, len(items) - QUEUE))
    return Place(
        items=tuple(items[first : first + QUEUE]),
        total=total,
        number=at + 1,
        previous=items[at - 1] if at else None,
        next=items[at + 1] if at + 1 < len(items) else None,
    )
