"""The knowledge table and the sheet of one entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.core.errors import Conflict, Invalid, ZhikeError
from apps.knowledge.access import entry_of
from apps.knowledge.bulk import entries_archive, entries_move, entries_restore
from apps.knowledge.changes import FieldChange, content_changes, entry_changes
from apps.knowledge.content import EntryContent
from apps.knowledge.figures import figures_of
from apps.knowledge.models import Entry
from apps.knowledge.placeholders import filled
from apps.knowledge.selectors import categories_of, status_counts, twins_of
from apps.knowledge.services import entry_content, entry_revert, entry_save
from apps.studio import forms
from apps.studio.filters import KnowledgeFilter
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view, undo_response
from apps.studio.hit_test import draft_value, hit_test, self_test

member = studio_view(Role.VIEWER, section="knowledge")
editor = studio_view(Role.VIEWER, post=Role.EDITOR, section="knowledge")

EMPTY = EntryContent("", "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One entry as its sheet shows it; ``entry`` is None for one that is being written."""

    content: EntryContent
    entry: Entry | None = None
    revision: int = 0
    error: ZhikeError | None = None
    saved: bool = False
    theirs: tuple[FieldChange, ...] = ()
    """On a conflict: what saving the form would change in what somebody else stored."""


@member
@require_GET
def knowledge(request: StudioRequest, bot: Bot) -> HttpResponse:
    """The table; for htmx only its rows."""
    template = "studio/knowledge_rows.html" if is_htmx(request) else "studio/knowledge.html"
    return render(request, template, _table(request, bot))


@editor
@require_http_methods(["GET", "POST"])
def entry_new(request: StudioRequest, bot: Bot) -> HttpResponse:
    """An empty sheet, or the entry that was written in it."""
    if request.method == "GET":
        prefilled = EntryContent(
            request.GET.get("question", "")[:500], "", category=request.GET.get("category", "")[:200]
        )
        return _show(request, bot, Sheet(prefilled))
    return _save(request, bot, None)


@editor
@require_http_methods(["GET", "POST"])
def entry(request: StudioRequest, bot: Bot, entry_id: UUID) -> HttpResponse:
    """One entry beside the table, or its new content."""
    found = entry_of(bot, entry_id)
    if request.method == "GET":
        return _show(request, bot, Sheet(entry_content(found), found, found.revision))
    return _save(request, bot, found)


@editor
@require_POST
def entry_back(request: StudioRequest, bot: Bot, entry_id: UUID) -> HttpResponse:
    """Drop the draft of an entry: back to what is published."""
    found = entry_revert(entry=entry_of(bot, entry_id), by=request.user)
    return changed(_show(request, bot, Sheet(entry_content(found), found, found.revision, saved=True)))


