"""Settings from the environment, typed; nonsense stops the start with the name and what is accepted.

A secret may also come from a file: ``SECRET_KEY_FILE=/run/secrets/key`` stands for ``SECRET_KEY``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "", *, environ: Mapping[str, str] = os.environ) -> str:
    """The value of ``name``, or of the file that ``<name>_FILE`` names (its last newline dropped)."""
    path = environ.get(f"{name}_FILE", "")
    if path and name in environ:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set; keep one.")
    if path:
        try:
            return Path(path).read_text("utf-8").rstrip("\n")
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE={path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise ImproperlyConfigured(f"{name}_FILE={path} is not UTF-8 text.") from error
    return environ.get(name, default)


def flag(name: str, default: bool = False, *, environ: Mapping[str, str] = os.environ) -> bool:
    value = text(name, "1" if default else "0", environ=environ).strip().lower()
    if value in _TRUE | _FALSE:
        return value in _TRUE
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no; use 1 or 0.")


def integer(
    name: str, default: int, *, least: int = 0, most: int = 2**31 - 1, environ: Mapping[str, str] = os.environ
) -> int:
    value = text(name, str(default), environ=environ)
    digits = value.strip()
    if not (digits.isascii() and digits.isdigit()) or not least <= int(digits) <= most:
        raise ImproperlyConfigured(f"{name}={value!r} must be a whole number from {least} to {most}.")
    return int(digits)


def words(name: str, default: str = "", *, environ: Mapping[str, str] = os.environ) -> list[str]:
    """A list separated by commas."""
    return [part.strip() for part in text(name, default, environ=environ).split(",") if part.strip()]


def database(name: str, default: str, *, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """A database URL as Django's settings: ``sqlite:///path`` (three slashes relative, four absolute), or
    ``postgresql://user:password@host:5432/name?sslmode=require`` (what follows ``?`` goes to libpq)."""
    parts = urlsplit(text(name, default, environ=environ))
    if parts.scheme == "sqlite":
        return _sqlite(name, parts)
    if parts.scheme in ("postgres", "postgresql"):
        return _postgresql(name, parts)
    raise ImproperlyConfigured(
        f"{name}={parts.scheme}://… is not supported; use sqlite:///path/to/file.sqlite3 or postgresql://user@host/name."
    )


def _sqlite(name: str, parts: SplitResult) -> dict[str, Any]:
    path = unquote(parts.path[1:])
    if not path or parts.netloc:
        raise ImproperlyConfigured(f"{name} names no file; write sqlite:///relative or sqlite:////absolute.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # Two short write transactions a turn: take the write lock at the start, so that none is refused half way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
        },
    }


def _postgresql(name: str, parts: SplitResult) -> dict[str, Any]:
    database_name = unquote(parts.path[1:])
    if not database_name or "/" in database_name:
        raise ImproperlyConfigured(f"{name} names no database; write postgresql://user:password@host:5432/name.")
    try:
        port = parts.port or ""
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: the port is no number.") from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": database_name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(port),
        "CONN_MAX_AGE": None,  # every thread keeps its own; a lost one is noticed before it is used
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
