"""The only ways to a bot."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.access import member_access
from apps.accounts.models import Role, User
from apps.bots.models import Bot
from apps.core.errors import NotFound


def bot_for_member(user: User | AnonymousUser, slug: str, needed: Role) -> Bot:
    """A bot of the user's organisation.

    Raises:
        NotFound: no such bot, or another organisation's.
        Forbidden: the member's role is lower than ``needed``.
    """
    bot = bot_by_slug(slug)
    member_access(user, bot.organisation_id, needed)
    return bot


def bots_for_member(user: User | AnonymousUser) -> QuerySet[Bot]:
    """The bots the user may see, by name."""
    if user.pk is None:  # a lookup by None would find the organisations without members
        return Bot.objects.none()
    return Bot.objects.filter(organisation__members__user_id=user.pk).order_by("name", "slug")


def bot_by_slug(slug: str) -> Bot:
    """A bot for the public doors, which show only what is published, and for commands.

    Raises:
        NotFound: no such bot.
    """
    bot = Bot.objects.filter(slug=slug).first()
    if bot is None:
        raise NotFound(_("There is no bot “%(slug)s”.") % {"slug": slug})
    return bot