@editor
@require_POST
def entries_away(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Archive the ticked entries; undo brings them back."""
    ids = entries_archive(bot=bot, ids=forms.ids_of(request.POST.getlist("id")), by=request.user)
    text = ngettext("%d entry archived", "%d entries archived", len(ids)) % len(ids)
    url = reverse("studio:entries_back", args=[bot.slug])
    return undo_response(changed(HttpResponse(status=204)), text=text, url=url, values={"id": [str(pk) for pk in ids]})


@editor
@require_POST
def entries_back(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Bring archived entries back."""
    entries_restore(bot=bot, ids=forms.ids_of(request.POST.getlist("id")), by=request.user)
    return changed(HttpResponse(status=204))


@editor
@require_POST
def entries_to(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Move the ticked entries to a category; or, as undo, each to its own (``id`` and ``former`` pairwise)."""
    ids = forms.ids_of(request.POST.getlist("id"))
    former = request.POST.getlist("former")
    wanted = former if len(former) == len(ids) else [request.POST.get("category", "")] * len(ids)
    before = entries_move(bot=bot, categories=dict(zip(ids, wanted, strict=True)), by=request.user)
    text = ngettext("%d entry moved", "%d entries moved", len(before)) % len(before)
    values = {"id": [str(pk) for pk in before], "former": list(before.values())}
    return undo_response(changed(HttpResponse(status=204)), text=text, url=request.path, values=values)


@member
@require_POST
def entry_try(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Ask the bot with the unsaved form among its drafts."""
    known = forms.ids_of([request.POST.get("entry", "")])
    found = entry_of(bot, known[0]) if known else None
    written = "question" in request.POST or found is None  # a form that may only be read is not sent
    content = forms.entry_content(request.POST) if written or found is None else entry_content(found)
    content = replace(content, answer=filled(content.answer, figures_of(bot)))
    draft = draft_value(str(found.pk) if found else "draft", content)
    now = timezone.now()
    text = request.POST.get("try", "").strip()[:2_000]
    context = {
        "asked": text,
        "test": hit_test(bot, text, draft, now) if text else None,
        "draft": draft,
        "misses": self_test(bot, draft, now) if draft else (),
    }
    return render(request, "studio/parts/hit_test.html", context)


def _save(request: StudioRequest, bot: Bot, found: Entry | None) -> HttpResponse:
    try:
        content = forms.entry_content(request.POST)
    except Invalid as error:
        return _refused(request, bot, Sheet(_typed(request), found, found.revision if found else 0, error))
    revision = forms.revision_of(request.POST)
    try:
        saved = entry_save(bot=bot, content=content, by=request.user, entry=found, revision=revision)
    except (Invalid, Conflict) as error:
        theirs = _theirs(found, content, revision)
        return _refused(request, bot, Sheet(content, found, revision or 0, error, theirs=theirs))
    response = changed(_show(request, bot, Sheet(entry_content(saved), saved, saved.revision, saved=True)))
    if found is None:
        response["HX-Push-Url"] = reverse("studio:entry", args=[bot.slug, saved.pk])
    return response


def _typed(request: StudioRequest) -> EntryContent:
    """The form without its dates, which cannot be read."""
    data = request.POST.copy()
    data["valid_from"] = data["valid_to"] = ""
    return forms.entry_content(data)


def _theirs(found: Entry | None, mine: EntryContent, revision: int | None) -> tuple[FieldChange, ...]:
    if found is None or revision is None or revision == found.revision:
        return ()
    return content_changes(entry_content(found), mine)


def _refused(request: StudioRequest, bot: Bot, sheet: Sheet) -> HttpResponse:
    response = _show(request, bot, sheet)
    response.status_code = sheet.error.status if sheet.error else 422
    return response


def _show(request: StudioRequest, bot: Bot, sheet: Sheet) -> HttpResponse:
    """The sheet alone for htmx, else the whole page with the sheet open."""
    if is_htmx(request):
        return render(request, "studio/entry_sheet.html", _sheet(request, bot, sheet))
    return render(request, "studio/knowledge.html", _table(request, bot) | _sheet(request, bot, sheet))


def _table(request: StudioRequest, bot: Bot) -> dict[str, Any]:
    shown = KnowledgeFilter.read(request.GET)
    counts = status_counts(bot, text=shown.text, category=shown.category)
    words = {
        "": _("all"),
        "new": _("new"),
        "changed": _("changed"),
        "waiting": _("to fill"),
        "published": _("published"),
        "removing": _("removing"),
        "archived": _("archived"),
    }
    page = shown.rows(bot)
    return {
        "filter": shown,
        "page": page,
        "previous": shown.with_page(page.number - 1),
        "next": shown.with_page(page.number + 1),
        "statuses": [(name, word, counts.get(name, 0), shown.with_status(name)) for name, word in words.items()],
        "categories": categories_of(bot),
    }


def _sheet(request: StudioRequest, bot: Bot, sheet: Sheet) -> dict[str, Any]:
    own = (sheet.content.question, *sheet.content.similar)
    changes = entry_changes(bot, [sheet.entry]).get(sheet.entry.pk, ()) if sheet.entry else ()
    return {
        "sheet": sheet,
        "filter": KnowledgeFilter.read(request.GET),
        "twins": twins_of(bot, own, sheet.entry.pk if sheet.entry else None),
        "changes": changes,
        "categories": categories_of(bot),
        "valid_from": forms.local_value(sheet.content.valid_from),
        "valid_to": forms.local_value(sheet.content.valid_to),
    }
