"""What the page of one conversation shows: messages and moves in the order in which they happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.conversations.models import Conversation, Message, Transition

MOVE_REASONS = {
    "asked": gettext_lazy("the visitor asked for a person"),
    "risk": gettext_lazy("a word that needs care"),
    "rule": gettext_lazy("a rule says so"),
    "taken": gettext_lazy("taken over"),
    "returned": gettext_lazy("given back to the bot"),
    "closed": gettext_lazy("settled"),
    "visitor": gettext_lazy("the visitor went on with the bot"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: a message, or a move from one state to another (then ``text`` says all of it)."""

    at: datetime
    message: Message | None = None
    text: str = ""
    label: str = ""
    """What became of the visitor's question in the to-do list; empty when nothing did."""


def timeline(
    messages: Sequence[Message], transitions: Sequence[Transition], labels: Mapping[UUID, str]
) -> list[Moment]:
    said = [Moment(m.created_at, message=m, label=_label(m, labels)) for m in messages]
    moved = [Moment(t.created_at, text=_told(t)) for t in transitions]
    return sorted([*said, *moved], key=lambda moment: moment.at)


def why_moved(reason: str) -> str:
    """The reason of a move in words; what a visitor wrote stands as it is."""
    return str(MOVE_REASONS.get(reason, reason))


def _label(message: Message, labels: Mapping[UUID, str]) -> str:
    if message.role != Message.Role.VISITOR or message.turn_id is None:
        return ""
    return labels.get(message.turn_id, "")


def _told(move: Transition) -> str:
    words = {
        "source": Conversation.State(move.source).label,
        "target": Conversation.State(move.target).label,
        "who": (move.actor.get_full_name() or move.actor.get_username()) if move.actor else "",
        "why": why_moved(move.reason),
    }
    if move.actor:
        return _("%(source)s → %(target)s · %(who)s · %(why)s") % words
    return _("%(source)s → %(target)s · %(why)s") % words
