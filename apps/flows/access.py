"""The only ways to a bot's flows and actions: another bot's are as unknown as those that do not exist."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.core.errors import NotFound
from apps.flows.models import Action, ActionServer, FlowFile, FlowVersion, NluExample


def file_of(bot: Bot, name: str) -> FlowFile:
    found = FlowFile.objects.filter(bot=bot, name=name).first()
    if found is None:
        raise NotFound(_("There is no flow file “%s”; it may have been removed.") % name)
    return found


def version_of(bot: Bot, number: int) -> FlowVersion:
    found = FlowVersion.objects.filter(bot=bot, number=number).first()
    if found is None:
        raise NotFound(_("There is no version v%(number)d of this bot's flows.") % {"number": number})
    return found


def action_of(bot: Bot, name: str) -> Action:
    found = Action.objects.filter(bot=bot, name=name).select_related("server").first()
    if found is None:
        raise NotFound(_("There is no action “%s”; it may have been removed.") % name)
    return found


def server_of(bot: Bot, server_id: UUID | str) -> ActionServer:
    try:
        found = ActionServer.objects.filter(bot=bot, pk=server_id).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound(_("There is no such action server, or it was removed."))
    return found


def example_of(bot: Bot, example_id: UUID | str) -> NluExample:
    try:
        found = NluExample.objects.filter(bot=bot, pk=example_id).first()
    except ValidationError:
        found = None
    if found is None:
        raise NotFound(_("There is no such example, or it was removed."))
    return found
