"""Joins the dialogue's engine to the database and the models: the only place that builds one."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.db import DatabaseError

from apps.bots.models import Bot
from apps.conversations.filling import (
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    fill,
    filled_now,
    stored_vectors,
)
from apps.conversations.shelf import Shelf, Wanted, models_wanted, shelf
from apps.conversations.tasks import Flows, flows_of, tasks_of
from apps.conversations.types import BotRef
from apps.core.database import hop
from apps.knowledge.selectors import Loaded, draft_fingerprint, draft_load, publication_load
from apps.knowledge.vectors import DatabaseVectors
from dialog.engine import Engine as Engine
from dialog.kb.index import vectors_wanted
from dialog.kb.models import NO_MODELS, Models, fingerprint_of
from dialog.kb.vectors import ENCODE_LIMIT, Progress
from dialog.task.bot import Tasks
from dialog.types import Entry, Publication
from nlu.encode import ModelUnavailable

if TYPE_CHECKING:
    from dialog.ports import StoredVector

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE_SECONDS = 1.0
"""How long a turn waits for a new publication to be built before the one at hand answers once more."""

_STORE = DatabaseVectors()


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be built, with what, on top of what; and the texts whose vectors the store is asked for."""

    publication: Publication
    models: Models
    previous: Engine | None
    fingerprint: str
    texts: tuple[str, ...]

    @classmethod
    def of(cls, publication: Publication, models: Models, previous: Engine | None) -> _Plan:
        fingerprint = fingerprint_of(models.encoder)
        index = previous.index if previous else None
        texts = vectors_wanted(publication, index, fingerprint) if fingerprint else ()
        return cls(publication, models, previous, fingerprint, tuple(texts))

    def build(self, stored: Mapping[str, StoredVector], encode_limit: int = ENCODE_LIMIT) -> Engine:
        return Engine.build(self.publication, self.previous, self.models, stored, encode_limit=encode_limit)

    def build_now(self) -> Engine:
        """With the store, in the caller's thread."""
        return self.build(_STORE.load(self.fingerprint, self.texts) if self.texts else {})


def _fresh(engine: Engine) -> Mapping[str, StoredVector]:
    """The vectors that the build encoded and the store does not have yet."""
    return engine.index.vectors.of(engine.index.vectors.encoded)


def _keep(engine: Engine) -> None:
    """Store what was encoded; without it the next process encodes it once more, which is no reason to fail a turn."""
    if not engine.index.vectors.encoded:
        return
    try:
        _STORE.save(engine.index.vectors.fingerprint, _fresh(engine))
    except DatabaseError:
        logger.exception("the vectors of a publication could not be stored")


@dataclass(frozen=True, slots=True)
class _Held:
    bot: BotRef
    engine: Engine
    versions: Mapping[int, Entry]
    generation: int
    """Of the models on the shelf."""

    @property
    def age(self) -> tuple[int, int, int]:
        return self.bot.live_version, self.bot.revision, self.generation


