"""The whole loop: a question that the bot refuses becomes knowledge, and the next visitor is answered."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import OpenChat

VISIBLE_WITHIN_S = 10.0
"""From pressing "publish" until a visitor is answered: the product promises seconds."""


def test_refused_question_gets_an_entry_and_is_answered(open_chat: OpenChat, staff: Callable[..., Page]) -> None:
    question, answer = "周末能来你们这儿打羽毛球吗", "可以，周末两天球馆对顾客免费开放。"
    visitor = open_chat().ready()
    expect(visitor.ask(question)).to_contain_text("没有把握")

    todo = at_the_question(staff("zh", "/studio/demo/todo/"), question)
    todo.keyboard.press("n")
    expect(todo.locator("#new-answer")).to_be_focused()
    todo.keyboard.insert_text(answer)
    todo.keyboard.press("Control+Enter")
    expect(todo.locator("zk-undo")).to_contain_text(question)
    seconds = publish_and_ask(todo, visitor, question, answer)
    assert seconds < VISIBLE_WITHIN_S


def test_refused_question_becomes_a_similar_one_of_an_entry(open_chat: OpenChat, staff: Callable[..., Page]) -> None:
    question = "Do dolphins dream in colour?"
    visitor = open_chat("en").ready()
    expect(visitor.ask(question)).to_contain_text("not sure")

    todo = at_the_question(staff("en", "/studio/demo/todo/"), question)
    todo.keyboard.press("/")
    expect(todo.locator("#find")).to_be_focused()
    todo.keyboard.insert_text("warranty")
    option = todo.locator("zk-combobox [role=option]").first
    expect(option).to_have_attribute("aria-selected", "true")
    entry = option.locator("span").inner_text()
    todo.keyboard.press("Enter")
    expect(todo.locator("zk-undo")).to_contain_text("similar question")
    known = Chat(visitor.page, "en").ask(entry).locator(".bubble").inner_text()
    seconds = publish_and_ask(todo, visitor, question, known)
    assert seconds < VISIBLE_WITHIN_S


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_label_is_undone_by_key(open_chat: OpenChat, staff: Callable[..., Page], lang: str) -> None:
    question = {"zh": "量子纠缠能治感冒吗", "en": "How tall is the Eiffel Tower?"}[lang]
    open_chat(lang).ready().ask(question)
    todo = at_the_question(staff(lang, "/studio/demo/todo/"), question)
    todo.keyboard.press("o")
    expect(todo.locator("#asked", has_text=question)).to_have_count(0)
    todo.keyboard.press("u")
    expect(todo.locator("#asked")).to_have_text(question)
    expect(todo.locator(".todo-queue")).to_contain_text(question)


def at_the_question(todo: Page, question: str) -> Page:
    """Go down the list by keyboard until the question is at hand."""
    asked = todo.locator("#asked")
    expect(asked).to_be_visible()
    waiting = todo.locator(".todo-queue li").count()
    for _ in range(waiting):
        expect(todo.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
        seen = asked.inner_text()
        if seen.strip() == question:
            return todo
        todo.keyboard.press("j")
        expect(asked).not_to_have_text(seen)
    raise AssertionError(f"“{question}” is not among the {waiting} questions to do")


def publish_and_ask(todo: Page, visitor: Chat, question: str, answer: str) -> float:
    """Press "publish" and ask until the answer is there; the seconds that took."""
    expect(todo.locator("[data-key=p]")).to_be_visible()
    expect(todo.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    started = time.monotonic()
    todo.keyboard.press("p")
    expect(todo.locator("zk-undo")).to_contain_text("v")
    while answer not in visitor.ask(question).inner_text():
        assert time.monotonic() - started < VISIBLE_WITHIN_S, "still not answered after the publish"
    seconds = time.monotonic() - started
    sys.stdout.write(f"publish → visible to a visitor: {seconds:.2f} s\n")
    return seconds
