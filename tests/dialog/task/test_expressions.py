"""Expressions of flows: what they read, what they give, and that nothing else than the language gets through."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.task.expressions import MAX_LENGTH, Expression, ExpressionError, parse
from dialog.task.values import Value, plain

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
SCOPE: dict[str, object] = {
    "now": NOW,
    "kind": Value("exchange", "换货"),
    "fee": Value(12),
    "eligible": Value(False),
    "from": Value("bjs", "北京"),
    "to": Value("sha", "上海"),
    "order": Value("o1", "订单 8832", {"name": "耳机", "total": 329.5}),
    "value": Value({"grain": "hour"}, "明天 10:00", {"start": NOW + timedelta(days=1), "end": None}),
    "user": Value("u1", "", {"login": True}),
    "tags": Value(["new", "vip"]),
    "nothing": None,
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('kind == "exchange"', True),
        ("kind != 'exchange'", False),
        ("kind.label", "换货"),
        ('kind in ["return", "exchange"]', True),
        ('kind not in ("return", "exchange")', False),
        ('"vip" in tags', True),
        ("fee > 10 and fee <= 12", True),
        ("5 < fee < 12", False),
        ("fee + 3 - 1", 14),
        ("-fee", -12),
        ("not eligible", True),
        ("eligible or fee == 0", False),
        ("user.login", True),
        ("order.name", "耳机"),
        ("order.total > 300", True),
        ("value.start > now and value.start < now + days(7)", True),
        ("value.start - hours(24) == now", True),
        ("value.start < now + minutes(30)", False),
        ("from != to", True),  # a keyword of Python is a name here
        ("from.label", "北京"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("1.5", 1.5),
    ],
)
def test_an_expression_gives_its_value(source: str, expected: object) -> None:
    assert plain(parse(source).evaluate(SCOPE)) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("missing", None),
        ("missing.part", None),
        ("order.missing", None),
        ("missing == null", True),
        ("missing != null", False),
        ("kind != null", True),
        ("missing > 3", False),
        ("missing <= 3", False),
        ("3 > nothing", False),
        ("missing in tags", False),
        ("missing in nothing", False),
        ('fee > "ten"', False),
        ("fee in fee", False),
        ("eligible < 1", False),
        ('fee == "12"', False),
        ("eligible == 0", False),
        ("fee + missing", None),
        ('fee + "x"', None),
        ("now + now", None),
        ("-kind", None),
        ("now + days(99999999)", None),
        ("days(kind)", None),
        ("value > now", False),
    ],
)
def test_what_is_unset_or_does_not_fit_is_never_an_error(source: str, expected: object) -> None:
    assert plain(parse(source).evaluate(SCOPE)) == expected


def test_names_and_paths_are_known_without_evaluating() -> None:
    expression = parse('order.name == null or from.label == "x" and fee + days(2) > now')
    assert expression.names == {"order", "from", "fee"}
    assert expression.paths == {"order.name", "from.label", "fee"}
    assert expression.tested == {"order"}


@pytest.mark.parametrize(
    ("source", "column", "part"),
    [
        ("", 1, "empty"),
        ("kind ==", 7, "not finished"),
        ("  kind == == 2", 11, "cannot be read"),
        ("a b", 3, "cannot be read"),
        ("a and f(x)", 7, "Only days()"),
        ("a == b.c(1)", 6, "Only days()"),
        ("from == items[0]", 9, "not allowed"),
        ("a * 2", 1, "arithmetic"),
        ("1 + 2 ** 9", 5, "arithmetic"),
        ("[1, 2]", 1, "list"),
        ('"x".upper', 1, "Only a name"),
        ("f'{a}'", 1, "formatted"),
        ("b'x'", 1, "constant"),
        ("a := 1", 3, "cannot be read"),
        ("lambda: 1", 7, "cannot be read"),
        ("a if b else c", 3, "cannot be read"),
        ("x is y", 3, "cannot be read"),
        ("[x for x in y]", 2, "cannot be read"),
        ("days(1, 2)", 1, "one number"),
        ("days == 1", 1, "cannot be used"),
        ("now.year > 1", 1, "cannot be used"),
        ("订单 == 1", 1, "no name"),
        ("3in tags", 1, "followed by letters"),
        ('a == "\\x41"', 7, "cannot hold"),
        ("a # b", 3, "cannot hold"),
        ("not " * 25 + "a", 81, "nested"),
        ("(" * 240 + "a", 201, "cannot be read"),
        ("a" * (MAX_LENGTH + 1), 1, str(MAX_LENGTH)),
    ],
)
def test_everything_else_is_refused_where_it_stands(source: str, column: int, part: str) -> None:
    with pytest.raises(ExpressionError, match=re.escape(part)) as caught:
        parse(source)
    assert caught.value.column == column
    assert caught.value.message.endswith(".")


ATOMS = st.sampled_from(
    [
        *"()[]<+-.,*1a",
        "b.c",
        "from",
        "now",
        "2.5",
        "'x'",
        "null",
        "true",
        "days(1)",
        "and",
        "or",
        "not",
        "in",
        "==",
        "!=",
        "is",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(ATOMS, max_size=14).map(" ".join)))
def test_any_text_is_an_expression_with_a_value_or_an_error_with_a_place(source: str) -> None:
    found = parsed(source)
    if isinstance(found, ExpressionError):
        assert 1 <= found.column <= max(1, len(source))
    else:
        plain(found.evaluate({}))
        plain(found.evaluate({"a": Value(3), "b": Value("k", "", {"c": NOW}), "now": NOW}))


def parsed(source: str) -> Expression | ExpressionError:
    try:
        return parse(source)
    except ExpressionError as error:
        return error
