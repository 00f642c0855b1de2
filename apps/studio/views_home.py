"""Doors into the studio."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.access import organisations_for_member
from apps.accounts.models import Role
from apps.bots.access import bots_for_member
from apps.bots.models import Bot
from apps.studio.frame import StudioRequest, studio_view


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The first bot that the person may see."""
    bot = bots_for_member(request.user).first()
    if bot is None:
        return render(request, "studio/no_bot.html", {"owns": organisations_for_member(request.user, Role.OWNER)})
    return redirect("studio:bot", bot.slug)


@studio_view(Role.VIEWER)
def bot_home(request: StudioRequest, bot: Bot) -> HttpResponse:
    return redirect("studio:knowledge", bot.slug)


@studio_view(Role.VIEWER)
def rail(request: StudioRequest, bot: Bot) -> HttpResponse:
    """The rail with fresh counts, for a page that stays."""
    request.studio.section = request.GET.get("section", "")
    return render(request, "studio/parts/rail.html", {"frame": request.studio})
