from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from apps.bots.commands import BotCommand
from apps.bots.models import Bot
from apps.core.commands import Result
from apps.core.errors import Invalid
from apps.flows.connecting import server_connect
from apps.knowledge.readers import file_bytes

MOST_BYTES = 2_000_000


class Command(BotCommand):
    help = "Connects a system of yours: its address and the actions it carries out. Tells the secret it has to verify with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", help="of the server; the same name again changes it")
        parser.add_argument("url", help="https://…, where every call is sent to")
        parser.add_argument("actions", type=Path, help="JSON list of actions, as in docs/actions.md")
        parser.add_argument("--rotate", action="store_true", help="a new secret; the old one signs too until the next")

    def perform_for(self, bot: Bot, **options: Any) -> Result:
        made = server_connect(
            bot=bot,
            name=options["name"],
            url=options["url"],
            specs=_specs(options["actions"]),
            rotate=options["rotate"],
        )
        actions = made.server.actions.count()
        text = _("“%(name)s” carries out %(n)d actions now.") % {"name": made.server.name, "n": actions}
        if made.secret:
            text += "\n" + _("Its secret, shown this once: %s") % made.secret
        return Result({"server": made.server.name, "actions": actions, "secret": made.secret}, text)


def _specs(path: Path) -> list[Any]:
    try:
        specs = orjson.loads(file_bytes(path, MOST_BYTES))
    except orjson.JSONDecodeError as error:
        raise Invalid(_("“%(path)s” is no JSON: %(why)s") % {"path": path, "why": error}) from error
    if not isinstance(specs, list):
        raise Invalid(_("“%s” holds no list of actions.") % path)
    return specs
