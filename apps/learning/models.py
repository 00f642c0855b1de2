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
