"""Phrases and patterns: what is found, where, and what is refused."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.matching import MAX_PATTERN_LENGTH, PatternSet, PhraseSet, validate_pattern
from nlu.types import Match


def found(phrases: list[str], text: str, *, whole_words: bool = True) -> list[str]:
    return [match.phrase for match in PhraseSet(phrases, whole_words=whole_words).find(text)]


def test_the_longest_phrase_wins_from_the_left() -> None:
    assert PhraseSet(["退货", "退货运费", "运费险"]).find("问退货运费险") == [Match(1, 5, "退货运费")]


def test_all_occurrences_overlap() -> None:
    assert [(m.start, m.end) for m in PhraseSet(["退货", "货运", "退货运费"]).find_all("退货运费")] == [
        (0, 4),
        (0, 2),
        (1, 3),
    ]


@pytest.mark.parametrize(
    ("phrase", "text", "hit"),
    [
        ("sms", "no sms today", True),
        ("sms", "smss", False),
        ("5g", "15g流量", False),
        ("5g", "用5g吗", True),
        ("ok", "这ok吗", True),
        ("退货", "不退货了", True),
    ],
)
def test_latin_phrases_are_whole_words(phrase: str, text: str, hit: bool) -> None:
    assert bool(found([phrase], text)) is hit
    assert found([phrase], text, whole_words=False) == [phrase] if phrase in text else True


def test_nothing_to_find() -> None:
    assert PhraseSet([]).find("退货") == []
    assert PhraseSet([""]).find_all("退货") == []
    assert PatternSet([]).search("退货") == []


@given(
    st.lists(st.text(alphabet="ab退货", min_size=1, max_size=4), max_size=6), st.text(alphabet="ab退货 ", max_size=30)
)
def test_matches_say_what_stands_there_and_do_not_overlap(phrases: list[str], text: str) -> None:
    matches = PhraseSet(phrases, whole_words=False).find(text)
    assert all(text[match.start : match.end] == match.phrase for match in matches)
    assert all(left.end <= right.start for left, right in pairwise(matches))
    assert bool(matches) == any(phrase in text for phrase in phrases)


def test_patterns_found_by_index_case_aside() -> None:
    assert PatternSet(["退.{0,2}款", "REFUND", r"\d{6,}"]).search("i want a refund 退个款 123456") == [0, 1, 2]
    assert PatternSet(["退.{0,2}款", "REFUND"]).search("发票") == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("a" * (MAX_PATTERN_LENGTH + 1), "longer"),
        ("(退款", "no partner"),
        ("[退款", "no partner"),
        ("(?=退)", "Look-around"),
        ("(?<!不)退", "Look-around"),
        (r"(a)\1", "back-references"),
        ("退*", "empty text"),
        ("*退", "repetition"),
        ("a{5000}", "repetition"),
    ],
)
def test_patterns_refused_in_plain_words(pattern: str, reason: str) -> None:
    assert reason in (validate_pattern(pattern) or "")
    with pytest.raises(ValueError, match=reason):
        PatternSet([pattern])


def test_patterns_accepted() -> None:
    assert [validate_pattern(p) for p in ("退.*款", "^(yes|ok)$", r"\d{11}", "(?i)vip")] == [None] * 4


def test_no_pattern_is_slow() -> None:
    start = time.process_time()
    assert PatternSet(["(a+)+$"]).search("a" * 3000 + "b") == []
    assert time.process_time() - start < 0.5
