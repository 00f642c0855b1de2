from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.conversations import limits, shelf, wiring
from apps.knowledge.content import EntryContent
from apps.knowledge.publishing import publication_create
from apps.knowledge.services import entry_save
from tests.people import World, make_world

ENTRIES = [
    EntryContent("怎么退货", "在订单页点申请售后。", ("咋退啊", "东西不想要了怎么弄"), ("怎么退会员费",), "售后/退货"),
    EntryContent("怎么换货", "在订单页点申请换货。", ("想换个颜色", "尺码不对能换一件吗"), (), "售后/换货"),
    EntryContent("多久能发货", "下单后 24 小时内发出。", ("什么时候给我寄", "今天能寄出来不"), (), "物流"),
    EntryContent("怎么开发票", "签收后在订单页点开发票。", ("要报销，票怎么弄",), (), "发票"),
    EntryContent(
        "How do I return an item?", "Open your orders and choose Return.", ("send it back",), (), "en/returns"
    ),
]


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Process-wide caches start empty, so that tests cannot see each other's bots or use up each other's limits."""
    yield
    wiring.engines.cache_clear()
    wiring._drafts.cache_clear()
    shelf.shelf.cache_clear()
    limits._messages.cache_clear()
    limits._sessions.cache_clear()


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def shop(world: World) -> World:
    """``world`` with a few published entries in its bot."""
    for content in ENTRIES:
        entry_save(bot=world.bot, content=content, by=world.editor)
    publication_create(bot=world.bot, by=world.editor)
    world.bot.refresh_from_db()
    return world
