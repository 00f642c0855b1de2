"""What would make the first message slow, done before it."""

from __future__ import annotations

from apps.bots.models import Bot
from apps.conversations.types import BotRef
from apps.conversations.wiring import bot_ref, engines
from apps.core.database import hop

BOTS = 20


async def warm_up() -> None:
    """Start building the engines of the bots changed last; the builds go on beside the server's start.

    The first of them opens the models.
    """
    for bot in await hop(_changed_last):
        engines().begin(bot)


def _changed_last() -> list[BotRef]:
    return [bot_ref(bot) for bot in Bot.objects.exclude(live_version=0).order_by("-updated_at")[:BOTS]]
