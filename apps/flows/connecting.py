"""Connecting a business's system with a bot in one step: its address, its actions, and the secret for both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from apps.bots.models import Bot
from apps.flows.models import ActionServer
from apps.flows.services import actions_import, server_rotate, server_save


@dataclass(frozen=True, slots=True)
class Connected:
    """``secret`` is told once: for a new server, or when it was changed; empty otherwise."""

    server: ActionServer
    changed: int
    secret: str


@transaction.atomic
def server_connect(
    *, bot: Bot, name: str, url: str, specs: Iterable[Mapping[str, Any]], rotate: bool = False
) -> Connected:
    """Create the action server ``name`` or point it to ``url``, and make its actions those of ``specs``.

    Raises:
        Invalid: the address may not be called, or an action is not acceptable.
        Conflict: another server of the bot has one of the actions.
    """
    known = ActionServer.objects.filter(bot=bot, name=name).first()
    server = server_save(bot=bot, fields={"name": name, "url": url, "enabled": True}, server=known)
    changed = actions_import(bot=bot, server=server, specs=specs, replace=True)
    if known is None:
        return Connected(server, changed, server.secret)
    return Connected(server, changed, server_rotate(server=server) if rotate else "")
