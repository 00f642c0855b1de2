"""One file of flows: the editor with its checks and diagrams, and the try-out beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.core.errors import Conflict, ZhikeError
from apps.core.problems import problem_body
from apps.flows.access import file_of
from apps.flows.models import FlowFile
from apps.flows.services import flow_save
from apps.studio.flow_forms import source_of
from apps.studio.flow_page import checked, file_context, shown_problems
from apps.studio.forms import revision_of
from apps.studio.frame import StudioRequest, studio_view
from apps.studio.try_page import tried_json
from apps.studio.try_story import story_yaml
from apps.studio.trying import Mode, Said, Trial, Unfit, try_out

TEXT_MAX = 2_000

View = Callable[..., HttpResponseBase]
member = studio_view(Role.VIEWER, section="flows")
editor = studio_view(Role.VIEWER, post=Role.EDITOR, section="flows")


def _spoken_json(view: View) -> View:
    """For what the page's own scripts ask: errors are problems in JSON, with what the script needs to go on."""

    @wraps(view)
    def answered(*args: Any, **rest: Any) -> HttpResponseBase:
        try:
            return view(*args, **rest)
        except ZhikeError as error:
            body = problem_body(error)
            if isinstance(error, Unfit):
                body["problems"] = shown_problems(error.problems)
            return JsonResponse(body, status=error.status)

    return answered


@editor
@require_http_methods(["GET", "POST"])
@_spoken_json
def flow(request: StudioRequest, bot: Bot, file: str) -> HttpResponseBase:
    """The editor; or its text, to be saved."""
    row = file_of(bot, file)
    if request.method == "GET":
        return render(request, "studio/flow.html", file_context(bot, row, request.studio.may_edit))
    source = source_of(request)
    try:
        saved = flow_save(bot=bot, name=file, source=source, by=request.user, revision=revision_of(request.POST))
    except Conflict as error:
        return JsonResponse({**problem_body(error), **_theirs(file_of(bot, file))}, status=error.status)
    return JsonResponse({"revision": saved.revision, **checked(bot, file, source)})


def _theirs(row: FlowFile) -> dict[str, Any]:
    """What somebody else stored meanwhile."""
    by = row.updated_by.get_full_name() or row.updated_by.get_username() if row.updated_by else ""
    return {"revision": row.revision, "source": row.source, "by": by}


@editor
@require_POST
@_spoken_json
def flow_check(request: StudioRequest, bot: Bot, file: str) -> HttpResponseBase:
    """What is wrong with an unsaved text, and its diagrams."""
    source = source_of(request)
    return JsonResponse(checked(bot, file_of(bot, file).name, source))


@editor
@require_POST
@_spoken_json
def flow_try(request: StudioRequest, bot: Bot, file: str) -> HttpResponseBase:
    """Say something to the bot with the unsaved text among its flows. Nothing of it is kept here."""
    data = request.POST
    said = Said(data.get("text", "").strip()[:TEXT_MAX], data.get("pick", ""))
    signed = data.get("state", "")
    trial = Trial.read(bot, signed) if signed else Trial.begin(request.user, "en" if data.get("lang") == "en" else "zh")
    mode: Mode = "real" if data.get("mode") == "real" else "played"
    source = source_of(request)
    name = file_of(bot, file).name
    tried = try_out(bot, name, source, said, trial, mode=mode, now=timezone.localtime())
    return JsonResponse(tried_json(bot, tried))


@editor
@require_POST
@_spoken_json
def flow_story(request: StudioRequest, bot: Bot, file: str) -> HttpResponseBase:
    """The try-out so far, written down as a story."""
    row = file_of(bot, file)
    trial = Trial.read(bot, request.POST.get("state", ""))
    name = request.POST.get("name", "").strip()[:200] or row.name
    return JsonResponse({"file": f"{row.name}.yml", "text": story_yaml(name, bot.slug, trial.lang, trial.turns)})


@member
@require_GET
def flow_download(request: StudioRequest, bot: Bot, file: str) -> HttpResponse:
    row = file_of(bot, file)
    response = HttpResponse(row.source, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.name}.yaml"'
    return response
