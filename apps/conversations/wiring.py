"""Joins the dialogue's engine to the database: the only place that builds one."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from uuid import UUID

from apps.bots.models import Bot
from apps.conversations.types import BotRef
from apps.core.database import hop
from apps.knowledge.selectors import Loaded, draft_fingerprint, draft_load, publication_load
from dialog.engine import Engine as Engine
from dialog.types import Entry, Publication

logger = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0
"""How long a turn waits for a new publication to be built before the one at hand answers once more."""


@dataclass(frozen=True, slots=True)
class _Held:
    version: int
    revision: int
    engine: Engine
    versions: Mapping[int, Entry]

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
        loaded = _load(bot, held)
        return self._swap(bot, self._build(loaded, held), loaded)

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
            held = self._held.get(bot.id)
            loaded = await hop(_load, bot, held)
            engine = await asyncio.get_running_loop().run_in_executor(self._builder, self._build, loaded, held)
            return self._swap(bot, engine, loaded)
        finally:
            self._building.pop(bot, None)

    def _build(self, loaded: Loaded, held: _Held | None) -> Engine:
        return Engine.build(loaded.publication, held.engine if held else None)

    def _swap(self, bot: BotRef, engine: Engine, loaded: Loaded) -> Engine:
        held = self._held.get(bot.id)
        built = _Held(bot.live_version, bot.revision, engine, loaded.versions)
        if held is None or (built.version, built.revision) > (held.version, held.revision):
            self._held[bot.id] = built
        return engine


@cache
def engines() -> Engines:
    """This process's engines. A cache of immutable values; nothing is lost with it."""
    return Engines()


class Drafts:
    """The last few engines over drafts, found again by what the drafts hold, so that none is ever stale."""

    def __init__(self, keep: int = 4) -> None:
        self._keep = keep
        self._held: OrderedDict[tuple[str, Entry | None], Engine] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, bot: Bot, edited: Entry | None, live: Engine | None) -> Engine:
        """``edited`` stands in for the draft of its id, or is added; ``live`` lends what it has prepared."""
        fingerprint = draft_fingerprint(bot)
        saved = self._find((fingerprint, None)) or Engine.build(draft_load(bot), live)
        if draft_fingerprint(bot) == fingerprint:  # else somebody saved while it was read: good for this once
            self._store((fingerprint, None), saved)
        if edited is None or edited in saved.publication.entries:
            return saved
        found = self._find((fingerprint, edited))
        return found or self._store((fingerprint, edited), Engine.build(_with(saved.publication, edited), saved))

    def _find(self, key: tuple[str, Entry | None]) -> Engine | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def _store(self, key: tuple[str, Entry | None], engine: Engine) -> Engine:
        with self._lock:
            self._held[key] = engine
            while len(self._held) > self._keep:
                self._held.popitem(last=False)
        return engine


def _with(publication: Publication, edited: Entry) -> Publication:
    if any(entry.id == edited.id for entry in publication.entries):
        entries = tuple(edited if entry.id == edited.id else entry for entry in publication.entries)
    else:
        entries = (*publication.entries, edited)
    return replace(publication, entries=entries)


@cache
def _drafts() -> Drafts:
    return Drafts()


def engine_of_drafts(bot: Bot, edited: Entry | None = None) -> Engine:
    """The bot as it would answer if its drafts were published now, with ``edited`` among them."""
    return _drafts().get(bot, edited, engines().latest(bot.pk))


def engine_of(publication: Publication) -> Engine:
    """An engine that stands alone: for measurements on files and hit tests on unsaved text."""
    return Engine.build(publication)


def bot_ref(bot: Bot) -> BotRef:
    return BotRef(bot.pk, bot.slug, bot.live_version, bot.revision)


def _load(bot: BotRef, held: _Held | None) -> Loaded:
    return publication_load(Bot.objects.get(pk=bot.id), bot.live_version, held.versions if held else None)
