"""The only ways to a bot's knowledge: an id of another bot is as unknown as one that does not exist."""

from __future__ import annotations

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.core.errors import NotFound
from apps.knowledge.models import Entry, Publication, Rule, SensitiveWord, SynonymGroup

M = TypeVar("M", bound=models.Model)


def entry_of(bot: Bot, entry_id: UUID | str) -> Entry:
    return _one(Entry.objects.filter(bot=bot), entry_id)


def rule_of(bot: Bot, rule_id: UUID | str) -> Rule:
    return _one(Rule.objects.filter(bot=bot), rule_id)


def word_of(bot: Bot, word_id: UUID | str) -> SensitiveWord:
    return _one(SensitiveWord.objects.filter(bot=bot), word_id)


def synonyms_of(bot: Bot, group_id: UUID | str) -> SynonymGroup:
    return _one(SynonymGroup.objects.filter(bot=bot), group_id)


def publication_of(bot: Bot, version: int) -> Publication:
    publication = Publication.objects.filter(bot=bot, version=version).first()
    if publication is None:
        raise NotFound(_("There is no publication v%(version)d of this bot.") % {"version": version})
    return publication


def _one(rows: models.QuerySet[M], key: UUID | str) -> M:
    try:
        found = rows.filter(pk=key).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound(_("There is no such thing, or it was removed."))
    return found
