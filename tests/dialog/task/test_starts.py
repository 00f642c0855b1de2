from __future__ import annotations

import pytest

from dialog.task.heard import heard_text
from dialog.task.starts import Starts, wishes
from nlu.normalize import normalise
from tests.dialog.task.hotel import NOW, book


@pytest.fixture(scope="module")
def starts() -> Starts:
    return Starts.build(book())


@pytest.mark.parametrize(
    ("words", "flow"),
    [
        ("订个明天的房间", "book_room"),
        ("我要退房", "cancel_stay"),
        ("please book me a room", "book_room"),
        ("我已经退了房，可是钱没到，帮我退订单", "cancel_stay"),
        ("怎么退房", ""),
        ("退房要什么条件", ""),
        ("不用订房了", ""),
        ("我已经退房了", ""),
        ("I already cancelled that booking myself", ""),
        ("今天天气不错", ""),
    ],
)
def test_which_flow_a_message_begins(starts: Starts, words: str, flow: str) -> None:
    found = starts.of(heard_text(words, NOW))
    assert (found[0].flow if found else "") == flow


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("我想退房", True),
        ("帮我订个房间", True),
        ("I'd like to book a room", True),
        ("我想退房行吗", False),
        ("退房", False),
    ],
)
def test_a_plain_wish_is_told_from_words_about_it(starts: Starts, words: str, plain: bool) -> None:
    found = starts.of(heard_text(words, NOW))
    assert (bool(found) and wishes(normalise(words).text)) is plain
