from __future__ import annotations

from django.contrib import admin

from apps.core.admin import History
from apps.learning.models import Calibration, Label


@admin.register(Label)
class LabelAdmin(History):
    list_display = ["turn", "kind", "bot", "by", "active", "created_at"]
    list_filter = ["bot", "kind", "active"]
    list_select_related = ["turn", "bot", "by"]
    search_fields = ["turn__text"]
    date_hierarchy = "created_at"


@admin.register(Calibration)
class CalibrationAdmin(History):
    list_display = ["bot", "state", "precision", "n", "needed", "version", "by", "created_at", "applied_at"]
    list_filter = ["bot", "state"]
    list_select_related = ["bot", "by"]
    date_hierarchy = "created_at"
