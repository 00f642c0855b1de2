"""Whole conversations with the demo bot's knowledge, written as stories (:mod:`dialog.stories`) in ``tests/conversations``.

``xfail`` gives the reason why a conversation is out of reach today; the test fails once it is not any more.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dialog.engine import Engine
from dialog.stories import Story, read_stories, run_story
from dialog.types import BotProfile, Entry, Publication, Rule, User, Word
from tests.dialog.samples import NOW

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "apps" / "demo" / "data"
FOLDERS = ("faq", "lists", "refusals", "handoff", "guard", "english", "mixed", "small_talk")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines() if line.strip()]


@pytest.fixture(scope="session")
def demo() -> Engine:
    """The demo bot as published, with each entry's question for its id."""
    profile = json.loads((DATA / "profile.json").read_text("utf-8"))
    questions = [row for name in ("knowledge_en.jsonl", "knowledge_zh.jsonl") for row in rows(name)]
    return Engine.build(
        Publication(
            version=1,
            entries=tuple(_entry(row) for row in questions),
            synonyms=tuple(tuple(row["words"]) for row in rows("synonyms.jsonl")),
            rules=tuple(_rule(row) for row in rows("rules.jsonl")),
            words=tuple(Word(row["text"], row["level"], row.get("reply", "")) for row in rows("words.jsonl")),
            profile=BotProfile(
                "demo",
                texts=profile["texts"],
                suggestions={lang: tuple(texts) for lang, texts in profile["suggestions"].items()},
            ),
        )
    )


def _entry(row: dict[str, Any]) -> Entry:
    similar, negative = tuple(row.get("similar", ())), tuple(row.get("negative", ()))
    return Entry(row["question"], row["question"], row["answer"], similar, negative, row.get("category", ""))


def _rule(row: dict[str, Any]) -> Rule:
    patterns, action = tuple(row["patterns"]), row.get("action", "reply")
    return Rule(row["name"], row["name"], row["kind"], patterns, action, row.get("reply", ""), row.get("priority", 100))


def conversations() -> Iterator[Any]:
    for folder in FOLDERS:
        for path in sorted((ROOT / "conversations" / folder).glob("*.yml")):
            for story in read_stories(path.read_text("utf-8")):
                marks = [pytest.mark.xfail(strict=True, reason=story.xfail)] if story.xfail else []
                yield pytest.param(story, id=f"{folder}/{story.name}", marks=marks)


@pytest.mark.parametrize("story", list(conversations()))
def test_conversation(demo: Engine, story: Story) -> None:
    result = run_story(story, demo, None, User(), NOW)
    assert not result.failures, "\n".join([*map(str, result.failures), *result.transcript])


def test_every_kind_of_conversation_is_there() -> None:
    told = Counter(path.parent.name for path, _story in stories_in(ROOT / "conversations"))
    assert set(told) >= set(FOLDERS)
    assert sum(told[folder] for folder in FOLDERS) >= 40


def stories_in(folder: Path) -> Iterator[tuple[Path, Story]]:
    for path in sorted(folder.glob("*/*.yml")):
        yield from ((path, story) for story in read_stories(path.read_text("utf-8")))
