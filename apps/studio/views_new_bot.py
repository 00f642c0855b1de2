"""A new bot, with a trade's questions and answers to start from."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.access import organisations_for_member
from apps.accounts.models import Organisation, Role, User
from apps.core.errors import Conflict, Forbidden, Invalid, NotFound, ZhikeError
from apps.knowledge.packs import packs
from apps.knowledge.starting import Started, bot_start
from apps.studio.frame import error_response


@dataclass(frozen=True, slots=True)
class NewBot:
    """The form as it was sent."""

    name: str = ""
    slug: str = ""
    pack: str = ""
    organisation: str = ""

    @classmethod
    def read(cls, data: QueryDict) -> NewBot:
        return cls(*(data.get(name, "").strip()[:200] for name in ("name", "slug", "pack", "organisation")))


@login_required
@require_http_methods(["GET", "POST"])
def bot_new(request: HttpRequest) -> HttpResponse:
    """The form, for owners of an organisation; or the new bot, with its figures to fill in where the pack names some."""
    owned = organisations_for_member(request.user, Role.OWNER)
    if not owned:
        return error_response(request, Forbidden(_("Only an owner of an organisation can create a bot. Ask one.")))
    if request.method == "GET":
        return _page(request, owned, NewBot())
    form = NewBot.read(request.POST)
    try:
        started = _start(request, owned, form)
    except (Invalid, Conflict, NotFound) as error:
        return _page(request, owned, form, error)
    return redirect("studio:figures" if started.waiting else "studio:knowledge", started.bot.slug)


def _start(request: HttpRequest, owned: list[Organisation], form: NewBot) -> Started:
    chosen = [row for row in owned if str(row.pk) == form.organisation] if len(owned) > 1 else owned
    if not chosen:
        text = _("Choose the organisation that the bot belongs to.")
        raise Invalid(text, fields={"organisation": text})
    by = request.user if isinstance(request.user, User) else None
    return bot_start(organisation=chosen[0], slug=form.slug, name=form.name[:80], pack=form.pack, by=by)


def _page(
    request: HttpRequest, owned: list[Organisation], form: NewBot, error: ZhikeError | None = None
) -> HttpResponse:
    by_language = [(word, [pack for pack in packs() if pack.lang == lang]) for lang, word in _LANGUAGES]
    context = {"form": form, "organisations": owned, "packs": by_language, "error": error}
    return render(request, "studio/bot_new.html", context, status=422 if error else 200)


_LANGUAGES = (("zh", "中文"), ("en", "English"))
"""Each language is named in itself, as in every list of languages."""
