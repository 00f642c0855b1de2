"""The vectors of live bots: encoded once, stored as they come, completed beside the answering, never mixed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from asgiref.sync import async_to_sync
from django.utils import timezone

from apps.bots.models import Bot
from apps.conversations.shelf import Shelf
from apps.conversations.wiring import Drafts, Engines, bot_ref
from apps.knowledge.content import EntryContent
from apps.knowledge.models import Entry, TextVector
from apps.knowledge.publishing import publication_create
from apps.knowledge.services import entry_save
from dialog.engine import Engine
from dialog.kb.vectors import CHUNK
from dialog.types import Turn
from nlu.encode import Encoder, ModelUnavailable
from nlu.encode.remote import ModelChanged
from nlu.semantic import Scale
from tests.conftest import ENTRIES
from tests.fakes.encoder import NgramEncoder
from tests.people import World

SCALE = Scale(0.25, 0.75)
TEXTS = {text for e in ENTRIES for text in (e.question, *e.similar, *e.negative, e.answer)}


@dataclass
class Place:
    """A process: its shelf with the encoder that the setting names, its engines, and the pauses that they made."""

    encoder: NgramEncoder
    limit: int = 400
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shelf = Shelf(lambda _spec: self.encoder, lambda _spec: None, patience=None, measure=self.measure)
        self.engines = Engines(self.shelf, patience=30, encode_limit=self.limit, sleep=self.sleep)

    def measure(self, encoder: Encoder) -> Scale:
        if self.encoder.down:
            raise ModelUnavailable("down")
        return SCALE

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0.001)


def run(work: Coroutine[Any, Any, None]) -> None:
    async def main() -> None:
        await asyncio.wait_for(work, 30)

    async_to_sync(main)()


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.002)


def texts_missing(place: Place, bot: Bot) -> int:
    engine = place.engines.latest(bot.pk)
    return engine.index.unencoded if engine else -1


def found(engine: Engine, text: str) -> list[str]:
    hits = engine.index.recall.search((), (), limit=20, vector=engine.index.query_vector(text))
    return [engine.index.entries[hit.entry].question for hit in hits]


def stored() -> dict[str, int]:
    """Vectors by encoder."""
    names = list(TextVector.objects.values_list("fingerprint", flat=True))
    return {name: names.count(name) for name in names}


def change(world: World, question: str, **fields: Any) -> None:
    entry = Entry.objects.get(bot=world.bot, question=question)
    content = EntryContent(question, fields.get("answer", entry.answer), tuple(fields.get("similar", entry.similar)))
    entry_save(bot=world.bot, content=content, by=world.editor, entry=entry)
    publication_create(bot=world.bot, by=world.editor)
    world.bot.refresh_from_db()


class TestAPublication:
    def test_its_texts_are_encoded_and_stored(self, shop: World) -> None:
        place = Place(NgramEncoder())

        async def work() -> None:
            engine = await place.engines.get(bot_ref(shop.bot))
            assert found(engine, "东西不想要了怎么弄")[0] == "怎么退货"

        run(work())
        assert stored() == {"fake-ngrams": len(TEXTS)}
        assert place.slept == []

    def test_another_process_encodes_nothing(self, shop: World) -> None:
        first, second = Place(NgramEncoder()), Place(NgramEncoder())

        async def work() -> None:
            await first.engines.get(bot_ref(shop.bot))
            engine = await second.engines.get(bot_ref(shop.bot))
            assert second.encoder.seen == []
            assert found(engine, "怎么换货")[0] == "怎么换货"

        run(work())

    def test_without_a_loop_it_is_the_same(self, shop: World) -> None:
        first, second = Place(NgramEncoder()), Place(NgramEncoder())
        engine = first.engines.get_now(bot_ref(shop.bot))
        assert (set(first.encoder.seen), engine.index.unencoded) == (TEXTS, 0)
        assert stored() == {"fake-ngrams": len(TEXTS)}
        assert found(second.engines.get_now(bot_ref(shop.bot)), "怎么换货")[0] == "怎么换货"
        assert [text for text in second.encoder.seen if text in TEXTS - {"怎么换货"}] == []

    def test_a_change_encodes_the_changed_text_alone(self, shop: World) -> None:
        place = Place(NgramEncoder())

        async def before() -> None:
            await place.engines.get(bot_ref(shop.bot))

        async def after() -> None:
            place.encoder.seen.clear()
            engine = await place.engines.get(bot_ref(shop.bot))
            assert place.encoder.seen == ["换一个大一号的"]
            assert found(engine, "换一个大一号的")[0] == "怎么换货"

        run(before())
        change(shop, "怎么换货", similar=["想换个颜色", "尺码不对能换一件吗", "换一个大一号的"])
        run(after())

    def test_two_tenants_share_vectors_and_nothing_else(self, shop: World) -> None:
        entry_save(bot=shop.foreign_bot, content=EntryContent("怎么换货", "打电话来。"), by=shop.stranger)
        publication_create(bot=shop.foreign_bot, by=shop.stranger)
        shop.foreign_bot.refresh_from_db()
        place = Place(NgramEncoder())

        async def work() -> None:
            await place.engines.get(bot_ref(shop.bot))
            place.encoder.seen.clear()
            theirs = await place.engines.get(bot_ref(shop.foreign_bot))
            assert place.encoder.seen == ["打电话来。"]
            assert set(found(theirs, "怎么退货")) == {"怎么换货"}
            assert {entry.answer for entry in theirs.index.entries} == {"打电话来。"}

        run(work())


class TestTooMuchAtOnce:
    def test_it_answers_at_once_and_is_completed_beside(self, shop: World) -> None:
        place = Place(NgramEncoder(), limit=3)
        place.encoder.slow.clear()

        async def work() -> None:
            engine = await place.engines.get(bot_ref(shop.bot))
            assert engine.index.unencoded == len(TEXTS)
            reply = engine.respond(Turn("火星上的葡萄", timezone.now()))
            assert reply.trace.degraded == ("vectors_incomplete",)
            place.encoder.slow.set()
            await until(lambda: texts_missing(place, shop.bot) == 0)
            whole = await place.engines.get(bot_ref(shop.bot))
            assert found(whole, "怎么退货？？")[0] == "怎么退货"
            assert whole.respond(Turn("火星上的葡萄", timezone.now())).trace.degraded == ()
            assert engine.index.unencoded == len(TEXTS), "an engine never changes"

        run(work())
        assert sorted(text for text in place.encoder.seen if text in TEXTS) == sorted(TEXTS)
        assert stored() == {"fake-ngrams": len(TEXTS)}

    def test_who_comes_after_a_crash_goes_on_where_it_stopped(self, shop: World) -> None:
        dead, heir = Place(NgramEncoder(), limit=3), Place(NgramEncoder(), limit=3)
        assert len(TEXTS) > CHUNK
        dead.encoder.survives = CHUNK

        async def dies() -> None:
            await dead.engines.get(bot_ref(shop.bot))
            await until(lambda: bool(dead.slept))

        async def inherits() -> None:
            await heir.engines.get(bot_ref(shop.bot))
            await until(lambda: texts_missing(heir, shop.bot) == 0)

        run(dies())
        assert stored() == {"fake-ngrams": CHUNK}
        run(inherits())
        assert len(heir.encoder.seen) == len(TEXTS) - CHUNK
        assert stored() == {"fake-ngrams": len(TEXTS)}

    def test_a_newer_publication_is_completed_instead(self, shop: World) -> None:
        place = Place(NgramEncoder(), limit=0)
        place.encoder.slow.clear()

        async def before() -> None:
            await place.engines.get(bot_ref(shop.bot))

        async def after() -> None:
            await place.engines.get(bot_ref(shop.bot))
            place.encoder.slow.set()
            await until(lambda: texts_missing(place, shop.bot) == 0)
            engine = await place.engines.get(bot_ref(shop.bot))
            assert engine.publication.version == 2
            assert found(engine, "换一个大一号的")[0] == "怎么换货"

        run(before())
        change(shop, "怎么换货", similar=["换一个大一号的"])
        run(after())


class TestAFailingEncoder:
    def test_it_is_tried_again_ever_less_often_until_it_is_back(self, shop: World) -> None:
        place = Place(NgramEncoder())
        place.encoder.down = True

        async def work() -> None:
            engine = await place.engines.get(bot_ref(shop.bot))
            assert engine.respond(Turn("火星上的葡萄", timezone.now())).trace.degraded == ("encoder_unavailable",)
            await until(lambda: len(place.slept) >= 8)
            place.encoder.down = False
            await until(lambda: texts_missing(place, shop.bot) == 0)
            whole = await place.engines.get(bot_ref(shop.bot))
            assert whole.respond(Turn("火星上的葡萄", timezone.now())).trace.degraded == ()
            assert [e.index.models.scale for e in (engine, whole)] == [Scale(), SCALE]

        run(work())
        assert place.slept[:8] == [1, 2, 4, 8, 16, 32, 60, 60]

    def test_a_server_with_another_model_is_opened_anew(self, shop: World) -> None:
        place = Place(_Swapped("old"))

        async def work() -> None:
            first = await place.engines.get(bot_ref(shop.bot))
            assert isinstance(place.encoder, _Swapped)
            place.encoder.swapped = True
            asked = first.index.query_vector("退货")
            assert asked is not None
            assert (asked(), asked.weaker) == (None, "encoder_unavailable")
            place.encoder = NgramEncoder("new", dims=16)
            second = await place.engines.get(bot_ref(shop.bot))
            assert [e.versions["encoder"] for e in (first, second)] == ["fake-old", "fake-new"]
            assert found(second, "怎么换货")[0] == "怎么换货"

        run(work())
        assert stored() == {"fake-old": len(TEXTS), "fake-new": len(TEXTS)}


class _Swapped(NgramEncoder):
    """A model server that was given another model."""

    swapped = False

    def encode(self, texts: Any, *, timeout: float | None = None) -> Any:
        if self.swapped:
            raise ModelChanged("another model")
        return super().encode(texts, timeout=timeout)


class TestDrafts:
    def test_they_are_encoded_once_and_what_is_typed_is_not_stored(self, shop: World) -> None:
        place = Place(NgramEncoder())
        live = place.engines.get_now(bot_ref(shop.bot))
        drafts = Drafts(place.shelf)
        place.encoder.seen.clear()
        saved = drafts.get(shop.bot, None, live)
        assert (place.encoder.seen, saved.index.unencoded) == ([], 0)
        entry = next(e for e in saved.publication.entries if e.question == "怎么换货")
        typed = type(entry)(entry.id, "换货要多久", entry.answer)
        engine = drafts.get(shop.bot, typed, live)
        assert place.encoder.seen == ["换货要多久"]
        assert found(engine, "换货要多久")[0] == "换货要多久"
        assert stored() == {"fake-ngrams": len(TEXTS)}

    def test_they_follow_when_the_live_vectors_are_complete(self, shop: World) -> None:
        place = Place(NgramEncoder(), limit=0)
        drafts = Drafts(place.shelf)

        async def work() -> None:
            await place.engines.get(bot_ref(shop.bot))
            await until(lambda: texts_missing(place, shop.bot) == 0)

        run(work())
        engine = drafts.get(shop.bot, None, place.engines.latest(shop.bot.pk))
        assert engine.index.unencoded == 0


def test_without_an_encoder_nothing_is_stored(shop: World) -> None:
    shelf = Shelf(lambda _spec: None, lambda _spec: None)
    engine = Engines(shelf).get_now(bot_ref(shop.bot))
    assert (engine.versions["encoder"], engine.index.dense, stored()) == ("", None, {})
