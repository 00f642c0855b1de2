"""What is found in messages of every kind, row by row from the tables beside this file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from nlu.entities.extract import NUMBER_KINDS, entities
from nlu.entities.types import Entity, Policy
from tests.nlu.entities.tables import NOW, Case, cases, rows, several

KINDS: dict[str, frozenset[str]] = {
    "numbers": NUMBER_KINDS,
    "ordinals": frozenset({"ordinal"}),
    "amounts": frozenset({"amount"}),
    "phones": frozenset({"phone"}),
    "yes_no": frozenset({"yes_no"}),
    "codes": frozenset({"order_no", "tracking_no", "tail_no"}),
    "places": frozenset({"city"}),
}
EVERY_CASE = [pytest.param(name, case, id=f"{name}: {case.text}") for name in KINDS for case in cases(name)]


@pytest.mark.parametrize(("name", "case"), EVERY_CASE)
def test_values(name: str, case: Case) -> None:
    found = entities(case.text, now=NOW, kinds=KINDS[name])
    assert [(one.text, one.kind, one.value, ",".join(one.assumed)) for one in found] == case.found


@pytest.mark.parametrize(("text", "number"), rows("id_numbers", 2))
def test_id_numbers_have_a_date_and_a_check_character(text: str, number: str) -> None:
    found = entities(text, now=NOW, kinds={"id_number"})
    assert [one.value for one in found] == ([] if number == "-" else [number])


def minutes(when: Any) -> str:
    return "-" if when is None else datetime.fromisoformat(when).strftime("%Y-%m-%d %H:%M")


def told(found: list[Entity]) -> list[tuple[str, str, str, str, str]]:
    values: list[Any] = [one.value for one in found]
    return [
        (one.text, minutes(value["start"]), minutes(value["end"]), str(one.grain), ",".join(one.assumed))
        for one, value in zip(found, values, strict=True)
    ]


@pytest.mark.parametrize(("policy", "text", "found", "start", "end", "grain", "assumed"), rows("times", 7))
def test_times(policy: Policy, text: str, found: str, start: str, end: str, grain: str, assumed: str) -> None:
    expected = []
    if found != "-":
        texts = several(found)
        guesses = several(assumed) if assumed else [""] * len(texts)
        expected = list(zip(texts, several(start), several(end), several(grain), guesses, strict=True))
    assert told(entities(text, now=NOW, kinds={"time"}, policy=policy)) == expected


def test_times_are_in_the_zone_of_now() -> None:
    value: Any = entities("明天下午三点", now=NOW, kinds={"time"})[0].value
    assert value == {"start": "2026-03-12T15:00:00+08:00", "end": "2026-03-12T16:00:00+08:00"}
