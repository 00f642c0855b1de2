"""Sentences of flows: what they show, which sections fall away, and where they are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialog.task.template import TemplateError, names, names_outside, render, text_in
from dialog.task.values import Value

SCOPE: dict[str, object] = {
    "order": Value("o1", "订单 8832", {"name": "耳机"}),
    "fee": Value(12.0),
    "price": Value(329.50),
    "url": Value("https://example.com/1"),
    "empty": Value(""),
    "unset": None,
    "zero": Value(0),
    "tags": Value(["a", "b"]),
    "from": Value("bjs", "北京"),
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("您好", "您好"),
        ("{order}（{order.name}）", "订单 8832（耳机）"),
        ("{order.label}", "订单 8832"),
        ("运费 {fee} 元，共 {price} 元", "运费 12 元，共 329.5 元"),
        ("{from} 出发", "北京 出发"),
        ("{ fee } 元", "12 元"),
        ("{unset}{missing}{order.missing}{empty}.", "."),
        ("{tags}", "a, b"),
        ("提交[，费用 {fee}][，备注 {unset}]。", "提交，费用 12。"),
        ("[{empty}，]好", "好"),
        ("[{zero} 元]", "0 元"),
        ("[从 {from}[ 到 {unset}] 出发]", "从 北京 出发"),
        ("[从 {unset}[ 到 {from}] 出发]", ""),
        ("[{fee}和{unset}]", ""),
        (r"\[{fee}\] \{fee\} \\", r"[12] {fee} \ ".strip()),
        (r"C:\dir", r"C:\dir"),
    ],
)
def test_a_sentence_shows_what_is_known(template: str, expected: str) -> None:
    assert render(template, SCOPE) == expected


@pytest.mark.parametrize(
    ("template", "column", "part"),
    [
        ("好 {", 3, "no partner"),
        ("好 }", 3, "no partner"),
        ("a]", 2, "no partner"),
        ("ab[{fee}", 3, "no end"),
        ("[说明]", 1, "must show"),
        ("[a [{fee}]]", 1, "must show"),
        ("{}", 1, "stands a name"),
        ("{a b}", 1, "stands a name"),
        ("{fee + 1}", 1, "stands a name"),
        ("[" * 6 + "{a}" + "]" * 6, 6, "nested"),
        ("x" * 2001, 1, "2000"),
    ],
)
def test_a_wrong_sentence_says_where(template: str, column: int, part: str) -> None:
    with pytest.raises(TemplateError, match=part) as caught:
        render(template, {})
    assert caught.value.column == column


def test_names_are_told_apart_by_whether_they_always_show() -> None:
    template = "{order.name}[，{sku.label}[，{pickup}]]，{fee}"
    assert names(template) == {"order", "sku", "pickup", "fee"}
    assert names_outside(template) == {"order", "fee"}


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ({"zh": "好", "en": "ok"}, "en", "ok"),
        ({"zh": "好"}, "en", "好"),
        ({"": "OK"}, "zh", "OK"),
        ({"": "都行", "en": "either"}, "zh", "都行"),
        ({}, "zh", ""),
    ],
)
def test_a_text_is_in_the_language_or_the_next_best(text: dict[str, str], lang: str, expected: str) -> None:
    assert text_in(text, lang) == expected


@given(st.text(alphabet="ab.{}[]\\ 好", max_size=40))
def test_any_text_renders_or_says_where_it_is_wrong(template: str) -> None:
    problem = problem_of(template)
    assert problem is None or 1 <= problem.column <= len(template)


def problem_of(template: str) -> TemplateError | None:
    try:
        render(template, {"a": Value("v")})
    except TemplateError as error:
        return error
    return None
