"""Building what answers anew, on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from apps.bots.models import Bot
from apps.bots.services import bot_update
from apps.conversations.wiring import engine_of
from apps.knowledge.selectors import publication_load


@dataclass(frozen=True, slots=True)
class Reindexed:
    """``texts`` counts standard and similar questions; ``seconds`` is reading and building."""

    version: int
    entries: int
    texts: int
    seconds: float


def bot_reindex(*, bot: Bot) -> Reindexed:
    """Build the live publication's index from nothing, and make every process do the same before its next answer.

    A build that fails changes nothing: the processes go on with what they have.

    Raises:
        RecallUnavailable: the recall engine refuses the texts.
    """
    start = perf_counter()
    engine = engine_of(publication_load(bot, bot.live_version).publication)
    bot_update(bot=bot, changes={})
    return Reindexed(
        version=bot.live_version,
        entries=len(engine.index.entries),
        texts=sum(len(views.positive) for views in engine.index.texts),
        seconds=round(perf_counter() - start, 3),
    )
