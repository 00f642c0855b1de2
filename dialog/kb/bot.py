"""The KB-bot: recall, compare, rank, and propose with evidence. It decides nothing; the arbiter does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from dialog.kb.index import KnowledgeIndex
from dialog.kb.reading import Reading, read
from dialog.types import Candidate, Json, Proposal, Route
from nlu.compare import Compared, compare
from nlu.features import FEATURES, Asked, feature_rows
from nlu.rank import Rankers
from nlu.semantic import DENSE_SIGNS, READ, DenseMatch, cross_rows, dense_rows, reading_text
from nlu.types import Normalized

RECALL_LIMIT = 40
"""Texts that each leg of recall returns."""
MAX_CANDIDATES = 10
"""Candidates that a proposal keeps."""
MAX_KEYWORDS = 8
NEGATIVE_CAP = 0.02
"""Probability left to an entry whose negative question is closer than its own texts."""

_NAMES = (*FEATURES, *DENSE_SIGNS)
_TELLING = tuple(
    (name, _NAMES.index(name))
    for name in (
        "cosine", "words_asked", "words_entry", "ratio", "missing_asked", "missing_entry", "lead", "unknown",
        "dense", "dense_answer", "dense_lead",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scored:
    """An entry with its features and the probability that follows from them."""

    probability: float
    compared: Compared
    row: Sequence[float]


@dataclass(frozen=True, slots=True)
class KnowledgeBot:
    """Proposes entries for a question, with a probability each. Immutable, safe to share between threads."""

    index: KnowledgeIndex
    rankers: Rankers
    clock: Callable[[], float] = time.monotonic

    def propose(self, normalized: Normalized, now: datetime) -> Proposal:
        """Entries valid at ``now``, most probable first, at most ``MAX_CANDIDATES``.

        Raises:
            RecallUnavailable: from the recall engine.
        """
        index = self.index
        vector = index.query_vector(normalized.raw)
        view = index.analyzer.view(normalized.text)
        hits = index.recall.search(view.words, view.bigrams, limit=RECALL_LIMIT, vector=vector)
        found = vector() if vector else None
        similar = None if found is None or index.dense is None else partial(index.dense.similarities, found)
        asked, compared = compare(
            view,
            hits,
            index.texts,
            index.weights,
            admit=lambda entry: index.entries[entry].valid_at(now),
            dense=similar,
        )
        scored = self._scored(asked, compared)
        reading = read(normalized.raw, self._first_texts(scored), index.models, self.clock)
        weaker = (vector.weaker if vector else "", reading.weaker)
        return Proposal(
            bot=Route.KB,
            candidates=self._candidates(scored, reading),
            detail=self._detail(asked, len({hit.entry for hit in hits}), reading),
            degraded=tuple(mode for mode in weaker if mode),
        )

    def _scored(self, asked: Asked, compared: Sequence[Compared]) -> list[Scored]:
        """The entries by what is known without the cross-encoder, most probable first."""
        rows = feature_rows(asked, [item.match for item in compared])
        ranker = self.rankers.lexical
        matches = [item.dense for item in compared if item.dense is not None]
        if self.rankers.dense is not None and matches:
            ranker = self.rankers.dense
            rows = _joined(rows, dense_rows(matches, self.index.models.scale))
        scored = [Scored(*found) for found in zip(ranker.probabilities(rows), compared, rows, strict=True)]
        return sorted(scored, key=lambda item: (-item.probability, item.compared.entry))

    def _first_texts(self, scored: Sequence[Scored]) -> list[tuple[float, str]]:
        """Probability and nearest text of the entries that the cross-encoder may read; none where it cannot be used."""
        if self.rankers.cross is None or not scored or scored[0].compared.dense is None:
            return []
        return [(item.probability, self._readable(item.compared)) for item in scored[: READ + 1]]

    def _readable(self, compared: Compared) -> str:
        return reading_text(self._nearest(compared), self.index.entries[compared.entry].answer)

    def _candidates(self, scored: Sequence[Scored], reading: Reading) -> tuple[Candidate, ...]:
        logits: list[float | None] = [*reading.logits, *[None] * (len(scored) - len(reading.logits))]
        final = [
            (min(probability, NEGATIVE_CAP) if "negative_question" in item.compared.match.flags else probability, *rest)
            for probability, item, logit in zip(self._probabilities(scored, reading), scored, logits, strict=True)
            for rest in [(item, logit)]
        ]
        final.sort(key=lambda found: (-found[0], found[1].compared.entry))
        return tuple(self._candidate(*found) for found in final[:MAX_CANDIDATES])

    def _probabilities(self, scored: Sequence[Scored], reading: Reading) -> list[float]:
        """Those that were read get the cross-encoder's word; the rest stays below the least of them."""
        known = [item.probability for item in scored]
        count = len(reading.logits)
        if not count or self.rankers.cross is None:
            return known
        rows = _joined([item.row for item in scored[:count]], cross_rows(reading.logits))
        first = self.rankers.cross.probabilities(rows)
        floor = min(first)
        return [*first, *(min(probability, floor) for probability in known[count:])]

    def _candidate(self, probability: float, item: Scored, logit: float | None) -> Candidate:
        compared = item.compared
        entry, match = self.index.entries[compared.entry], compared.match
        legs = {"words": round(match.words, 4), "bigrams": round(match.bigrams, 4)}
        if compared.dense is not None:
            legs["dense"] = round(_number(compared.dense.best), 4)
        if logit is not None:
            legs["cross"] = round(logit, 4)
        return Candidate(
            entry_id=entry.id,
            question=entry.question,
            matched=self._nearest(compared),
            score=round(match.words + match.bigrams, 4),
            probability=round(probability, 4),
            features={name: round(_number(item.row[place]), 3) for name, place in _TELLING if place < len(item.row)},
            flags=match.flags,
            legs=legs,
        )

    def _nearest(self, compared: Compared) -> str:
        """The entry's own text that comes closest, as it was written: by vector where there is one."""
        dense: DenseMatch | None = compared.dense
        return self.index.written[compared.entry][dense.best_text if dense else compared.text]

    def _detail(self, asked: Asked, recalled: int, reading: Reading) -> dict[str, Json]:
        detail: dict[str, Json] = {
            "keywords": [*_keywords(asked)],
            "synonyms": [f"{written} → {canonical}" for written, canonical in asked.view.replaced],
            "recalled": recalled,
        }
        return detail | ({"read": len(reading.logits), "read_ms": reading.ms} if reading.logits else {})


def _joined(rows: Sequence[Sequence[float]], more: Sequence[Sequence[float]]) -> list[list[float]]:
    return [[*row, *other] for row, other in zip(rows, more, strict=True)]


def _number(value: float) -> float:
    """For JSON, which has no nan."""
    return 0.0 if value != value else value


def _keywords(asked: Asked) -> list[str]:
    """The question's words that the knowledge knows, rarest first."""
    weights = asked.weights.words
    known = (word for word in asked.view.word_set if word in weights)
    return sorted(known, key=lambda word: (-weights[word], word))[:MAX_KEYWORDS]
