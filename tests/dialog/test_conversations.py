"""Whole conversations with the demo bot, written as YAML in ``tests/conversations``.

A turn is what the visitor does (``user`` types, ``pick`` presses the button with that text, ``press`` sends an entry id)
and what is expected of the reply:

=================  ====================================================================================
outcome, route     one of these; with ``not_`` before it, none of these
entry              the question of the entry that was answered
finds              the entry that was answered, or else the first one offered
offers             questions that must be among those offered
suggestions        texts of buttons, or parts of them
first_suggestion   the text of the first button
contains           parts of the text; with ``not_`` before it, none of them
reason             why a person is wanted
=================  ====================================================================================

``xfail`` gives the reason why a conversation is out of reach today; the test fails once it is not any more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dialog.engine import Engine
from dialog.types import BotProfile, Choice, Entry, Pick, Publication, Reply, Rule, State, Turn, Word
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
    for path in sorted((ROOT / "conversations").glob("*/*.yml")):
        for story in yaml.safe_load_all(path.read_text("utf-8")):
            marks = [pytest.mark.xfail(strict=True, reason=story["xfail"])] if "xfail" in story else []
            yield pytest.param(story, id=f"{path.parent.name}/{story['name']}", marks=marks)


@pytest.mark.parametrize("story", list(conversations()))
def test_conversation(demo: Engine, story: dict[str, Any]) -> None:
    state, choices = State(), ()
    for turn in story["turns"]:
        reply = demo.respond(Turn(turn.get("user", ""), NOW, state, _pick(turn, choices)))
        wrong = [problem for name, wanted in turn["expect"].items() if (problem := CHECKS[name](reply, wanted))]
        assert not wrong, f"{turn}: {'; '.join(wrong)}"
        state, choices = reply.state, reply.messages[-1].choices


def _pick(turn: dict[str, Any], choices: tuple[Choice, ...]) -> Pick | None:
    if "press" in turn:
        return Pick("entry", turn["press"])
    if "pick" not in turn:
        return None
    offered = {choice.text: choice.pick for choice in choices}
    assert turn["pick"] in offered, f"{turn['pick']!r} was not offered, but {list(offered)}"
    return offered[turn["pick"]]


def _many(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _one_of(found: str, wanted: Any) -> str:
    return "" if found in _many(wanted) else f"{found!r} is none of {_many(wanted)}"


def _none_of(found: str, unwanted: Any) -> str:
    return f"is {found!r}" if found in _many(unwanted) else ""


def _text(reply: Reply) -> str:
    return "\n".join(message.text for message in reply.messages)


def _missing(wanted: Any, present: Any) -> str:
    left = [part for part in _many(wanted) if not present(part)]
    return f"lacks {left}" if left else ""


def _offered(reply: Reply) -> list[str]:
    return [
        choice.pick.value for message in reply.messages for choice in message.choices if choice.pick.kind == "entry"
    ]


def _buttons(reply: Reply) -> list[str]:
    return [choice.text for message in reply.messages for choice in message.choices]


def _found(reply: Reply, wanted: str) -> str:
    if reply.outcome == "list":
        return _one_of(next(iter(_offered(reply)), ""), wanted)
    return _one_of(reply.messages[0].entry_id, wanted)


CHECKS = {
    "outcome": lambda reply, wanted: _one_of(reply.outcome.value, wanted),
    "not_outcome": lambda reply, wanted: _none_of(reply.outcome.value, wanted),
    "route": lambda reply, wanted: _one_of(reply.trace.route.value, wanted),
    "not_route": lambda reply, wanted: _none_of(reply.trace.route.value, wanted),
    "entry": lambda reply, wanted: _one_of(reply.messages[0].entry_id, wanted),
    "finds": _found,
    "offers": lambda reply, wanted: _missing(wanted, lambda question: question in _offered(reply)),
    "suggestions": lambda reply, wanted: _missing(wanted, lambda part: part in "\n".join(_buttons(reply))),
    "first_suggestion": lambda reply, wanted: _one_of(next(iter(_buttons(reply)), ""), wanted),
    "contains": lambda reply, wanted: _missing(wanted, lambda part: part in _text(reply)),
    "not_contains": lambda reply, wanted: _missing(wanted, lambda part: part not in _text(reply)),
    "reason": lambda reply, wanted: _one_of(reply.handoff_reason, wanted),
}


def test_every_kind_of_conversation_is_there() -> None:
    folders = [path.parent.name for path in (ROOT / "conversations").glob("*/*.yml") for _ in _stories(path)]
    assert set(folders) == set(FOLDERS)
    assert len(folders) >= 40


def _stories(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text("utf-8")))
