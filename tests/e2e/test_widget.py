"""The launcher on somebody else's page, under a strict Content-Security-Policy of that page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import NewContext
from tests.e2e.live import HostSite, Site, embedding
from tests.e2e.watch import Watch

PHONE = {"width": 390, "height": 844}
RESTRICT = """
from apps.bots.models import Bot
from apps.bots.services import bot_update
bot_update(bot=Bot.objects.get(slug="members"), changes={{"allowed_sites": ["{site}"]}})
"""


def visit(page: Page, site: Site, shop: HostSite, path: str, bot: str, lang: str = "zh") -> Page:
    shop.pages[path] = embedding(site.origin, bot, lang=lang)
    page.goto(shop.origin + path)
    return page


@pytest.mark.parametrize(
    ("lang", "label", "question"),
    [("zh", "打开在线客服", "多久能发货"), ("en", "Open customer support", "How do I return an item?")],
)
def test_opened_asked_and_closed_by_keyboard_alone(
    new_context: NewContext, site: Site, shop: HostSite, lang: str, label: str, question: str
) -> None:
    page = visit(new_context(lang).new_page(), site, shop, f"/{lang}", "demo", lang)
    button = page.locator("zhike-widget #launcher")
    expect(button).to_have_accessible_name(label)
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator("zhike-widget iframe")).to_have_count(0)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    chat = Chat(page.frame_locator("zhike-widget iframe"), lang).ready()
    expect(chat.box).to_be_focused()
    page.keyboard.insert_text(question)
    page.keyboard.press("Enter")
    expect(chat.answered(0).locator(".thumb")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator("zhike-widget dialog")).to_be_hidden()


def test_host_styles_and_storage_are_left_alone(new_context: NewContext, site: Site, shop: HostSite) -> None:
    page = visit(new_context().new_page(), site, shop, "/plain", "demo")
    page.locator("zhike-widget #launcher").click()
    Chat(page.frame_locator("zhike-widget iframe")).ready()
    assert page.evaluate("Object.keys(localStorage)") == ["zhike:demo"]
    assert page.evaluate("document.cookie") == ""
    assert page.evaluate("document.querySelectorAll('style, link, [style]').length") <= 1  # the launcher's own accent
    assert page.evaluate("getComputedStyle(document.body).overflow") == "visible"


def test_on_a_phone_the_chat_fills_the_screen_and_is_modal(new_context: NewContext, site: Site, shop: HostSite) -> None:
    page = visit(new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page(), site, shop, "/phone", "demo")
    page.locator("zhike-widget #launcher").tap()
    chat = Chat(page.frame_locator("zhike-widget iframe")).ready()
    dialog = page.locator("zhike-widget dialog")
    assert dialog.bounding_box() == {"x": 0, "y": 0, **PHONE}
    assert dialog.evaluate("node => node.matches(':modal')")
    chat.host.get_by_role("button", name="收起对话").tap()
    expect(dialog).to_be_hidden()


def test_only_the_listed_site_may_frame_a_restricted_bot(
    new_context: NewContext, site: Site, shop: HostSite, watch: Watch
) -> None:
    site.manage("create_bot", "members", "--name", "Members")
    site.manage("shell", "-c", RESTRICT.format(site=shop.origin))
    allowed = visit(new_context().new_page(), site, shop, "/listed", "members")
    allowed.locator("zhike-widget #launcher").click()
    expect(allowed.frame_locator("zhike-widget iframe").locator("zk-chat")).to_be_visible()

    site.manage("shell", "-c", RESTRICT.format(site="https://members.example"))
    other = visit(new_context().new_page(), site, shop, "/unlisted", "members")
    with watch.allow("frame-ancestors", "ERR_BLOCKED_BY_RESPONSE", "chrome-error:"):
        with other.expect_console_message(lambda message: refuses_framing(message)):
            other.locator("zhike-widget #launcher").click()
        expect(other.frame_locator("zhike-widget iframe").locator("zk-chat")).to_have_count(0)


def refuses_framing(message: ConsoleMessage) -> bool:
    return bool(re.search("frame-ancestors", message.text))
