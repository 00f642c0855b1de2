"""The server: the chat API on a short path, everything else through Django's full one, sockets through Channels."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()  # sets Django up; what follows imports models

from apps.config.chat_handler import ChatHandler  # noqa: E402
from apps.config.lifespan import lifespan  # noqa: E402
from apps.config.sockets import socket_application  # noqa: E402

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

CHAT_PREFIX = "/api/v1/chat/"

chat_application = ChatHandler()
sockets = socket_application()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Route by the kind of connection, and the chat API by its prefix."""
    match scope["type"]:
        case "lifespan":
            await lifespan(receive, send)
        case "websocket":
            await sockets(scope, receive, send)
        case "http" if scope["path"].startswith(CHAT_PREFIX):
            await chat_application(scope, receive, send)
        case "http":
            await django_application(scope, receive, send)
