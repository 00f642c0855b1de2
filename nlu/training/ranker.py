"""Trains the rankers: one for words alone, one with vectors, one with the cross-encoder's reading.

    python -m nlu.training.ranker lexical GROUPS… [--pairs FILE…] [--classes FILE…] [--out nlu/models]
    python -m nlu.training.ranker semantic [GROUPS] [--encoder FOLDER] [--reranker FOLDER] [--pairs …] [--classes …]

GROUPS are folders or files of question groups, ``--pairs`` files of labelled pairs, ``--classes`` files of texts with an
``intent`` or ``act``. Groups held out by hash are measured and never trained on; the semantic rankers learn from nothing
that encoder and reranker have seen. The recipe, a hash of the texts and the scores on the held-out groups are written
into the models.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from nlu.encode import Encoder, Reranker, Vector
from nlu.metrics import Ranked, auroc, coverage_at_precision, list_recall3, operate, top1
from nlu.rank import FEATURE_SETS, FeatureRanker, Rankers
from nlu.semantic import Scale
from nlu.training import boosting, logistic
from nlu.training.corpora import GROUPS
from nlu.training.rows import Question, Space, featurise, training_rows, with_reading
from nlu.training.sources import Source, fingerprint, read_sources, unseen_sources

Rows = Callable[[Source, random.Random, bool], list[Question]]
"""The questions of a source's tasks as rows: (source, rng, held out)."""


def train(
    name: str,
    sources: Sequence[Source],
    rows_of: Rows,
    *,
    seed: int,
    penalty: float,
    log: TextIO,
    trees: bool = False,
) -> FeatureRanker:
    """A ranker on the feature set ``name`` from the groups that are not held out; a source has its ``share`` of the weight."""
    rng = random.Random(seed)
    blocks, labels, importance = [], [], []
    for source in sources:
        questions = rows_of(source, rng, False)
        rows, right = training_rows(questions)
        log.write(f"{name}, {source.name}: {len(questions)} questions, {len(rows)} rows\n")
        log.flush()
        if rows:
            blocks.append(np.asarray(rows))
            labels.append(np.asarray(right))
            importance.append(np.full(len(rows), source.share / len(rows)))
    return fit(name, np.vstack(blocks), np.concatenate(labels), np.concatenate(importance), seed, penalty, trees=trees)


def fit(
    name: str,
    rows: logistic.Vector,
    labels: logistic.Vector,
    importance: logistic.Vector,
    seed: int,
    penalty: float,
    *,
    trees: bool,
) -> FeatureRanker:
    """A ranker from n rows of the feature set ``name``, rounded as it will be loaded."""
    signs = np.array(list(FEATURE_SETS[name].values()), dtype=np.float64)
    filled = np.where(np.isnan(rows), _means(rows, importance), rows)
    fitted = logistic.fit(filled, labels, importance, signs, penalty)
    boosted = boosting.fit(rows, labels, importance, signs, seed) if trees else None
    features = tuple(FEATURE_SETS[name])
    fresh = FeatureRanker(name, fitted.weights, fitted.means, fitted.scales, fitted.bias, features, boosted)
    return FeatureRanker.from_json(fresh.to_json())


def _means(rows: logistic.Vector, importance: logistic.Vector) -> logistic.Vector:
    """Of each feature where it is known: what the logistic part takes in its place."""
    known = ~np.isnan(rows)
    weight = (known * importance[:, None]).sum(axis=0)
    means: logistic.Vector = np.nansum(rows * importance[:, None], axis=0) / np.maximum(weight, 1e-12)
    return np.nan_to_num(means)


# --- rows by feature set ------------------------------------------------------------------------------------------


def lexical_rows(source: Source, rng: random.Random, held_out: bool) -> list[Question]:
    return [question for task in source.tasks(rng, held_out=held_out) for question in featurise(task)]


class SemanticRows:
    """Rows with vectors, and those with the cross-encoder's reading; both come from the same tasks, drawn once."""

    def __init__(self, encoder: Encoder, reranker: Reranker | None, scale: Scale) -> None:
        self._encoder = encoder
        self._reranker = reranker
        self._scale = scale
        self._known: dict[str, Vector] = {}
        self._drawn: dict[tuple[str, bool], list[Question]] = {}

    def dense(self, source: Source, rng: random.Random, held_out: bool) -> list[Question]:
        key = source.name, held_out
        if key not in self._drawn:
            self._drawn[key] = [
                question
                for task in source.tasks(rng, held_out=held_out)
                for question in featurise(task, Space(task, self._encoder, self._scale, self._known))
            ]
        return self._drawn[key]

    def cross(self, ranker: FeatureRanker) -> Rows:
        """Those questions that ``ranker`` leaves in doubt, with the reading."""
        reranker = self._reranker
        assert reranker is not None
        read: dict[tuple[str, bool], list[Question]] = {}

        def rows(source: Source, rng: random.Random, held_out: bool) -> list[Question]:
            key = source.name, held_out
            if key not in read:
                found = (with_reading(question, ranker, reranker) for question in self.dense(source, rng, held_out))
                read[key] = [question for question in found if question is not None]
            return read[key]

        return rows


