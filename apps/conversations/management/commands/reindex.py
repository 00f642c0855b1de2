from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.commands import BotCommand
from apps.bots.models import Bot
from apps.conversations.reindexing import bot_reindex
from apps.core.commands import Result


class Command(BotCommand):
    help = "Builds a bot's search index anew, here once to prove it, and in every running process."

    def perform_for(self, bot: Bot, **options: Any) -> Result:
        done = bot_reindex(bot=bot, progress=self.progress(options["verbosity"]))
        text = _("v%(version)d: %(entries)d entries with %(texts)d questions, indexed in %(seconds).1f s.")
        return Result(data=asdict(done), text=text % asdict(done))
