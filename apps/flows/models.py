"""What a bot does for customers: its flow files, the actions they call, and what teaches it to understand wishes.

A :class:`FlowFile` is a draft. Publishing freezes all of a bot's files as one :class:`FlowVersion`, which never changes
again; ``Bot.live_flows`` names the one that runs.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField

from apps.bots.models import Bot
from apps.core.models import BaseModel
from apps.core.signing import new_secret

MAX_SECONDS = 20
"""The longest that a customer is made to wait for one attempt of an action."""
_SECONDS = (MinValueValidator(1), MaxValueValidator(MAX_SECONDS))


class ActionServer(BaseModel):
    """An address of the business that carries out actions. ``url`` is ``https://…``, or ``builtin:<name>`` for a server
    that is part of the product. ``previous_secret`` signs too while the server is taught the new one."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="action_servers")
    name = models.CharField(_("name"), max_length=60)
    url = models.CharField(_("address"), max_length=500)
    secret = EncryptedTextField(default=new_secret, editable=False)
    previous_secret = EncryptedTextField(null=True, editable=False)  # the field stores no empty text
    enabled = models.BooleanField(_("enabled"), default=True)
    read_seconds = models.PositiveSmallIntegerField(_("seconds for a read"), null=True, blank=True, validators=_SECONDS)
    write_seconds = models.PositiveSmallIntegerField(
        _("seconds for a write"), null=True, blank=True, validators=_SECONDS
    )

    class Meta:
        verbose_name = _("action server")
        verbose_name_plural = _("action servers")
        constraints = [models.UniqueConstraint(fields=["bot", "name"], name="flows_server_name")]

    def __str__(self) -> str:
        return self.name


class Action(BaseModel):
    """What flows may call. ``inputs`` and ``output`` are JSON Schemas of objects (:mod:`apps.flows.schemas`)."""

    class Effect(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("write")

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="actions")
    server = models.ForeignKey(ActionServer, models.CASCADE, related_name="actions")
    name = models.CharField(_("name"), max_length=80)
    effect = models.CharField(_("effect"), max_length=5, choices=Effect)
    inputs = models.JSONField(_("inputs"), default=dict, blank=True)
    output = models.JSONField(_("output"), default=dict, blank=True)
    about = models.CharField(_("what it does"), max_length=300, blank=True)
    timeout_s = models.PositiveSmallIntegerField(_("seconds"), null=True, blank=True, validators=_SECONDS)

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["bot", "name"], name="flows_action_name")]

    def __str__(self) -> str:
        return self.name


class FlowFile(BaseModel):
    """A draft; it may have problems. ``revision`` grows with every change, so that nobody overwrites another's work."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="flow_files")
    name = models.CharField(_("name"), max_length=60)
    source = models.TextField(_("source"))
    revision = models.PositiveIntegerField(default=1, editable=False)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False)

    class Meta:
        verbose_name = _("flow file")
        verbose_name_plural = _("flow files")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["bot", "name"], name="flows_file_name")]

    def __str__(self) -> str:
        return self.name


class FlowVersion(BaseModel):
    """All flow files of a bot at one publish: ``files`` maps their names to their sources. Never changed."""

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="flow_versions")
    number = models.PositiveIntegerField()
    files = models.JSONField()
    hash = models.CharField(max_length=32)
    note = models.CharField(_("note"), max_length=300, blank=True)
    restores = models.PositiveIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)

    class Meta:
        verbose_name = _("version of the flows")
        verbose_name_plural = _("versions of the flows")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["bot", "number"], name="flows_version_number")]

    def __str__(self) -> str:
        return f"{self.bot} v{self.number}"


class NluExample(BaseModel):
    """A customer's message with what it means; the bot's NLU model learns from these.

    ``slots`` is a list of ``{"name", "start", "end", "value"?}``, ``history`` the turns before, ``asked`` the slot that
    had just been asked for. The same text may stand once for each slot that was asked for.
    """

    bot = models.ForeignKey(Bot, models.CASCADE, related_name="nlu_examples")
    text = models.CharField(_("message"), max_length=500)
    intent = models.CharField(_("intent"), max_length=80)
    slots = models.JSONField(_("slots"), default=list, blank=True)
    history = models.JSONField(_("turns before"), default=list, blank=True)
    asked = models.CharField(_("slot asked for"), max_length=60, blank=True)
    source = models.CharField(_("source"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("example")
        verbose_name_plural = _("examples")
        constraints = [models.UniqueConstraint(fields=["bot", "text", "asked"], name="flows_example_once")]

    def __str__(self) -> str:
        return self.text
