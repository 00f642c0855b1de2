"""A visitor and a person of the staff: the queue, the live conversation, the rating."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat

PERSON = 0
WORDS = {
    "zh": {
        "place": r"第 (\d+) 位",
        "resume": "继续问智能助手",
        "human": "人工客服已接入",
        "rate": "这次服务怎么样",
        "done": "谢谢您的评价",
    },
    "en": {
        "place": r"number (\d+) in line",
        "resume": "Go on with the assistant",
        "human": "You are talking to a person",
        "rate": "How was the service?",
        "done": "Thank you for your rating",
    },
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_place_in_the_queue_and_the_way_back_to_the_bot(open_chat: OpenChat, lang: str) -> None:
    first, second = open_chat(lang).ready(), open_chat(lang).ready()
    places = []
    for chat in (first, second):
        chat.menu(PERSON)
        expect(chat.banner).to_contain_text(re.compile(WORDS[lang]["place"]))
        found = re.search(WORDS[lang]["place"], chat.banner.inner_text())
        assert found is not None
        places.append(int(found[1]))
    assert places[1] == places[0] + 1
    for chat in (second, first):
        chat.host.get_by_role("button", name=WORDS[lang]["resume"]).first.click()
        expect(chat.banner).to_be_hidden()
    first.ask({"zh": "多久能发货", "en": "When will my order ship?"}[lang])
    expect(first.last.locator(".thumb")).to_have_count(2)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_writes_live_and_is_rated(open_chat: OpenChat, staff: Callable[..., Page], lang: str) -> None:
    chat = open_chat(lang).ready()
    chat.menu(PERSON)
    expect(chat.banner).to_contain_text(re.compile(WORDS[lang]["place"]))
    desk = staff(lang, f"/studio/demo/conversations/{conversation_of(chat)}/")
    desk.keyboard.press("t")
    expect(chat.banner).to_contain_text(WORDS[lang]["human"])

    reply = desk.locator("#reply")
    reply.fill("您好，我是小林。 Hello, Lin here.")
    reply.press("Control+Enter")
    expect(chat.host.locator("li.message.agent")).to_contain_text("Hello, Lin here.")
    expect(chat.host.locator("li.message.agent")).to_have_count(1)
    chat.type("订单 202411250001 还没到 / has not come")
    expect(desk.locator(".said-list")).to_contain_text("202411250001")

    desk.locator("h1").click()
    desk.keyboard.press("e")
    rating = chat.host.locator(".rating")
    expect(rating).to_contain_text(WORDS[lang]["rate"])
    rating.get_by_role("radio").nth(3).check()
    rating.locator("button[type=submit]").click()
    expect(chat.host).to_contain_text(WORDS[lang]["done"])
    desk.reload()
    expect(desk.locator(".conversation-head")).to_contain_text({"zh": "4", "en": "rated 4 of 5"}[lang])


def conversation_of(chat: Chat) -> str:
    return str(chat.host.evaluate("chat => chat.store.session.conversation"))
