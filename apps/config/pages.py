"""The pages that belong to no room: the landing page, the chat page, the launcher, health."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import Error as DatabaseError
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from apps.bots.access import bot_by_slug
from apps.bots.models import Bot
from apps.core.errors import NotFound

DEMO = "demo"
EXAMPLES = 2
"""Example questions a skill on the landing page."""


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, live."""
    lang = "en" if (get_language() or "").startswith("en") else "zh"
    bot = _demo_bot()
    context = {
        "bot": DEMO if bot else "",
        "lang": lang,
        "examples": _examples(bot, lang) if bot else [],
        "origin": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "site/landing.html", context)


def _demo_bot() -> Bot | None:
    try:
        return bot_by_slug(DEMO)
    except NotFound:
        return None


def _examples(bot: Bot, lang: str) -> list[dict[str, Any]]:
    groups = (bot.profile.get("examples") or {}).get(lang)
    if groups:
        return list(groups)
    questions = (bot.profile.get("suggestions") or {}).get(lang) or []
    return [{"title": _("Try asking"), "questions": list(questions)}] if questions else []


@require_safe
@xframe_options_exempt
def chat(request: HttpRequest, slug: str) -> HttpResponse:
    """The conversation as a page of its own, and what the launcher frames; the bot's sites may frame it."""
    try:
        bot = bot_by_slug(slug)
    except NotFound as error:
        raise Http404(error.detail) from error
    lang = "en" if (request.GET.get("lang") or get_language() or "").startswith("en") else "zh"
    context = {
        "bot": bot.slug,
        "bot_name": bot.text("name", lang) or bot.name,
        "accent": bot.profile.get("accent", ""),
    }
    response = render(request, "chat/page.html", context)
    response._csp_replace = {"frame-ancestors": ["'self'", *bot.framing_sites()]}  # type: ignore[attr-defined]
    return response


@require_safe
def widget(request: HttpRequest) -> FileResponse:
    """The launcher, at the address that integrators put into their pages."""
    path = finders.find("js/widget.js")
    if not isinstance(path, str):
        raise Http404("widget.js")
    file = Path(path).open("rb")  # noqa: SIM115  the response closes it
    response = FileResponse(file, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300" if not settings.DEBUG else "no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For what asks at the root without reading the page."""
    return HttpResponsePermanentRedirect(static("img/favicon.svg"))


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The process can do its work: each dependency with its state."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        database = "ok"
    except DatabaseError as error:
        database = f"unreachable: {type(error).__name__}"
    return JsonResponse({"database": database}, status=200 if database == "ok" else 503)
