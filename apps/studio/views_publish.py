"""What a publish would change, the publish itself, and the way back."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.core.errors import Conflict
from apps.knowledge.access import publication_of
from apps.knowledge.changes import entry_changes, list_changes
from apps.knowledge.models import Publication
from apps.knowledge.publishing import Changes, publication_changes, publication_create, publication_restore
from apps.knowledge.selectors import publications_list
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view, trigger, undo_response

SHOWN = 100
"""Entries that the page lists of each kind; the counts are of all."""
HISTORY = 30
NOTE_MAX = 300

editor = studio_view(Role.VIEWER, post=Role.EDITOR, section="publish")


@editor
@require_http_methods(["GET", "POST"])
def publish(request: StudioRequest, bot: Bot) -> HttpResponse:
    """The list of what changes; or publish it."""
    if request.method == "GET":
        template = "studio/parts/publish_body.html" if is_htmx(request) else "studio/publish.html"
        return render(request, template, _publishing(bot))
    before = bot.live_version
    note = request.POST.get("note", "").strip()[:NOTE_MAX]
    made = publication_create(bot=bot, by=request.user, note=note)
    return _answers_now(
        request, bot, made, before, _("Published: v%d answers from the next message on.") % made.version
    )


@editor
@require_POST
def restore(request: StudioRequest, bot: Bot, version: int) -> HttpResponse:
    """Answer as an earlier version did."""
    before = bot.live_version
    made = publication_restore(bot=bot, version=publication_of(bot, version).version, by=request.user)
    words = {"old": version, "new": made.version}
    text = _("v%(new)d answers now, with the content of v%(old)d. Your drafts stay as they are.") % words
    return _answers_now(request, bot, made, before, text)


def _answers_now(request: StudioRequest, bot: Bot, made: Publication, before: int, text: str) -> HttpResponse:
    if made.version == before:
        raise Conflict(_("Nothing was published: the drafts are what answers already."))
    if not is_htmx(request):
        return redirect("studio:publish", bot.slug)
    bot.refresh_from_db()
    response = changed(render(request, "studio/parts/publish_body.html", {**_publishing(bot), "done": text}))
    if request.headers.get("HX-Target") != "publishing":
        trigger(response, "zk-restored")  # undone from a notice: the page fetches itself
    if not before:
        return response
    url = reverse("studio:restore", args=[bot.slug, before])
    return undo_response(response, text=_("v%d answers now") % made.version, url=url)


def _publishing(bot: Bot) -> dict[str, Any]:
    changes = publication_changes(bot)
    shown = changes.changed[:SHOWN]
    fields = entry_changes(bot, shown)
    groups = [
        ("added", _("New"), len(changes.added), changes.added[:SHOWN]),
        ("removed", _("Removed"), len(changes.removed), changes.removed[:SHOWN]),
    ]
    return {
        "changes": changes,
        "count": _entries(changes),
        "groups": groups,
        "edited": [(entry, fields.get(entry.pk, ())) for entry in shown],
        "lists": list_changes(bot),
        "waiting": len(changes.waiting),
        "history": publications_list(bot)[:HISTORY],
        "live": bot.live_version,
        "shown": SHOWN,
    }


def _entries(changes: Changes) -> int:
    return len(changes.added) + len(changes.changed) + len(changes.removed)
