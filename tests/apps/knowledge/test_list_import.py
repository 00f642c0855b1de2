"""Synonyms, rules and words from rows: the same rows again change nothing, and a bad one stops all."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.errors import Invalid
from apps.knowledge.list_import import ListsReport, lists_import
from apps.knowledge.models import Rule, SensitiveWord, SynonymGroup
from apps.knowledge.rows import Row
from tests.people import World

RULE = {
    "name": "营业时间",
    "kind": "keyword",
    "patterns": ["营业时间"],
    "action": "reply",
    "reply": "九点到二十一点。",
    "priority": 50,
    "tests": {"match": ["你们营业时间"], "no_match": ["怎么退货"]},
}
LISTS: dict[str, list[dict[str, Any]]] = {
    "synonyms": [{"words": ["空调", "冷气"]}, {"words": ["快递", "包裹"]}],
    "rules": [RULE],
    "words": [{"text": "赌博", "level": "block", "reply": "不聊这个。"}, {"text": "赌气", "level": "allow"}],
}


def bring(world: World, **lists: list[dict[str, Any]]) -> ListsReport:
    rows = {name: [Row(number, item) for number, item in enumerate(items, 1)] for name, items in lists.items()}
    return lists_import(bot=world.bot, **rows)


def stored() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (SynonymGroup, Rule, SensitiveWord)]


def test_the_same_rows_again_change_nothing(world: World) -> None:
    assert bring(world, **LISTS) == ListsReport(synonyms=2, rules=1, words=2)
    before = stored()
    assert bring(world, **LISTS) == ListsReport(synonyms=0, rules=0, words=0)
    assert stored() == before


def test_changed_rows_replace_what_they_name_and_leave_the_rest(world: World) -> None:
    bring(world, **LISTS)
    report = bring(
        world,
        synonyms=[{"words": ["空调", "冷气", "包裹"]}],
        rules=[{**RULE, "reply": "全天。"}],
        words=[{"text": "赌博", "level": "warn"}],
    )
    assert report == ListsReport(synonyms=1, rules=1, words=1)
    assert [group.words for group in SynonymGroup.objects.all()] == [["空调", "冷气", "包裹"]]
    assert Rule.objects.get().reply == "全天。"
    assert dict(SensitiveWord.objects.values_list("text", "level")) == {"赌博": "warn", "赌气": "allow"}


@pytest.mark.parametrize(
    ("name", "bad", "word"),
    [
        ("synonyms", {"words": ["一个"]}, "two"),
        ("synonyms", {"words": [1, 2]}, "words"),
        ("rules", {**RULE, "kind": "pattern", "patterns": ["(?=x)"]}, "Look-around"),
        ("rules", {**RULE, "kind": "magic"}, "magic"),
        ("rules", {**RULE, "tests": {"match": ["怎么退货"]}}, "怎么退货"),
        ("rules", {**RULE, "colour": "red"}, "colour"),
        ("words", {"text": "甲", "level": "loud"}, "loud"),
        ("words", {"level": "block"}, "text"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(world: World, name: str, bad: dict[str, Any], word: str) -> None:
    with pytest.raises(Invalid) as caught:
        bring(world, **{**LISTS, name: [*LISTS[name][:1], bad]})
    assert f"Row 2 of {name}" in caught.value.detail
    assert word in caught.value.detail
    assert stored() == [[], [], []]


def test_a_rule_that_hands_over_may_name_a_wish_that_is_built_in(world: World) -> None:
    rule = {
        "name": "人工",
        "kind": "exact",
        "patterns": ["转人工"],
        "action": "handoff",
        "tests": {"match": ["转人工"]},
    }
    assert bring(world, rules=[rule]).rules == 1
