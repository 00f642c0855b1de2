"""Which trained models serve now. They are written by :mod:`apps.learning.registry`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.bots.models import Bot, ModelVersion
from apps.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Served:
    """A model in production. ``path`` is a folder (encoder, reranker, static), ``artefact`` what a ranker is made from."""

    name: str
    kind: str
    fingerprint: str
    path: Path | None
    artefact: Mapping[str, Any]
    own: bool
    """Of the bot that was asked for, not of all."""


def production(kind: str, bot_id: UUID | None = None) -> Served | None:
    """What serves in place of the shipped model: the bot's own, else the one promoted for all, else None. One query."""
    slots = [slot_of(kind, owner) for owner in dict.fromkeys((bot_id, None))]
    rows = {row.slot: row for row in ModelVersion.objects.filter(slot__in=slots)}
    row = next((rows[slot] for slot in slots if slot in rows), None)
    if row is None:
        return None
    return Served(
        row.name,
        row.kind,
        row.fingerprint,
        Path(row.path) if row.path else None,
        row.artefact,
        own=row.bot_id is not None,
    )


def production_fingerprints() -> set[str]:
    """Of everything in production, for whichever bot."""
    return set(ModelVersion.objects.exclude(slot=None).values_list("fingerprint", flat=True))


def slot_of(kind: str, bot_id: UUID | None) -> str:
    """The name of the place that one model in production takes."""
    return f"{kind}:{bot_id.hex if bot_id else ''}"


def model_named(name: str) -> ModelVersion:
    """Raises NotFound."""
    row = ModelVersion.objects.filter(name=name).select_related("bot", "created_by").first()
    if row is None:
        raise NotFound(_("There is no model version “%s”; `models` lists them.") % name)
    return row


def models_list(bot: Bot | None = None) -> list[ModelVersion]:
    """All versions, latest first; with ``bot`` its own and those for all bots."""
    rows = ModelVersion.objects.select_related("bot", "created_by").defer("artefact").order_by("-created_at", "-pk")
    if bot is None:
        return list(rows)
    return list(rows.filter(bot=bot) | rows.filter(bot=None))
