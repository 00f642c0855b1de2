"""Reads of conversations for staff: the list, one conversation with everything in it, and its traces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations.models import Conversation, Message, Transition, Turn
from apps.core.errors import NotFound

PAGE = 30
DAYS = 30
AROUND = 6
"""Messages shown before and after a turn."""

State = Conversation.State


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Empty strings mean all. ``rating`` is ``low`` (1–2), ``high`` (4–5), ``none``, ``up`` or ``down`` (a thumb)."""

    state: str = ""
    outcome: str = ""
    rating: str = ""
    text: str = ""
    days: int = DAYS


def conversations_search(bot: Bot, wanted: ConversationFilter, now: datetime) -> QuerySet[Conversation]:
    """Those in which something was said: who waits for a person first (longest first), then the latest first.

    Rows carry ``last_said`` (the visitor's last words), ``asked`` (turns), ``score`` and ``outcomes_bad`` (refusals).
    """
    said = Message.objects.filter(conversation=OuterRef("pk"), role=Message.Role.VISITOR).order_by("-seq")
    turns = Turn.objects.filter(conversation=OuterRef("pk")).order_by()
    rows = _filtered(Conversation.objects.filter(bot=bot), wanted, now).select_related(
        "visitor", "assigned_to", "rating"
    )
    return rows.annotate(
        last_said=Subquery(said.values("text")[:1]),
        asked=_count(turns),
        refused=_count(turns.filter(outcome="refuse")),
        first=Case(When(state=State.QUEUED, then=Value(0)), default=Value(1), output_field=IntegerField()),
        waits_since=Case(When(state=State.QUEUED, then=F("queued_at"))),
    ).order_by("first", "waits_since", "-last_message_at", "pk")


def _filtered(rows: QuerySet[Conversation], wanted: ConversationFilter, now: datetime) -> QuerySet[Conversation]:
    rows = rows.filter(last_message_at__gte=now - timedelta(days=wanted.days)) | rows.filter(state=State.QUEUED)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.outcome:
        rows = rows.filter(Exists(Turn.objects.filter(conversation=OuterRef("pk"), outcome=wanted.outcome)))
    if wanted.text:
        rows = rows.filter(Exists(Message.objects.filter(conversation=OuterRef("pk"), text__icontains=wanted.text)))
    return rows.filter(_rated(wanted.rating))


def _rated(rating: str) -> Q:
    thumbs = Turn.objects.filter(conversation=OuterRef("pk"), feedback__value=rating)
    kinds = {
        "low": Q(rating__score__lte=2),
        "high": Q(rating__score__gte=4),
        "none": Q(rating=None),
        "up": Q(Exists(thumbs)),
        "down": Q(Exists(thumbs)),
    }
    return kinds.get(rating, Q())


def _count(turns: QuerySet[Turn]) -> Subquery:
    counted = turns.values("conversation").annotate(n=Count("pk")).values("n")
    return Subquery(counted, output_field=IntegerField())


def conversation_of(bot: Bot, conversation_id: UUID | str) -> Conversation:
    """Raises NotFound: no such conversation of this bot."""
    rows = Conversation.objects.filter(bot=bot).select_related("bot", "visitor", "assigned_to", "rating")
    try:
        found = rows.filter(pk=conversation_id).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound(_("There is no such conversation, or it was removed."))
    return found


def messages_of(conversation: Conversation) -> list[Message]:
    """All messages in order, with their turns, thumbs and authors. One query."""
    rows = Message.objects.filter(conversation=conversation).order_by("seq")
    return list(rows.select_related("turn", "feedback", "author").defer("turn__trace"))


def messages_around(turn: Turn) -> list[Message]:
    """What was said shortly before and after a turn. One query."""
    rows = Message.objects.filter(
        conversation=turn.conversation_id, seq__gte=turn.seq - AROUND, seq__lte=turn.seq + AROUND
    )
    return list(rows.order_by("seq").select_related("turn", "feedback", "author").defer("turn__trace"))


def transitions_of(conversation: Conversation) -> Sequence[Transition]:
    """Who moved it when and why, in order. One query."""
    return list(
        Transition.objects.filter(conversation=conversation).select_related("actor").order_by("created_at", "pk")
    )
