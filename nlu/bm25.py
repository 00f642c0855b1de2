"""Exact BM25 over tokens in plain Python: for training, tests and small collections."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

K1 = 1.2
B = 0.75


class Bm25:
    """An inverted index over texts given as tokens. Immutable after it is built."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths: list[int] = []
        for number, tokens in enumerate(texts):
            lengths.append(len(tokens))
            for token, count in Counter(tokens).items():
                postings[token].append((number, count))
        mean = sum(lengths) / len(lengths) if sum(lengths) else 1.0
        self._burden = [K1 * (1 - B + B * length / mean) for length in lengths]
        self._postings = dict(postings)

    def idf(self, token: str) -> float:
        """Weight of a token: ln(1 + (N - n + 0.5) / (n + 0.5)) for n of N texts."""
        count = len(self._postings.get(token, ()))
        return math.log(1 + (len(self._burden) - count + 0.5) / (count + 0.5))

    def search(self, tokens: Sequence[str], limit: int) -> list[tuple[int, float]]:
        """(number of the text, score), best first, ties by number. A token asked twice counts once."""
        scores: dict[int, float] = defaultdict(float)
        for token in dict.fromkeys(tokens):
            weight = self.idf(token) * (K1 + 1)
            for number, count in self._postings.get(token, ()):
                scores[number] += weight * count / (count + self._burden[number])
        return sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))[: max(0, limit)]
