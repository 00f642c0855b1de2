"""Values that leave the understanding layer. All frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Normalized:
    """A view of one text for matching. ``text`` is compared, ``raw`` is what the customer wrote and what entities read."""

    raw: str
    text: str
    offsets: tuple[int, ...]
    """``offsets[i]`` is the index in ``raw`` of the character that ``text[i]`` came from; never decreasing."""
    lang: Lang

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open range of ``raw`` behind ``text[start:end]``; an empty range stays empty.

        Raises:
            ValueError: the range does not lie in ``text``.
        """
        if not 0 <= start <= end <= len(self.text):
            raise ValueError(f"span {start}:{end} is not within a text of {len(self.text)} characters")
        if start == end:
            at = self.offsets[start] if start < len(self.text) else len(self.raw)
            return at, at
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found at ``text[start:end]``."""

    start: int
    end: int
    phrase: str
