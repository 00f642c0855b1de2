"""Which entries a waiting turn may have meant: what its Trace found, looked at again with what answers now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.conversations.models import Turn
from apps.conversations.wiring import bot_ref, engines
from apps.knowledge.models import Entry
from dialog import types as dialog
from dialog.serial import trace_to_json

MOST = 5


@dataclass(frozen=True, slots=True)
class Suggested:
    """An entry with the probability that the live knowledge gives it for the turn's text.

    ``was`` is what the turn itself gave it, None when it did not consider it. ``flags`` as in the Trace.
    """

    entry_id: UUID
    question: str
    probability: float
    was: float | None
    matched: str
    flags: tuple[str, ...]
    answer: str
    status: str


def proposals(turn: Turn) -> list[Suggested]:
    """Up to five entries that are still among the drafts, most probable first."""
    stored = {c["entry_id"]: c for c in _candidates(turn.trace)}
    live = {c["entry_id"]: c for c in _candidates(_trace_now(turn))}
    found = {**stored, **live}
    entries = Entry.objects.filter(bot=turn.bot_id, pk__in=found, archived_at=None)
    rows = [_suggested(entry, found[str(entry.pk)], stored.get(str(entry.pk))) for entry in entries]
    return sorted(rows, key=lambda row: (-row.probability, row.question))[:MOST]


def _trace_now(turn: Turn) -> Mapping[str, Any]:
    engine = engines().get_now(bot_ref(turn.bot))
    return trace_to_json(engine.respond(dialog.Turn(text=turn.text, now=timezone.now())).trace)


def _candidates(trace: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """What the knowledge proposed; an exact hit is one candidate without doubt."""
    for stage in trace.get("stages", []):
        if stage["name"] == "exact" and stage["verdict"] == "hit":
            detail = stage["detail"]
            yield {**detail, "matched": detail["question"], "probability": 1.0, "flags": []}
        yield from stage.get("candidates", [])


def _suggested(entry: Entry, candidate: Mapping[str, Any], stored: Mapping[str, Any] | None) -> Suggested:
    return Suggested(
        entry_id=entry.pk,
        question=entry.question,
        probability=candidate["probability"],
        was=stored["probability"] if stored else None,
        matched=candidate["matched"],
        flags=tuple(candidate["flags"]),
        answer=entry.answer,
        status=entry.status,
    )
