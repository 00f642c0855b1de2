from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import BackOffice, History, ReadOnly, pretty
from apps.knowledge.models import Entry, EntryVersion, Publication, Rule, SensitiveWord, SynonymGroup


class OfABot(ReadOnly, BackOffice):
    """Edited in the studio, where it is checked and can be undone."""

    list_filter: Any = ["bot"]
    list_select_related = ["bot"]


@admin.register(Entry)
class EntryAdmin(OfABot):
    list_display = ["question", "bot", "category", "status", "updated_by", "updated_at"]
    list_select_related = ["bot", "updated_by"]
    list_filter = ["bot", ("archived_at", admin.EmptyFieldListFilter)]
    search_fields = ["question", "search_text"]
    exclude = ["search_text"]


@admin.register(EntryVersion)
class EntryVersionAdmin(History):
    list_display = ["entry_id", "bot", "content_hash"]
    list_filter = ["bot"]
    list_select_related = ["bot"]
    search_fields = ["entry_id", "content_hash"]
    fields = ["bot", "entry_id", "content_hash", "content"]
    readonly_fields = ["content"]

    @admin.display(description=_("content"))
    def content(self, version: EntryVersion) -> SafeString:
        return pretty(version.payload)


@admin.register(Publication)
class PublicationAdmin(History):
    list_display = ["bot", "version", "size", "note", "created_by", "created_at"]
    list_filter = ["bot"]
    list_select_related = ["bot", "created_by"]
    search_fields = ["note"]
    fields = ["bot", "version", "restores", "note", "created_by", "created_at", "size", "what_changed", "lists"]
    readonly_fields = ["size", "what_changed", "lists"]

    @admin.display(description=_("entries"))
    def size(self, publication: Publication) -> int:
        return len(publication.manifest)

    @admin.display(description=_("changes"))
    def what_changed(self, publication: Publication) -> SafeString:
        return pretty(publication.changes)

    @admin.display(description=_("rules and words"))
    def lists(self, publication: Publication) -> SafeString:
        return pretty({name: getattr(publication, name) for name in ("synonyms", "rules", "words")})


@admin.register(Rule)
class RuleAdmin(OfABot):
    list_display = ["name", "bot", "kind", "action", "priority", "enabled"]
    list_filter = ["bot", "kind", "action", "enabled"]
    search_fields = ["name", "reply"]


@admin.register(SynonymGroup)
class SynonymGroupAdmin(OfABot):
    list_display = ["__str__", "bot", "updated_at"]
    search_fields = ["words"]


@admin.register(SensitiveWord)
class SensitiveWordAdmin(OfABot):
    list_display = ["text", "bot", "level", "updated_at"]
    list_filter = ["bot", "level"]
    search_fields = ["text"]
