"""The bot that a load is put on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from apps.accounts.models import Organisation
from apps.bots.models import Bot
from apps.bots.services import bot_create, bot_update
from apps.knowledge.importing import knowledge_import
from apps.knowledge.list_import import lists_import
from apps.knowledge.publishing import publication_create
from apps.knowledge.rows import Row
from apps.learning.load.texts import RULE, load_rows

SLUG = "bench"


def base_entries() -> Sequence[Mapping[str, Any]]:
    """The questions of the demo shop, from which a load is put together."""
    path = settings.BASE_DIR / "apps" / "demo" / "data" / "knowledge_zh.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def bench_bot_create(*, entries: int) -> Bot:
    """A published bot with ``entries`` entries and one rule, which shows its traces.

    Raises:
        Conflict: this database has it already.
    """
    organisation, _created = Organisation.objects.get_or_create(name=SLUG)
    bot = bot_create(organisation=organisation, slug=SLUG)
    bot_update(bot=bot, changes={"shows_traces": True})
    knowledge_import(bot=bot, rows=load_rows(base_entries(), entries), by=None)
    lists_import(bot=bot, rules=[Row(1, RULE)])
    publication_create(bot=bot, by=None)
    return bot
