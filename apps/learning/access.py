"""The only ways to a bot's turns, labels and calibrations: an id of another bot is as unknown as one that does not exist."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.conversations.models import Turn
from apps.core.errors import NotFound
from apps.learning.models import Calibration, Label


def turn_of(bot: Bot, turn_id: UUID | str) -> Turn:
    """A finished turn.

    Raises:
        NotFound: no such turn, or it is not finished.
    """
    try:
        turn = Turn.objects.filter(bot=bot, status=Turn.Status.DONE, pk=turn_id).select_related("bot").first()
    except ValidationError:
        turn = None
    if turn is None:
        raise NotFound(_("There is no such question, or it was removed."))
    return turn


def label_of(bot: Bot, label_id: UUID | str) -> Label:
    """Raises NotFound."""
    try:
        label = Label.objects.filter(bot=bot, pk=label_id).select_related("turn", "by", "bot").first()
    except ValidationError:
        label = None
    if label is None:
        raise NotFound(_("There is no such label, or it was removed."))
    return label


def calibration_of(bot: Bot, calibration_id: UUID | str) -> Calibration:
    """Raises NotFound."""
    try:
        calibration = Calibration.objects.filter(bot=bot, pk=calibration_id).select_related("bot", "by").first()
    except ValidationError:
        calibration = None
    if calibration is None:
        raise NotFound(_("There is no such calibration, or it was removed."))
    return calibration
