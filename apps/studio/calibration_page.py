"""What the calibration screen shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.learning.calibrations import (
    Standing,
    calibration_latest,
    calibration_waiting,
    calibrations_list,
    standing,
)
from apps.learning.fitting import PRECISIONS, Choice, Figures, Fitted
from apps.learning.models import Calibration
from apps.learning.telling import choice_text, percent
from nlu.calibrate import CurvePoint

SHOWN = 12
"""Calibrations that the history lists."""
DEFAULT = 0.95


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure before and after; ``name`` tells the slider which one it is."""

    name: str
    words: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The calibration on the page: its chosen precision in sentences and figures, and what the slider needs."""

    row: Calibration
    chosen: Choice
    sentence: str
    figures: tuple[FigureRow, ...]
    points: tuple[dict[str, str], ...]
    """The curve as a table, in words."""
    data: dict[str, Any]
    current: bool
    """It is the one that answers now."""
    outdated: bool
    """The knowledge was published anew since, so that it cannot be applied."""


def page_context(bot: Bot, done: str = "") -> dict[str, Any]:
    now = standing(bot)
    latest = calibration_latest(bot)
    history = calibrations_list(bot)[:SHOWN]
    return {
        "bot": bot,
        "done": done,
        "now": now,
        "answers": now.thresholds.answer <= 1,
        "values": {name: percent(getattr(now.thresholds, name)) for name in ("answer", "list", "margin")},
        "waiting": calibration_waiting(bot),
        "failed": history[0] if history and history[0].state == Calibration.State.FAILED else None,
        "shown": _shown(bot, latest, now) if latest else None,
        "history": history,
        "asked": round((latest.precision if latest else DEFAULT) * 100),
        "low": round(PRECISIONS[0] * 100),
        "high": round(PRECISIONS[-1] * 100),
    }


def _shown(bot: Bot, row: Calibration, now: Standing) -> Shown:
    fitted = Fitted.from_json(row.result)
    chosen = fitted.choice(row.precision)
    before, after = figure_texts(fitted.before), figure_texts(chosen.figures)
    return Shown(
        row=row,
        chosen=chosen,
        sentence=choice_text(chosen),
        figures=tuple(FigureRow(name, words, before[name], after[name]) for name, words in _names().items()),
        points=tuple(_point(point) for point in fitted.curve),
        data=_data(fitted, chosen),
        current=now.current is not None and now.current.pk == row.pk and not now.by_hand,
        outdated=row.version != bot.live_version,
    )


def _names() -> dict[str, str]:
    return {
        "answered": _("answers itself"),
        "precision": _("of these right"),
        "listed": _("offers a list"),
        "list_right": _("of these with the right entry"),
        "refused": _("finds nothing"),
    }


def figure_texts(figures: Figures) -> dict[str, str]:
    """Each figure in percent; a dash where there is nothing to count."""
    values = {name: getattr(figures, name) for name in _names()}
    return {name: "—" if value is None else percent(value) for name, value in values.items()}


def _point(point: CurvePoint) -> dict[str, str]:
    names = ("coverage", "precision", "bound", "threshold")
    return {"answered": str(point.answered), **{name: percent(getattr(point, name)) for name in names}}


def _data(fitted: Fitted, chosen: Choice) -> dict[str, Any]:
    """For the chart and the slider; shares in 0..1, texts in the reader's language."""
    choices = {
        round(choice.precision * 100): {
            "precision": choice.precision,
            "coverage": choice.n_answered and choice.figures.answered,
            "bound": choice.bound,
            "proven": choice.proven,
            "sentence": choice_text(choice),
            "figures": figure_texts(choice.figures),
        }
        for choice in fitted.choices
    }
    curve = [
        {"coverage": p.coverage, "precision": p.precision, "bound": p.bound, "answered": p.answered}
        for p in fitted.curve
    ]
    return {"curve": curve, "choices": choices, "chosen": round(chosen.precision * 100)}
