from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.commands import BotCommand
from apps.bots.models import Bot
from apps.core.commands import Result
from apps.knowledge.figures import waiting_count, waiting_text
from apps.knowledge.publishing import publication_create


class Command(BotCommand):
    help = (
        "Publishes the drafts of a bot: they answer from the next message on. Drafts whose answer names a figure that is"
        " not filled in, such as {phone}, are left out and counted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--note", default="", help="what this publication is about")

    def perform_for(self, bot: Bot, **options: Any) -> Result:
        publication = publication_create(bot=bot, by=None, note=options["note"])
        new = publication.version != bot.live_version
        said = _("v%d answers now.") if new else _("Nothing has changed; v%d still answers.")
        changes = publication.changes if new else {}
        waiting = waiting_count(bot)
        data = {
            "version": publication.version,
            "new": new,
            "entries": len(publication.manifest),
            "changes": changes,
            "waiting": waiting,
        }
        return Result(data=data, text="\n".join(filter(None, [said % publication.version, waiting_text(bot, waiting)])))
