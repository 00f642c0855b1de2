"""A task in the chat, on a phone and by buttons: nothing is done before the customer's yes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenChat

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
WORDS = {
    "zh": {
        "wish": "我要取消订单",
        "question": "你们支持七天无理由退货吗",
        "answer": "7 天",
        "sent": "待发货",
        "yes": "确认",
        "done": "已取消",
    },
    "en": {
        "wish": "I want to cancel my order",
        "question": "How long is the warranty?",
        "answer": "One year",
        "sent": "to be sent",
        "yes": "Yes, go ahead",
        "done": "cancelled",
    },
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_task_goes_by_buttons_and_survives_a_question(open_chat: OpenChat, lang: str) -> None:
    words = WORDS[lang]
    chat = open_chat(lang, **PHONE).ready()
    order = chat.ask(words["wish"]).get_by_role("button", name=re.compile(words["sent"]))
    expect(order.first).to_be_visible()
    before = chat.replies.count()
    chat.type(words["question"])
    expect(chat.replies).to_have_count(before + 2)  # the answer, and the question that still stands
    expect(chat.replies.nth(before)).to_contain_text(words["answer"])
    before = chat.replies.count()
    chat.last.get_by_role("button", name=re.compile(words["sent"])).first.click()
    confirm = chat.answered(before)
    expect(confirm.get_by_role("button")).to_contain_text([words["yes"]])
    before = chat.replies.count()
    confirm.get_by_role("button", name=words["yes"]).click()
    expect(chat.answered(before)).to_contain_text(words["done"])
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 390
