"""Which addresses the server may call on behalf of a tenant or a message: public ones, and those the operator allows."""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, urlsplit

import idna
from django.utils.translation import gettext as _

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""(host, port) → its IP addresses; an OSError where there are none."""

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
# What lies outside is local, special, or holds an IPv4 address: ::/96, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7, fe80::/10 …
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # Teredo and its neighbours
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)
_PORTS = frozenset({443, 8443})
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_INSIDE = frozenset({"localhost", "internal", "local", "lan", "home.arpa"})
"""Ends of names that are never anybody's on the internet, whatever a resolver says."""
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class AddressRefused(Exception):
    """The address may not be called; the text is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class AllowList:
    """Hosts (``intranet.example``, ``127.0.0.1:9000``) that may be called wherever they lie and without TLS.

    ``plain_http``: others too may be called without TLS, on a developer's machine.
    """

    hosts: frozenset[str] = frozenset()
    plain_http: bool = False

    @classmethod
    def of(cls, hosts: Iterable[str], *, plain_http: bool = False) -> AllowList:
        return cls(frozenset(host.strip().lower() for host in hosts if host.strip()), plain_http)

    def covers(self, host: str, port: int) -> bool:
        shown = f"[{host}]" if ":" in host else host
        return shown in self.hosts or f"{shown}:{port}" in self.hosts


@dataclass(frozen=True, slots=True)
class Target:
    """A readable address. ``host`` is a name in ASCII or an IP; ``path`` has the query too."""

    scheme: str
    host: str
    port: int
    path: str
    allowed: bool
    """By the operator's list, so that its IP is not checked."""


def target_of(url: str, allow: AllowList) -> Target:
    """Read what a tenant or a message gave as an address; nothing is looked up.

    Raises:
        AddressRefused: it is no address that may be called.
    """
    if len(url) > 2_000 or "\\" in url or any(char.isspace() or not char.isprintable() for char in url):
        raise AddressRefused(_("The address is too long or holds characters that no address has."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise AddressRefused(_("The address cannot be read.")) from error
    if parts.scheme not in ("http", "https"):
        raise AddressRefused(_("Only https addresses may be called."))
    if "@" in parts.netloc:
        raise AddressRefused(_("The address may not hold a user name or password."))
    if "%" in parts.netloc:  # an escaped host, or one network card's own address
        raise AddressRefused(_("The host of the address is no name."))
    host = _host(parts.hostname or "")
    port = port if port is not None else 443 if parts.scheme == "https" else 80
    allowed = allow.covers(host, port)
    if not allowed:
        _check_way(parts.scheme, port, allow)
        _check_name(host)
        _check_place(host)
    path = quote(parts.path or "/", safe="/:@!$&'()*+,;=~%-._")
    query = f"?{quote(parts.query, safe='/:@!$&()*+,;=~%-._?')}" if parts.query else ""
    return Target(parts.scheme, host, port, path + query, allowed)


def _check_way(scheme: str, port: int, allow: AllowList) -> None:
    if scheme == "http" and not allow.plain_http:
        raise AddressRefused(_("Only https addresses may be called."))
    if port not in (_PORTS if scheme == "https" else {80}):
        raise AddressRefused(_("Port %d may not be called; use 443 or 8443.") % port)


def _check_place(host: str) -> None:
    """What shows its place without being looked up is refused when it is set."""
    inside = host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
    if inside or (_is_ip(host) and not is_public(host)):
        raise AddressRefused(_("The address leads into a private network."))


def _is_ip(host: str) -> bool:
    return ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]) is not None


def _check_name(host: str) -> None:
    if any(host == end or host.endswith(f".{end}") for end in _INSIDE):
        raise AddressRefused(_("The address leads into a private network."))


def _host(text: str) -> str:
    """The host in its one spelling; a name in ASCII, an IP as Python writes it."""
    host = unicodedata.normalize("NFKC", text).lower().removesuffix(".")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass  # a name
    name = _ascii(host)
    labels = name.split(".")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(_("The host of the address is no name."))
    if _NUMBER.fullmatch(labels[-1]):
        raise AddressRefused(_("An IP address must be written in full, as four numbers."))  # 127.1, 2130706433, 0x7f…
    return name


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise AddressRefused(_("The host of the address is no name.")) from error


def checked_ips(target: Target, resolve: Resolver) -> tuple[str, ...]:
    """The IPs of a host, looked up once; what connects must use these and never look up again.

    Raises:
        AddressRefused: one of them may not be called.
        OSError: the name is unknown.
    """
    found = tuple(resolve(target.host, target.port))
    if not found:
        raise OSError(f"{target.host} has no address")
    if not target.allowed and not all(is_public(ip) for ip in found):
        raise AddressRefused(_("The address leads into a private network."))
    return found


def is_public(ip: str) -> bool:
    """Whether an IP is anybody's on the internet: not this machine's, not a private network's, in no form."""
    try:
        one = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(one, ipaddress.IPv4Address):
        return not any(one in network for network in _NOT_PUBLIC_4)
    return one in _PUBLIC_6 and not any(one in network for network in _NOT_PUBLIC_6)


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """The system's own resolver."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} is no name") from error
    return list(dict.fromkeys(str(info[4][0]) for info in found))
