"""What teaches the bot's NLU model, from files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.flows.examples import examples_import
from apps.flows.models import NluExample
from apps.flows.selectors import nlu_examples
from nlu.intent.types import Example, SlotMark
from tests.people import World

TEXT = "订单 YS2401 要退货"
ROW = {"text": TEXT, "intent": "return", "slots": [{"name": "order", "start": 3, "end": 9, "value": "YS2401"}]}


def test_rows_become_examples_in_their_order(world: World) -> None:
    rows = [ROW, {"text": "第二个", "intent": "inform", "asked": "order", "history": ["要退哪一单？"]}]
    report = examples_import(bot=world.bot, rows=rows, source="own")
    assert (report.created, report.refused) == (2, 0)
    assert nlu_examples(world.bot) == (
        Example(TEXT, "return", (SlotMark("order", 3, 9, "YS2401"),)),
        Example("第二个", "inform", history=("要退哪一单？",), asked="order"),
    )
    assert set(NluExample.objects.values_list("source", flat=True)) == {"own"}
    assert nlu_examples(world.foreign_bot) == ()


def test_importing_again_changes_what_differs(world: World) -> None:
    examples_import(bot=world.bot, rows=[ROW, {"text": "你好", "intent": "out_of_scope"}])
    report = examples_import(
        bot=world.bot, rows=[ROW, {"text": "你好", "intent": "greet"}, {"text": "a", "intent": "b"}]
    )
    assert (report.created, report.changed, report.unchanged) == (1, 1, 1)
    assert {one.text: one.intent for one in nlu_examples(world.bot)} == {TEXT: "return", "你好": "greet", "a": "b"}


def test_the_same_words_may_mean_another_thing_after_another_question(world: World) -> None:
    rows = [{"text": "北京", "intent": "inform", "asked": asked} for asked in ("from", "to", "to")]
    assert examples_import(bot=world.bot, rows=rows).created == 2
    assert {one.asked for one in nlu_examples(world.bot)} == {"from", "to"}


def test_lines_of_a_file_are_taken_as_they_are(world: World) -> None:
    lines = [json.dumps(ROW), json.dumps(ROW).encode(), "{", "[]"]
    report = examples_import(bot=world.bot, rows=lines)
    assert (report.created, report.refused) == (1, 2)
    assert [number for number, _ in report.problems] == [3, 4]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": ""}, "text"),
        ({"text": "  "}, "text"),
        ({"text": 7}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"intent": None}, "intent"),
        ({"colour": "red"}, "colour"),
        ({"asked": ["order"]}, "asked"),
        ({"history": "before"}, "history"),
        ({"slots": {}}, "slots"),
        ({"slots": ["order"]}, "slots"),
        ({"slots": [{"start": 0, "end": 1}]}, "name"),
        ({"slots": [{"name": "a", "start": 0, "end": 0}]}, "“a”"),
        ({"slots": [{"name": "a", "start": 0, "end": 99}]}, "“a”"),
        ({"slots": [{"name": "a", "start": -1, "end": 2}]}, "“a”"),
        ({"slots": [{"name": "a", "start": True, "end": 2}]}, "“a”"),
        ({"slots": [{"name": "a", "start": 0, "end": 3}, {"name": "b", "start": 2, "end": 4}]}, "overlap"),
    ],
)
def test_a_bad_row_is_named_and_the_others_are_kept(world: World, change: dict[str, Any], reason: str) -> None:
    report = examples_import(bot=world.bot, rows=[{**ROW, **change}, {"text": "好的", "intent": "yes"}])
    assert (report.created, report.refused) == (1, 1)
    assert report.problems[0][0] == 1
    assert reason in report.problems[0][1]


def test_many_bad_rows_are_counted_and_the_first_are_named(world: World) -> None:
    report = examples_import(bot=world.bot, rows=[{}] * 50)
    assert (report.refused, len(report.problems)) == (50, 20)
