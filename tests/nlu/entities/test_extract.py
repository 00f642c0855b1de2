"""All kinds together: what wins where they overlap, and what holds for any text."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlu.entities.codes import Patterns
from nlu.entities.extract import entities
from nlu.entities.ordinals import pick
from nlu.entities.types import JsonValue, Policy
from nlu.normalize import normalise
from tests.nlu.entities.tables import NOW

WORDS = """
今天 明晚 下周三 3号 三月 十五 两个半小时 后 前 到 - 至 点 半 国庆 春节 假期 大年初三 腊月 月底 年
第二个 最后 一千二 块 毛 ¥ $12.50 1,099
 13800138000 幺三八 010-80006633 +86 SF1402297730051 订单 尾号 110101199003071233 北京 上海浦东 飞 嗯 不用了
好的 吗 next friday march 5 5pm between 2 and the second one half past twenty-five o'clock \u200b １２３ 週 點 ㈱ ½
İ ﷺ ，。 99999999 9999年 0 00 零
"""
PIECES = WORDS.split()
texts = (
    st.text(max_size=40)
    | st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
    | st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(  # noqa: DTZ001
    lambda when: when.replace(tzinfo=timezone(timedelta(hours=8)))
)
policies: st.SearchStrategy[Policy] = st.sampled_from(("future", "past"))


@settings(max_examples=300, deadline=None)
@given(texts, moments, policies)
@example("999999年后 99999天内 24点 2月30日 0号 13月 12:60", NOW, "future")
@example("2199年12月31日 二一九九年春节 前年", NOW, "past")
def test_any_text_gives_entities_that_slice_it_in_order(raw: str, now: datetime, policy: Policy) -> None:
    found = entities(raw, now=now, policy=policy)
    assert all(one.text == raw[one.start : one.end] != "" for one in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    json.dumps([one.value for one in found])
    assert entities(normalise(raw), now=now, policy=policy) == found


@settings(max_examples=150, deadline=None)
@given(texts, moments, policies)
def test_times_do_not_end_before_they_start(raw: str, now: datetime, policy: Policy) -> None:
    for one in entities(raw, now=now, kinds={"time"}, policy=policy):
        assert isinstance(one.value, dict)
        start, end = one.value["start"], one.value["end"]
        assert start is not None or end is not None
        if isinstance(start, str) and isinstance(end, str):
            assert datetime.fromisoformat(start) < datetime.fromisoformat(end)


def test_a_time_needs_to_know_where_it_is_said() -> None:
    with pytest.raises(ValueError, match="time zone"):
        entities("明天", now=datetime(2026, 3, 11))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("订2张明天下午三点北京到上海的机票", ["quantity 2张", "time 明天下午三点", "city 北京", "city 上海"]),
        ("我手机13800138000，订单20261107552", ["phone 13800138000", "order_no 20261107552"]),
        ("身份证110101199003071233", ["id_number 110101199003071233"]),
        ("SF1402297730051什么时候到", ["tracking_no SF1402297730051"]),
        ("对，不过改成周五，第二个地址", ["yes_no 对", "time 周五", "ordinal 第二个地址"]),
        ("2026-12-18出发", ["time 2026-12-18"]),
        ("三百五十块八", ["amount 三百五十块八"]),
        ("等了三天了", ["duration 三天"]),
        ("book 2 tickets from Boston to Paris next Friday at 5pm for $300",
         ["quantity 2 tickets", "city Boston", "city Paris", "time next Friday at 5pm", "amount $300"]),
        ("你好", []),
        ("", []),
    ],
)  # fmt: skip
def test_the_longest_and_most_specific_wins(text: str, found: list[str]) -> None:
    assert [f"{one.kind} {one.text}" for one in entities(text, now=NOW)] == found


def test_kinds_that_are_not_wanted_take_no_place() -> None:
    assert [one.kind for one in entities("13800138000", now=NOW)] == ["phone"]
    assert [one.kind for one in entities("13800138000", now=NOW, kinds={"number"})] == ["number"]


def test_offsets_are_of_the_raw_text() -> None:
    raw = "  訂單\u200b１２３４５６７８，　ｎｅｘｔ　Ｆｒｉｄａｙ"
    found = entities(raw, now=NOW)
    assert [(one.text, one.kind) for one in found] == [
        ("１２３４５６７８", "order_no"),
        ("ｎｅｘｔ　Ｆｒｉｄａｙ", "time"),
    ]
    assert found[0].value == "12345678"


@pytest.mark.parametrize(("lang", "kind"), [("en", "time"), ("zh", "number")])
def test_a_dotted_date_is_one_in_english_only(lang: str, kind: str) -> None:
    found = entities("18.06", now=NOW, lang="en" if lang == "en" else "zh")
    assert [one.kind for one in found] == [kind]


class TestTenantPatterns:
    def test_they_replace_the_defaults_and_may_name_kinds_of_their_own(self) -> None:
        patterns = Patterns.build({"ticket": [r"tk-\d{4}"], "order_no": [r"单号([A-Z]\d{5})"]})
        found = entities("TK-1234 单号b12345 SF1402297730051", now=NOW, patterns=patterns)
        assert [(one.kind, one.text, one.value) for one in found] == [
            ("ticket", "TK-1234", "TK-1234"),
            ("order_no", "b12345", "B12345"),
        ]

    def test_a_code_is_not_cut_out_of_a_longer_one(self) -> None:
        patterns = Patterns.build({"ticket": [r"\d{4}"]})
        assert entities("12345", now=NOW, patterns=patterns, kinds={"ticket"}) == []

    @pytest.mark.parametrize(("pattern", "reason"), [("(?=a)b", "Look-around"), ("a*", "empty"), ("[", "partner")])
    def test_a_bad_one_is_named_with_its_reason(self, pattern: str, reason: str) -> None:
        with pytest.raises(ValueError, match=reason) as error:
            Patterns.build({"ticket": [pattern]})
        assert "ticket" in str(error.value)


@pytest.mark.parametrize(
    ("value", "length", "places"),
    [
        (0, 3, [0]),
        (-1, 3, [2]),
        (3, 3, []),
        (-4, 3, []),
        ("middle", 3, [1]),
        ("middle", 4, []),
        ("other", 2, []),
        ([0, 1], 3, [0, 1]),
        ([-2, -1], 3, [1, 2]),
        ([0, 1, 2], 2, []),
    ],
)
def test_an_ordinal_picks_from_a_list(value: JsonValue, length: int, places: list[int]) -> None:
    assert pick(value, length) == places


@pytest.mark.parametrize(
    "text",
    [
        "1" * 1_999,
        "9" * 50 + "万亿",
        "1万" * 900,
        "九亿" * 900,
        "亿" * 1_999,
        "monday " * 280,
        "明天" * 900,
        "1,1" * 600,
    ],
)
def test_no_message_breaks_it_or_takes_long(text: str) -> None:
    began = time.process_time()
    found = entities(text, now=NOW)
    assert time.process_time() - began < 1.0
    assert all(text[one.start : one.end] == one.text for one in found)
