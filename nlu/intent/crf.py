"""A conditional random field over tokens (Lafferty et al. 2001): trained by CRFsuite, read by numpy alone."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlu.intent.slot_features import Features

Matrix = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

_SETTINGS = {"c1": 0.05, "c2": 0.1}
_ROUNDS = (25, 80)
_WORK = 2e9
"""Tokens times squared tags up to which all rounds are run: about two seconds each."""


@dataclass(frozen=True, slots=True)
class Crf:
    """``starts`` (features + 1) tells where in ``tags`` and ``weights`` a feature's stand; ``moves`` (tags, tags) from, to."""

    names: tuple[str, ...]
    columns: Mapping[str, int]
    starts: Places
    tags: npt.NDArray[np.int32]
    weights: Matrix
    moves: Matrix

    def best(self, sequence: Sequence[Features]) -> list[str]:
        """The most likely tag of each token."""
        if not sequence:
            return []
        emitted = self._emitted(sequence)
        score, back = emitted[0], []
        for row in emitted[1:]:
            paths = score[:, None] + self.moves
            back.append(paths.argmax(axis=0))
            score = paths.max(axis=0) + row
        place = int(score.argmax())
        found = [place]
        for step in reversed(back):
            place = int(step[place])
            found.append(place)
        return [self.names[place] for place in reversed(found)]

    def _emitted(self, sequence: Sequence[Features]) -> Matrix:
        """(tokens, tags) sums of weights."""
        known = [
            (at, column, value)
            for at, features in enumerate(sequence)
            for name, value in features.items()
            if (column := self.columns.get(name)) is not None
        ]
        size = len(self.names)
        if not known:
            return np.zeros((len(sequence), size), dtype=np.float32)
        places, columns, values = (np.array(part) for part in zip(*known, strict=True))
        counts = self.starts[columns + 1] - self.starts[columns]
        # All entries of all features one after another: each feature's run, from its own start.
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        entries = np.repeat(self.starts[columns], counts) + offsets
        cells = np.repeat(places * size, counts) + self.tags[entries]
        sums = np.bincount(cells, self.weights[entries] * np.repeat(values, counts), minlength=len(sequence) * size)
        return sums.reshape(len(sequence), size).astype(np.float32)


def fit(sequences: Sequence[Sequence[Features]], tags: Sequence[Sequence[str]]) -> Crf:
    """The same sequences give the same field."""
    import pycrfsuite

    columns: dict[str, int] = {}
    names = tuple(sorted({tag for row in tags for tag in row}))
    work = sum(map(len, tags)) * len(names) ** 2
    rounds = max(_ROUNDS[0], min(_ROUNDS[1], int(_ROUNDS[1] * _WORK / max(work, 1))))
    number = {name: str(place) for place, name in enumerate(names)}
    trainer = pycrfsuite.Trainer("lbfgs", {**_SETTINGS, "max_iterations": rounds}, verbose=False)
    for sequence, row in zip(sequences, tags, strict=True):
        if sequence:
            # Numbers instead of names: CRFsuite's listing of its weights does not quote.
            numbered = [
                {str(columns.setdefault(name, len(columns))): value for name, value in features.items()}
                for features in sequence
            ]
            trainer.append(pycrfsuite.ItemSequence(numbered), [number[tag] for tag in row])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crf"
        trainer.train(str(path))
        tagger = pycrfsuite.Tagger()
        tagger.open(str(path))
        listed = tagger.info()
        tagger.close()
    return _compact(names, list(columns), listed.state_features, listed.transitions)


def _compact(
    names: tuple[str, ...],
    features: Sequence[str],
    states: Mapping[tuple[str, str], float],
    transitions: Mapping[tuple[str, str], float],
) -> Crf:
    """Features without a weight are left out."""
    kept = sorted((int(feature), int(tag), weight) for (feature, tag), weight in states.items() if weight)
    counts = Counter(feature for feature, _tag, _weight in kept)
    columns = {features[feature]: column for column, feature in enumerate(sorted(counts))}
    moves = np.zeros((len(names), len(names)), dtype=np.float32)
    for (start, end), weight in transitions.items():
        moves[int(start), int(end)] = weight
    return Crf(
        names=names,
        columns=columns,
        starts=np.cumsum([0, *(counts[feature] for feature in sorted(counts))]).astype(np.int64),
        tags=np.array([tag for _feature, tag, _weight in kept], dtype=np.int32),
        weights=np.array([weight for _feature, _tag, weight in kept], dtype=np.float32),
        moves=moves,
    )
