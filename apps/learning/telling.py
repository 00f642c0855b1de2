"""Calibrations and models in words, and as JSON; the same for the command, the API and the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.bots.models import ModelVersion
from apps.learning.fitting import Choice, Figures, Fitted
from apps.learning.models import Calibration


def calibration_json(calibration: Calibration) -> dict[str, Any]:
    """``before`` and ``after`` are figures on the known questions; ``proven`` False: no direct answers by these."""
    names = ("state", "precision", "n", "needed", "data_hash", "created_at", "applied_at", "problem")
    data: dict[str, Any] = {
        "id": str(calibration.pk),
        **{name: getattr(calibration, name) for name in names},
        "publication": calibration.version,
        "models": calibration.fingerprints,
        "by": calibration.by.get_username() if calibration.by else None,
    }
    if calibration.state in (Calibration.State.WAITING, Calibration.State.FAILED):
        return data
    fitted = Fitted.from_json(calibration.result)
    choice = fitted.choice(calibration.precision)
    return {
        **data,
        "thresholds": {"answer": choice.answer, "list": choice.list, "margin": choice.margin},
        "proven": choice.proven,
        "bound": choice.bound,
        "before": asdict(fitted.before),
        "after": asdict(choice.figures),
    }


def calibration_text(calibration: Calibration) -> str:
    """What was found, in sentences."""
    fitted = Fitted.from_json(calibration.result)
    choice = fitted.choice(calibration.precision)
    lines = [
        _("Asked %(n)d known questions again, against publication v%(version)d.")
        % {"n": calibration.n, "version": calibration.version},
        choice_text(choice),
    ]
    if choice.proven:
        values = {"answer": percent(choice.answer), "list": percent(choice.list), "margin": percent(choice.margin)}
        lines.append(
            _("Answers from %(answer)s on with a lead of %(margin)s, offers a list from %(list)s on.") % values
        )
    lines += [
        _("Before: %s") % figures_text(fitted.before),
        _("After:  %s") % figures_text(choice.figures),
    ]
    if calibration.state == Calibration.State.APPLIED:
        lines.append(_("Applied: answers follow it from the next message on."))
    return "\n".join(lines)


def choice_text(choice: Choice) -> str:
    """What a bot would do at one precision, or what is missing for it."""
    asked = percent(choice.precision)
    if not choice.proven:
        return ngettext(
            "For %(asked)s nothing is proven: label %(n)d more question to allow direct answers.",
            "For %(asked)s nothing is proven: label %(n)d more questions to allow direct answers.",
            choice.needed,
        ) % {"asked": asked, "n": choice.needed}
    return _(
        "At %(asked)s the bot answers %(answered)s of the questions itself and offers a list for %(listed)s; "
        "at least %(bound)s of its answers are right (with 95 %% confidence, from %(n)d answers)."
    ) % {
        "asked": asked,
        "answered": percent(choice.figures.answered),
        "listed": percent(choice.figures.listed),
        "bound": percent(choice.bound),
        "n": choice.n_answered,
    }


def figures_text(figures: Figures) -> str:
    values = {
        "answered": percent(figures.answered),
        "listed": percent(figures.listed),
        "refused": percent(figures.refused),
        "right": "—" if figures.precision is None else percent(figures.precision),
    }
    return _("answered %(answered)s (right: %(right)s), list %(listed)s, refused %(refused)s") % values


def percent(share: float) -> str:
    """With one digit where it is not whole."""
    return f"{share * 100:.1f}".removesuffix(".0") + "%"


def models_text(rows: Sequence[ModelVersion]) -> str:
    """One version a line."""
    if not rows:
        return _("No model was trained here yet: the shipped ones serve.")
    width = max(len(row.name) for row in rows)
    return "\n".join(
        f"{row.name:<{width}}  {row.get_status_display():<10}  {row.fingerprint[:12]}  "
        f"{row.created_at:%Y-%m-%d %H:%M}  {row.bot.slug if row.bot else _('all bots')}"
        for row in rows
    )
