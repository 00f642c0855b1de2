"""Builds retrieval tests from files of labelled pairs, of labelled intents, or from our own question groups.

    python benchmarks/retrieval_sets.py pairs FILE OUT [--entries 3000] [--queries 2000]
    python benchmarks/retrieval_sets.py intents FILE OUT [--similar 3] [--measured]
    python benchmarks/retrieval_sets.py groups FOLDER OUT [--part test] [--lang zh] [--industry game]

Pairs are lines ``{"a","b","label"}``: texts joined by label 1 become a group; one text of a group enters the knowledge,
the others ask for it. Intents are lines ``{"text","intent"}``: some texts of an intent make its entry, others ask. Whole
groups are held out of the knowledge, so that about a fifth of the queries has no answer. ``--measured`` takes of a public
set only the texts that no training sees. Question groups become an entry for each meaning, near misses included, with
its answer; the similar questions ask. The output has the form that ``evaluate_retrieval`` reads.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started as a script, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from nlu.normalize import question_key  # noqa: E402
from nlu.training.batches import is_measured  # noqa: E402
from nlu.training.corpora import Part, QuestionGroup, read_groups, read_rows  # noqa: E402

Group = list[str]


def pair_groups(rows: Iterable[dict[str, object]]) -> list[Group]:
    """Connected groups of the positive pairs, each text once by its match key, groups of two and more."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    written: dict[str, str] = {}
    for row in rows:
        keys = []
        for text in (str(row["a"]), str(row["b"])):
            key = question_key(text)
            written.setdefault(key, text)
            parent.setdefault(key, key)
            keys.append(key)
        if row.get("label") == 1:
            parent[root(keys[0])] = root(keys[1])
    groups: dict[str, Group] = defaultdict(list)
    for key, text in written.items():
        groups[root(key)].append(text)
    return [group for group in groups.values() if len(group) > 1]


def intent_groups(rows: Iterable[dict[str, object]]) -> list[Group]:
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        text = str(row["text"])
        groups[str(row["intent"])].setdefault(question_key(text), text)
    return [list(texts.values()) for texts in groups.values()]


def meaning_lines(groups: Sequence[QuestionGroup], *, queries: int, rng: random.Random) -> list[dict[str, object]]:
    """Every meaning is an entry of its own beside its near misses; of every six groups one is left out."""
    knowledge: list[dict[str, object]] = []
    asked: list[dict[str, object]] = []
    for number, group in enumerate(groups):
        for place, meaning in enumerate(group.meanings):
            identity = f"{group.id}.{place}"
            if number % 6:
                knowledge.append({"id": identity, "question": meaning.question, "answer": meaning.answer})
            gold = [identity] if number % 6 else []
            asked.extend({"query": text, "gold": gold} for text in meaning.similar)
    return [{"kb": knowledge}, *_balanced(asked, queries, rng)]


def retrieval_lines(
    groups: Sequence[Group], *, similar: int, queries: int, per_group: int, rng: random.Random
) -> list[dict[str, object]]:
    """One line with the knowledge, then the queries: of every six groups one is held out as unanswerable."""
    knowledge: list[dict[str, object]] = []
    asked: list[dict[str, object]] = []
    for number, group in enumerate(groups):
        texts = rng.sample(group, len(group))
        held_out = number % 6 == 0
        kept = 0 if held_out else min(1 + similar, len(texts) - 1)
        identity = f"e{number}"
        if not held_out:
            knowledge.append({"id": identity, "question": texts[0], "similar": texts[1:kept]})
        gold = [] if held_out else [identity]
        asked.extend({"query": text, "gold": gold} for text in texts[kept : kept + per_group])
    return [{"kb": knowledge}, *_balanced(asked, queries, rng)]


def _balanced(asked: list[dict[str, object]], queries: int, rng: random.Random) -> list[dict[str, object]]:
    """At most ``queries`` of them, at most a fifth without an answer."""
    rng.shuffle(asked)
    answerable = [row for row in asked if row["gold"]]
    unanswerable = [row for row in asked if not row["gold"]]
    kept = min(len(unanswerable), queries // 5, len(answerable) // 4)
    mixed = unanswerable[:kept] + answerable[: queries - queries // 5]
    rng.shuffle(mixed)
    return mixed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["pairs", "intents", "groups"])
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--entries", type=int, default=3000)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--similar", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--measured", action="store_true", help="only texts that no training sees")
    parser.add_argument("--part", choices=[*Part], default=Part.TEST)
    parser.add_argument("--lang", action="append", help="of the groups; several times for several")
    parser.add_argument("--industry", action="append")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    lines = own_lines(args, rng) if args.kind == "groups" else public_lines(args, rng)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    unanswerable = sum(not line.get("gold", True) for line in lines)
    entries = len(lines[0]["kb"])  # type: ignore[arg-type]
    print(f"{args.out}: {entries} entries, {len(lines) - 1} queries, {unanswerable} without an answer")


def public_lines(args: argparse.Namespace, rng: random.Random) -> list[dict[str, object]]:
    rows = [row for row in read_rows(args.file) if not args.measured or is_measured(str(row["text"]))]
    groups = pair_groups(rows) if args.kind == "pairs" else intent_groups(rows)
    rng.shuffle(groups)
    wanted = groups[: args.entries * 6 // 5]
    per_group = max(1, -(-args.queries // max(1, len(wanted))))
    return retrieval_lines(wanted, similar=args.similar, queries=args.queries, per_group=per_group, rng=rng)


def own_lines(args: argparse.Namespace, rng: random.Random) -> list[dict[str, object]]:
    wanted = [
        group
        for group in read_groups(args.file)
        if group.part == args.part
        and (not args.lang or group.lang in args.lang)
        and (not args.industry or group.industry in args.industry)
    ]
    rng.shuffle(wanted)
    return meaning_lines(wanted[: args.entries], queries=args.queries, rng=rng)


if __name__ == "__main__":
    main()
