"""Writing to the bot: the composer, lists, opinions."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import NewContext, OpenChat
from tests.e2e.live import Site
from tests.e2e.watch import Watch

LIMIT = 2_000
COMPOSING_ENTER = """area => {
  for (const told of [{ isComposing: true }, { keyCode: 229 }])
    area.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, composed: true, cancelable: true, ...told }));
}"""
WORDS = {
    "zh": {"known": "多久能发货", "vague": "东西不想要了", "thanks": "谢谢，已记下。", "over": "超出 1 字"},
    "en": {
        "known": "When will my order ship?",
        "vague": "cancel",
        "thanks": "Thank you, noted.",
        "over": "1 characters too many",
    },
}


def test_enter_of_an_input_method_sends_nothing(open_chat: OpenChat) -> None:
    chat = open_chat().ready()
    chat.box.fill("fahuo")
    chat.box.evaluate(COMPOSING_ENTER)
    expect(chat.box).to_have_value("fahuo")
    expect(chat.own).to_have_count(0)
    chat.ask("发货要几天")
    assert next(row[:2] for row in chat.log()) == ["visitor", "发货要几天"]


def test_shift_enter_breaks_the_line_and_the_counter_guards_the_limit(open_chat: OpenChat) -> None:
    chat = open_chat().ready()
    send, count = chat.host.locator("zk-composer .send"), chat.host.locator("zk-composer .count")
    chat.box.fill("第一行")
    chat.box.press("Shift+Enter")
    chat.box.press_sequentially("第二行")
    expect(chat.box).to_have_value("第一行\n第二行")
    expect(count).to_be_hidden()
    chat.box.fill("长" * LIMIT)
    expect(count).to_have_text(f"{LIMIT} / {LIMIT} 字")
    expect(send).to_be_enabled()
    chat.box.press_sequentially("长")
    expect(count).to_contain_text(WORDS["zh"]["over"])
    expect(send).to_be_disabled()
    chat.box.press("Enter")
    expect(chat.own).to_have_count(0)
    chat.box.press("Backspace")
    chat.box.press("Enter")
    expect(chat.own).to_have_count(1)
    chat.answered(0)


def test_a_refused_message_keeps_its_text_and_goes_on_retry(open_chat: OpenChat, watch: Watch) -> None:
    chat = open_chat().ready()

    def refuse(route: Route) -> None:
        problem = '{"title": "Invalid", "status": 422, "detail": "今天不收", "code": "invalid"}'
        route.fulfill(status=422, content_type="application/problem+json", body=problem)

    chat.page.route("**/api/v1/chat/messages", refuse)
    with watch.allow("422"):
        chat.type("怎么开发票")
        failed = chat.own.last.locator(".failed")
        expect(failed).to_contain_text("今天不收")
    chat.page.unroute("**/api/v1/chat/messages")
    failed.get_by_role("button", name="重试").click()
    chat.answered(0)
    assert [row for row in chat.log() if row[0] == "visitor"] == [["visitor", "怎么开发票", "sent"]]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_option_of_a_list_is_picked_by_keyboard_and_answered(open_chat: OpenChat, lang: str) -> None:
    chat = open_chat(lang).ready()
    chat.ask(WORDS[lang]["vague"])
    chosen = chat.choices.first.inner_text()
    keyboard_into_last_message(chat)
    chat.page.keyboard.press("Enter")
    expect(chat.choices.first).to_be_focused()
    chat.page.keyboard.press("Enter")
    chat.answered(1)
    expect(chat.own.last).to_contain_text(chosen)
    expect(chat.last.locator(".thumb")).to_have_count(2)
    expect(chat.replies.first.locator(".choice[data-chosen]")).to_have_text(chosen)


def keyboard_into_last_message(chat: Chat) -> None:
    """From the composer back into the list, and out of whatever control is there to the message itself."""
    chat.box.focus()
    chat.page.keyboard.press("Shift+Tab")
    chat.page.keyboard.press("Escape")
    expect(chat.last).to_be_focused()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_thumb_down_may_have_a_reason_and_stays(open_chat: OpenChat, lang: str) -> None:
    chat = open_chat(lang).ready()
    down = chat.ask(WORDS[lang]["known"]).locator(".thumb").nth(1)
    down.click()
    chat.last.locator(".reasons button").first.click()
    expect(chat.last).to_contain_text(WORDS[lang]["thanks"])
    chat.page.reload()
    expect(chat.last.locator(".thumb").nth(1)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(("lang", "why"), [("zh", "为什么这样回答"), ("en", "Why this answer")])
def test_landing_answers_an_example_and_unfolds_why(new_context: NewContext, site: Site, lang: str, why: str) -> None:
    page: Page = new_context(lang).new_page()
    page.goto(f"{site.origin}/")
    expect(page.locator("html")).to_have_attribute("lang", re.compile(f"^{lang}"))
    chat = Chat(page, lang).ready()
    page.locator("[data-ask]").first.click()
    reply = chat.answered(0)
    reply.get_by_role("button", name=why).click()
    trace = reply.locator("zk-trace")
    expect(trace.locator(".stage").first).to_be_visible()
    assert trace.locator(".stage").count() >= 3
    expect(trace.locator("section")).to_have_attribute("data-outcome", "answer")
