"""Writes to bots."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.accounts.models import Organisation
from apps.bots.models import Bot
from apps.core.errors import Conflict, Invalid

RESERVED = frozenset({"new"})
"""Slugs that are addresses of the studio itself."""


@transaction.atomic
def bot_create(*, organisation: Organisation, slug: str, name: str = "") -> Bot:
    """A bot with nothing in it. Slugs are unique over all organisations.

    Raises:
        Conflict: the slug is taken.
        Invalid: the slug is not acceptable.
    """
    if slug in RESERVED:
        text = _("“%s” is an address of the studio itself; choose another slug.") % slug
        raise Invalid(text, fields={"slug": text})
    if Bot.objects.filter(slug=slug).exists():
        raise Conflict(_("There is a bot “%(slug)s” already; choose another slug.") % {"slug": slug})
    bot = Bot(organisation=organisation, slug=slug, name=name or slug)
    try:
        bot.full_clean()
    except ValidationError as error:
        raise Invalid("; ".join(error.messages), fields={"slug": "; ".join(error.messages)}) from error
    bot.save()
    return bot


def bot_update(*, bot: Bot, changes: Mapping[str, object]) -> None:
    """Store changed settings; their new revision makes every process read them."""
    for name, value in changes.items():
        setattr(bot, name, value)
    bot.full_clean(exclude=["secret"])
    bot.save(update_fields=[*changes, "updated_at"])
    Bot.objects.filter(pk=bot.pk).update(revision=F("revision") + 1)
    bot.refresh_from_db(fields=["revision"])
