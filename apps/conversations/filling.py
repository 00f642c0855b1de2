"""Gives a publication's texts the vectors that its build left out: a chunk at a time, stored as it goes.

A process that dies in between loses one chunk; whoever comes next finds the rest stored and goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, TypeVar

from apps.core.database import hop
from apps.knowledge.vectors import BATCH, DatabaseVectors
from dialog.kb.vectors import CHUNK, Progress, encode_chunks
from nlu.encode import Encoder

if TYPE_CHECKING:
    from dialog.ports import StoredVector

T = TypeVar("T")

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""Between tries while the encoder cannot be had: twice as long each time."""

_STORE = DatabaseVectors()


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[at : at + size] for at in range(0, len(items), size))


async def stored_vectors(fingerprint: str, texts: Sequence[str]) -> dict[str, StoredVector]:
    """What the store has, in hops so short that turns get in between."""
    found: dict[str, StoredVector] = {}
    for part in parts(texts, BATCH):
        found |= await hop(_STORE.load, fingerprint, part)
    return found


async def fill(encoder: Encoder, texts: Sequence[str], pool: Executor, go_on: Callable[[], bool]) -> bool:
    """Encode and store what of ``texts`` the store lacks; False when ``go_on`` said no before the end.

    Raises:
        ModelUnavailable: the encoder failed; what was encoded before is stored.
    """
    fingerprint = encoder.fingerprint
    loop = asyncio.get_running_loop()
    for chunk in parts(texts, CHUNK):
        if not go_on():
            return False
        known = await hop(_STORE.load, fingerprint, chunk)  # another process may be at the same work
        missing = [text for text in chunk if text not in known]
        for vectors in await loop.run_in_executor(pool, lambda: list(encode_chunks(encoder, missing))):  # noqa: B023
            await hop(_STORE.save, fingerprint, vectors)
    return True


def filled_now(encoder: Encoder, texts: Sequence[str], progress: Progress | None) -> dict[str, StoredVector]:
    """The vectors of ``texts``, from the store where it has them; in the caller's thread.

    Raises:
        ModelUnavailable: the encoder failed; what was encoded before is stored.
    """
    found = _STORE.load(encoder.fingerprint, texts)
    for vectors in encode_chunks(encoder, [text for text in texts if text not in found], progress):
        _STORE.save(encoder.fingerprint, vectors)
        found |= vectors
    return found
