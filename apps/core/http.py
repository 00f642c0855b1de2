"""The one HTTP client for every address that a tenant or a message can set.

The name is looked up once, every IP it has is checked, and the connection goes to one of those; redirects are not
followed, proxies of the environment not used, and answers are cut off by size and by time.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

import httpcore
from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.addresses import AddressRefused, AllowList, Resolver, Target, checked_ips, resolve_by_system, target_of
from apps.core.pinned import Dial, PinnedBackend, dial_by_system

MOST_BYTES = 1_000_000
USER_AGENT = "zhike"
Kind: TypeAlias = Literal["connect", "timeout", "dropped", "too_large"]


class OutboundRefused(Exception):
    """The address may not be called; nothing was sent. ``reason`` is a sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OutboundFailed(Exception):
    """No usable answer. ``sent``: the request may have reached the server."""

    def __init__(self, kind: Kind, *, sent: bool) -> None:
        super().__init__(f"{kind}, {'sent' if sent else 'not sent'}")
        self.kind: Kind = kind
        self.sent = sent


@dataclass(frozen=True, slots=True)
class Response:
    """``headers`` by names in small letters; ``body`` as it came, never unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def allowed_hosts() -> AllowList:
    """The operator's list."""
    return AllowList.of(settings.OUTBOUND_ALLOW, plain_http=settings.DEBUG)


def guarded_request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str],
    timeout: float,
    allow: AllowList,
    resolve: Resolver = resolve_by_system,
    clock: Callable[[], float] = time.monotonic,
    dial: Dial = dial_by_system,
    tls: ssl.SSLContext | None = None,
) -> Response:
    """One request and its whole answer, within ``timeout`` seconds in all. A redirect is an answer like any other.

    ``tls`` says whose certificates count; None: those of the public authorities.

    Raises:
        OutboundRefused: the address may not be called.
        OutboundFailed: there was no answer, not in time, or one of more than 1 MB.
    """
    until = clock() + timeout
    try:
        target = target_of(url, allow)
        ips = _looked_up(target, resolve, timeout)
    except AddressRefused as error:
        raise OutboundRefused(str(error)) from error
    wire = PinnedBackend(ips, dial, until, clock)
    host = f"[{target.host}]" if ":" in target.host else target.host
    ours = {"user-agent": USER_AGENT, "accept-encoding": "identity", "connection": "close"}
    address = f"{target.scheme}://{host}:{target.port}{target.path}"
    sent_headers = list({**ours, **headers}.items())
    try:
        with (
            httpcore.ConnectionPool(ssl_context=tls or _public_tls(), network_backend=wire, retries=0) as pool,
            pool.stream(method, address, headers=sent_headers, content=body) as response,
        ):
            return _read(response, wire)
    except httpcore.TimeoutException as error:
        raise OutboundFailed("timeout", sent=wire.sent) from error
    except httpcore.ConnectError as error:
        raise OutboundFailed("connect", sent=False) from error
    except httpcore.LocalProtocolError as error:
        raise OutboundRefused(_("The request cannot be sent: a header of it is not acceptable.")) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise OutboundFailed("dropped", sent=wire.sent) from error


def _looked_up(target: Target, resolve: Resolver, timeout: float) -> tuple[str, ...]:
    """The checked IPs. The system's resolver knows no time limit, so it runs beside."""
    found: list[tuple[str, ...] | Exception] = []

    def look_up() -> None:
        try:
            found.append(checked_ips(target, resolve))
        except (OSError, AddressRefused) as error:
            found.append(error)

    thread = threading.Thread(target=look_up, name="resolve", daemon=True)
    thread.start()
    thread.join(timeout)
    if not found:
        raise OutboundFailed("timeout", sent=False)
    if isinstance(found[0], AddressRefused):
        raise found[0]
    if isinstance(found[0], Exception):
        raise OutboundFailed("connect", sent=False) from found[0]
    return found[0]


def _read(response: httpcore.Response, wire: PinnedBackend) -> Response:
    parts, size = [], 0
    for part in response.iter_stream():
        size += len(part)
        if size > MOST_BYTES:
            raise OutboundFailed("too_large", sent=wire.sent)
        parts.append(part)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Response(response.status, headers, b"".join(parts))


@cache
def _public_tls() -> ssl.SSLContext:
    """Reading the certificates takes longer than most requests."""
    return httpcore.default_ssl_context()
