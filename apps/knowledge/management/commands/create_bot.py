from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.services import organisation_for_bot
from apps.core.commands import Result, ToolCommand
from apps.knowledge.figures import waiting_text
from apps.knowledge.packs import packs
from apps.knowledge.starting import Started, bot_start


class Command(ToolCommand):
    help = "Create a bot. Its slug is unique over all organisations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="a-z, 0-9 and -, at most 40 characters")
        parser.add_argument("--name", default="", help="what visitors see; the slug if left out")
        parser.add_argument("--organisation", default="", help="an organisation's name; created if it does not exist")
        names = ", ".join(pack.name for pack in packs())
        parser.add_argument("--pack", default="", help="start with a trade's questions and answers: " + names)

    def perform(self, **options: Any) -> Result:
        organisation = organisation_for_bot(name=options["organisation"])
        started = bot_start(
            organisation=organisation, slug=options["slug"], name=options["name"], pack=options["pack"], by=None
        )
        bot = started.bot
        data: dict[str, Any] = {"bot": bot.slug, "name": bot.name, "organisation": bot.organisation.name}
        if options["pack"]:
            counts = {"entries": started.entries, "waiting": started.waiting, "version": started.version}
            data |= {"pack": options["pack"], **counts}
        return Result(data, _text(started))


def _text(started: Started) -> str:
    created = _("Created bot “%s”.") % started.bot.slug
    if not started.entries:
        return f"{created} " + _("Next: python manage.py import_knowledge %s FILE --publish") % started.bot.slug
    counts = {"entries": started.entries, "open": started.entries - started.waiting, "version": started.version}
    answers = _("%(entries)d entries imported; v%(version)d answers with %(open)d of them.") % counts
    return "\n".join(filter(None, [created, answers, waiting_text(started.bot, started.waiting)]))
