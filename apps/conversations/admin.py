from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.conversations.models import Conversation, Feedback, Message, Rating, Transition, Turn, Visitor
from apps.core.admin import History, ReadOnly, Rows, pretty


class Messages(ReadOnly, Rows):
    model = Message
    fields = readonly_fields = ["seq", "role", "text", "created_at"]
    ordering = ["seq"]
    per_page = 50


class Transitions(ReadOnly, Rows):
    model = Transition
    fields = readonly_fields = ["source", "target", "reason", "actor", "created_at"]


@admin.register(Visitor)
class VisitorAdmin(History):
    list_display = ["__str__", "bot", "external_id", "created_at"]
    list_filter = ["bot"]
    list_select_related = ["bot"]
    search_fields = ["name", "external_id"]


@admin.register(Conversation)
class ConversationAdmin(History):
    list_display = ["__str__", "bot", "state", "seq", "assigned_to", "last_message_at"]
    list_filter = ["bot", "state"]
    list_select_related = ["bot", "visitor", "assigned_to"]
    search_fields = ["id", "visitor__name", "visitor__external_id"]
    date_hierarchy = "created_at"
    inlines = [Messages, Transitions]


@admin.register(Turn)
class TurnAdmin(History):
    list_display = ["__str__", "bot", "outcome", "route", "confidence", "publication", "created_at"]
    list_filter = ["bot", "outcome", "route", "status"]
    list_select_related = ["bot"]
    search_fields = ["text"]
    date_hierarchy = "created_at"
    exclude = ["trace"]
    readonly_fields = ["why"]

    @admin.display(description=_("trace"))
    def why(self, turn: Turn) -> SafeString:
        return pretty(turn.trace)


@admin.register(Message)
class MessageAdmin(History):
    list_display = ["__str__", "role", "seq", "created_at"]
    list_filter = ["role", "conversation__bot"]
    search_fields = ["text"]
    exclude = ["client_id"]


@admin.register(Feedback)
class FeedbackAdmin(History):
    list_display = ["value", "message", "reason", "created_at"]
    list_filter = ["value", "message__conversation__bot"]
    list_select_related = ["message"]
    search_fields = ["reason"]


@admin.register(Rating)
class RatingAdmin(History):
    list_display = ["score", "conversation", "comment", "created_at"]
    list_filter = ["score", "conversation__bot"]
    list_select_related = ["conversation__visitor"]
    search_fields = ["comment"]


@admin.register(Transition)
class TransitionAdmin(History):
    list_display = ["__str__", "conversation", "reason", "actor", "created_at"]
    list_filter = ["target", "conversation__bot"]
    list_select_related = ["conversation__visitor", "actor"]
    search_fields = ["reason"]
