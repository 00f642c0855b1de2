"""The chat as a visitor uses it: on a page of its own, inside a launcher's frame, or inline."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, Locator, Page, expect

LOG = "chat => chat.store.log.all.map(m => [m.role, m.text, m.status ?? null])"


class Chat:
    """Finds the parts of one ``<zk-chat>``. ``within`` is the page or the frame that holds it."""

    def __init__(self, within: Page | FrameLocator, lang: str = "zh") -> None:
        self.within = within
        self.lang = lang
        self.host = within.locator("zk-chat")
        self.box = self.host.locator("zk-composer textarea")
        self.replies = self.host.locator("li.message.bot")
        self.own = self.host.locator("li.message.visitor")
        self.last = self.replies.last
        self.banner = self.host.locator(".banner")
        self.choices = self.last.locator(".choice")

    @property
    def page(self) -> Page:
        assert isinstance(self.within, Page)
        return self.within

    def ready(self) -> Chat:
        expect(self.host.locator(".quick").first).to_be_visible()
        return self

    def type(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def ask(self, text: str) -> Locator:
        """Send a message and wait for the bot's reply to it."""
        before = self.replies.count()
        self.type(text)
        return self.answered(before)

    def answered(self, before: int) -> Locator:
        """The reply that came after the ``before`` replies so far."""
        expect(self.replies).to_have_count(before + 1)
        return self.last

    def menu(self, item: int) -> None:
        """Choose from the head's menu: 0 a person, 1 a new conversation, 2 forget me."""
        self.host.locator(".menu-place > button").click()
        self.host.get_by_role("menuitem").nth(item).click()

    def log(self) -> list[list[str | None]]:
        """Every message as [role, text, status], in the order shown."""
        return list(self.host.evaluate(LOG))

    def settled(self) -> None:
        """Every message of the visitor has reached the server."""
        expect(self.host.locator("li.message.visitor .state:not(.time)")).to_have_count(0)
