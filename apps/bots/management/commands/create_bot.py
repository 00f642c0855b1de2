from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.accounts.services import organisation_for_bot
from apps.bots.services import bot_create
from apps.core.commands import Result, ToolCommand


class Command(ToolCommand):
    help = "Create a bot. Its slug is unique over all organisations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="a-z, 0-9 and -, at most 40 characters")
        parser.add_argument("--name", default="", help="what visitors see; the slug if left out")
        parser.add_argument("--organisation", default="", help="an organisation's name; created if it does not exist")

    def perform(self, **options: Any) -> Result:
        organisation = organisation_for_bot(name=options["organisation"])
        bot = bot_create(organisation=organisation, slug=options["slug"], name=options["name"])
        data = {"bot": bot.slug, "name": bot.name, "organisation": bot.organisation.name}
        text = f"Created bot “{bot.slug}”. Next: python manage.py import_knowledge {bot.slug} FILE --publish"
        return Result(data, text)
