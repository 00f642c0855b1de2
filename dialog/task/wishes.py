"""What a message asks for, before it is begun."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """A flow, and the words that ask for it; they hold its first values."""

    flow: str
    text: str
