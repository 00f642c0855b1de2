"""Visitors, their conversations, messages and turns. A turn is one visitor message and what was done about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bots.models import Bot
from apps.conversations.keys import TextKeyField
from apps.core.models import BaseModel


class Visitor(BaseModel):
    """``external_id`` is set for a customer whom the bot's owner vouched for by a signed token."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="visitors")
    external_id = models.CharField(max_length=120, null=True)
    name = models.CharField(_("name"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")
        constraints = [
            models.UniqueConstraint(fields=["bot", "external_id"], name="conversations_customer_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.external_id or str(self.pk)[:8]


class Conversation(BaseModel):
    """``seq`` is the last message's number. The lease says which turn is being worked on, and until when it is trusted.

    ``remind_at``: when a customer who was asked something in a task, and says nothing, is asked whether they are there.
    """

    class State(models.TextChoices):
        BOT = "bot", _("bot")
        QUEUED = "queued", _("waiting for a person")
        HUMAN = "human", _("with a person")
        CLOSED = "closed", _("closed")

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="conversations")
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="conversations")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.BOT)
    lang = models.CharField(max_length=2, default="zh")
    seq = models.PositiveIntegerField(default=0)
    dialog_state = models.JSONField(default=dict)
    state_version = models.PositiveIntegerField(default=0)
    open_turns = models.PositiveIntegerField(default=0)
    lease_turn = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    last_message_at = models.DateTimeField(null=True)
    queued_at = models.DateTimeField(null=True)
    handoff_reason = models.CharField(max_length=40, blank=True, default="")
    remind_at = models.DateTimeField(null=True, db_index=True)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        indexes = [
            models.Index(fields=["bot", "state", "queued_at"], name="conversations_queue"),
            models.Index(fields=["bot", "last_message_at"], name="conversations_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.visitor} · {self.get_state_display()}"


class Turn(BaseModel):
    """``text`` is what the visitor said (for a press, what stood on the button). ``trace`` explains the reply.

    ``text_key`` is the same for all spellings of one question, and empty where nothing is asked.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    bot = models.ForeignKey(Bot, models.CASCADE, related_name="turns")
    seq = models.PositiveIntegerField()
    text = models.TextField()
    text_key = TextKeyField(max_length=32, default="", editable=False)
    pick = models.JSONField(null=True)
    status = models.CharField(max_length=4, choices=Status, default=Status.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=8, blank=True, default="")
    route = models.CharField(max_length=10, blank=True, default="")
    confidence = models.FloatField(default=0.0)
    entry_id = models.UUIDField(null=True)
    picked_entry = models.UUIDField(null=True)
    state_after = models.CharField(max_length=8, blank=True, default="")
    publication = models.PositiveIntegerField(default=0)
    trace = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        constraints = [models.UniqueConstraint(fields=["conversation", "seq"], name="conversations_turn_seq")]
        indexes = [
            models.Index(fields=["bot", "outcome", "created_at"], name="conversations_turn_outcome"),
            models.Index(fields=["status", "created_at"], name="conversations_turn_open"),
            models.Index(fields=["bot", "text_key"], name="conversations_turn_text"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Message(BaseModel):
    """``payload`` holds what a reply carries beside its text: suggestions, citations, route, confidence, entry."""

    class Role(models.TextChoices):
        VISITOR = "visitor", _("visitor")
        BOT = "bot", _("bot")
        AGENT = "agent", _("agent")
        SYSTEM = "system", _("system")

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    turn = models.ForeignKey(Turn, models.CASCADE, null=True, related_name="messages")
    seq = models.PositiveIntegerField()
    role = models.CharField(max_length=8, choices=Role)
    type = models.CharField(max_length=8, default="text")
    text = models.TextField()
    payload = models.JSONField(default=dict)
    client_id = models.CharField(max_length=64, null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="conversations_message_seq"),
            models.UniqueConstraint(fields=["conversation", "client_id"], name="conversations_message_client"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class TaskEvent(models.Model):
    """One event of a conversation's tasks (:mod:`dialog.task.events`); only ever added. Their fold is the task part of
    ``Conversation.dialog_state``."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="task_events")
    turn = models.ForeignKey(Turn, models.CASCADE, related_name="task_events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("task event")
        verbose_name_plural = _("task events")
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["conversation", "seq"], name="conversations_task_seq")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Feedback(BaseModel):
    """A visitor's thumb on one reply; the last one counts."""

    class Value(models.TextChoices):
        UP = "up", _("helpful")
        DOWN = "down", _("not helpful")

    message = models.OneToOneField(Message, models.CASCADE, related_name="feedback")
    turn = models.ForeignKey(Turn, models.CASCADE, null=True, related_name="feedback")
    value = models.CharField(max_length=4, choices=Value)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        indexes = [models.Index(fields=["value", "created_at"], name="conversations_thumbs")]

    def __str__(self) -> str:
        return self.value


class Rating(BaseModel):
    """How a visitor rates the whole conversation, 1 to 5."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, related_name="rating")
    score = models.PositiveSmallIntegerField()
    comment = models.CharField(max_length=1_000, blank=True, default="")

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")

    def __str__(self) -> str:
        return str(self.score)


class Transition(BaseModel):
    """Who moved a conversation from one state to another, and why."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="transitions")
    source = models.CharField(max_length=8)
    target = models.CharField(max_length=8)
    reason = models.CharField(max_length=200, blank=True, default="")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")
        indexes = [models.Index(fields=["target", "created_at"], name="conversations_moves")]

    def __str__(self) -> str:
        return f"{self.source} → {self.target}"
