"""Sockets by path; a browser may only connect from a page of ours."""

from __future__ import annotations

from typing import Any

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path

from apps.conversations.consumers import ChatConsumer


def socket_application() -> Any:
    routes = URLRouter([path("ws/chat/", ChatConsumer.as_asgi())])  # type: ignore[list-item, arg-type]
    return AllowedHostsOriginValidator(routes)
