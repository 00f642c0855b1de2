"""The question groups: their form, that no question stands under two needs of a trade, and what their README counts."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from nlu.normalize import question_key
from nlu.training.corpora import GROUPS, read_groups

FILES = sorted(GROUPS.glob("*.jsonl"))
KINDS = {"negation", "antonym", "entity", "amount", "time", "aspect", "role", "state"}
PLACE = re.compile(r"\{[a-z]+\d?\}")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GROUPS / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_each_group_has_its_form(name: str) -> None:
    for row in rows(name):
        assert set(row) == {"id", "industry", "lang", "question", "similar", "answer", "near"}, row["id"]
        assert row["lang"] in ("zh", "en", "mixed"), row["id"]
        assert len(row["similar"]) >= 5, row["id"]
        assert row["near"], row["id"]
        for near in row["near"]:
            assert set(near) == {"question", "kind", "similar", "answer"}, row["id"]
            assert near["kind"] in KINDS, row["id"]
            assert len(near["similar"]) >= 2, row["id"]


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_braces_stand_for_figures_and_only_in_answers(name: str) -> None:
    for row in rows(name):
        for need in (row, *row["near"]):
            assert not any("{" in text for text in (need["question"], *need["similar"])), row["id"]
            assert not re.search(r"[{}]", PLACE.sub("", need["answer"])), row["id"]


def test_no_id_stands_twice() -> None:
    counts = Counter(group.id for group in read_groups())
    assert [name for name, count in counts.items() if count > 1] == []


def test_no_question_stands_under_two_needs_of_a_trade() -> None:
    holders: dict[tuple[str, str], str] = {}
    doubled = []
    for group in read_groups():
        for meaning in group.meanings:
            for text in meaning.texts:
                key = (group.industry, question_key(text))
                if holders.setdefault(key, meaning.question) != meaning.question:
                    doubled.append((group.id, text))
    assert doubled == []


def test_the_readme_counts_what_is_there() -> None:
    groups = read_groups()
    text = (GROUPS / "README.md").read_text("utf-8")
    meanings = [meaning for group in groups for meaning in group.meanings]
    counted = [len(groups), len(meanings), sum(len(meaning.texts) for meaning in meanings)]
    parts = Counter(group.part for group in groups)
    langs = Counter(group.lang for group in groups)
    for number in (*counted, *parts.values(), *langs.values()):
        assert f"{number:,}" in text, number
