"""The calibration screen: how sure the bot must be, what that brings, apply and undo."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.learning.access import calibration_of
from apps.learning.calibrations import calibration_apply, calibration_request, calibration_undo
from apps.studio.calibration_page import page_context
from apps.studio.forms import precision_of
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view, trigger, undo_response

editor = studio_view(Role.VIEWER, post=Role.EDITOR, section="calibration")


@editor
@require_http_methods(["GET", "POST"])
def calibration(request: StudioRequest, bot: Bot) -> HttpResponse:
    """What was found last; or have it calculated anew."""
    if request.method == "POST":
        calibration_request(bot=bot, by=request.user, precision=precision_of(request.POST))
        if not is_htmx(request):
            return redirect("studio:calibration", bot.slug)
    return _page(request, bot)


@editor
@require_POST
def calibration_on(request: StudioRequest, bot: Bot, calibration_id: UUID) -> HttpResponse:
    """Answer by it from the next message on."""
    row = calibration_of(bot, calibration_id)
    applied = calibration_apply(calibration=row, by=request.user, precision=precision_of(request.POST))
    if not is_htmx(request):
        return redirect("studio:calibration", bot.slug)
    text = _("Applied: visitors are answered by these thresholds from the next message on.")
    url = reverse("studio:calibration_undo", args=[bot.slug, applied.pk])
    return undo_response(changed(_page(request, bot, text)), text=_("New thresholds answer now"), url=url)


@editor
@require_POST
def calibration_back(request: StudioRequest, bot: Bot, calibration_id: UUID) -> HttpResponse:
    """Answer by the thresholds that it replaced."""
    calibration_undo(calibration=calibration_of(bot, calibration_id), by=request.user)
    if not is_htmx(request):
        return redirect("studio:calibration", bot.slug)
    response = changed(_page(request, bot, _("Taken back: the thresholds from before answer again.")))
    if request.headers.get("HX-Target") != "calibration":
        trigger(response, "zk-restored")  # undone from a notice: the page fetches itself
    return response


def _page(request: StudioRequest, bot: Bot, done: str = "") -> HttpResponse:
    bot.refresh_from_db()
    template = "studio/parts/calibration_body.html" if is_htmx(request) else "studio/calibration.html"
    return render(request, template, page_context(bot, done))
