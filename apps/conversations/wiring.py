"""Joins the dialogue's engine to the database: the only place that builds one."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from apps.bots.models import Bot
from apps.conversations.types import BotRef
from apps.core.database import hop
from apps.knowledge.selectors import draft_load, publication_load
from dialog.engine import Engine
from dialog.types import Publication

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
"""How long a turn waits for a new publication to be built before the one at hand answers once more."""


@dataclass(frozen=True, slots=True)
class _Held:
    version: int
    revision: int
    engine: Engine

    def serves(self, bot: BotRef) -> bool:
        return (self.version, self.revision) == (bot.live_version, bot.revision)


class Engines:
    """One engine a bot, swapped whole when the bot has a newer version. A version is built once, in a thread of its own."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._held: dict[UUID, _Held] = {}
        self._building: dict[BotRef, asyncio.Task[Engine]] = {}
        self._builder = ThreadPoolExecutor(1, thread_name_prefix="publication")

    async def get(self, bot: BotRef) -> Engine:
        """The engine for this version; for a short while after a publish possibly the one before it."""
        held = self._held.get(bot.id)
        if held is not None and held.serves(bot):
            return held.engine
        building = asyncio.shield(self.begin(bot))
        if held is None:
            return await building
        try:
            return await asyncio.wait_for(building, self._patience)
        except TimeoutError:
            logger.info("bot %s answers with v%d while v%d is built", bot.slug, held.version, bot.live_version)
            return held.engine

    def get_now(self, bot: BotRef) -> Engine:
        """:meth:`get` for callers without a loop; builds in their thread."""
        held = self._held.get(bot.id)
        if held is not None and held.serves(bot):
            return held.engine
        return self._swap(bot, self._build(_load(bot), held))

    def begin(self, bot: BotRef) -> asyncio.Task[Engine]:
        """The one build of this version that runs, started now if none does."""
        if bot not in self._building:
            self._building[bot] = asyncio.create_task(self._make(bot))
        return self._building[bot]

    def latest(self, bot_id: UUID) -> Engine | None:
        """What is at hand, of whatever version."""
        held = self._held.get(bot_id)
        return held.engine if held else None

    async def _make(self, bot: BotRef) -> Engine:
        try:
            publication = await hop(_load, bot)
            loop = asyncio.get_running_loop()
            engine = await loop.run_in_executor(self._builder, self._build, publication, self._held.get(bot.id))
            return self._swap(bot, engine)
        finally:
            self._building.pop(bot, None)

    def _build(self, publication: Publication, held: _Held | None) -> Engine:
        return Engine.build(publication, held.engine if held else None)

    def _swap(self, bot: BotRef, engine: Engine) -> Engine:
        held = self._held.get(bot.id)
        built = _Held(bot.live_version, bot.revision, engine)
        if held is None or (built.version, built.revision) > (held.version, held.revision):
            self._held[bot.id] = built
        return engine


@cache
def engines() -> Engines:
    """This process's engines. A cache of immutable values; nothing is lost with it."""
    return Engines()


def engine_of_drafts(bot: Bot) -> Engine:
    """The bot as it would answer if its drafts were published now; what is live already is not prepared again."""
    return Engine.build(draft_load(bot), engines().latest(bot.pk))


def engine_of(publication: Publication) -> Engine:
    """An engine that stands alone: for measurements on files and hit tests on unsaved text."""
    return Engine.build(publication)


def bot_ref(bot: Bot) -> BotRef:
    return BotRef(bot.pk, bot.slug, bot.live_version, bot.revision)


def _load(bot: BotRef) -> Publication:
    return publication_load(Bot.objects.get(pk=bot.id), bot.live_version)
