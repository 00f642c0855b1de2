"""The answer cache: equal questions, in the time they are valid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialog.exact import ExactIndex
from dialog.types import Entry
from nlu.normalize import normalise
from tests.dialog.samples import NOW

DAY = timedelta(days=1)


def found(index: ExactIndex, text: str, now: object = NOW) -> str | None:
    entry = index.lookup(normalise(text).text, now)  # type: ignore[arg-type]
    return entry.id if entry else None


@pytest.mark.parametrize(
    "text",
    ["怎么退货", "怎麼退貨？", "请问怎么退货呢", "怎么 退货", "怎么退货！！！", "您好，怎么退货，谢谢", "怎么退货😀"],
)
def test_one_question_in_many_spellings(text: str) -> None:
    assert found(ExactIndex.build([Entry("a", "怎么退货", "x")]), text) == "a"


@pytest.mark.parametrize("text", ["怎么退货的", "怎么不退货", "怎么退", "退货怎么", ""])
def test_anything_else_is_no_hit(text: str) -> None:
    assert found(ExactIndex.build([Entry("a", "怎么退货", "x")]), text) is None


def test_numbers_are_kept_apart() -> None:
    index = ExactIndex.build([Entry("a", "支持 3.5 毫米吗", "x"), Entry("b", "支持 35 毫米吗", "y")])
    assert (found(index, "支持3.5毫米吗"), found(index, "支持35毫米吗")) == ("a", "b")


def test_a_standard_question_comes_before_a_similar_one() -> None:
    index = ExactIndex.build([Entry("similar", "咋退", "x", similar=("怎么退货",)), Entry("standard", "怎么退货", "y")])
    assert found(index, "怎么退货") == "standard"


@pytest.mark.parametrize(
    ("start", "end", "valid"),
    [
        (None, None, True),
        (NOW, None, True),
        (NOW + DAY, None, False),
        (None, NOW, False),
        (None, NOW + DAY, True),
        (NOW - DAY, NOW + DAY, True),
        (NOW - 2 * DAY, NOW - DAY, False),
    ],
)
def test_dates(start: object, end: object, valid: bool) -> None:
    entry = Entry("a", "怎么退货", "x", valid_from=start, valid_to=end)  # type: ignore[arg-type]
    assert (found(ExactIndex.build([entry]), "怎么退货") == "a") is valid


def test_the_next_valid_entry_with_the_same_question_answers() -> None:
    old = Entry("old", "春节发货吗", "不发。", valid_to=NOW)
    new = Entry("new", "春节发货吗", "照发。", valid_from=NOW)
    index = ExactIndex.build([old, new])
    assert found(index, "春节发货吗", NOW - DAY) == "old"
    assert found(index, "春节发货吗", NOW) == "new"


def test_questions_without_words_are_never_found() -> None:
    assert found(ExactIndex.build([Entry("a", "？？", "x", similar=("😀",))]), "😀") is None
