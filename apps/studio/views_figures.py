"""A company's own figures, which stand in braces in the answers of a starter pack."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.core.errors import Invalid
from apps.knowledge.figures import figures_save, figures_wanted, waiting_count
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view

PREFIX = "figure."
"""Before the names in the form, so that no figure can be taken for another field."""


@studio_view(Role.VIEWER, post=Role.EDITOR, section="knowledge")
@require_http_methods(["GET", "POST"])
def figures(request: StudioRequest, bot: Bot) -> HttpResponse:
    """The names that the drafts hold, one input each; or store what was typed."""
    if request.method == "GET":
        return _page(request, bot, {})
    sent = request.POST.items()
    values = {key.removeprefix(PREFIX): str(text) for key, text in sent if key.startswith(PREFIX)}
    try:
        figures_save(bot=bot, values=values)
    except Invalid as error:
        response = _page(request, bot, {"error": error, "typed": values})
        response.status_code = error.status
        return response
    return changed(_page(request, bot, {"saved": True}))


def _page(request: StudioRequest, bot: Bot, context: dict[str, object]) -> HttpResponse:
    wanted = figures_wanted(bot)
    groups = [[figure for figure in wanted if figure.is_contact is contact] for contact in (True, False)]
    template = "studio/parts/figures_form.html" if is_htmx(request) else "studio/figures.html"
    return render(request, template, {"groups": groups, "waiting": waiting_count(bot), **context})