class Engines:
    """One engine a bot, swapped whole when the bot has a newer version. A version is built once, in a thread of its own."""

    def __init__(
        self,
        models: Shelf,
        patience: float = PATIENCE_SECONDS,
        encode_limit: int = ENCODE_LIMIT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._shelf = models
        self._patience = patience
        self._encode_limit = encode_limit
        self._sleep = sleep
        self._held: dict[UUID, _Held] = {}
        self._building: dict[BotRef, asyncio.Task[Engine]] = {}
        self._filling: dict[UUID, asyncio.Task[None]] = {}
        self._builder = ThreadPoolExecutor(1, thread_name_prefix="publication")
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="vectors")

    async def get(self, bot: BotRef) -> Engine:
        """The engine for this version; for a short while after a publish possibly the one before it."""
        held = self._held.get(bot.id)
        if held is not None and self._serves(held, bot):
            self._begin_filling(held)
            return held.engine
        building = asyncio.shield(self.begin(bot))
        if held is None:
            return await building
        try:
            return await asyncio.wait_for(building, self._patience)
        except TimeoutError:
            logger.info("bot %s answers with v%d while v%d is built", bot.slug, held.bot.live_version, bot.live_version)
            return held.engine

    def get_now(self, bot: BotRef) -> Engine:
        """:meth:`get` for callers without a loop; builds in their thread."""
        held = self._held.get(bot.id)
        if held is not None and self._serves(held, bot):
            return held.engine
        generation = self._shelf.generation
        loaded, wanted, flows = _load(bot, held)
        plan = self._plan(loaded, wanted, held)
        engine = plan.build_now().with_tasks(self._tasks(flows, plan))
        self._swap(_Held(bot, engine, loaded.versions, generation))
        _keep(engine)
        return engine

    def begin(self, bot: BotRef) -> asyncio.Task[Engine]:
        """The one build of this version that runs, started now if none does."""
        if bot not in self._building:
            self._building[bot] = asyncio.create_task(self._make(bot))
        return self._building[bot]

    def latest(self, bot_id: UUID) -> Engine | None:
        """What is at hand, of whatever version."""
        held = self._held.get(bot_id)
        return held.engine if held else None

    def _serves(self, held: _Held, bot: BotRef) -> bool:
        return held.age == (bot.live_version, bot.revision, self._shelf.generation)

    async def _make(self, bot: BotRef) -> Engine:
        try:
            held, generation = self._held.get(bot.id), self._shelf.generation
            loaded, wanted, flows = await hop(_load, bot, held)
            plan = await self._in_builder(lambda: self._plan(loaded, wanted, held))
            tasks = await self._in_builder(lambda: self._tasks(flows, plan))
            engine = (await self._built(plan)).with_tasks(tasks)
            made = _Held(bot, engine, loaded.versions, generation)
            self._swap(made)
        finally:
            self._building.pop(bot, None)
        await hop(_keep, engine)
        self._begin_filling(made)
        return engine

    def _plan(self, loaded: Loaded, wanted: Wanted, held: _Held | None) -> _Plan:
        return _Plan.of(loaded.publication, self._shelf.models(wanted), held.engine if held else None)

    def _tasks(self, flows: Flows, plan: _Plan) -> Tasks | None:
        return tasks_of(flows, plan.models.questions)

    async def _built(self, plan: _Plan) -> Engine:
        stored = await stored_vectors(plan.fingerprint, plan.texts)
        return await self._in_builder(lambda: plan.build(stored, self._encode_limit))

    async def _in_builder(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._builder, work)

    def _swap(self, made: _Held) -> None:
        held = self._held.get(made.bot.id)
        if held is None or made.age > held.age:
            self._held[made.bot.id] = made

    # --- the vectors that a build left out --------------------------------------------------------------------------

    def _begin_filling(self, held: _Held) -> None:
        """Unless nothing is missing, or it runs already."""
        running = self._filling.get(held.bot.id)
        if held.engine.index.unencoded and (running is None or running.done() or running.get_loop().is_closed()):
            self._filling[held.bot.id] = asyncio.create_task(self._fill(held.bot.id))

    async def _fill(self, bot_id: UUID) -> None:
        """Until the engine at hand lacks nothing; tries again, ever less often, while the encoder cannot be had."""
        pause = FIRST_PAUSE_SECONDS
        while (held := self._held[bot_id]).engine.index.unencoded:
            try:
                await self._fill_once(held)
            except (ModelUnavailable, DatabaseError) as error:
                logger.warning(
                    "bot %s: %d texts have no vector yet, next try in %d s: %s",
                    *(held.bot.slug, held.engine.index.unencoded, pause, error),
                )
            if self._held[bot_id] is held:
                await self._sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                pause = FIRST_PAUSE_SECONDS

    async def _fill_once(self, held: _Held) -> None:
        if held.generation != self._shelf.generation:
            await self.begin(held.bot)
            return
        index = held.engine.index
        if index.models.encoder is None:
            return

        def is_held() -> bool:
            return self._held[held.bot.id] is held

        if not await fill(index.models.encoder, index.vectors.missing, self._encoder, is_held):
            return
        models = await self._in_builder(lambda: self._shelf.settled(index.models))
        plan = await self._in_builder(lambda: _Plan.of(held.engine.publication, models, held.engine))
        engine = (await self._built(plan)).with_tasks(held.engine.tasks)
        if is_held():
            self._held[held.bot.id] = replace(held, engine=engine)
            logger.info("bot %s: all texts have vectors now", held.bot.slug)


