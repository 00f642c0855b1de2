"""Conversations: the list with who waits on top, one of them with its reasons, and what staff do in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.conversations.desk import agent_reply, conversation_close, conversation_return, conversation_take
from apps.conversations.models import Conversation
from apps.conversations.selectors import waiting_count
from apps.conversations.staff import PAGE, conversation_of, conversations_search, messages_of, transitions_of
from apps.conversations.traces import trace_json
from apps.core.errors import Conflict, Invalid, NotFound, TooLarge, ZhikeError
from apps.learning.access import turn_of
from apps.learning.selectors import labelled_turns
from apps.studio.conversation_page import timeline, why_moved
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view, trigger
from apps.studio.queries import conversations_query, page_number, read_conversations

member = studio_view(Role.VIEWER, section="conversations")
agent = studio_view(Role.AGENT, section="conversations")

MOVES: dict[str, Callable[..., None]] = {
    "take": conversation_take,
    "return": conversation_return,
    "close": conversation_close,
}


@member
@require_GET
def conversations(request: StudioRequest, bot: Bot) -> HttpResponse:
    """The list; for htmx only its rows."""
    wanted = read_conversations(request.GET)
    rows = conversations_search(bot, wanted, timezone.now())
    context = {
        "bot": bot,
        "wanted": wanted,
        "query": conversations_query(wanted),
        "page": Paginator(rows, PAGE).get_page(page_number(request.GET)),
        "waiting": waiting_count(bot),
        "states": Conversation.State.choices,
    }
    return render(
        request, "studio/conversation_rows.html" if is_htmx(request) else "studio/conversations.html", context
    )


@member
@require_GET
def conversation(request: StudioRequest, bot: Bot, conversation_id: UUID) -> HttpResponse:
    """One conversation; for htmx only what may have changed in it: nothing, when ``seen`` names how it stands."""
    found = conversation_of(bot, conversation_id)
    if is_htmx(request) and request.GET.get("seen") == _standing(found):
        return HttpResponse(status=204)
    return _page(request, found)


@member
@require_GET
def why(request: StudioRequest, bot: Bot, conversation_id: UUID, turn_id: UUID) -> HttpResponse:
    """The trace of one turn, as the part that unfolds below a reply."""
    turn = turn_of(bot, turn_id)
    if turn.conversation_id != conversation_id:
        raise NotFound(_("There is no such question in this conversation."))
    return render(request, "studio/parts/trace.html", {"trace": trace_json(turn), "trace_id": f"trace-{turn.pk}"})


@agent
@require_POST
def move(request: StudioRequest, bot: Bot, conversation_id: UUID, move: str) -> HttpResponse:
    """Take over, give back to the bot, or close."""
    found = conversation_of(bot, conversation_id)
    if move not in MOVES:
        raise NotFound(_("There is no such action."))
    try:
        MOVES[move](conversation=found, by=request.user)
    except Conflict as error:
        return _refused(request, bot, conversation_id, error)
    return changed(_after(request, bot, conversation_id))


@agent
@require_POST
def reply(request: StudioRequest, bot: Bot, conversation_id: UUID) -> HttpResponse:
    """Write to the visitor."""
    found = conversation_of(bot, conversation_id)
    text, client_id = request.POST.get("text", ""), request.POST.get("client_id", "")
    try:
        agent_reply(conversation=found, by=request.user, text=text, client_id=client_id or uuid4().hex)
    except (Conflict, Invalid, TooLarge) as error:
        return _refused(request, bot, conversation_id, error, text=text)
    return _after(request, bot, conversation_id)


def _standing(found: Conversation) -> str:
    return f"{found.seq}.{found.state_version}"


def _page(request: StudioRequest, found: Conversation, *, status: int = 200, **extra: Any) -> HttpResponse:
    messages = messages_of(found)
    labels = labelled_turns(m.turn_id for m in messages if m.turn_id)
    context = {
        "bot": found.bot,
        "conversation": found,
        "timeline": timeline(messages, transitions_of(found), labels),
        "queued_why": why_moved(found.handoff_reason),
        "mine": found.state == Conversation.State.HUMAN and found.assigned_to_id == request.user.pk,
        "may_talk": request.studio.may(Role.AGENT),
        "seen": _standing(found),
        "client_id": uuid4().hex,
        "text": "",
        **extra,
    }
    template = "studio/conversation_region.html" if is_htmx(request) else "studio/conversation.html"
    return render(request, template, context, status=status)


def _after(request: StudioRequest, bot: Bot, conversation_id: UUID) -> HttpResponse:
    if not is_htmx(request):
        return redirect("studio:conversation", bot.slug, conversation_id)
    return _page(request, conversation_of(bot, conversation_id))


def _refused(request: StudioRequest, bot: Bot, conversation_id: UUID, error: ZhikeError, **extra: Any) -> HttpResponse:
    """The conversation as it is now, with what was typed, and why nothing was changed."""
    response = _page(request, conversation_of(bot, conversation_id), status=error.status, **extra)
    return trigger(response, "zk-notice", {"text": error.detail, "tone": "danger"})
