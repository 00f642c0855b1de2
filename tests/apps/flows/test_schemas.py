"""Schemas come from tenants: what they may hold, and what they let pass."""

from __future__ import annotations

from typing import Any

import pytest

from apps.core.errors import Invalid
from apps.flows.schemas import Checker, schema_checked


def deep(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        None,
        [],
        "object",
        {"type": "string"},
        {"type": ["object"]},
        {"type": "object", "properties": {"a": {"type": "number", "minimum": "0"}}},
        {"type": "object", "required": "a"},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {}}},
        {"type": "object", "allOf": [{"$ref": "file:///etc/passwd"}]},
        {"type": "object", "$dynamicRef": "#a"},
        {"type": "object", "patternProperties": {"(a+)+$": {}}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}},
        {"type": "object", "properties": {"a": {"type": "string", "pattern": r"(a)\1"}}},
        {"type": "object", "description": "x" * 20_001},
        {"type": "object", "default": {1, 2}},
        deep(11),
        deep(2_000),
    ],
)
def test_what_could_make_the_product_fetch_or_work_for_long_is_refused(schema: Any) -> None:
    with pytest.raises(Invalid, match=r"^case\.get"):
        schema_checked(schema, "case.get")


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, deep(9), {"properties": {"pattern": {"type": "string"}}}])
def test_schemas_of_objects_are_taken(schema: dict[str, Any]) -> None:
    assert schema_checked(schema, "x") == schema


def test_a_differing_value_is_named_by_its_place_alone() -> None:
    checker = Checker(
        {"properties": {"tax_no": {"type": "string", "pattern": "^[0-9A-Z]{18}$"}}, "required": ["tax_no"]}
    )
    assert checker.wrong({"tax_no": "91330106MA2K000T5X"}) == ""
    wrong = checker.wrong({"tax_no": "secret"})
    assert "$.tax_no" in wrong
    assert "pattern" in wrong
    assert "secret" not in wrong
    assert "required" in checker.wrong({})


def test_a_pattern_takes_time_in_proportion_to_the_text() -> None:
    checker = Checker(schema_checked({"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}, "x"))
    assert checker.wrong({"a": "a" * 100_000 + "b"})


def test_numbers_and_texts_are_told_apart() -> None:
    checker = Checker({"properties": {"fee": {"type": "number"}, "n": {"type": "integer"}}})
    assert checker.wrong({"fee": 1.5, "n": 2}) == ""
    for wrong in ({"fee": "1.5"}, {"fee": True}, {"n": 1.5}, {"n": None}):
        assert checker.wrong(wrong)
