from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from apps.accounts.models import Organisation
from apps.bots.services import bot_create
from apps.core.commands import Result, ToolCommand
from apps.core.errors import Invalid


class Command(ToolCommand):
    help = "Create a bot. Its slug is unique over all organisations."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", help="a-z, 0-9 and -, at most 40 characters")
        parser.add_argument("--name", default="", help="what visitors see; the slug if left out")
        parser.add_argument("--organisation", default="", help="an organisation's name; created if it does not exist")

    def perform(self, **options: Any) -> Result:
        bot = bot_create(
            organisation=_organisation(options["organisation"]), slug=options["slug"], name=options["name"]
        )
        data = {"bot": bot.slug, "name": bot.name, "organisation": bot.organisation.name}
        text = f"Created bot “{bot.slug}”. Next: python manage.py import_knowledge {bot.slug} FILE --publish"
        return Result(data, text)


def _organisation(name: str) -> Organisation:
    """By name; without one the only organisation there is, or a new one.

    Raises:
        Invalid: there are several and none was named.
    """
    if name:
        return Organisation.objects.get_or_create(name=name)[0]
    first = list(Organisation.objects.order_by("created_at")[:2])
    if len(first) > 1:
        raise Invalid("There are several organisations; name one with --organisation.")
    return first[0] if first else Organisation.objects.create(name="My organisation")
