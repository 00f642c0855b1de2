"""Offsets are those of the raw text, whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.intent.tokens import marks, tags, tokenise
from nlu.intent.types import SlotMark


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("改到明天", ["改", "到", "明", "天"]),
        ("Order A-12 please", ["order", "a", "-", "12", "please"]),
        ("單號ＳＦ１２", ["单", "号", "sf12"]),
        ("  ", []),
        ("", []),
    ],
)
def test_han_characters_stand_alone_and_other_words_are_whole(text: str, words: list[str]) -> None:
    assert [token.text for token in tokenise(text).tokens] == words


@given(st.text(max_size=40))
def test_tokens_lie_in_the_raw_text_in_order(text: str) -> None:
    tokens = tokenise(text)
    assert len(tokens.folded) == len(text)
    ends = 0
    for token in tokens.tokens:
        assert ends <= token.start < token.end <= len(text)
        ends = token.end


@pytest.mark.parametrize(
    "slots",
    [
        [],
        [SlotMark("from", 1, 3), SlotMark("to", 4, 6)],
        [SlotMark("date", 0, 1), SlotMark("date", 1, 3)],
    ],
)
def test_tags_name_the_slots_they_were_made_of(slots: list[SlotMark]) -> None:
    tokens = tokenise("从北京到上海")
    assert marks(tokens, tags(tokens, slots)) == slots


def test_a_slot_within_a_word_takes_the_whole_word() -> None:
    tokens = tokenise("order AB123")
    assert marks(tokens, tags(tokens, [SlotMark("no", 8, 11)])) == [SlotMark("no", 6, 11)]


def test_of_overlapping_slots_the_longer_counts() -> None:
    tokens = tokenise("从北京到上海")
    assert marks(tokens, tags(tokens, [SlotMark("short", 1, 2), SlotMark("long", 1, 3)])) == [SlotMark("long", 1, 3)]


def test_a_tag_that_goes_on_with_nothing_starts_a_slot() -> None:
    tokens = tokenise("到上海")
    assert marks(tokens, ["O", "I-to", "I-to"]) == [SlotMark("to", 1, 3)]