@cache
def engines() -> Engines:
    """This process's engines. A cache of immutable values; nothing is lost with it."""
    return Engines(shelf())


class Drafts:
    """The last few engines over drafts, found again by what the drafts hold, so that none is ever stale."""

    def __init__(self, models: Shelf, keep: int = 4) -> None:
        self._shelf = models
        self._keep = keep
        self._held: OrderedDict[tuple[str, Entry | None], Engine] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, bot: Bot, edited: Entry | None, live: Engine | None) -> Engine:
        """``edited`` stands in for the draft of its id, or is added; ``live`` lends what it has prepared."""
        models = self._state_of_models(live)
        fingerprint = draft_fingerprint(bot)
        saved = self._find((fingerprint + models, None)) or self._build(bot, live)
        if draft_fingerprint(bot) == fingerprint:  # else somebody saved while it was read: good for this once
            self._store((fingerprint + models, None), saved)
        if edited is None or edited in saved.publication.entries:
            return saved
        key = (fingerprint + models, edited)
        return self._find(key) or self._store(key, _with(saved, edited))

    def _state_of_models(self, live: Engine | None) -> str:
        """Changes when there are better models or more vectors to be had."""
        return f" {self._shelf.generation} {live.index.unencoded if live else 0}"

    def _build(self, bot: Bot, live: Engine | None) -> Engine:
        engine = _Plan.of(draft_load(bot), self._shelf.models(models_wanted(bot.pk)), live).build_now()
        _keep(engine)
        return engine

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


def _with(saved: Engine, edited: Entry) -> Engine:
    """Nothing of it is stored: it is a text that somebody is still typing."""
    publication = saved.publication
    if any(entry.id == edited.id for entry in publication.entries):
        entries = tuple(edited if entry.id == edited.id else entry for entry in publication.entries)
    else:
        entries = (*publication.entries, edited)
    return _Plan.of(replace(publication, entries=entries), saved.index.models, saved).build_now()


@cache
def _drafts() -> Drafts:
    return Drafts(shelf())


def engine_of_drafts(bot: Bot, edited: Entry | None = None) -> Engine:
    """The bot as it would answer if its drafts were published now, with ``edited`` among them."""
    return _drafts().get(bot, edited, engines().latest(bot.pk))


def engine_of(publication: Publication, models: Models = NO_MODELS, progress: Progress | None = None) -> Engine:
    """An engine that stands alone, every text encoded: for measurements on files. Nothing is stored."""
    return Engine.build(publication, models=models, encode_limit=None, progress=progress)


def engine_from_nothing(publication: Publication, models: Models, progress: Progress | None = None) -> Engine:
    """An engine whose every text has its vector stored, the missing ones encoded now.

    Raises:
        ModelUnavailable: the encoder failed; what was encoded before is stored.
        RecallUnavailable: the recall engine refuses the texts.
    """
    plan = _Plan.of(publication, models, None)
    return plan.build(filled_now(models.encoder, plan.texts, progress) if models.encoder else {})


def engine_to_measure(bot: Bot, progress: Progress | None = None) -> Engine:
    """What answers the bot's customers, with every vector there and models that take the time they need: a measurement
    must not depend on how busy the machine is.

    Raises:
        ModelUnavailable: the encoder failed; what was encoded before is stored.
    """
    live = engines().get_now(bot_ref(bot))
    models = replace(live.index.models, patience=None)
    plan = _Plan.of(live.publication, models, live)
    return plan.build(filled_now(models.encoder, plan.texts, progress) if models.encoder else {})


def bot_ref(bot: Bot) -> BotRef:
    return BotRef(bot.pk, bot.slug, bot.live_version, bot.revision)


def _load(bot: BotRef, held: _Held | None) -> tuple[Loaded, Wanted, Flows]:
    row = Bot.objects.get(pk=bot.id)
    loaded = publication_load(row, bot.live_version, held.versions if held else None)
    return loaded, models_wanted(bot.id), flows_of(row)
