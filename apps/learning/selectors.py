"""The to-do list: a query over turns and labels, counted by the question that was asked.

A turn waits for a label when the bot refused it, when its list was left unpicked, when the visitor put a thumb down, or
when the visitor asked for a person with it or right after it. Presses on buttons, what the guard stopped, messages to a
person, and texts that ask nothing (see :mod:`apps.conversations.keys`) never wait.

Each reason is a set of turn ids driven by an index of its own; the list is their union.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, TypeVar
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils import timezone

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.conversations.models import Feedback, Transition, Turn
from apps.knowledge.models import Entry
from apps.knowledge.selectors import entries_search
from apps.learning.models import Label

M = TypeVar("M", bound=Model)
Reason: TypeAlias = Literal["refused", "not_picked", "thumbs_down", "person"]
REASONS: tuple[Reason, ...] = ("refused", "not_picked", "thumbs_down", "person")
DAYS = 30
MOST = 200
"""Items of the list that a page steps through; the count says how many there are."""
CHOICES = 8
PICK_PATIENCE = timedelta(minutes=2)
"""How long a list may stand unpicked before it counts as left, when the visitor says nothing more."""

_SETTLED = (Label.Kind.OUT_OF_SCOPE, Label.Kind.IGNORE)
_OWN_REASONS = ("risk", "rule")
"""Hand-overs that the bot decided by itself; all others were asked for."""


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
    sets = _reasons(Turn.objects.filter(bot=bot, created_at__gte=since), bot, now, since)
    turns = _waiting(_any_of(sets if wanted.reason not in sets else {wanted.reason: sets[wanted.reason]}))
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
    """The turn and all that wait with the same text, newest first."""
    same = Turn.objects.filter(bot=turn.bot_id, text_key=turn.text_key)
    waiting = (
        _waiting(_any_of(_reasons(same, turn.bot, timezone.now(), None))) if turn.text_key else Turn.objects.none()
    )
    rows = [turn, *waiting.exclude(pk=turn.pk).select_related("bot")]
    return sorted(rows, key=lambda row: row.created_at, reverse=True)


def reasons_of(turns: list[Turn]) -> dict[str, int]:
    """Why these turns wait, with how many of them for each reason; a turn may have several."""
    ids = [turn.pk for turn in turns]
    sets = _reasons(Turn.objects.filter(pk__in=ids), turns[0].bot, timezone.now(), None)
    counts = {reason: rows.count() for reason, rows in sets.items()}
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


# --- what waits ---------------------------------------------------------------------------------------------------


def _waiting(turns: QuerySet[Turn]) -> QuerySet[Turn]:
    """Without what has a label, or has one on the same text that also speaks for it."""
    labels = Label.objects.filter(bot=OuterRef("bot"), text_key=OuterRef("text_key"), active=True)
    speaks = Q(turn=OuterRef("pk")) | Q(kind__in=_SETTLED) | Q(live_version__gte=OuterRef("publication"))
    return turns.exclude(text_key="").filter(~Exists(labels.filter(speaks)))


def _any_of(sets: Mapping[Any, QuerySet[Turn]]) -> QuerySet[Turn]:
    first, *rest = (rows.order_by().values("pk") for rows in sets.values())
    return Turn.objects.filter(pk__in=first.union(*rest) if rest else first)


def _reasons(turns: QuerySet[Turn], bot: Bot, now: datetime, since: datetime | None) -> dict[str, QuerySet[Turn]]:
    """The turns among ``turns`` that have each reason; ``since`` bounds the signs, where ``turns`` are so bounded."""
    said = turns.filter(status=Turn.Status.DONE, pick__isnull=True).exclude(route__in=("guard", "human"))
    return {
        "refused": said.filter(outcome="refuse"),
        "not_picked": _not_picked(said, now),
        "thumbs_down": said.filter(
            pk__in=_after(Feedback.objects.filter(value="down", turn__bot=bot), since).values("turn")
        ),
        "person": said.filter(Q(pk__in=_before_a_person(bot, since)) | Q(pk__in=_asked_for_person(bot, since))),
    }


def _not_picked(said: QuerySet[Turn], now: datetime) -> QuerySet[Turn]:
    later = Turn.objects.filter(conversation=OuterRef("conversation"), seq__gt=OuterRef("seq"), status=Turn.Status.DONE)
    left = Q(finished_at__lt=now - PICK_PATIENCE) | Exists(later)
    return said.filter(left, outcome="list", picked_entry=None)


def _before_a_person(bot: Bot, since: datetime | None) -> QuerySet[Any, Any]:
    """Ids of the last turns that were no hand-over themselves before somebody asked for a person, by words or button."""
    before = Turn.objects.filter(
        conversation=OuterRef("conversation"), pick__isnull=True, created_at__lte=OuterRef("created_at")
    )
    turn = before.exclude(outcome="handoff").order_by("-seq").values("pk")[:1]
    return _queued(bot, since).exclude(reason__in=_OWN_REASONS).annotate(asked=Subquery(turn)).values("asked")


def _asked_for_person(bot: Bot, since: datetime | None) -> QuerySet[Any, Any]:
    """Ids of the turns that asked for a person in words: those in which the transition was made."""
    during = Turn.objects.filter(
        conversation=OuterRef("conversation"),
        outcome="handoff",
        created_at__lte=OuterRef("created_at"),
        finished_at__gte=OuterRef("created_at"),
    )
    return _queued(bot, since).filter(reason="asked").annotate(asked=Subquery(during.values("pk")[:1])).values("asked")


def _queued(bot: Bot, since: datetime | None) -> QuerySet[Transition]:
    return _after(Transition.objects.filter(conversation__bot=bot, target="queued"), since)


def _after(rows: QuerySet[M], since: datetime | None) -> QuerySet[M]:
    return rows if since is None else rows.filter(created_at__gte=since)
