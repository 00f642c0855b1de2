"""What one step of encoder training sees. Each step draws with a generator of its own, so that a resumed run goes on alike."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlu.normalize import question_key
from nlu.training.corpora import Meaning, Part, QuestionGroup, read_rows

Pair = tuple[str, str]

_ONE_TRADE = 0.5
"""Share of batches whose groups come from two industries: near misses of one trade are hard negatives."""
_BY_QUESTION, _BY_SIMILAR = 0.55, 0.2
"""How often a meaning's target is its standard question, another similar one; else it is the answer."""


def meaning_pairs(groups: Sequence[QuestionGroup], count: int, rng: random.Random) -> list[Pair]:
    """One pair for every meaning of ``count`` groups: all near misses of a group are negatives of each other."""
    if rng.random() < _ONE_TRADE:
        trades = rng.sample(sorted({group.industry for group in groups}), 2)
        groups = [group for group in groups if group.industry in trades]
    chosen = rng.sample(groups, min(count, len(groups)))
    return [_pair(meaning, rng) for group in chosen for meaning in group.meanings]


def _pair(meaning: Meaning, rng: random.Random) -> Pair:
    anchor = rng.choice(meaning.similar)
    dice = rng.random()
    if dice < _BY_QUESTION:
        return anchor, meaning.question
    if dice < _BY_QUESTION + _BY_SIMILAR:
        return anchor, rng.choice([text for text in meaning.texts if text != anchor])
    return anchor, meaning.answer


@dataclass(frozen=True, slots=True)
class PairSource:
    """A public set as pairs of one meaning. ``classes``: texts by class, a pair is two texts of one class; ``unlike``:
    pairs that look alike and do not mean the same."""

    name: str
    weight: float
    pairs: tuple[Pair, ...] = ()
    classes: tuple[tuple[str, ...], ...] = ()
    unlike: tuple[Pair, ...] = ()

    def draw(self, count: int, rng: random.Random) -> list[Pair]:
        """Pairs whose meanings differ from each other."""
        if self.classes:
            chosen = rng.sample(self.classes, min(count, len(self.classes)))
            return [(first, second) for first, second in (rng.sample(texts, 2) for texts in chosen)]
        drawn = rng.sample(self.pairs, min(count, len(self.pairs)))
        return list({question_key(a): (a, b) for a, b in {question_key(b): (a, b) for a, b in drawn}.values()}.values())


def draw_pairs(sources: Sequence[PairSource], count: int, rng: random.Random) -> list[Pair]:
    (source,) = rng.choices(sources, [source.weight for source in sources])
    return source.draw(count, rng)


# --- public sets ------------------------------------------------------------------------------------------------

_SAME, _OTHER = 4.5, 2.5
"""Scores of 5 from which on, and up to which, two sentences of STS-B say the same and something else."""


def _labelled(path: Path, weight: float) -> PairSource:
    alike: list[Pair] = []
    unlike: list[Pair] = []
    for row in read_rows(path):
        likeness = 5.0 * row["label"] if "label" in row else float(row.get("score", 5))
        if question_key(row["a"]) != question_key(row["b"]) and not _OTHER < likeness < _SAME:
            (alike if likeness >= _SAME else unlike).append((row["a"], row["b"]))
    return PairSource(path.stem, weight, tuple(alike), unlike=tuple(unlike))


def _classified(path: Path, weight: float) -> PairSource:
    classes: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in read_rows(path):
        if row["intent"] not in _NO_CLASS and not is_measured(row["text"]):
            classes[row["intent"], row.get("lang", "")].setdefault(question_key(row["text"]), row["text"])
    texts = [tuple(found.values()) for _name, found in sorted(classes.items()) if len(found) > 3]
    return PairSource(path.stem, weight, classes=tuple(texts))


def is_measured(text: str) -> bool:
    """One text of a public set in five is for measuring only."""
    return sum(question_key(text).encode()) % 5 == 0


_NO_CLASS = frozenset({"oos", "out_of_scope", "NO_NODES_DETECTED", "openinggreeting", "closinggreeting", "confirmation",
                       "rejection", "thankyou", "contentonly", "outofdomain"})  # fmt: skip

Reader = Callable[[Path, float], PairSource]
PUBLIC: dict[str, tuple[Reader, float]] = {
    "pair_tatoeba_en_zh": (_labelled, 2.0),
    "pair_tatoeba_zh_paraphrase": (_labelled, 0.6),
    "pair_stsb_zh": (_labelled, 0.6),
    "intent_massive_zh_en": (_classified, 0.8),
    "intent_banking77_train": (_classified, 1.5),
    "intent_clinc150_train": (_classified, 1.0),
    "intent_hwu64_train": (_classified, 0.5),
}
"""The public sets that the shipped models may learn from, by file name, with their shares; licences in models/README.md."""


def read_public(folder: Path) -> list[PairSource]:
    """The sets of :data:`PUBLIC` that the folder has.

    Raises:
        FileNotFoundError: it has none of them.
    """
    found = [(folder / f"{name}.jsonl", reader, weight) for name, (reader, weight) in PUBLIC.items()]
    sources = [reader(path, weight) for path, reader, weight in found if path.exists()]
    if not sources:
        raise FileNotFoundError(f"{folder} has none of the public sets: {', '.join(PUBLIC)}")
    return sources


def read_labelled(folder: Path) -> list[PairSource]:
    """Sets whose look-alikes are too close for an encoder, and right for a reranker: PAWS-X."""
    path = folder / "pair_pawsx_zh_dev.jsonl"
    return [_labelled(path, 0.8)] if path.exists() else []


def trained_groups(groups: Sequence[QuestionGroup]) -> list[QuestionGroup]:
    return [group for group in groups if group.part is Part.TRAIN]
