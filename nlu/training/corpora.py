"""The texts that models learn from, and which of them are never learned from.

Question groups are the project's own writing: one customer need a line, with ways to ask it, and needs that look alike
but want another answer. A group belongs to one part for good, by a hash of its id or by its industry, so that nothing
which is reported was ever trained on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

GROUPS = Path(__file__).parents[1] / "data" / "groups"
HELD_OUT_INDUSTRIES = frozenset({"game", "transit"})
"""Nothing of these is trained on: they tell what a company of an unseen trade gets."""

_SENTENCE_END = re.compile(r"(?<=[。！？!?；;])|\n|(?<=[a-z]\.)\s")
_READABLE = re.compile(r"[\u4e00-\u9fffA-Za-z]{2}")
_NOT_TEXT = frozenset({"id", "attr", "slots", "intent", "domain", "conv", "turn", "label", "lang", "score", "act", "category",
                       "bot", "industry", "kind", "type", "name", "goal", "url", "span", "source"})  # fmt: skip


class Part(StrEnum):
    """What a group is for: encoder and reranker learn from ``TRAIN``, ranker and thresholds from ``DEV``."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One need: the standard question, ways to ask it, and the answer."""

    question: str
    similar: tuple[str, ...]
    answer: str

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.question, *self.similar)


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """A need and those that look like it: ``meanings[0]`` is the group's own, the others are its near misses."""

    id: str
    industry: str
    lang: str
    meanings: tuple[Meaning, ...]

    @property
    def part(self) -> Part:
        if self.industry in HELD_OUT_INDUSTRIES:
            return Part.TEST
        digit = hashlib.sha256(self.id.encode()).digest()[0] % 10
        return {0: Part.TEST, 1: Part.DEV}.get(digit, Part.TRAIN)


def read_groups(folder: Path = GROUPS) -> list[QuestionGroup]:
    """All groups of a folder of jsonl files, in order of file and line.

    Raises:
        ValueError: a line is not a group; the message names file and line.
    """
    return [group for path in sorted(folder.glob("*.jsonl")) for group in _read_file(path)]


def _read_file(path: Path) -> Iterator[QuestionGroup]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            meanings = tuple(
                Meaning(item["question"], tuple(item["similar"]), item["answer"]) for item in (row, *row["near"])
            )
            yield QuestionGroup(row["id"], row["industry"], row["lang"], meanings)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name}:{number} is not a question group: {error!r}") from error


def read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def texts_of(path: Path, longest: int = 64) -> Iterator[str]:
    """Every sentence of a jsonl file, whatever its fields, of at most ``longest`` characters."""
    for row in read_rows(path):
        for text in _strings(row):
            for sentence in _SENTENCE_END.split(text):
                sentence = sentence.strip()
                if len(sentence) <= longest and _READABLE.search(sentence):
                    yield sentence


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            if name not in _NOT_TEXT:
                yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def data_hash(texts: Iterable[str]) -> str:
    """Equal exactly where the texts are equal and in the same order."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]
