"""BM25 alone beside the feature ranker, on retrieval tests of the form that ``evaluate_retrieval`` reads.

    python benchmarks/ranker.py FILE… [--model nlu/models/ranker.json] [--precision 0.95]

Coverage is over all queries at the best threshold read off the file itself; the exact stage is not part of this.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started as a script, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from dialog.kb.bot import RECALL_LIMIT, KnowledgeBot  # noqa: E402
from dialog.kb.index import KnowledgeIndex  # noqa: E402
from dialog.types import Entry, Publication  # noqa: E402
from nlu import normalize, segment  # noqa: E402
from nlu.metrics import Ranked, auroc, coverage_at_precision, list_recall3, mrr, operate, percentile, top1  # noqa: E402
from nlu.normalize import normalise  # noqa: E402
from nlu.rank import FeatureRanker, Rankers  # noqa: E402

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Query = tuple[str, frozenset[str]]
Propose = Callable[[str], list[tuple[str, float]]]


def read_set(path: Path) -> tuple[tuple[Entry, ...], list[Query]]:
    entries: list[Entry] = []
    queries: list[Query] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for item in row.get("kb", ()):
            similar = tuple(item.get("similar") or ())
            entries.append(Entry(item["id"], item["question"], item.get("answer") or "", similar))
        if "query" in row:
            queries.append((row["query"], frozenset(row["gold"])))
    return tuple(entries), queries


def by_bm25(index: KnowledgeIndex) -> Propose:
    """Entries by the sum of both legs of their best text; the sum stands for the confidence."""

    def propose(text: str) -> list[tuple[str, float]]:
        view = index.analyzer.view(normalise(text).text)
        best: dict[str, float] = {}
        for hit in index.recall.search(view.words, view.bigrams, limit=RECALL_LIMIT):
            best.setdefault(index.entries[hit.entry].id, hit.words + hit.bigrams)
        return list(best.items())

    return propose


def by_ranker(index: KnowledgeIndex, rankers: Rankers) -> Propose:
    bot = KnowledgeBot(index, rankers)

    def propose(text: str) -> list[tuple[str, float]]:
        candidates = bot.propose(normalise(text), NOW).candidates
        return [(candidate.entry_id, candidate.probability) for candidate in candidates]

    return propose


def measure(propose: Propose, queries: list[Query]) -> tuple[list[Ranked], list[float]]:
    rows, times = [], []
    for text, gold in queries:
        start = time.perf_counter()
        found = propose(text)
        times.append((time.perf_counter() - start) * 1000)
        probability = found[0][1] if found else 0.0
        rows.append(Ranked(tuple(identity for identity, _ in found), gold, probability))
    return rows, times


def figures(rows: list[Ranked], times: list[float], precision: float) -> dict[str, float]:
    best = coverage_at_precision(rows, precision)
    cold = operate(rows, 0.9)
    return {
        "top1": top1(rows),
        "mrr10": mrr(rows),
        "list3": list_recall3(rows),
        "coverage": best.coverage,
        "threshold": best.threshold,
        "auroc": auroc([row.probability for row in rows], [row.correct for row in rows]),
        "cov@.90": cold.coverage,
        "prec@.90": cold.precision,
        "p50_ms": percentile(times, 50),
        "p99_ms": percentile(times, 99),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--precision", type=float, default=0.95)
    args = parser.parse_args()
    normalize.warm_up()
    segment.warm_up()
    ranker = FeatureRanker.load(args.model)
    for path in args.files:
        entries, queries = read_set(path)
        index = KnowledgeIndex.build(Publication(version=1, entries=entries))
        print(f"{path.stem}: {len(entries)} entries, {len(queries)} queries; ranker {ranker.name} {ranker.fingerprint}")
        for name, propose in (("bm25", by_bm25(index)), ("ranker", by_ranker(index, Rankers(ranker)))):
            row = figures(*measure(propose, queries), args.precision)
            print("  " + f"{name:7}" + "  ".join(f"{key} {value:.3f}" for key, value in row.items()))


if __name__ == "__main__":
    main()
