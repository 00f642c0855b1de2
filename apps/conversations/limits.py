"""How much one visitor and one address may ask for."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.core.errors import TooManyRequests
from apps.core.ratelimit import Limiter, Rate


def limit_messages(conversation: UUID) -> None:
    """Raises TooManyRequests when the visitor writes faster than CHAT_PER_MINUTE after a burst of CHAT_BURST."""
    wait = _messages().take(conversation.hex)
    if wait:
        raise TooManyRequests(_("Too many messages. Try again in %d seconds.") % wait, retry_after=wait)


def limit_sessions(request: HttpRequest) -> None:
    """Raises TooManyRequests when one address opens too many conversations."""
    wait = _sessions().take(_network(request.META.get("REMOTE_ADDR", "")))
    if wait:
        raise TooManyRequests(_("Too many new conversations. Try again in %d seconds.") % wait, retry_after=wait)


def _network(address: str) -> str:
    """An IPv6 customer owns a /64, so that is what is counted."""
    return ":".join(address.split(":")[:4]) if ":" in address else address


@cache
def _messages() -> Limiter:
    return Limiter(Rate(settings.CHAT_PER_MINUTE, settings.CHAT_BURST))


@cache
def _sessions() -> Limiter:
    return Limiter(Rate(settings.SESSIONS_PER_MINUTE, settings.SESSIONS_BURST))
