"""Visitor tokens: signed, dated, naming one conversation; and customers' identities signed by the bot's owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import jwt
from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.core.errors import Invalid, Unauthenticated

_SALT = "zhike.chat"


@dataclass(frozen=True, slots=True)
class Customer:
    external_id: str
    name: str = ""


def token_issue(conversation: UUID) -> str:
    return signing.TimestampSigner(salt=_SALT).sign(conversation.hex)


def token_read(token: str) -> UUID:
    """The conversation that a token opens.

    Raises:
        Unauthenticated: wrong, or older than CHAT_TOKEN_DAYS.
    """
    try:
        value = signing.TimestampSigner(salt=_SALT).unsign(token, max_age=timedelta(days=settings.CHAT_TOKEN_DAYS))
        return UUID(hex=value)
    except (signing.BadSignature, ValueError) as error:
        raise Unauthenticated(_("The token is missing, wrong or expired. Start a new session.")) from error


def customer_read(bot: Bot, user_token: str) -> Customer:
    """The customer in a JWT (HS256 under the bot's secret; claims ``sub``, ``exp`` and optionally ``name``).

    Raises:
        Invalid: not signed by the bot's secret, expired, or without ``sub`` and ``exp``.
    """
    try:
        claims = jwt.decode(user_token, bot.secret, algorithms=["HS256"], options={"require": ["sub", "exp"]})
    except jwt.PyJWTError as error:
        raise Invalid(
            _("The user token is not valid: %s. Sign it with the bot's secret (HS256), with sub and exp.") % error,
            fields={"user_token": str(error)},
        ) from error
    return Customer(str(claims["sub"])[:120], str(claims.get("name", ""))[:80])
