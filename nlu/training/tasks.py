"""Retrieval tasks to learn from: a small knowledge base and questions to it, some of them unanswerable.

A task imitates what a bot meets: near-verbatim questions, questions in other words, questions that only look like an
entry, and questions about something else. Which groups are held out is fixed by a hash, so that training and
measuring never share one.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nlu.normalize import question_key
from nlu.training.perturb import lookalike, paraphrase


@dataclass(frozen=True, slots=True)
class Group:
    """Texts of one meaning, the standard question first, and groups that look like it; answers where there are some."""

    texts: tuple[str, ...]
    near: tuple[tuple[str, ...], ...] = ()
    answer: str = ""
    near_answers: tuple[str, ...] = ()
    measured: bool | None = None
    """Whether it is for measuring only; None: one group in five is, by its first text."""

    @property
    def held_out(self) -> bool:
        if self.measured is not None:
            return self.measured
        return hashlib.sha256(self.texts[0].encode()).digest()[0] % 5 == 0


@dataclass(slots=True)
class Task:
    """``entries`` are texts of one meaning each; a question's gold is the number of an entry or None."""

    name: str
    entries: list[tuple[str, ...]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """One an entry; empty where there is none."""
    questions: list[tuple[str, int | None]] = field(default_factory=list)

    def add(self, texts: Iterable[str], answer: str = "") -> int:
        self.entries.append(tuple(texts))
        self.answers.append(answer)
        return len(self.entries) - 1

    def ask(self, text: str | None, gold: int | None) -> None:
        if text:
            self.questions.append((text, gold))


# --- reading ----------------------------------------------------------------------------------------------------


def own_groups(rows: Iterable[dict[str, object]]) -> list[Group]:
    """Rows ``{"question","similar","near":[{"question","similar"}]}``; others are passed over."""
    return [
        Group(_texts(row), tuple(_texts(near) for near in _list(row, "near") if isinstance(near, dict)))
        for row in rows
        if "question" in row and "similar" in row
    ]


def _texts(row: dict[str, object]) -> tuple[str, ...]:
    return (str(row["question"]), *(str(text) for text in _list(row, "similar")))


def _list(row: dict[str, object], key: str) -> list[object]:
    value = row.get(key)
    return value if isinstance(value, list) else []


def pair_groups(rows: Iterable[dict[str, object]]) -> list[Group]:
    """Rows ``{"a","b"}`` with ``label`` 1 or a ``score`` of 4.5 and more out of 5 join their texts; a pair below is two
    groups that look alike. Texts differ by match key."""
    alike: dict[str, set[str]] = defaultdict(set)
    unlike: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        a, b = str(row["a"]), str(row["b"])
        same = row.get("label") == 1 or float(str(row.get("score", 0))) >= 4.5
        if question_key(a) != question_key(b):
            (alike if same else unlike)[a].add(b)
    return [Group((text, *sorted(others)), tuple((other,) for other in unlike[text])) for text, others in alike.items()]


def translation_groups(rows: Iterable[dict[str, object]]) -> list[Group]:
    """Rows ``{"a","b"}`` of two languages: texts of one language with the same translation say the same."""
    groups: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for row in rows:
        a, b = str(row["a"]), str(row["b"])
        groups["a", a].setdefault(question_key(b), b)
        groups["b", b].setdefault(question_key(a), a)
    return [Group(tuple(texts.values())) for texts in groups.values() if len(texts) > 1]


def class_groups(rows: Iterable[dict[str, object]], key: str) -> list[Group]:
    """Rows with ``text`` and a class under ``key``."""
    classes: dict[tuple[object, object], dict[str, str]] = defaultdict(dict)
    for row in rows:
        classes[row[key], row.get("lang")].setdefault(question_key(str(row["text"])), str(row["text"]))
    return [Group(tuple(texts.values())) for texts in classes.values() if len(texts) > 2]


# --- tasks ------------------------------------------------------------------------------------------------------


def faq_task(name: str, groups: Sequence[Group], rng: random.Random) -> Task:
    """Entries with a few similar questions and their look-alikes beside them; asked nearly verbatim, in other words,
    about a look-alike that is missing, with one word exchanged, and about groups that are not there."""
    task = Task(name)
    for group in groups:
        role = rng.random()
        answers = group.near_answers or ("",) * len(group.near)
        near = [pair for pair in zip(group.near, answers, strict=True) if rng.random() < 0.7]
        if role < 0.7:
            _indexed(task, group, rng)
        elif role < 0.9:
            for text in (group.texts[0], paraphrase(group.texts[0], rng)):
                task.ask(text, None)
        else:
            task.ask(rng.choice(group.texts), None)
        for texts, answer in near:
            _near(task, texts, answer, rng)
    donors = [group.texts[0] for group in groups]
    for group in rng.sample(list(groups), len(groups) // 4):
        task.ask(lookalike(group.texts[0], rng.choice(donors), rng), None)
    return _without_leaks(task)


def _indexed(task: Task, group: Group, rng: random.Random) -> None:
    others = list(group.texts[1:])
    rng.shuffle(others)
    kept = min(rng.choice((0, 1, 2, 3, 3)), max(0, len(others) - 1))
    entry = task.add((group.texts[0], *others[:kept]), group.answer)
    task.ask(paraphrase(group.texts[0], rng), entry)
    if kept:
        task.ask(paraphrase(rng.choice(others[:kept]), rng), entry)
    for text in others[kept : kept + 1]:
        task.ask(text, entry)


def _near(task: Task, texts: tuple[str, ...], answer: str, rng: random.Random) -> None:
    if rng.random() < 0.7:
        entry = task.add(texts[: rng.randint(1, len(texts))], answer)
        task.ask(paraphrase(texts[0], rng), entry)
    else:
        task.ask(paraphrase(texts[0], rng), None)


def pair_task(name: str, groups: Sequence[Group], rng: random.Random) -> Task:
    """One text of a group is the entry and the others ask; a fifth of the groups is missing."""
    task = Task(name)
    for group in groups:
        texts = rng.sample(group.texts, min(3, len(group.texts)))
        entry = task.add(texts[:1]) if rng.random() < 0.8 else None
        for text in texts[1:]:
            task.ask(text, entry)
        for near in group.near:
            task.add(near)
    return _without_leaks(task)


def class_task(name: str, groups: Sequence[Group], rng: random.Random) -> Task:
    """Some texts of a class are the entry and others ask; a fifth of the classes is missing."""
    task = Task(name)
    for group in groups:
        kept = rng.randint(1, 8)
        texts = rng.sample(group.texts, min(len(group.texts), kept + 4))
        entry = task.add(texts[:kept]) if rng.random() < 0.8 else None
        for text in texts[kept:] if entry is not None else texts[:2]:
            task.ask(text, entry)
    return _without_leaks(task)


def _without_leaks(task: Task) -> Task:
    """Without questions that stand in the knowledge: the exact stage answers those before any ranker."""
    known = {question_key(text) for texts in task.entries for text in texts}
    task.questions = [(text, gold) for text, gold in task.questions if question_key(text) not in known]
    return task
