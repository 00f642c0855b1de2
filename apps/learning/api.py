"""The operators' API of calibrations and models (prefix ``/api/v1/bots``)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.security import django_auth
from pydantic import ConfigDict

from apps.bots.registry import models_list
from apps.knowledge.api import readable, user_of, writable
from apps.learning.access import calibration_of
from apps.learning.calibrations import (
    calibration_apply,
    calibration_request,
    calibration_undo,
    calibrations_list,
    standing,
)
from apps.learning.registry import model_json
from apps.learning.telling import calibration_json

router = Router(tags=["learning"], auth=django_auth)


class CalibrationIn(Schema):
    model_config = ConfigDict(extra="forbid")

    precision: float = Field(0.95, ge=0.8, le=0.99)


class ApplyIn(Schema):
    """``precision`` picks another one of the calibration's choices."""

    model_config = ConfigDict(extra="forbid")

    precision: float | None = Field(None, ge=0.8, le=0.99)


@router.get("/{slug}/models")
def models(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The bot's own model versions and those for all bots, latest first. Empty: the shipped ones serve."""
    return {"items": [model_json(row) for row in models_list(readable(request, slug))]}


@router.get("/{slug}/calibrations")
def calibrations(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The last 50, latest first; ``thresholds`` are those that answer now, ``stale`` what changed since."""
    bot = readable(request, slug)
    now = standing(bot)
    return {
        "thresholds": {name: getattr(now.thresholds, name) for name in ("answer", "list", "margin")},
        "current": str(now.current.pk) if now.current else None,
        "by_hand": now.by_hand,
        "stale": list(now.stale),
        "items": [calibration_json(row) for row in calibrations_list(bot)],
    }


@router.post("/{slug}/calibrations", response={202: dict[str, Any]})
def calibration_post(request: HttpRequest, slug: str, payload: CalibrationIn) -> Status[dict[str, Any]]:
    """Have the thresholds calculated; the row waits until that is done. Read it again to see them."""
    bot = writable(request, slug)
    made = calibration_request(bot=bot, by=user_of(request), precision=payload.precision)
    return Status(202, calibration_json(made))


@router.get("/{slug}/calibrations/{calibration_id}")
def calibration_get(request: HttpRequest, slug: str, calibration_id: UUID) -> dict[str, Any]:
    """With the curve and every choice."""
    row = calibration_of(readable(request, slug), calibration_id)
    return {**calibration_json(row), "curve": row.result.get("curve", []), "choices": row.result.get("choices", [])}


@router.post("/{slug}/calibrations/{calibration_id}/apply")
def calibration_apply_post(request: HttpRequest, slug: str, calibration_id: UUID, payload: ApplyIn) -> dict[str, Any]:
    """Answer by it from the next message on."""
    row = calibration_of(writable(request, slug), calibration_id)
    return calibration_json(calibration_apply(calibration=row, by=user_of(request), precision=payload.precision))


@router.post("/{slug}/calibrations/{calibration_id}/undo")
def calibration_undo_post(request: HttpRequest, slug: str, calibration_id: UUID) -> dict[str, Any]:
    """Answer by the thresholds that it replaced."""
    row = calibration_of(writable(request, slug), calibration_id)
    back = calibration_undo(calibration=row, by=user_of(request))
    return {"thresholds": {name: getattr(back, name) for name in ("answer", "list", "margin")}}
