"""What is due: calibrations that were asked for, and applied ones that a publish or a promotion left behind.

Run by a thread of the server; every row is taken by its lease, so any number of servers may run it.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from apps.core.errors import Conflict
from apps.learning.calibrations import (
    calibration_apply,
    calibration_calculate,
    calibration_checked,
    calibration_current,
    calibration_failed,
    calibration_request,
    calibration_take,
    questions_of,
    stale_parts,
)
from apps.learning.fitting import Fitted
from apps.learning.models import Calibration
from apps.learning.questions import from_rows
from dialog.ports import RecallUnavailable

logger = logging.getLogger(__name__)

GIVE_UP = timedelta(minutes=30)
"""How long a calibration waits for models that do not answer."""


def calibrate_due() -> int:
    """One round; how many calibrations were calculated."""
    for calibration in _left_behind():
        _look_again(calibration)
    return sum(map(_calculate, _free(Calibration.State.WAITING)))


def _left_behind() -> QuerySet[Calibration]:
    same = Q(checked_version=F("bot__live_version"), checked_revision=F("bot__revision"))
    return _free(Calibration.State.APPLIED).exclude(same)


def _free(state: str) -> QuerySet[Calibration]:
    rows = Calibration.objects.filter(Q(lease_until=None) | Q(lease_until__lt=timezone.now()), state=state)
    return rows.select_related("bot").order_by("created_at")


def _look_again(calibration: Calibration) -> None:
    """Ask for a new one where it no longer fits the bot; without labels the screens say that it is stale."""
    if not calibration_take(calibration):
        return
    bot = calibration.bot
    current = calibration_current(bot)
    counts = current is not None and current.pk == calibration.pk and bot.thresholds == calibration.thresholds
    if counts and stale_parts(bot, calibration) and (calibration.questions or questions_of(bot)):
        questions = from_rows(calibration.questions)
        calibration_request(bot=bot, by=None, precision=calibration.precision, questions=questions, renews=calibration)
    calibration_checked(calibration=calibration, bot=bot)


def _calculate(calibration: Calibration) -> bool:
    if not calibration_take(calibration):
        return False
    try:
        done = calibration_calculate(calibration=calibration)
    except (Conflict, RecallUnavailable) as error:  # the lease runs out by itself; until then nobody tries again
        logger.warning("calibration %s: %s", calibration.pk, error)
        if timezone.now() - calibration.created_at > GIVE_UP:
            calibration_failed(calibration=calibration, problem="models")
        return False
    if done.renews_id is not None:
        _renew(done)
    return True


def _renew(calibration: Calibration) -> None:
    """Apply it in place of the one it renews, if its precision is proven; else the thresholds stay until somebody decides."""
    current = calibration_current(calibration.bot)
    if current is None or current.pk != calibration.renews_id:
        return
    if not Fitted.from_json(calibration.result).choice(calibration.precision).proven:
        return
    try:
        calibration_apply(calibration=calibration, by=None)
    except Conflict as error:  # published anew meanwhile: the next round looks again
        logger.info("calibration %s: %s", calibration.pk, error)
