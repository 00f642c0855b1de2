"""The to-do list: what waits for a label (:mod:`apps.learning.waiting`), counted by the question that was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Max, QuerySet, Value, When
from django.utils import timezone

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.conversations.models import Turn
from apps.knowledge.models import Entry
from apps.knowledge.selectors import entries_search
from apps.learning.models import Label
from apps.learning.waiting import any_of, by_reason, signs_of, signs_since, unlabelled

DAYS = 30
MOST = 200
"""Items of the list that a page steps through; the count says how many there are."""
CHOICES = 8


@dataclass(frozen=True, slots=True)
class TodoFilter:
    """What an editor looks at; empty strings mean all. ``days`` counts back from now."""

    reason: str = ""
    route: str = ""
    days: int = DAYS
    text: str = ""
    order: Literal["often", "new"] = "often"


@dataclass(frozen=True, slots=True)
class TodoItem:
    """One question that waits, and how often it was asked. ``turn`` is the latest of its turns."""

    turn: UUID
    key: str
    text: str
    weight: int
    latest: datetime


def todo_count(bot: Bot) -> int:
    """How many questions wait, of the last 30 days."""
    return len(_keys(todo_turns(bot, TodoFilter(), timezone.now())))


def todo_turns(bot: Bot, wanted: TodoFilter, now: datetime) -> QuerySet[Turn]:
    """The turns that wait for a label and fit the filter, in no order."""
    since = now - timedelta(days=wanted.days)
    sets = by_reason(Turn.objects.filter(bot=bot, created_at__gte=since), signs_since(bot, since), now)
    turns = unlabelled(any_of([sets[wanted.reason]] if wanted.reason in sets else sets.values()))
    if wanted.route:
        turns = turns.filter(route=wanted.route)
    if wanted.text:
        turns = turns.filter(text__icontains=wanted.text)
    return turns


def todo_items(bot: Bot, wanted: TodoFilter, now: datetime) -> tuple[list[TodoItem], int]:
    """The first 200 items, most often asked or newest first, and how many there are. Two queries."""
    groups = _keys(todo_turns(bot, wanted, now))
    order = (
        (lambda g: (-g[1], -g[2].timestamp(), g[0]))
        if wanted.order == "often"
        else (lambda g: (-g[2].timestamp(), g[0]))
    )
    shown = sorted(groups, key=order)[:MOST]
    newest = Turn.objects.filter(bot=bot, text_key__in=[g[0] for g in shown], created_at__in=[g[2] for g in shown])
    rows = {(row.text_key, row.created_at): row for row in newest.only("pk", "text", "text_key", "created_at")}
    items = []
    for key, weight, latest in shown:
        row = rows[key, latest]
        items.append(TodoItem(row.pk, key, row.text, weight, latest))
    return items, len(groups)


def _keys(turns: QuerySet[Turn]) -> list[tuple[str, int, datetime]]:
    rows = turns.order_by().values("text_key").annotate(weight=Count("pk"), latest=Max("created_at"))
    return list(rows.values_list("text_key", "weight", "latest"))


def turns_alike(turn: Turn) -> list[Turn]:
    """The turn and all that wait with the same text, however old, newest first."""
    rows = [turn]
    if turn.text_key:
        same = Turn.objects.filter(bot=turn.bot_id, text_key=turn.text_key)
        waiting = unlabelled(any_of(by_reason(same, signs_of(same), timezone.now()).values()))
        rows += waiting.exclude(pk=turn.pk).select_related("bot")
    return sorted(rows, key=lambda row: row.created_at, reverse=True)


def reasons_of(turns: list[Turn]) -> dict[str, int]:
    """Why these turns wait, with how many of them for each reason; a turn may have several."""
    rows = Turn.objects.filter(pk__in=[turn.pk for turn in turns])
    counts = {reason: found.count() for reason, found in by_reason(rows, signs_of(rows), timezone.now()).items()}
    return {reason: n for reason, n in counts.items() if n}


def label_active(turn: Turn) -> Label | None:
    return Label.objects.filter(turn=turn, active=True).select_related("by").first()


def labelled_turns(turn_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The words of the labels that these turns have. One query."""
    rows = Label.objects.filter(turn__in=list(turn_ids), active=True).only("turn_id", "kind")
    return {row.turn_id: row.get_kind_display() for row in rows}


def last_action_of(bot: Bot, user: User) -> Label | None:
    """The first label of the user's latest action of today that still stands."""
    return (
        Label.objects.filter(bot=bot, by=user, active=True, created_at__gte=_midnight(), pk=F("action"))
        .order_by("pk")
        .last()
    )


def action_size(label: Label) -> int:
    """How many turns the label's action settled."""
    return Label.objects.filter(action=label.action).count()


def entry_choices(bot: Bot, text: str) -> list[Entry]:
    """Up to eight entries with these words, those with them in the question first."""
    rank = Case(When(question__icontains=text, then=Value(0)), default=Value(1), output_field=IntegerField())
    found = entries_search(bot, text=text).annotate(rank=rank).order_by("rank", "-updated_at", "pk")
    return list(found.only("pk", "question", "category")[:CHOICES])


@dataclass(frozen=True, slots=True)
class Today:
    """What today's labels did. ``kinds`` and ``people`` count actions, ``turns`` the turns they settled."""

    kinds: Mapping[str, int]
    people: Mapping[str, int]
    turns: int

    @property
    def done(self) -> int:
        return sum(self.kinds.values())


def labels_today(bot: Bot) -> Today:
    """Labels of today (in the server's time zone) that still stand. One query."""
    rows = Label.objects.filter(bot=bot, active=True, created_at__gte=_midnight()).values(
        "kind", "by__first_name", "by__last_name", "by__username"
    )
    kinds: dict[str, int] = {}
    people: dict[str, int] = {}
    turns = 0
    for row in rows.annotate(actions=Count("action", distinct=True), turns=Count("pk")).order_by("kind"):
        name = f"{row['by__first_name']} {row['by__last_name']}".strip() or row["by__username"] or "—"
        kinds[row["kind"]] = kinds.get(row["kind"], 0) + row["actions"]
        people[name] = people.get(name, 0) + row["actions"]
        turns += row["turns"]
    return Today(kinds, dict(sorted(people.items(), key=lambda p: -p[1])), turns)


def _midnight() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
