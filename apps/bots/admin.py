from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from apps.bots.models import Bot, ModelVersion
from apps.bots.services import bot_update
from apps.core.admin import BackOffice, History


@admin.register(Bot)
class BotAdmin(BackOffice):
    """Settings go through the service, so that every process reads them; the secret is never shown."""

    list_display = ["name", "slug", "organisation", "live_version", "updated_at"]
    list_filter = ["organisation"]
    list_select_related = ["organisation"]
    search_fields = ["name", "slug", "organisation__name"]
    autocomplete_fields = ["organisation"]
    fields = [
        "organisation", "slug", "name", "profile", "thresholds", "shows_traces", "allowed_sites", "live_version",
        "revision", "created_at", "updated_at",
    ]  # fmt: skip
    readonly_fields = ["live_version", "revision", "created_at", "updated_at"]

    def save_model(self, request: HttpRequest, obj: Bot, form: ModelForm[Bot], change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)
        elif form.changed_data:
            changes: dict[str, Any] = {name: form.cleaned_data[name] for name in form.changed_data}
            bot_update(bot=obj, changes=changes)


@admin.register(ModelVersion)
class ModelVersionAdmin(History):
    list_display = ["name", "kind", "bot", "status", "fingerprint", "created_at", "promoted_at"]
    list_filter = ["kind", "status", "bot"]
    list_select_related = ["bot"]
    search_fields = ["name", "fingerprint"]
