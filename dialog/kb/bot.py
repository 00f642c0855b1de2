"""The KB-bot: recall, compare, rank, and propose with evidence. It decides nothing; the arbiter does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dialog.kb.index import KnowledgeIndex
from dialog.types import Candidate, Proposal, Route
from nlu.compare import Compared, compare
from nlu.features import FEATURES, Asked, feature_rows
from nlu.rank import FeatureRanker
from nlu.types import Normalized

RECALL_LIMIT = 40
"""Texts that each leg of recall returns."""
MAX_CANDIDATES = 10
"""Candidates that a proposal keeps."""
MAX_KEYWORDS = 8
NEGATIVE_CAP = 0.02
"""Probability left to an entry whose negative question is closer than its own texts."""

_TELLING = tuple(
    (name, FEATURES.index(name))
    for name in ("cosine", "words_asked", "words_entry", "ratio", "missing_asked", "missing_entry", "lead", "unknown")
)


@dataclass(frozen=True, slots=True)
class KnowledgeBot:
    """Proposes entries for a question, with a probability each. Immutable, safe to share between threads."""

    index: KnowledgeIndex
    ranker: FeatureRanker

    def propose(self, normalized: Normalized, now: datetime) -> Proposal:
        """Entries valid at ``now``, most probable first, at most ``MAX_CANDIDATES``.

        Raises:
            RecallUnavailable: from the recall engine.
        """
        index = self.index
        view = index.analyzer.view(normalized.text)
        hits = index.recall.search(view.words, view.bigrams, limit=RECALL_LIMIT)
        asked, compared = compare(
            view, hits, index.texts, index.weights, admit=lambda entry: index.entries[entry].valid_at(now)
        )
        return Proposal(
            bot=Route.KB,
            candidates=self._ranked(asked, compared),
            detail={
                "keywords": [*_keywords(asked)],
                "synonyms": [f"{written} → {canonical}" for written, canonical in view.replaced],
                "recalled": len({hit.entry for hit in hits}),
            },
        )

    def _ranked(self, asked: Asked, compared: Sequence[Compared]) -> tuple[Candidate, ...]:
        rows = feature_rows(asked, [item.match for item in compared])
        scored = [
            (min(probability, NEGATIVE_CAP) if "negative_question" in item.match.flags else probability, item, row)
            for probability, item, row in zip(self.ranker.probabilities(rows), compared, rows, strict=True)
        ]
        scored.sort(key=lambda found: (-found[0], found[1].entry))
        return tuple(self._candidate(*found) for found in scored[:MAX_CANDIDATES])

    def _candidate(self, probability: float, item: Compared, row: Sequence[float]) -> Candidate:
        entry, match = self.index.entries[item.entry], item.match
        return Candidate(
            entry_id=entry.id,
            question=entry.question,
            matched=self.index.written[item.entry][item.text],
            score=round(match.words + match.bigrams, 4),
            probability=round(probability, 4),
            features={name: round(row[place], 3) for name, place in _TELLING},
            flags=match.flags,
            legs={"words": round(match.words, 4), "bigrams": round(match.bigrams, 4)},
        )


def _keywords(asked: Asked) -> list[str]:
    """The question's words that the knowledge knows, rarest first."""
    weights = asked.weights.words
    known = (word for word in asked.view.word_set if word in weights)
    return sorted(known, key=lambda word: (-weights[word], word))[:MAX_KEYWORDS]
