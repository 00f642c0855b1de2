"""The operators' API of a bot's knowledge (prefix ``/api/v1/bots``). Each door parses, calls one service and shapes the answer.

Reading takes a viewer of the bot's organisation, writing an editor. All writes go to drafts; a publication brings them to
visitors.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status
from ninja.security import django_auth
from pydantic import AfterValidator, ConfigDict

from apps.accounts.models import Role, User
from apps.bots.access import bot_for_member
from apps.bots.models import Bot
from apps.core.errors import Unauthenticated
from apps.knowledge.access import entry_of, publication_of, rule_of, synonyms_of, word_of
from apps.knowledge.bulk import entries_archive
from apps.knowledge.content import EntryContent
from apps.knowledge.lists import row_delete
from apps.knowledge.models import Entry, Publication, Rule, SensitiveWord, SynonymGroup
from apps.knowledge.publishing import publication_create, publication_restore
from apps.knowledge.selectors import entries_search, publications_list, rules_list, synonyms_list, words_list
from apps.knowledge.services import entry_save, rule_save, synonyms_save, word_save

router = Router(tags=["knowledge"], auth=django_auth)

PAGE = 100


def in_utc(moment: datetime) -> datetime:
    """As the database gives it back; without an offset it is the server's time."""
    aware = moment if timezone.is_aware(moment) else timezone.make_aware(moment)
    return aware.astimezone(UTC)


Page = Annotated[int, Field(ge=1)]
Moment = Annotated[datetime, AfterValidator(in_utc)]


class Strict(Schema):
    model_config = ConfigDict(extra="forbid", str_max_length=20_000)


class EntryIn(Strict):
    """``revision`` is the one that was read before; a newer one makes the write a conflict."""

    question: str
    answer: str
    similar: list[str] = Field(default_factory=list, max_length=1_000)
    negative: list[str] = Field(default_factory=list, max_length=1_000)
    category: str = ""
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    revision: int | None = None

    def content(self) -> EntryContent:
        lists = {"similar": tuple(self.similar), "negative": tuple(self.negative)}
        return EntryContent(**{**self.dict(exclude={"revision"}), **lists})


class SynonymsIn(Strict):
    words: list[str] = Field(max_length=100)


class TestsIn(Strict):
    match: list[str] = Field(default_factory=list, max_length=100)
    no_match: list[str] = Field(default_factory=list, max_length=100)


class RuleIn(Strict):
    name: str
    kind: Literal["exact", "keyword", "keywords", "fuzzy", "pattern"]
    patterns: list[str] = Field(max_length=500)
    action: Literal["reply", "handoff"] = "reply"
    reply: str = ""
    priority: int = Field(100, ge=0, le=32_767)
    tests: TestsIn = Field(default_factory=TestsIn)
    enabled: bool = True


class WordIn(Strict):
    text: str
    level: Literal["block", "handoff", "warn", "allow"]
    reply: str = ""


class PublicationIn(Strict):
    note: str = Field("", max_length=300)


def user_of(request: HttpRequest) -> User:
    """The member of staff behind the session."""
    if not isinstance(request.user, User):
        raise Unauthenticated(_("Log in first."))
    return request.user


def readable(request: HttpRequest, slug: str) -> Bot:
    return bot_for_member(user_of(request), slug, Role.VIEWER)


def writable(request: HttpRequest, slug: str) -> Bot:
    return bot_for_member(user_of(request), slug, Role.EDITOR)


# --- entries ----------------------------------------------------------------------------------------------------


@router.get("/{slug}/entries")
def entries(
    request: HttpRequest, slug: str, q: str = "", status: str = "", category: str = "", page: Page = 1
) -> dict[str, Any]:
    """Drafts, latest first, 100 a page. ``status``: new, changed, published, removing, archived or draft."""
    found = entries_search(readable(request, slug), text=q, status=status, category=category)
    shown = Paginator(found, PAGE).get_page(page)
    return {"count": shown.paginator.count, "page": shown.number, "items": [entry_json(row) for row in shown]}


@router.post("/{slug}/entries", response={201: dict[str, Any]})
def entry_post(request: HttpRequest, slug: str, payload: EntryIn) -> Status[dict[str, Any]]:
    bot = writable(request, slug)
    return Status(201, entry_json(entry_save(bot=bot, content=payload.content(), by=user_of(request))))


@router.get("/{slug}/entries/{entry_id}")
def entry_get(request: HttpRequest, slug: str, entry_id: UUID) -> dict[str, Any]:
    return entry_json(entry_of(readable(request, slug), entry_id))


@router.put("/{slug}/entries/{entry_id}")
def entry_put(request: HttpRequest, slug: str, entry_id: UUID, payload: EntryIn) -> dict[str, Any]:
    bot = writable(request, slug)
    entry = entry_of(bot, entry_id)
    by = user_of(request)
    return entry_json(entry_save(bot=bot, content=payload.content(), by=by, entry=entry, revision=payload.revision))


@router.delete("/{slug}/entries/{entry_id}", response={204: None})
def entry_delete(request: HttpRequest, slug: str, entry_id: UUID) -> Status[None]:
    """Archive it: the next publication is without it."""
    bot = writable(request, slug)
    entries_archive(bot=bot, ids=[entry_of(bot, entry_id).pk], by=user_of(request))
    return Status(204, None)


# --- the small lists --------------------------------------------------------------------------------------------


