"""Compares a question with recalled entries: which of an entry's texts is closest, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nlu.features import Asked, EntryMatch, Likeness, Weights, conflicts, likeness
from nlu.semantic import DenseMatch
from nlu.view import TextView

MAX_ENTRIES = 20
"""Entries that are compared closely."""
MAX_TEXTS = 4
"""Texts of one entry that are compared closely, the best recalled first."""


NEGATIVE_SAID = 0.75
"""Weighted share of a negative question that must stand in the question: a fragment of it asks for nothing yet."""


class TextHit(Protocol):
    """A recalled text with its BM25 by leg."""

    @property
    def entry(self) -> int: ...
    @property
    def text(self) -> int: ...
    @property
    def words(self) -> float: ...
    @property
    def bigrams(self) -> float: ...


@dataclass(frozen=True, slots=True)
class EntryViews:
    """The prepared texts of an entry: standard and similar questions, and the questions that only look alike."""

    positive: tuple[TextView, ...]
    negative: tuple[TextView, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """An entry by its position, its closest text by number, and the comparison; ``dense`` where vectors are there."""

    entry: int
    text: int
    match: EntryMatch
    dense: DenseMatch | None = None


def compare(
    view: TextView,
    hits: Sequence[TextHit],
    entries: Sequence[EntryViews],
    weights: Weights,
    admit: Callable[[int], bool] = lambda entry: True,
    dense: Callable[[int], DenseMatch] | None = None,
) -> tuple[Asked, list[Compared]]:
    """The best recalled entries that ``admit`` lets in, in the order of the hits (best first).

    ``dense`` gives an entry's likeness by vectors; left out where there are none.
    """
    asked = Asked.of(view, weights)
    groups = _by_entry(hits, admit)
    return asked, [
        _compare_entry(asked, entry, entries[entry], group, dense(entry) if dense else None)
        for entry, group in groups.items()
    ]


def _by_entry(hits: Sequence[TextHit], admit: Callable[[int], bool]) -> dict[int, list[TextHit]]:
    groups: dict[int, list[TextHit]] = {}
    for hit in hits:
        group = groups.get(hit.entry)
        if group is not None:
            group.append(hit)
        elif len(groups) < MAX_ENTRIES and admit(hit.entry):
            groups[hit.entry] = [hit]
    return groups


def _compare_entry(
    asked: Asked, entry: int, views: EntryViews, hits: Sequence[TextHit], dense: DenseMatch | None
) -> Compared:
    compared = [(likeness(asked, views.positive[text]), text) for text in _closest(hits, dense)]
    compared.sort(key=lambda pair: (-pair[0].overall, pair[1]))
    best, text = compared[0]
    flags = conflicts(asked.view, views.positive[text])
    if views.negative and _nearer(asked, views.negative, best):
        flags = (*flags, "negative_question")
    match = EntryMatch(
        best=best,
        second=compared[1][0].overall if len(compared) > 1 else 0.0,
        flags=flags,
        words=max(hit.words for hit in hits),
        bigrams=max(hit.bigrams for hit in hits),
    )
    return Compared(entry, text, match, dense)


def _closest(hits: Sequence[TextHit], dense: DenseMatch | None) -> list[int]:
    """Numbers of the texts to compare: the nearest by vector first, then those recalled; the answer is no question."""
    nearest = [dense.best_text] if dense else []
    recalled = [hit.text for hit in hits if hit.text >= 0]
    return list(dict.fromkeys((*nearest, *recalled)))[:MAX_TEXTS] or [0]


def _nearer(asked: Asked, negative: Sequence[TextView], best: Likeness) -> bool:
    """Whether a negative question is what was asked: closer than the entry's own texts, and most of it was said."""
    if best.exact:
        return False
    found = (likeness(asked, view) for view in negative)
    return any(like.overall >= best.overall and like.words_entry >= NEGATIVE_SAID for like in found)
