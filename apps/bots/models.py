"""A tenant's bots."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField

from apps.accounts.models import Organisation
from apps.core.models import BaseModel

_SITE = re.compile(r"\*|https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?", re.IGNORECASE)


def is_site(text: object) -> bool:
    """Whether a text is one source of a Content-Security-Policy and nothing more: ``*`` or ``https://shop.example``."""
    return isinstance(text, str) and _SITE.fullmatch(text) is not None


def new_secret() -> str:
    """32 random bytes that sign customers' identities."""
    return secrets.token_urlsafe(32)


class Bot(BaseModel):
    """``live_version`` names the publication that answers now, ``live_flows`` the version of the flows that runs (0: none);
    ``revision`` grows with every change of the settings, the flows and the actions."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="bots")
    slug = models.CharField(
        _("slug"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$", _("Use a-z, 0-9 and - between them."))],
    )
    name = models.CharField(_("name"), max_length=80)
    profile = models.JSONField(_("texts"), default=dict, blank=True)
    thresholds = models.JSONField(_("thresholds"), default=dict, blank=True)
    shows_traces = models.BooleanField(_("shows traces to visitors"), default=False)
    allowed_sites = models.JSONField(_("sites that may embed it"), default=list, blank=True)
    secret = EncryptedTextField(default=new_secret, editable=False)
    live_version = models.PositiveIntegerField(default=0, editable=False)
    live_flows = models.PositiveIntegerField(default=0, editable=False)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("bot")
        verbose_name_plural = _("bots")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        wrong = next((site for site in self.allowed_sites if not is_site(site)), None)
        if wrong is not None:
            raise ValidationError(
                {"allowed_sites": _("“%s” is no site; write https://shop.example, or * for all.") % wrong}
            )

    def framing_sites(self) -> list[str]:
        """The sites that may embed it; what is none in old rows is left out."""
        return [site for site in self.allowed_sites if is_site(site)]

    def text(self, key: str, lang: str) -> str:
        """A text of the profile in ``lang``, else in the other language, else empty."""
        texts: Any = self.profile.get(key) or {}
        return texts.get(lang) or texts.get("zh") or texts.get("en") or ""


class ModelVersion(BaseModel):
    """A trained model that may serve: for one bot, or without ``bot`` for all that have none of their own.

    An encoder, reranker, static table or NLU model is a folder at ``path``; a ranker is small and lies in ``artefact``. ``slot``
    names kind and bot while it is in production and is null otherwise, so that each has one at a time.
    """

    class Kind(models.TextChoices):
        ENCODER = "encoder", _("encoder")
        RERANKER = "reranker", _("reranker")
        STATIC = "static", _("static table")
        RANKER = "ranker", _("ranker")
        NLU = "nlu", _("intents and slots")

    class Status(models.TextChoices):
        CANDIDATE = "candidate", _("candidate")
        PRODUCTION = "production", _("production")
        ARCHIVED = "archived", _("archived")

    bot = models.ForeignKey(Bot, models.CASCADE, null=True, blank=True, related_name="model_versions")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    name = models.CharField(_("name"), max_length=80, unique=True)
    fingerprint = models.CharField(max_length=64)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.CANDIDATE)
    slot = models.CharField(max_length=60, null=True, unique=True, editable=False)
    metrics = models.JSONField(_("figures"), default=dict, blank=True)
    data_hash = models.CharField(max_length=64, blank=True, default="")
    path = models.CharField(max_length=500, blank=True, default="")
    artefact = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True)
    promoted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        indexes = [models.Index(fields=["kind", "bot", "created_at"], name="bots_model_recent")]

    def __str__(self) -> str:
        return self.name
