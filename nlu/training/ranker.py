"""Trains the feature ranker.

    python -m nlu.training.ranker GROUPS… [--pairs FILE…] [--classes FILE…] [--out nlu/models/ranker.json]

GROUPS are folders or files of question groups, ``--pairs`` files of labelled pairs, ``--classes`` files of texts with an
``intent`` or ``act``. Groups held out by hash are measured and never trained on. The recipe, a hash of the rows and the
scores on the held-out groups are written into the model.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from nlu.bm25 import Bm25
from nlu.compare import Compared, EntryViews, compare
from nlu.features import FEATURES, SIGNS, Weights, feature_rows
from nlu.metrics import Ranked, auroc, coverage_at_precision, list_recall3, operate, top1
from nlu.rank import FeatureRanker
from nlu.synonyms import base_groups
from nlu.training import logistic
from nlu.training.tasks import (
    Group,
    Task,
    class_groups,
    class_task,
    faq_task,
    own_groups,
    pair_groups,
    pair_task,
    read_rows,
    translation_groups,
)
from nlu.view import Analyzer

RECALL_LIMIT = 40
KEPT_ROWS = 6
"""Candidates of a question that are learned from: those recalled best, and the right one."""
SHARES = {"groups": 1.0, "pairs": 0.6, "classes": 0.15}
"""Weight of each kind of data, divided evenly among its sources: what customers ask counts most."""
SIZES = (80, 300, 1200)
"""Groups in one task: probabilities must hold in small and large knowledge."""


@dataclass(frozen=True, slots=True)
class _Hit:
    entry: int
    text: int
    words: float
    bigrams: float


@dataclass(frozen=True, slots=True)
class Question:
    """The rows of one question with the entries they stand for."""

    rows: list[list[float]]
    entries: tuple[int, ...]
    gold: int | None


@dataclass(frozen=True, slots=True)
class Source:
    """Groups of one origin and how tasks are made of them."""

    name: str
    groups: tuple[Group, ...]
    make: Callable[[str, Sequence[Group], random.Random], Task]
    share: float
    """Weight of the source in training."""

    def tasks(self, rng: random.Random, *, held_out: bool) -> Iterator[Task]:
        groups = [group for group in self.groups if group.held_out == held_out]
        rng.shuffle(groups)
        for size in SIZES if len(groups) > 2 * SIZES[0] else SIZES[:1]:
            for start in range(0, min(len(groups), 2 * size), size):
                if part := groups[start : start + size]:
                    yield self.make(f"{self.name}/{len(part)}", part, rng)


# --- rows -------------------------------------------------------------------------------------------------------


def featurise(task: Task) -> list[Question]:
    """Recalls and compares as the live path does, with exact BM25."""
    analyzer = Analyzer(base_groups())
    entries = [EntryViews(tuple(analyzer.raw_view(text) for text in texts)) for texts in task.entries]
    places = [(entry, text) for entry, views in enumerate(entries) for text in range(len(views.positive))]
    views = [entries[entry].positive[text] for entry, text in places]
    weights = Weights(views)
    legs = Bm25(view.words for view in views), Bm25(view.bigrams for view in views)
    questions = []
    for text, gold in task.questions:
        view = analyzer.raw_view(text)
        words, bigrams = (
            dict(leg.search(t, RECALL_LIMIT)) for leg, t in zip(legs, (view.words, view.bigrams), strict=True)
        )
        hits = [_Hit(*places[n], words.get(n, 0.0), bigrams.get(n, 0.0)) for n in words.keys() | bigrams.keys()]
        hits.sort(key=lambda hit: (-(hit.words + hit.bigrams), hit.entry, hit.text))
        asked, found = compare(view, hits, entries, weights)
        questions.append(_question(feature_rows(asked, [item.match for item in found]), found, gold))
    return questions


def _question(rows: list[list[float]], found: Sequence[Compared], gold: int | None) -> Question:
    return Question(rows, tuple(item.entry for item in found), gold)


def training_rows(questions: Iterable[Question]) -> tuple[list[list[float]], list[float]]:
    rows: list[list[float]] = []
    labels: list[float] = []
    for question in questions:
        for place, (row, entry) in enumerate(zip(question.rows, question.entries, strict=True)):
            if place < KEPT_ROWS or entry == question.gold:
                rows.append(row)
                labels.append(float(entry == question.gold))
    return rows, labels


def train(sources: Sequence[Source], *, seed: int, penalty: float, log: TextIO) -> FeatureRanker:
    """A ranker from the groups that are not held out; every source has its ``share`` of the weight."""
    rng = random.Random(seed)
    blocks, labels, importance = [], [], []
    for source in sources:
        questions = [question for task in source.tasks(rng, held_out=False) for question in featurise(task)]
        rows, right = training_rows(questions)
        log.write(f"{source.name}: {len(source.groups)} groups, {len(questions)} questions, {len(rows)} rows\n")
        log.flush()
        blocks.append(np.asarray(rows))
        labels.append(np.asarray(right))
        importance.append(np.full(len(rows), source.share / len(rows)))
    signs = np.array([SIGNS[name] for name in FEATURES], dtype=np.float64)
    fitted = logistic.fit(np.vstack(blocks), np.concatenate(labels), np.concatenate(importance), signs, penalty)
    fresh = FeatureRanker("lexical", fitted.weights, fitted.means, fitted.scales, fitted.bias)
    return FeatureRanker.from_json(
        fresh.to_json()
    )  # rounded as it will be loaded, so that scores and fingerprint are its own


def scores(ranker: FeatureRanker, sources: Sequence[Source], seed: int) -> dict[str, dict[str, float]]:
    """Figures on the held-out groups of each source."""
    rng = random.Random(seed + 1)
    report = {}
    for source in sources:
        questions = [question for task in source.tasks(rng, held_out=True) for question in featurise(task)]
        ranked = [_ranked(ranker, question) for question in questions]
        report[source.name] = {
            "questions": len(ranked),
            "top1": round(top1(ranked), 4),
            "list_recall3": round(list_recall3(ranked), 4),
            "auroc": round(auroc([row.probability for row in ranked], [row.correct for row in ranked]), 4),
            "coverage_at_95": round(coverage_at_precision(ranked, 0.95).coverage, 4),
            **_cold(ranked),
        }
    return report


def _cold(ranked: Sequence[Ranked]) -> dict[str, float]:
    figures = {}
    for threshold in (0.8, 0.9):
        point = operate(ranked, threshold)
        figures[f"coverage_at_p{threshold}"] = round(point.coverage, 4)
        figures[f"precision_at_p{threshold}"] = round(point.precision, 4)
    return figures


def _ranked(ranker: FeatureRanker, question: Question) -> Ranked:
    order = sorted(zip(ranker.probabilities(question.rows), question.entries, strict=True), key=lambda pair: -pair[0])
    gold = frozenset() if question.gold is None else frozenset({str(question.gold)})
    return Ranked(tuple(str(entry) for _, entry in order), gold, order[0][0] if order else 0.0)


# --- command ----------------------------------------------------------------------------------------------------


def read_sources(groups: Sequence[Path], pairs: Sequence[Path], classes: Sequence[Path]) -> list[Source]:
    """One source a language of the groups, one a file of the others."""
    own: dict[str, list[Group]] = {}
    for path in (file for root in groups for file in (sorted(root.glob("*.jsonl")) if root.is_dir() else [root])):
        for row in read_rows(path):
            own.setdefault(str(row.get("lang")), []).extend(own_groups([row]))
    langs = {lang: tuple(items) for lang, items in own.items() if items}
    found = [Source(f"groups-{lang}", items, faq_task, SHARES["groups"] / len(langs)) for lang, items in langs.items()]
    for path in pairs:
        rows = read_rows(path)
        labelled = bool(rows) and not {"label", "score"}.isdisjoint(rows[0])
        items = pair_groups(rows) if labelled else translation_groups(rows)
        found.append(Source(path.stem, tuple(items), pair_task, SHARES["pairs"] / len(pairs)))
    for path in classes:
        rows = read_rows(path)
        items = class_groups(rows, "intent" if rows and "intent" in rows[0] else "act")
        found.append(Source(path.stem, tuple(items), class_task, SHARES["classes"] / len(classes)))
    return found


def fingerprint(sources: Sequence[Source]) -> str:
    """A hash of every text that training may have seen."""
    digest = hashlib.sha256()
    for source in sources:
        for group in source.groups:
            digest.update(json.dumps([group.texts, group.near], ensure_ascii=False).encode())
    return digest.hexdigest()[:16]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="+", type=Path)
    parser.add_argument("--pairs", nargs="*", type=Path, default=[])
    parser.add_argument("--classes", nargs="*", type=Path, default=[])
    parser.add_argument("--out", type=Path, default=Path("nlu/models/ranker.json"))
    parser.add_argument("--penalty", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=17)
    args = parser.parse_args()
    sources = read_sources(args.groups, args.pairs, args.classes)
    ranker = train(sources, seed=args.seed, penalty=args.penalty, log=sys.stderr)
    report = scores(ranker, sources, args.seed)
    recipe = {
        "data": {source.name: {"groups": len(source.groups), "share": round(source.share, 4)} for source in sources},
        "data_sha256": fingerprint(sources),
        "seed": args.seed,
        "penalty": args.penalty,
    }
    model = {**ranker.to_json(), "fingerprint": ranker.fingerprint, "recipe": recipe, "held_out": report}
    args.out.write_text(json.dumps(model, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for name, figures in report.items():
        sys.stderr.write(f"{name}: {json.dumps(figures)}\n")
    strongest = sorted(zip(FEATURES, ranker.weights.tolist(), strict=True), key=lambda pair: -abs(pair[1]))
    sys.stderr.write(", ".join(f"{name} {weight:+.2f}" for name, weight in strongest) + "\n")


if __name__ == "__main__":
    main()
