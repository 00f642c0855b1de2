"""What people say about turns. The to-do list itself is a query over turns and labels, not a table."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bots.models import Bot
from apps.conversations.models import Turn
from apps.core.ids import uuid7
from apps.core.models import BaseModel


class Label(BaseModel):
    """One verdict on one turn; ``active`` is true, or null once it is undone, so that a turn has one at a time.

    Labels of one ``action`` were given together, to all waiting turns with the same text. The first of them (its id is
    the action's) holds in ``undo`` what takes the effect on the knowledge back. ``live_version`` is the publication that
    answered when the label was given: a turn with this text that it answered needs no second label.
    """

    class Kind(models.TextChoices):
        SIMILAR = "similar", _("similar question")
        ENTRY = "entry", _("new entry")
        NEGATIVE = "negative", _("negative question")
        OUT_OF_SCOPE = "oos", _("out of scope")
        IGNORE = "ignore", _("ignored")

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="labels")
    turn = models.ForeignKey(Turn, models.CASCADE, related_name="labels")
    kind = models.CharField(max_length=8, choices=Kind)
    text_key = models.CharField(max_length=32, default="", editable=False)
    action = models.UUIDField(db_index=True, default=uuid7, editable=False)
    live_version = models.PositiveIntegerField(default=0)
    entry_id = models.UUIDField(null=True)
    undo = models.JSONField(default=dict)
    active = models.BooleanField(null=True, default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [
            models.UniqueConstraint(fields=["turn", "active"], name="learning_label_once"),
        ]
        indexes = [
            models.Index(fields=["bot", "text_key"], name="learning_label_text"),
            models.Index(fields=["bot", "created_at"], name="learning_label_recent"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Calibration(BaseModel):
    """Thresholds found for a bot, and what they were found from.

    ``questions`` are the labelled ones of a file (text, entry ids), kept so that a later calibration can use them again.
    ``result`` is :class:`apps.learning.fitting.Fitted` as JSON: the map, the curve, and for each precision that may be
    asked for the thresholds with their figures. While it stands, ``thresholds`` is what it made of the bot and
    ``previous`` what was there before; the latest applied one is the one that counts.

    A job row as well: ``waiting`` until somebody with the lease has calculated it. An applied one is looked at again
    when the bot is no longer at ``checked_version`` and ``checked_revision``; the row that then follows it names it in
    ``renews``.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("being calculated")
        PROPOSED = "proposed", _("proposed")
        APPLIED = "applied", _("applied")
        UNDONE = "undone", _("undone")
        FAILED = "failed", _("failed")

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="calibrations")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    renews = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    precision = models.FloatField(_("precision asked for"), default=0.95)
    questions = models.JSONField(default=list, blank=True)
    result = models.JSONField(default=dict, blank=True)
    n = models.PositiveIntegerField(_("labelled questions"), default=0)
    needed = models.PositiveIntegerField(_("labels missing"), default=0)
    data_hash = models.CharField(max_length=32, blank=True, default="")
    version = models.PositiveIntegerField(_("publication"), default=0)
    fingerprints = models.JSONField(_("models"), default=dict, blank=True)
    thresholds = models.JSONField(_("thresholds"), default=dict, blank=True)
    previous = models.JSONField(_("thresholds before"), default=dict, blank=True)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    problem = models.CharField(max_length=300, blank=True, default="")
    done = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    checked_version = models.PositiveIntegerField(default=0)
    checked_revision = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        indexes = [
            models.Index(fields=["bot", "created_at"], name="learning_calibration_recent"),
            models.Index(fields=["state", "lease_until"], name="learning_calibration_due"),
        ]

    def __str__(self) -> str:
        return f"{self.bot} {self.precision:.0%} {self.get_state_display()}"
