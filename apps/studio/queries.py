"""What the to-do list and the conversations show, read from the address bar and written back to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from apps.conversations.models import Conversation
from apps.conversations.staff import ConversationFilter
from apps.learning.selectors import TodoFilter
from apps.learning.waiting import REASONS
from dialog.types import Outcome, Route

DAYS = (1, 7, 30, 90)
DEFAULT_DAYS = 30
RATINGS = ("low", "high", "none", "up", "down")
TEXT_MAX = 200


def read_todo(query: Mapping[str, str]) -> TodoFilter:
    """Nonsense in the address bar reads as no filter."""
    return TodoFilter(
        reason=_one_of(query.get("reason"), REASONS),
        route=_one_of(query.get("route"), list(Route)),
        days=_days(query.get("days")),
        text=query.get("q", "").strip()[:TEXT_MAX],
        order="new" if query.get("order") == "new" else "often",
    )


def todo_query(wanted: TodoFilter) -> str:
    """The filter as a query string without question mark; empty where nothing is filtered."""
    order = "" if wanted.order == "often" else wanted.order
    return _query(reason=wanted.reason, route=wanted.route, days=_other_days(wanted.days), q=wanted.text, order=order)


def read_conversations(query: Mapping[str, str]) -> ConversationFilter:
    """Nonsense in the address bar reads as no filter."""
    return ConversationFilter(
        state=_one_of(query.get("state"), Conversation.State.values),
        outcome=_one_of(query.get("outcome"), list(Outcome)),
        rating=_one_of(query.get("rating"), RATINGS),
        text=query.get("q", "").strip()[:TEXT_MAX],
        days=_days(query.get("days")),
    )


def conversations_query(wanted: ConversationFilter) -> str:
    """As :func:`todo_query`."""
    return _query(
        state=wanted.state,
        outcome=wanted.outcome,
        rating=wanted.rating,
        days=_other_days(wanted.days),
        q=wanted.text,
    )


def page_number(query: Mapping[str, str]) -> int:
    page = query.get("page", "")
    return int(page) if page.isdecimal() and len(page) < 7 else 1


def _one_of(value: str | None, known: Collection[str]) -> str:
    return value if value in known and value is not None else ""


def _days(value: str | None) -> int:
    return next((days for days in DAYS if value == str(days)), DEFAULT_DAYS)


def _other_days(days: int) -> str:
    return "" if days == DEFAULT_DAYS else str(days)


def _query(**values: str) -> str:
    return urlencode({name: value for name, value in values.items() if value})