@router.get("/{slug}/synonyms")
def synonyms(request: HttpRequest, slug: str) -> dict[str, Any]:
    return {"items": [synonyms_json(row) for row in synonyms_list(readable(request, slug))]}


@router.post("/{slug}/synonyms", response={201: dict[str, Any]})
def synonyms_post(request: HttpRequest, slug: str, payload: SynonymsIn) -> Status[dict[str, Any]]:
    return Status(201, synonyms_json(synonyms_save(bot=writable(request, slug), words=payload.words)))


@router.put("/{slug}/synonyms/{row_id}")
def synonyms_put(request: HttpRequest, slug: str, row_id: UUID, payload: SynonymsIn) -> dict[str, Any]:
    bot = writable(request, slug)
    return synonyms_json(synonyms_save(bot=bot, words=payload.words, group=synonyms_of(bot, row_id)))


@router.delete("/{slug}/synonyms/{row_id}", response={204: None})
def synonyms_delete(request: HttpRequest, slug: str, row_id: UUID) -> Status[None]:
    row_delete(row=synonyms_of(writable(request, slug), row_id))
    return Status(204, None)


@router.get("/{slug}/rules")
def rules(request: HttpRequest, slug: str) -> dict[str, Any]:
    """In the order in which they are tried."""
    return {"items": [rule_json(row) for row in rules_list(readable(request, slug))]}


@router.post("/{slug}/rules", response={201: dict[str, Any]})
def rule_post(request: HttpRequest, slug: str, payload: RuleIn) -> Status[dict[str, Any]]:
    return Status(201, rule_json(rule_save(bot=writable(request, slug), fields=payload.dict())))


@router.put("/{slug}/rules/{row_id}")
def rule_put(request: HttpRequest, slug: str, row_id: UUID, payload: RuleIn) -> dict[str, Any]:
    bot = writable(request, slug)
    return rule_json(rule_save(bot=bot, fields=payload.dict(), rule=rule_of(bot, row_id)))


@router.delete("/{slug}/rules/{row_id}", response={204: None})
def rule_delete(request: HttpRequest, slug: str, row_id: UUID) -> Status[None]:
    row_delete(row=rule_of(writable(request, slug), row_id))
    return Status(204, None)


@router.get("/{slug}/words")
def words(request: HttpRequest, slug: str, q: str = "", level: str = "") -> dict[str, Any]:
    return {"items": [word_json(row) for row in words_list(readable(request, slug), text=q, level=level)]}


@router.post("/{slug}/words", response={201: dict[str, Any]})
def word_post(request: HttpRequest, slug: str, payload: WordIn) -> Status[dict[str, Any]]:
    return Status(201, word_json(word_save(bot=writable(request, slug), **payload.dict())))


@router.put("/{slug}/words/{row_id}")
def word_put(request: HttpRequest, slug: str, row_id: UUID, payload: WordIn) -> dict[str, Any]:
    bot = writable(request, slug)
    return word_json(word_save(bot=bot, word=word_of(bot, row_id), **payload.dict()))


@router.delete("/{slug}/words/{row_id}", response={204: None})
def word_delete(request: HttpRequest, slug: str, row_id: UUID) -> Status[None]:
    row_delete(row=word_of(writable(request, slug), row_id))
    return Status(204, None)


# --- publications -----------------------------------------------------------------------------------------------


@router.get("/{slug}/publications")
def publications(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The last 100, latest first; ``live`` is the one that answers."""
    bot = readable(request, slug)
    return {"live": bot.live_version, "items": [publication_json(row) for row in publications_list(bot)[:PAGE]]}


@router.post("/{slug}/publications", response={201: dict[str, Any]})
def publication_post(request: HttpRequest, slug: str, payload: PublicationIn) -> Status[dict[str, Any]]:
    """Publish all drafts; without a change the live publication comes back."""
    made = publication_create(bot=writable(request, slug), by=user_of(request), note=payload.note)
    return Status(201, publication_json(made))


@router.post("/{slug}/publications/{version}/restore", response={201: dict[str, Any]})
def publication_back(request: HttpRequest, slug: str, version: int) -> Status[dict[str, Any]]:
    """Answer as ``version`` did, as a new version; drafts stay as they are."""
    bot = writable(request, slug)
    old = publication_of(bot, version)
    return Status(201, publication_json(publication_restore(bot=bot, version=old.version, by=user_of(request))))


# --- shapes -----------------------------------------------------------------------------------------------------


def entry_json(row: Entry) -> dict[str, Any]:
    names = ("question", "answer", "similar", "negative", "category", "valid_from", "valid_to", "status", "revision")
    return {"id": str(row.pk), **{name: getattr(row, name) for name in names}, "updated_at": row.updated_at}


def synonyms_json(row: SynonymGroup) -> dict[str, Any]:
    return {"id": str(row.pk), "words": row.words}


def rule_json(row: Rule) -> dict[str, Any]:
    names = ("name", "kind", "patterns", "action", "reply", "priority", "tests", "enabled")
    return {"id": str(row.pk), **{name: getattr(row, name) for name in names}}


def word_json(row: SensitiveWord) -> dict[str, Any]:
    return {"id": str(row.pk), "text": row.text, "level": row.level, "reply": row.reply}


def publication_json(row: Publication) -> dict[str, Any]:
    by = row.created_by.get_username() if row.created_by else None
    names = ("version", "note", "restores", "changes", "created_at")
    return {**{name: getattr(row, name) for name in names}, "by": by}
