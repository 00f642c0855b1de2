"""The matching view: one spelling, bounded, idempotent, and always with the way back."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nlu.normalize import MAX_EXPANSION, detect_lang, match_key, normalise

# Characters that have a history of breaking normalisers, so that random texts meet them often enough.
AWKWARD = (
    "ﷺİıßŒ①㈱ⅧｶﾞＡ１！…\u200b\u200d\ufe0f\u202e\U000e0041\ud800가각"
    "ᄀ\u1161e\u0301́乾乹裏隻後发發訂單電腦嘅  \u3000\t\n😀👩‍👩‍👧aAAA0001一一一。。。!!!"
)
texts = st.text(max_size=60) | st.text(alphabet=AWKWARD, max_size=40)


@settings(max_examples=300, deadline=None)
@given(texts)
@example("ﷺ" * 5)
@example("aaaaaa" + "\u0301" * 4)
@example("\u1100\u1161\u11a8" * 4)
def test_normalising_again_changes_nothing(raw: str) -> None:
    once = normalise(raw).text
    assert normalise(once).text == once


@settings(max_examples=300, deadline=None)
@given(texts)
def test_length_and_offsets_stay_in_bounds(raw: str) -> None:
    view = normalise(raw)
    assert len(view.text) <= MAX_EXPANSION * len(raw)
    assert len(view.offsets) == len(view.text)
    assert list(view.offsets) == sorted(view.offsets)
    assert all(0 <= place < len(raw) for place in view.offsets)
    assert view.text == view.text.strip()


def test_the_bound_is_reached_by_the_longest_ligature() -> None:
    assert len(normalise("\ufdfa").text) == MAX_EXPANSION


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789", min_size=1, max_size=30), texts)
def test_digits_are_never_collapsed(digits: str, around: str) -> None:
    letters = "".join(char for char in around if char.isalpha() and char.isascii())
    assert digits in normalise(f"{letters} {digits} {letters}").text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ＶＩＰ会员１３８", "vip会员138"),
        ("網路訂單還沒到", "网路订单还没到"),
        ("头发乾了，乾坤大挪移", "头发干了,乾坤大挪移"),
        ("怎么退货？？？？？", "怎么退货??"),
        ("好好好好的", "好好的"),
        ("Soooooo slow", "soo slow"),
        ("AAA 电池 XXXL 码 VIII 代 www", "aaa 电池 xxxl 码 viii 代 www"),
        ("1000 三三三 1111", "1000 三三三 1111"),
        ("退\u200b货\u202e单\U000e0041号", "退货单号"),
        ("  a \n\t b　c ", "a b c"),
        ("cafe\u0301", "café"),
        ("\x00\x07", ""),
        ("", ""),
    ],
)
def test_spellings(raw: str, text: str) -> None:
    assert normalise(raw).text == text


@pytest.mark.parametrize(
    ("raw", "found", "behind"),
    [
        ("请问Ｐｒｏ\u200bＭａｘ怎么退", "promax", "Ｐｒｏ\u200bＭａｘ"),
        ("  訂單　　編號", "订单 编号", "訂單　　編號"),
        ("④号店", "4", "④"),
    ],
)
def test_spans_lead_back_to_what_was_written(raw: str, found: str, behind: str) -> None:
    view = normalise(raw)
    start = view.text.index(found)
    low, high = view.raw_span(start, start + len(found))
    assert raw[low:high] == behind


def test_an_empty_span_stays_empty_and_a_wrong_one_is_refused() -> None:
    view = normalise(" ab ")
    assert view.raw_span(1, 1) == (2, 2)
    assert view.raw_span(2, 2) == (4, 4)
    with pytest.raises(ValueError, match="not within"):
        view.raw_span(1, 5)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("怎么退货", "zh"),
        ("iphone 15 pro max 怎么退货", "zh"),
        ("ok吗", "zh"),
        ("where is my order", "en"),
        ("will 花呗 work on your site", "en"),
        ("12345", "zh"),
        ("", "zh"),
    ],
)
def test_language(text: str, lang: str) -> None:
    assert detect_lang(text) == lang


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("你好，请问怎么退货呢？谢谢！", "怎么退货"),
        ("怎么退货吗", "怎么退货"),
        ("Hi there, how do I cancel my order, please?", "how do i cancel my order"),
        ("History of orders", "history of orders"),
        ("你好", "你好"),
        ("谢谢", "谢谢"),
        ("3.5折还是35折", "3.5折还是35折"),
        ("12:30 到 1,000 元", "12:30到1,000元"),
        ("c++ 和 c# 有课吗", "c++和c#有课"),
        ("wi-fi 密码", "wi fi密码"),
        ("😀😀", ""),
        ("？！", ""),
    ],
)
def test_keys_of_exact_lookup(raw: str, key: str) -> None:
    assert match_key(normalise(raw).text) == key


@settings(max_examples=200, deadline=None)
@given(texts)
def test_a_key_is_empty_only_without_letters_and_digits(raw: str) -> None:
    text = normalise(raw).text
    if any(char.isalnum() for char in text):
        assert match_key(text)
