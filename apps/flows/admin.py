from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import History, pretty
from apps.flows.models import Action, ActionServer, FlowFile, FlowVersion, NluExample


@admin.register(ActionServer)
class ActionServerAdmin(History):
    """The secret is never shown."""

    list_display = ["name", "bot", "url", "enabled", "updated_at"]
    list_filter = ["bot", "enabled"]
    list_select_related = ["bot"]
    search_fields = ["name", "url"]
    fields = ["bot", "name", "url", "enabled", "read_seconds", "write_seconds", "created_at", "updated_at"]


@admin.register(Action)
class ActionAdmin(History):
    list_display = ["name", "effect", "bot", "server", "about"]
    list_filter = ["bot", "effect", "server"]
    list_select_related = ["bot", "server"]
    search_fields = ["name", "about"]
    fields = ["bot", "server", "name", "effect", "about", "timeout_s", "takes", "gives", "updated_at"]
    readonly_fields = ["takes", "gives"]

    @admin.display(description=_("inputs"))
    def takes(self, action: Action) -> SafeString:
        return pretty(action.inputs)

    @admin.display(description=_("output"))
    def gives(self, action: Action) -> SafeString:
        return pretty(action.output)


@admin.register(FlowFile)
class FlowFileAdmin(History):
    list_display = ["name", "bot", "revision", "updated_by", "updated_at"]
    list_filter = ["bot"]
    list_select_related = ["bot", "updated_by"]
    search_fields = ["name", "source"]


@admin.register(FlowVersion)
class FlowVersionAdmin(History):
    list_display = ["number", "bot", "note", "restores", "created_by", "created_at"]
    list_filter = ["bot"]
    list_select_related = ["bot", "created_by"]
    search_fields = ["note"]
    date_hierarchy = "created_at"


@admin.register(NluExample)
class NluExampleAdmin(History):
    list_display = ["text", "intent", "asked", "bot", "source"]
    list_filter = ["bot", "intent", "source"]
    list_select_related = ["bot"]
    search_fields = ["text", "intent"]
