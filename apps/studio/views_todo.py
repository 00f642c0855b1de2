"""The to-do screen: one question at a time, one key each, the next one at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.conversations.models import Turn
from apps.core.errors import Conflict, Invalid, Malformed, ZhikeError
from apps.core.logs import mask
from apps.knowledge.access import entry_of
from apps.knowledge.publishing import publication_create, publication_restore
from apps.learning.access import label_of, turn_of
from apps.learning.models import Label
from apps.learning.selectors import action_size, entry_choices
from apps.learning.services import (
    label_entry,
    label_ignore,
    label_negative,
    label_out_of_scope,
    label_similar,
    label_undo,
)
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view, trigger, undo_response
from apps.studio.queries import read_todo, todo_query
from apps.studio.todo_page import page_context

member = studio_view(Role.VIEWER, section="todo")
editor = studio_view(Role.EDITOR, section="todo")

QUOTED = 24
"""Characters of a question that a notice quotes."""


@member
@require_GET
def todo(request: StudioRequest, bot: Bot) -> HttpResponse:
    """The list at one of its items; for htmx only what changes."""
    return _page(request, bot, request.GET.get("item", ""))


@editor
@require_POST
def label(request: StudioRequest, bot: Bot, turn_id: UUID) -> HttpResponse:
    """Decide on a question and go on to the next."""
    turn = turn_of(bot, turn_id)
    try:
        made = _label(request, bot, turn)
    except (Conflict, Invalid) as error:
        return _refused(request, bot, str(turn_id), error, form=request.POST, error=error)
    response = _after(request, bot, request.POST.get("next", ""))
    url = reverse("studio:todo_undo", args=[bot.slug, made.pk])
    return undo_response(changed(response), text=_told(made, turn), url=f"{url}?{todo_query(read_todo(request.GET))}")


def _label(request: StudioRequest, bot: Bot, turn: Turn) -> Label:
    """``choice`` is a kind of label, with the entry behind a colon where the button named one."""
    kind, _colon, entry_id = request.POST.get("choice", "").partition(":")
    settle: dict[str, Callable[..., Label]] = {"oos": label_out_of_scope, "ignore": label_ignore}
    attach: dict[str, Callable[..., Label]] = {"similar": label_similar, "negative": label_negative}
    if kind in settle:
        return settle[kind](turn=turn, by=request.user)
    if kind in attach:
        entry_id = entry_id or request.POST.get("entry", "")
        if not entry_id:
            raise Invalid(_("Choose an entry first."))
        return attach[kind](turn=turn, entry=entry_of(bot, entry_id), by=request.user)
    if kind == "entry":
        fields = {name: request.POST.get(name, "") for name in ("question", "answer", "category")}
        return label_entry(turn=turn, by=request.user, **fields)
    raise Malformed(_("There is no such label."))


@editor
@require_POST
def label_back(request: StudioRequest, bot: Bot, label_id: UUID) -> HttpResponse:
    """Take an action back; its question is at hand again."""
    made = label_of(bot, label_id)
    try:
        label_undo(label=made, by=request.user)
    except Conflict as error:
        return _refused(request, bot, request.POST.get("item", ""), error)
    return changed(_after(request, bot, str(made.turn_id)))


@editor
@require_POST
def publish_now(request: StudioRequest, bot: Bot) -> HttpResponse:
    """All drafts answer from now on."""
    before = bot.live_version
    try:
        publication = publication_create(bot=bot, by=request.user, note=_("from the to-do list"))
    except Conflict as error:
        return _refused(request, bot, request.POST.get("item", ""), error)
    bot.refresh_from_db(fields=["live_version"])
    response = changed(_after(request, bot, request.POST.get("item", "")))
    text = _("v%d is live: visitors are answered from it.") % publication.version
    if publication.version == before:
        return trigger(response, "zk-notice", {"text": _("There was nothing to publish."), "tone": "info"})
    if not before:
        return trigger(response, "zk-notice", {"text": text, "tone": "ok"})
    url = f"{reverse('studio:todo_unpublish', args=[bot.slug])}?{todo_query(read_todo(request.GET))}"
    values = {"version": publication.version, "before": before, "item": request.POST.get("item", "")}
    return undo_response(response, text=text, url=url, values=values)


@editor
@require_POST
def publish_back(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Answer as before the publish that was just made; what it published is a draft again.

    Raises:
        Conflict: somebody published since.
    """
    version, before = (_number(request, name) for name in ("version", "before"))
    if bot.live_version != version:
        raise Conflict(_("Somebody published since then. Look at the publications before you go back."))
    publication_restore(bot=bot, version=before, by=request.user)
    bot.refresh_from_db(fields=["live_version"])
    return changed(_after(request, bot, request.POST.get("item", "")))


@member
@require_GET
def entry_options(request: StudioRequest, bot: Bot) -> JsonResponse:
    """Entries for the combobox, by their words."""
    found = entry_choices(bot, request.GET.get("q", "").strip()[:200])
    return JsonResponse({"options": [{"id": str(e.pk), "text": e.question, "note": e.category} for e in found]})


def _page(request: StudioRequest, bot: Bot, item: str, *, status: int = 200, **extra: Any) -> HttpResponse:
    template = "studio/todo_region.html" if is_htmx(request) else "studio/todo.html"
    return render(request, template, page_context(request, bot, read_todo(request.GET), item, **extra), status=status)


def _after(request: StudioRequest, bot: Bot, item: str) -> HttpResponse:
    """The screen at ``item`` after something was done; a browser without htmx is sent there."""
    query = "&".join(
        part for part in (todo_query(read_todo(request.GET)), urlencode({"item": item}) if item else "") if part
    )
    url = reverse("studio:todo", args=[bot.slug]) + (f"?{query}" if query else "")
    if not is_htmx(request):
        return redirect(url)
    response = _page(request, bot, item)
    response["HX-Replace-Url"] = url
    # The notice's own requests swap nothing unless they are told where.
    response["HX-Retarget"], response["HX-Reswap"] = "#todo", "outerHTML"
    return response


def _refused(request: StudioRequest, bot: Bot, item: str, reason: ZhikeError, **extra: Any) -> HttpResponse:
    """The same item again, and why nothing was changed."""
    response = _page(request, bot, item, status=reason.status, **extra)
    return trigger(response, "zk-notice", {"text": reason.detail, "tone": "danger"})


def _number(request: StudioRequest, name: str) -> int:
    value = request.POST.get(name, "")
    if not value.isdecimal() or len(value) > 9:
        raise Malformed(_("“%s” must be a whole number.") % name)
    return int(value)


def _told(made: Label, turn: Turn) -> str:
    """What the notice says: the question, what became of it, and how many turns it settled."""
    words = {
        Label.Kind.SIMILAR: _("“%s” is a similar question now."),
        Label.Kind.ENTRY: _("“%s” has an entry now."),
        Label.Kind.NEGATIVE: _("“%s” is a negative question now."),
        Label.Kind.OUT_OF_SCOPE: _("“%s” is out of scope."),
        Label.Kind.IGNORE: _("“%s” is ignored."),
    }
    text = mask(turn.text)
    quoted = text if len(text) <= QUOTED else f"{text[:QUOTED]}…"
    n = action_size(made)
    turns = ngettext("%d time asked", "%d times asked", n) % n
    return f"{words[Label.Kind(made.kind)] % quoted} ({turns})" if n > 1 else words[Label.Kind(made.kind)] % quoted