# --- figures --------------------------------------------------------------------------------------------------------


def scores(ranker: FeatureRanker, sources: Sequence[Source], rows_of: Rows, seed: int) -> dict[str, dict[str, float]]:
    """Figures on the held-out groups of each source."""
    rng = random.Random(seed + 1)
    report = {}
    for source in sources:
        ranked = [_ranked(ranker, question) for question in rows_of(source, rng, True)]
        if not ranked:
            continue
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


# --- command --------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", nargs="?", choices=["lexical", "semantic"], default="semantic")
    parser.add_argument("groups", nargs="*", type=Path, default=[GROUPS])
    parser.add_argument("--pairs", nargs="*", type=Path, default=[])
    parser.add_argument("--classes", nargs="*", type=Path, default=[])
    parser.add_argument("--encoder", type=Path, help="folder of an exported encoder (default: the shipped one)")
    parser.add_argument("--reranker", type=Path, help="the same of a reranker")
    parser.add_argument("--out", type=Path, default=Path("nlu/models"), help="a folder, or one .json for all rankers")
    parser.add_argument("--penalty", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=17)
    args = parser.parse_args(arguments)
    if args.kind == "lexical":
        sources = read_sources(args.groups, args.pairs, args.classes)
        ranker = train("lexical", sources, lexical_rows, seed=args.seed, penalty=args.penalty, log=sys.stderr)
        save(args.out / "ranker.json", described(ranker, sources, lexical_rows, args, {}))
    else:
        semantic(args)


def semantic(args: argparse.Namespace) -> None:
    """The rankers that need models: with vectors, and with the cross-encoder's reading too."""
    from nlu.encode.onnx import OnnxEncoder, OnnxReranker
    from nlu.encode.scale import measured_scale

    encoder = OnnxEncoder.load(args.encoder) if args.encoder else OnnxEncoder.shipped()
    sources = unseen_sources(args.groups[0], args.pairs, args.classes)
    options = {"seed": args.seed, "penalty": args.penalty, "log": sys.stderr, "trees": True}
    made = {"encoder": encoder.fingerprint}
    reranker = OnnxReranker.load(args.reranker) if args.reranker else OnnxReranker.shipped()
    if reranker is not None:
        made["reranker"] = reranker.fingerprint
    rows = SemanticRows(encoder, reranker, measured_scale(encoder))
    rankers = {"dense": train("dense", sources, rows.dense, **options)}
    written = {"dense": described(rankers["dense"], sources, rows.dense, args, made)}
    if reranker is not None:
        read = rows.cross(rankers["dense"])
        rankers["cross"] = train("cross", sources, read, **options)
        written["cross"] = described(rankers["cross"], sources, read, args, made)
    if args.out.suffix != ".json":
        for name, model in written.items():
            save(args.out / f"ranker_{name}.json", model)
        return
    last = list(written.values())[-1]  # one file with all of them, as the registry keeps them
    whole = Rankers(FeatureRanker.load(), **rankers).to_json()
    save(args.out, {**whole, "held_out": last["held_out"], "recipe": last["recipe"]})


def described(
    ranker: FeatureRanker, sources: Sequence[Source], rows_of: Rows, args: argparse.Namespace, made: dict[str, str]
) -> dict[str, object]:
    """The model with its recipe and its figures; what it weighs most goes to the log."""
    report = scores(ranker, sources, rows_of, args.seed)
    recipe = {
        "data": {source.name: {"groups": len(source.groups), "share": round(source.share, 4)} for source in sources},
        "data_sha256": fingerprint(sources),
        "seed": args.seed,
        "penalty": args.penalty,
        **made,
    }
    for name, figures in report.items():
        sys.stderr.write(f"{name}: {json.dumps(figures)}\n")
    strongest = sorted(zip(ranker.features, ranker.weights.tolist(), strict=True), key=lambda pair: -abs(pair[1]))
    sys.stderr.write(", ".join(f"{name} {weight:+.2f}" for name, weight in strongest) + "\n")
    return {**ranker.to_json(), "fingerprint": ranker.fingerprint, "recipe": recipe, "held_out": report}


def save(path: Path, model: dict[str, object]) -> None:
    path.write_text(json.dumps(model, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
