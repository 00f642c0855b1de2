"""Buttons as opaque, signed ids: what a press means cannot be forged, and nothing is looked up to read it."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from uuid import UUID

import orjson
from django.utils.crypto import salted_hmac

from dialog.types import Choice, Pick

_KINDS = ("entry", "say", "handoff", "resume", "task")
STALE = Pick("entry", "")
"""What an id that is not ours stands for; the engine says that the option has expired."""


@dataclass(frozen=True, slots=True)
class Press:
    pick: Pick
    text: str


def suggestion_sign(conversation: UUID, choice: Choice) -> dict[str, str]:
    """``{"id","text"}`` for one conversation; the same choice always gets the same id."""
    body = orjson.dumps([choice.pick.kind, choice.pick.value, choice.text])
    return {"id": f"{_encode(body)}.{_encode(_mac(conversation, body))}", "text": choice.text}


def suggestion_read(conversation: UUID, suggestion_id: str) -> Press:
    """What was pressed; :data:`STALE` when the id was not made for this conversation."""
    try:
        body, mac = (_decode(part) for part in suggestion_id.split("."))
    except (ValueError, binascii.Error):
        return Press(STALE, "")
    if not hmac.compare_digest(mac, _mac(conversation, body)):
        return Press(STALE, "")
    kind, value, text = orjson.loads(body)
    return Press(Pick(kind, value), text) if kind in _KINDS else Press(STALE, "")


def _mac(conversation: UUID, body: bytes) -> bytes:
    return salted_hmac("zhike.suggestion", conversation.bytes + body, algorithm="sha256").digest()[:12]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
