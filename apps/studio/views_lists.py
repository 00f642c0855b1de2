"""Rules, synonyms and sensitive words: a table each, and a form in the sheet beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.core.errors import Invalid, ZhikeError
from apps.knowledge.access import rule_of, synonyms_of, word_of
from apps.knowledge.lists import Row, row_delete, row_restore
from apps.knowledge.models import Rule, SensitiveWord, SynonymGroup
from apps.knowledge.selectors import rules_list, synonyms_list, words_list
from apps.knowledge.services import rule_save, synonyms_save, word_save
from apps.studio import forms
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view, undo_response

SHOWN = 300
"""Words that the page lists; the search finds the rest."""

member = studio_view(Role.VIEWER, section="lists")
editor = studio_view(Role.VIEWER, post=Role.EDITOR, section="lists")


@member
@require_GET
def rules(request: StudioRequest, bot: Bot) -> HttpResponse:
    return _page(request, bot, "rules")


@member
@require_GET
def synonyms(request: StudioRequest, bot: Bot) -> HttpResponse:
    return _page(request, bot, "synonyms")


@member
@require_GET
def words(request: StudioRequest, bot: Bot) -> HttpResponse:
    return _page(request, bot, "words")


@editor
@require_http_methods(["GET", "POST"])
def rule(request: StudioRequest, bot: Bot, row_id: UUID | None = None) -> HttpResponse:
    """One rule: patterns must be RE2, and the rule's own test sentences must come out right."""
    row = rule_of(bot, row_id) if row_id else Rule(bot=bot, kind=Rule.Kind.KEYWORD)
    if request.method == "GET":
        return _page(request, bot, "rules", row)
    fields = forms.rule_fields(request.POST)
    return _save(request, bot, row, fields, partial(rule_save, bot=bot, fields=fields, rule=row))


@editor
@require_http_methods(["GET", "POST"])
def synonym(request: StudioRequest, bot: Bot, row_id: UUID | None = None) -> HttpResponse:
    """One group of words that mean the same."""
    row = synonyms_of(bot, row_id) if row_id else SynonymGroup(bot=bot, words=[])
    if request.method == "GET":
        return _page(request, bot, "synonyms", row)
    fields = {"words": request.POST.getlist("words")}
    return _save(request, bot, row, fields, partial(synonyms_save, bot=bot, group=row, **fields))


@editor
@require_http_methods(["GET", "POST"])
def word(request: StudioRequest, bot: Bot, row_id: UUID | None = None) -> HttpResponse:
    """One sensitive word with what happens where it is said."""
    row = word_of(bot, row_id) if row_id else SensitiveWord(bot=bot, level=SensitiveWord.Level.BLOCK)
    if request.method == "GET":
        return _page(request, bot, "words", row)
    fields = {name: request.POST.get(name, "") for name in ("text", "level", "reply")}
    return _save(request, bot, row, fields, partial(word_save, bot=bot, word=row, **fields))


@editor
@require_POST
def row_away(request: StudioRequest, bot: Bot, kind: str, row_id: UUID) -> HttpResponse:
    """Take a row away; undo brings it back as it was."""
    find: dict[str, Callable[[Bot, UUID], Row]] = {"rules": rule_of, "synonyms": synonyms_of, "words": word_of}
    row = find[kind](bot, row_id)
    text = _("“%s” deleted") % row
    receipt = row_delete(row=row)
    url = reverse("studio:row_back", args=[bot.slug])
    return undo_response(changed(HttpResponse()), text=text, url=url, values={"receipt": receipt})


@editor
@require_POST
def row_back(request: StudioRequest, bot: Bot) -> HttpResponse:
    """Bring back a row that was just deleted."""
    row_restore(bot=bot, receipt=request.POST.get("receipt", ""))
    return changed(HttpResponse(status=204))


def _save(
    request: StudioRequest, bot: Bot, row: Row, fields: Mapping[str, Any], save: Callable[[], object]
) -> HttpResponse:
    """The sheet empties when the row is stored, and keeps what was typed when it is not."""
    for name, value in fields.items():
        setattr(row, name, value)
    try:
        save()
    except Invalid as error:
        kind = {Rule: "rules", SynonymGroup: "synonyms", SensitiveWord: "words"}[type(row)]
        response = _page(request, bot, kind, row, error)
        response.status_code = error.status
        return response
    return changed(HttpResponse())


def _page(
    request: StudioRequest, bot: Bot, kind: str, row: Row | None = None, error: ZhikeError | None = None
) -> HttpResponse:
    """The table, with ``row`` in the sheet beside it."""
    context: dict[str, Any] = {
        "kind": kind,
        "row": row,
        "stored": row is not None and not row._state.adding,
        "error": error,
        "rule_kinds": Rule.Kind.choices,
        "rule_actions": Rule.Action.choices,
        "levels": SensitiveWord.Level.choices,
    }
    if is_htmx(request) and row is not None:
        return render(request, f"studio/parts/{kind}_form.html", context)
    context |= _rows(request, bot, kind)
    return render(request, f"studio/parts/{kind}_rows.html" if is_htmx(request) else "studio/lists.html", context)


def _rows(request: StudioRequest, bot: Bot, kind: str) -> dict[str, Any]:
    if kind == "rules":
        return {"rows": rules_list(bot)}
    if kind == "synonyms":
        return {"rows": synonyms_list(bot)}
    level = request.GET.get("level", "")
    text = request.GET.get("q", "")[:60]
    known = level if level in SensitiveWord.Level.values else ""
    rows = words_list(bot, text=text, level=known)
    return {"rows": rows[:SHOWN], "count": rows.count(), "level": known, "q": text}
