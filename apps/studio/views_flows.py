"""The task flows of a bot: their files, the actions that they call, and the versions that customers talk to."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.core.errors import Conflict, Invalid, TooLarge, ZhikeError
from apps.flows.access import file_of, version_of
from apps.flows.models import FlowVersion
from apps.flows.services import flow_delete, flow_save, flows_publish, flows_rollback
from apps.studio.flow_forms import file_name, source_of, uploaded
from apps.studio.flow_page import Undo, draft_source, flows_context
from apps.studio.flow_template import template
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view, trigger, undo_response

NOTE_MAX = 300

member = studio_view(Role.VIEWER, section="flows")
editor = studio_view(Role.VIEWER, post=Role.EDITOR, section="flows")


@member
@require_GET
def flows(request: StudioRequest, bot: Bot) -> HttpResponse:
    """The files, what a publish would change, the actions and the versions."""
    return _page(request, bot)


@editor
@require_POST
def flow_new(request: StudioRequest, bot: Bot) -> HttpResponse:
    """A new file, with a small flow in it to start from."""
    name = file_name(request.POST.get("name", ""))
    try:
        flow_save(bot=bot, name=name, source=template(name), by=request.user, revision=0)
    except Conflict:
        return _page(request, bot, error=Conflict(_("There is a file “%s” already; choose another name.") % name))
    except Invalid as error:
        return _page(request, bot, error=error)
    return redirect("studio:flow", bot.slug, name)


@editor
@require_POST
def flow_import(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Files from this person's computer; one of the same name is replaced, and undo brings it back."""
    try:
        name, source = uploaded(request.FILES.get("file"))
        before = draft_source(bot, name)
        flow_save(bot=bot, name=name, source=source, by=request.user)
    except (Invalid, TooLarge) as error:
        return _page(request, bot, error=error)
    text = _("“%s” is in. It runs after the next publish.") % name
    replaced = Undo(_("“%s” replaced") % name, name, before) if before not in (None, source) else None
    return _page(request, bot, done=text, undo=replaced)


@editor
@require_POST
def flow_back(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Undo: a file as it was before it was deleted or replaced."""
    name = flow_save(bot=bot, name=request.POST.get("name", ""), source=source_of(request), by=request.user).name
    return JsonResponse({"name": name})


@editor
@require_POST
def flow_away(request: StudioRequest, bot: Bot, file: str) -> HttpResponse:
    """Delete a draft; undo brings it back as it was."""
    row = file_of(bot, file)
    name, source = row.name, row.source
    flow_delete(file=row)
    text = _("“%s” deleted; it runs on until the next publish") % name
    return _page(request, bot, undo=Undo(text, name, source))


@editor
@require_POST
def flows_live(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Let customers talk to the drafts."""
    before = bot.live_flows
    try:
        note = request.POST.get("note", "").strip()[:NOTE_MAX]
        made = flows_publish(bot=bot, by=request.user, note=note)
    except (Conflict, Invalid) as error:
        return _page(request, bot, error=error)
    if made.number == before:
        return _page(request, bot, error=Conflict(_("Nothing was published: the drafts are what runs already.")))
    return _runs_now(request, bot, made, before, _("Published: flows v%d run from the next message on.") % made.number)


@editor
@require_POST
def flows_restore(request: StudioRequest, bot: Bot, version: int) -> HttpResponse:
    """Run what an earlier version ran."""
    before = bot.live_flows
    old = version_of(bot, version).number
    try:
        made = flows_rollback(bot=bot, number=old, by=request.user)
    except (Conflict, Invalid) as error:
        return _page(request, bot, error=error)
    words = {"old": old, "new": made.number}
    text = _("v%(new)d runs now, with the flows of v%(old)d. Your drafts stay as they are.") % words
    return _runs_now(request, bot, made, before, text)


def _runs_now(request: StudioRequest, bot: Bot, made: FlowVersion, before: int, text: str) -> HttpResponse:
    bot.refresh_from_db()
    response = changed(_page(request, bot, done=text))
    if is_htmx(request) and request.headers.get("HX-Target") != "flows":
        trigger(response, "zk-restored")  # undone from a notice: the page fetches itself
    if not before:
        return response
    url = reverse("studio:flows_restore", args=[bot.slug, before])
    return undo_response(response, text=_("Flows v%d run now") % made.number, url=url)


def _page(
    request: StudioRequest, bot: Bot, done: str = "", error: ZhikeError | None = None, undo: Undo | None = None
) -> HttpResponse:
    part = "studio/parts/flows_body.html" if is_htmx(request) else "studio/flows.html"
    context = {**flows_context(bot, done, error.detail if error else ""), "undo": undo}
    return render(request, part, context, status=error.status if error else 200)
