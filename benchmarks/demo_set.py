"""Joins the demo bot's knowledge and a file of customers' questions into one retrieval test file, and checks both.

Run from anywhere::

    python benchmarks/demo_set.py benchmarks/data/demo_questions.jsonl --out demo_test.jsonl
    python manage.py evaluate_retrieval demo_test.jsonl

A question names its gold entries by their standard question, so that reordering the knowledge breaks nothing; an
entry that was renamed or removed is an error here, and never a silently lower score. See data/README.md for the form.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:  # started as a script, only this folder is on the path
    sys.path.insert(0, str(ROOT))

from nlu.normalize import match_key, normalise  # noqa: E402

KNOWLEDGE = (ROOT / "apps/demo/data/knowledge_zh.jsonl", ROOT / "apps/demo/data/knowledge_en.jsonl")
ANSWERABLE = ("easy", "medium", "hard")
UNANSWERABLE = ("oos_near", "oos_far")
LANGS = ("zh", "en", "mixed")


class SetError(ValueError):
    """The files do not make a sound test; the message has one line a problem."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the knowledge; ``id`` is the file's last name part and the line, such as ``zh-12``."""

    id: str
    question: str
    answer: str
    similar: tuple[str, ...]
    negative: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asks, with the standard questions of the entries that answer it (none: unanswerable)."""

    query: str
    gold: tuple[str, ...]
    kind: str
    lang: str
    trap: bool


def read_knowledge(paths: Iterable[Path]) -> tuple[Entry, ...]:
    """The entries of all files in order.

    Raises:
        SetError: two entries have the same standard question, so that a gold text would be ambiguous.
    """
    entries = [_entry(f"{path.stem.rpartition('_')[2]}-{line}", row) for path in paths for line, row in _rows(path)]
    twice = _repeated(entry.question for entry in entries)
    if twice:
        raise SetError([f"standard question of several entries: {text}" for text in twice])
    return tuple(entries)


def read_questions(path: Path) -> tuple[Question, ...]:
    """The questions of one file.

    Raises:
        SetError: a row has a wrong form, or two queries are the same to the matcher.
    """
    problems: list[str] = []
    questions: list[Question] = []
    for line, row in _rows(path):
        question = _question(row)
        problems += [f"{path.name}:{line}: {reason}" for reason in _faults(question)]
        questions.append(question)
    problems += [f"{path.name}: query occurs twice: {key}" for key in _repeated(key_of(q.query) for q in questions)]
    if problems:
        raise SetError(problems)
    return tuple(questions)


def gold_ids(questions: Sequence[Question], entries: Sequence[Entry]) -> list[list[str]]:
    """For each question the ids of its gold entries.

    Raises:
        SetError: a gold text is no entry's standard question; the message names the nearest one.
    """
    ids = {entry.question: entry.id for entry in entries}
    unknown = [(q.query, gold) for q in questions for gold in q.gold if gold not in ids]
    if unknown:
        raise SetError([f"no entry asks {gold!r} (gold of {query!r}{_nearest(gold, ids)})" for query, gold in unknown])
    return [[ids[gold] for gold in q.gold] for q in questions]


def verbatim(questions: Sequence[Question], entries: Sequence[Entry]) -> list[str]:
    """The queries that stand in the knowledge word for word (as the exact stage compares), so test nothing."""
    known = {key_of(text) for entry in entries for text in (entry.question, *entry.similar, *entry.negative)}
    return [q.query for q in questions if key_of(q.query) in known]


def key_of(text: str) -> str:
    """The form in which two texts count as the same."""
    return match_key(normalise(text).text)


def build(questions: Sequence[Question], entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The rows of a retrieval test: the whole knowledge in one, then one row a query.

    Raises:
        SetError: a gold text is unknown or a query occurs verbatim in the knowledge.
    """
    golds = gold_ids(questions, entries)
    copied = verbatim(questions, entries)
    if copied:
        raise SetError([f"stands in the knowledge word for word: {query}" for query in copied])
    kb = [{"id": e.id, "question": e.question, "similar": list(e.similar), "answer": e.answer} for e in entries]
    return [{"kb": kb}, *({"query": q.query, "gold": gold} for q, gold in zip(questions, golds, strict=True))]


def summary(questions: Sequence[Question], entries: Sequence[Entry]) -> str:
    """How many queries of which kind and language, and how much of the knowledge they ask for."""
    kinds = Counter(q.kind for q in questions)
    langs = Counter(q.lang for q in questions)
    asked = {gold for q in questions for gold in q.gold}
    unanswerable = sum(kinds[kind] for kind in UNANSWERABLE)
    return "\n".join(
        [
            f"queries {len(questions)}, unanswerable {unanswerable} ({unanswerable / max(1, len(questions)):.1%})",
            "kind    " + ", ".join(f"{kind} {kinds[kind]}" for kind in (*ANSWERABLE, *UNANSWERABLE)),
            "lang    " + ", ".join(f"{lang} {langs[lang]}" for lang in LANGS),
            f"traps   {sum(q.trap for q in questions)}",
            f"entries {len(entries)}, asked for {len(asked)}",
        ]
    )


def _rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    rows: list[tuple[int, dict[str, Any]]] = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except json.JSONDecodeError as error:
            raise SetError([f"{path.name}:{line}: not JSON: {error.msg}"]) from error
        if not isinstance(row, dict):
            raise SetError([f"{path.name}:{line}: not an object"])
        rows.append((line, row))
    return rows


def _entry(id_: str, row: dict[str, Any]) -> Entry:
    similar, negative = (tuple(row.get(key) or ()) for key in ("similar", "negative"))
    return Entry(id=id_, question=row["question"], answer=row["answer"], similar=similar, negative=negative)


def _question(row: dict[str, Any]) -> Question:
    return Question(
        query=str(row.get("query", "")),
        gold=tuple(row.get("gold", ())),
        kind=str(row.get("kind", "")),
        lang=str(row.get("lang", "")),
        trap=bool(row.get("trap", False)),
    )


def _faults(question: Question) -> list[str]:
    faults: list[str] = []
    if not key_of(question.query):
        faults.append("query is empty")
    if question.kind not in ANSWERABLE + UNANSWERABLE:
        faults.append(f"unknown kind {question.kind!r}")
    if question.lang not in LANGS:
        faults.append(f"unknown lang {question.lang!r}")
    if bool(question.gold) == (question.kind in UNANSWERABLE):
        faults.append("gold must be empty for oos_near and oos_far, and for those alone")
    if len(set(question.gold)) < len(question.gold):
        faults.append("a gold text is given twice")
    return faults


def _repeated(texts: Iterable[str]) -> list[str]:
    return sorted(text for text, n in Counter(texts).items() if n > 1)


def _nearest(text: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(text, list(known), n=1, cutoff=0.4)
    return f"; nearest: {near[0]!r}" if near else ""


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; 0 where the file was written, 1 with the problems on standard error."""
    parser = argparse.ArgumentParser(description="Join the demo knowledge and questions into a retrieval test file.")
    parser.add_argument("questions", type=Path, help="jsonl file of questions, such as benchmarks/data/demo_dev.jsonl")
    parser.add_argument(
        "--knowledge", type=Path, nargs="+", default=KNOWLEDGE, help="knowledge files (default: demo's)"
    )
    parser.add_argument("--out", type=Path, required=True, help="where the retrieval test is written")
    args = parser.parse_args(argv)
    try:
        entries = read_knowledge(args.knowledge)
        questions = read_questions(args.questions)
        rows = build(questions, entries)
    except (SetError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    args.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(summary(questions, entries))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
