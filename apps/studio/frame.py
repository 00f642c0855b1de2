"""What every studio view shares: who may enter, what stands around the page, and how it speaks to htmx."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url

from apps.accounts.access import member_access
from apps.accounts.models import Role, User
from apps.bots.access import bot_for_member, bots_for_member
from apps.bots.models import Bot
from apps.conversations.selectors import waiting_count
from apps.core.errors import ZhikeError
from apps.knowledge.selectors import drafts_count
from apps.learning.selectors import todo_count

READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Frame:
    """What the rail and the bot switcher show; the counts are read only where a page draws them."""

    def __init__(self, user: User, bot: Bot, section: str) -> None:
        self.user = user
        self.bot = bot
        self.section = section

    @cached_property
    def role(self) -> Role:
        return Role(member_access(self.user, self.bot.organisation_id, Role.VIEWER).role)

    def may(self, needed: Role) -> bool:
        return self.role.covers(needed)

    @property
    def may_edit(self) -> bool:
        return self.may(Role.EDITOR)

    @property
    def owns(self) -> bool:
        return self.may(Role.OWNER)

    @cached_property
    def bots(self) -> list[Bot]:
        return list(bots_for_member(self.user))

    @cached_property
    def drafts(self) -> int:
        return drafts_count(self.bot)

    @cached_property
    def todo(self) -> int:
        return todo_count(self.bot)

    @cached_property
    def waiting(self) -> int:
        return waiting_count(self.bot)


class StudioRequest(HttpRequest):
    """A request of a member of staff to one bot's studio."""

    user: User
    studio: Frame


View = Callable[..., HttpResponseBase]


def studio_view(needed: Role, *, post: Role | None = None, section: str = "") -> Callable[[View], View]:
    """A view that gets ``(request, bot, **rest)``: only for members whose role covers ``needed`` (``post`` for writes).

    Whoever is not logged in goes to the login page and comes back; what the services raise becomes a page or, for
    htmx, a notice.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, **rest: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_login(request)
            asked = cast(StudioRequest, request)
            try:
                bot = bot_for_member(asked.user, slug, needed if request.method in READS else post or needed)
                asked.studio = Frame(asked.user, bot, section)
                return view(asked, bot, **rest)
            except ZhikeError as error:
                return error_response(request, error)

        return guarded

    return decorate


def is_htmx(request: HttpRequest) -> bool:
    """Whether a part of the page is wanted. Going back in history asks for the whole."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def error_response(request: HttpRequest, error: ZhikeError) -> HttpResponse:
    """The error as a notice over the page at hand, or as a page."""
    if is_htmx(request):
        notice = trigger(HttpResponse(status=error.status), "zk-notice", {"text": error.detail, "tone": "danger"})
        notice["HX-Reswap"] = "none"  # the part that asked stays as it is
        return notice
    return render(request, "studio/error.html", {"error": error}, status=error.status)


def trigger(response: HttpResponse, event: str, detail: Mapping[str, Any] | bool = True) -> HttpResponse:
    """Make htmx raise ``event`` on the page that asked."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    response["HX-Trigger"] = json.dumps({**events, event: detail})
    return response


def changed(response: HttpResponse) -> HttpResponse:
    """Tell the page that stored rows changed: its tables and the rail fetch themselves anew."""
    return trigger(response, "zk-changed")


def undo_response(
    response: HttpResponse, *, text: str, url: str, values: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Offer to take an action back for some seconds: pressing it posts ``values`` to ``url``."""
    return trigger(response, "zk-undo", {"text": text, "url": url, "values": dict(values or {})})


def _to_login(request: HttpRequest) -> HttpResponse:
    if is_htmx(request):
        # A redirect would put the login form inside the part that asked.
        target = redirect_to_login(request.headers.get("HX-Current-URL", ""), resolve_url("login"))
        return HttpResponse(status=204, headers={"HX-Redirect": target.url})
    return redirect_to_login(request.get_full_path(), resolve_url("login"))
