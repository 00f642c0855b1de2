"""Connections to addresses that were checked before, within one time limit."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import httpcore

Dial: TypeAlias = Callable[[str, int, float], socket.socket]
"""(IP, port, seconds) → a connection; an OSError where there is none."""

_ATTEMPT_SECONDS = 3.0
"""For one of several addresses, so that a dead one leaves time for the next."""


def dial_by_system(ip: str, port: int, seconds: float) -> socket.socket:
    """The system's own sockets."""
    return socket.create_connection((ip, port), seconds)


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to one of ``addresses``, whatever host it is asked for; ``until`` is the end by ``clock``. ``sent`` tells
    whether a byte of the request has left. For one request."""

    def __init__(
        self,
        addresses: Sequence[str],
        dial: Dial,
        until: float,
        clock: Callable[[], float],
    ) -> None:
        self._addresses = addresses
        self._dial = dial
        self._until = until
        self._clock = clock
        self.sent = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: OSError | None = None
        for address in self._addresses:
            left = self.left(httpcore.ConnectTimeout)
            try:
                connection = self._dial(address, port, min(left, _ATTEMPT_SECONDS))
            except OSError as error:
                failure = error
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _Stream(self, connection)
        raise httpcore.ConnectError(str(failure))

    def left(self, late: type[httpcore.TimeoutException]) -> float:
        """Seconds until the end. Raises ``late`` after it."""
        seconds = self._until - self._clock()
        if seconds <= 0:
            raise late("the time limit of the whole request has passed")
        return seconds


class _Stream(httpcore.NetworkStream):
    def __init__(self, backend: PinnedBackend, connection: socket.socket) -> None:
        self._backend = backend
        self._connection = connection

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._connection.settimeout(self._backend.left(httpcore.ReadTimeout))
        try:
            return self._connection.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        while buffer:
            self._connection.settimeout(self._backend.left(httpcore.WriteTimeout))
            self._backend.sent = True
            try:
                buffer = buffer[self._connection.send(buffer) :]
            except TimeoutError as error:
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error

    def close(self) -> None:
        self._connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._connection.settimeout(self._backend.left(httpcore.ConnectTimeout))
            return _Stream(self._backend, ssl_context.wrap_socket(self._connection, server_hostname=server_hostname))
        except TimeoutError as error:
            self.close()
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, ValueError) as error:  # a certificate that is not the host's is an OSError too
            self.close()
            raise httpcore.ConnectError(str(error)) from error

    def get_extra_info(self, info: str) -> Any:
        return self._connection if info == "socket" else None
