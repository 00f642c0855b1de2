"""Names of figures in answers, and braces that are meant as they stand."""

from __future__ import annotations

import pytest

from apps.knowledge.placeholders import filled, placeholders, unfilled

FIGURES = {"phone": "400-1234", "days": "7", "电话": "10086"}


@pytest.mark.parametrize(
    ("answer", "names", "shown"),
    [
        ("请拨{phone}。", ("phone",), "请拨400-1234。"),
        ("{days} 天内拨 {phone}，{days} 天后再拨", ("days", "phone"), "7 天内拨 400-1234，7 天后再拨"),
        ("拨{电话}", ("电话",), "拨10086"),
        ("满 {amount} 元，{days} 天", ("amount", "days"), "满 {amount} 元，7 天"),
        ("no figure here", (), "no figure here"),
        ("写作 {{days}} 的模板", (), "写作 {{days}} 的模板"),
        (r"GET /users/\{days}/orders", (), "GET /users/{days}/orders"),
        ('{"days": 3}', (), '{"days": 3}'),
        ("{} { days } {7} {a b} {days", (), "{} { days } {7} {a b} {days"),
    ],
)
def test_names_are_found_and_filled(answer: str, names: tuple[str, ...], shown: str) -> None:
    assert placeholders(answer) == names
    assert filled(answer, FIGURES) == shown


def test_what_has_no_figure_is_named() -> None:
    assert unfilled("满 {amount} 元，{days} 天，{rate}", FIGURES) == ("amount", "rate")
    assert unfilled("{days}", FIGURES) == ()
