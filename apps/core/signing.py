"""Signatures of what is sent to other systems: Standard Webhooks 1.0.0, symmetric (``v1``).

The signed text is ``<id>.<timestamp>.<raw body>``, the key the bytes of a secret that is shown as ``whsec_`` and base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence

PREFIX, TOLERANCE_S = "whsec_", 300


class BadSignature(Exception):
    """The message is not from who holds the secret, or too old; the text is for logs, not for the sender."""


def new_secret() -> str:
    """32 random bytes."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_secret(text: str) -> bool:
    """Whether a text is a secret of the standard: 24 to 64 bytes in base64, with or without ``whsec_``."""
    try:
        return 24 <= len(_key(text)) <= 64
    except ValueError:
        return False


def sign(secrets: Sequence[str], *, id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that prove who sent ``body``; several secrets sign side by side while one replaces the other.

    ``id`` is the same on every attempt and holds no full stop; ``timestamp`` is the attempt's time in Unix seconds.

    Raises:
        ValueError: a secret is empty or no base64, none is given, or the id is not acceptable.
    """
    if not secrets or not id or "." in id or not id.isascii():
        raise ValueError("a message needs a secret and an id in ASCII without a full stop")
    signatures = " ".join(f"v1,{_signature(_key(secret), id, timestamp, body)}" for secret in secrets)
    return {"webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, *, now: float) -> str:
    """The id of a message that one of the secrets signed within five minutes of ``now``. Names of headers in any case.

    Raises:
        BadSignature: anything else; a broken header or secret too.
    """
    found = {name.lower(): value for name, value in headers.items()}
    id, stamp, listed = (found.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not id or not listed:
        raise BadSignature("the webhook-id or the webhook-signature is missing")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12) or abs(now - int(stamp)) > TOLERANCE_S:
        raise BadSignature("the webhook-timestamp is missing, no number, or more than five minutes off")
    try:
        wanted = [_signature(_key(secret), id, int(stamp), body).encode() for secret in secrets]
    except ValueError as error:
        raise BadSignature(str(error)) from error
    given = [part[3:].encode() for part in listed.split(" ") if part.startswith("v1,")]
    fits = [hmac.compare_digest(one, other) for one in given for other in wanted]  # all of them: time tells nothing
    if not any(fits):
        raise BadSignature("no signature fits")
    return id


def _signature(key: bytes, id: str, timestamp: int, body: bytes) -> str:
    signed = f"{id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    text = secret.removeprefix(PREFIX).rstrip("=")
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the secret is no base64") from error
    if not key:
        raise ValueError("the secret is empty")
    return key
