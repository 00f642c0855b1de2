"""Which turns wait for a label, and why.

A turn waits when the bot refused it, when its list was left unpicked, when the visitor put a thumb down, or when the
visitor asked for a person with it or right after it. Presses on buttons, what the guard stopped, messages to a person,
and texts that ask nothing (see :mod:`apps.conversations.keys`) never wait.

Each reason is a set of turn ids that an index of its own leads to; what waits is their union.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from apps.bots.models import Bot
from apps.conversations.models import Feedback, Transition, Turn
from apps.learning.models import Label

Reason: TypeAlias = Literal["refused", "not_picked", "thumbs_down", "person"]
REASONS: tuple[Reason, ...] = ("refused", "not_picked", "thumbs_down", "person")
PICK_PATIENCE = timedelta(minutes=2)
"""How long a list may stand unpicked before it counts as left, when the visitor says nothing more."""

_SETTLED = (Label.Kind.OUT_OF_SCOPE, Label.Kind.IGNORE)
_OWN_REASONS = ("risk", "rule")
"""Hand-overs that the bot decided by itself; all others were asked for."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Where to look for what visitors did after a turn."""

    thumbs_down: QuerySet[Feedback]
    queued: QuerySet[Transition]


def signs_since(bot: Bot, since: datetime) -> Signs:
    """All signs of a bot from ``since`` on; what concerns a turn is never older than the turn."""
    recent = {"created_at__gte": since}
    return Signs(
        Feedback.objects.filter(value="down", turn__bot=bot, **recent),
        Transition.objects.filter(target="queued", conversation__bot=bot, **recent),
    )


def signs_of(turns: QuerySet[Turn]) -> Signs:
    """The signs of some turns, however old."""
    return Signs(
        Feedback.objects.filter(value="down", turn__in=turns.values("pk")),
        Transition.objects.filter(target="queued", conversation__in=turns.values("conversation")),
    )


def by_reason(turns: QuerySet[Turn], signs: Signs, now: datetime) -> dict[str, QuerySet[Turn]]:
    """The turns among ``turns`` that have each of :data:`REASONS`."""
    said = turns.filter(status=Turn.Status.DONE, pick__isnull=True).exclude(route__in=("guard", "human"))
    return {
        "refused": said.filter(outcome="refuse"),
        "not_picked": _not_picked(said, now),
        "thumbs_down": said.filter(pk__in=signs.thumbs_down.values("turn")),
        "person": said.filter(pk__in=_before_a_person(signs.queued).union(_asked_for_person(signs.queued))),
    }


def any_of(sets: Iterable[QuerySet[Turn]]) -> QuerySet[Turn]:
    """The union; at least one set."""
    first, *rest = (rows.order_by().values("pk") for rows in sets)
    return Turn.objects.filter(pk__in=first.union(*rest) if rest else first)


def unlabelled(turns: QuerySet[Turn]) -> QuerySet[Turn]:
    """Without what asks nothing, has a label, or has one on the same text that also speaks for it.

    Such a label settles the text for good, or was given when the publication that answered the turn was live already:
    then its effect has not been seen by the turn.
    """
    labels = Label.objects.filter(bot=OuterRef("bot"), text_key=OuterRef("text_key"), active=True)
    speaks = Q(turn=OuterRef("pk")) | Q(kind__in=_SETTLED) | Q(live_version__gte=OuterRef("publication"))
    return turns.exclude(text_key="").filter(~Exists(labels.filter(speaks)))


def _not_picked(said: QuerySet[Turn], now: datetime) -> QuerySet[Turn]:
    later = Turn.objects.filter(conversation=OuterRef("conversation"), seq__gt=OuterRef("seq"), status=Turn.Status.DONE)
    left = Q(finished_at__lt=now - PICK_PATIENCE) | Exists(later)
    return said.filter(left, outcome="list", picked_entry=None)


def _before_a_person(queued: QuerySet[Transition]) -> QuerySet[Any, Any]:
    """Ids of the last turns that were no hand-over themselves before somebody asked for a person, by words or button."""
    before = Turn.objects.filter(
        conversation=OuterRef("conversation"), pick__isnull=True, created_at__lte=OuterRef("created_at")
    )
    turn = before.exclude(outcome="handoff").order_by("-seq").values("pk")[:1]
    return queued.exclude(reason__in=_OWN_REASONS).annotate(asked=Subquery(turn)).values("asked")


def _asked_for_person(queued: QuerySet[Transition]) -> QuerySet[Any, Any]:
    """Ids of the turns that asked for a person in words: those in which the transition was made."""
    during = Turn.objects.filter(
        conversation=OuterRef("conversation"),
        outcome="handoff",
        created_at__lte=OuterRef("created_at"),
        finished_at__gte=OuterRef("created_at"),
    )
    return queued.filter(reason="asked").annotate(asked=Subquery(during.values("pk")[:1])).values("asked")
