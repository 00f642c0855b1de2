"""Every page on a phone: nothing scrolls sideways, and what is to be touched is large enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import NewContext, OpenChat
from tests.e2e.live import Site

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OPEN_PAGES = ["/", "/chat/demo/", "/login/"]
STUDIO_PAGES = [
    "knowledge/",
    "knowledge/new/",
    "knowledge/import/",
    "publish/",
    "rules/",
    "synonyms/",
    "words/",
    "todo/",
    "conversations/",
]
SMALLEST = 44
SMALL_TARGETS = """(root, least) => {
  const small = [];
  const visit = (node) => {
    for (const child of node.querySelectorAll("*")) {
      if (child.shadowRoot) visit(child.shadowRoot);
      if (!child.matches("button, textarea, a[href], label.score, summary") || !child.checkVisibility()) continue;
      if (child.matches("p a, li:not(.message) a")) continue; // links within text may be as small as their words
      const { width, height } = child.getBoundingClientRect();
      if (Math.round(Math.min(width, height)) < least) small.push(`${child.className || child.tagName}: ${width} × ${height}`);
    }
  };
  visit(root.shadowRoot);
  return small;
}"""


def sideways(page: Page) -> int:
    """How many pixels of the page lie beside the screen."""
    assert page.viewport_size is not None  # and not innerWidth: a phone widens its window to what is too wide
    return int(page.evaluate("document.documentElement.scrollWidth")) - page.viewport_size["width"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_open_pages_do_not_scroll_sideways(new_context: NewContext, site: Site, lang: str) -> None:
    page = new_context(lang, **PHONE).new_page()
    for path in OPEN_PAGES:
        page.goto(site.origin + path)
        page.wait_for_load_state("networkidle")
        assert sideways(page) <= 0, path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_studio_pages_do_not_scroll_sideways(staff: Callable[..., Page], site: Site, lang: str) -> None:
    page = staff(lang, **PHONE)
    for path in STUDIO_PAGES:
        page.goto(f"{site.origin}/studio/demo/{path}")
        expect(page.locator("h1, h2").first).to_be_visible()
        assert sideways(page) <= 0, path


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_to_touch_in_the_chat_is_large_enough(open_chat: OpenChat, lang: str) -> None:
    chat = open_chat(lang, **PHONE).ready()
    assert too_small(chat) == []
    chat.ask({"zh": "多久能发货", "en": "When will my order ship?"}[lang])
    chat.last.locator(".thumb").nth(1).tap()
    expect(chat.last.locator(".reasons")).to_be_visible()
    assert too_small(chat) == []
    chat.ask({"zh": "东西不想要了", "en": "cancel"}[lang])
    expect(chat.choices.first).to_be_visible()
    chat.host.locator(".menu-place > button").tap()
    expect(chat.host.get_by_role("menuitem").first).to_be_visible()
    assert too_small(chat) == []
    assert sideways(chat.page) <= 0


def too_small(chat: Chat) -> list[str]:
    return list(chat.host.evaluate(SMALL_TARGETS, SMALLEST))
