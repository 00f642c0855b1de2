"""The back office: for what is rare. Superusers only; the everyday screens are the studio's.

Rows that services keep consistent (hashes, versions, order) are shown and searched here, and changed there.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline  # type: ignore[import-untyped]

PAGE = 50


class SuperuserOnly:
    """No permission by group: the back office reaches over all organisations."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _superuser(request)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return _superuser(request)


class BackOffice(SuperuserOnly, ModelAdmin):  # type: ignore[misc]
    list_per_page = PAGE
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True


class ReadOnly:
    """To be looked at: these rows are history, or belong to a service that keeps them consistent."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class History(ReadOnly, BackOffice):
    """Append-only rows."""


class Rows(SuperuserOnly, TabularInline):  # type: ignore[misc]
    extra = 0
    show_change_link = True


def pretty(value: Any) -> SafeString:
    """JSON as an indented block, safe to show."""
    return format_html("<pre>{}</pre>", json.dumps(value, ensure_ascii=False, indent=2))


def _superuser(request: HttpRequest) -> bool:
    return bool(request.user.is_active and request.user.is_superuser)
