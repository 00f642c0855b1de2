"""Commands that work on one bot."""

from __future__ import annotations

from abc import abstractmethod
from argparse import ArgumentParser
from typing import Any

from django.utils.translation import gettext as _

from apps.bots.access import bot_by_slug
from apps.bots.models import Bot
from apps.core.commands import Result, ToolCommand
from apps.core.errors import NotFound


class BotCommand(ToolCommand):
    """A command whose first argument names a bot; subclasses write :meth:`perform_for`."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bot", help="the bot's slug")
        super().add_arguments(parser)

    def perform(self, **options: Any) -> Result:
        return self.perform_for(known_bot(options.pop("bot")), **options)

    @abstractmethod
    def perform_for(self, bot: Bot, **options: Any) -> Result:
        """Do the work on the bot."""


def known_bot(slug: str) -> Bot:
    """
    Raises:
        NotFound: no such bot; the message says how to create it.
    """
    try:
        return bot_by_slug(slug)
    except NotFound as error:
        hint = _("Create it with: python manage.py create_bot %s") % slug
        raise NotFound(f"{error.detail} {hint}") from error
