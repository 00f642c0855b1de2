"""The browser tests: one server and one browser for all, a fresh visitor for each.

Both end with this folder: while Playwright runs, its event loop belongs to the thread, and no other test may start one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.chat import Chat
from tests.e2e.live import BROWSER_ARGS, HostSite, Site, browser_path, host_site, served
from tests.e2e.watch import Watch

LOCALES = {"zh": "zh-CN", "en": "en-GB"}
DESKTOP = {"width": 1280, "height": 800}
PATIENCE_MS = 15_000

NewContext = Callable[..., BrowserContext]
OpenChat = Callable[..., Chat]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = browser_path()
    if path is None:
        pytest.skip("no Chromium here: install chromium, or name one in CHROMIUM")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(BROWSER_ARGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The server; asked for after the browser, so that without one nothing is started."""
    with served(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="package")
def shop() -> Iterator[HostSite]:
    """Somebody else's site, on another origin."""
    with host_site() as site:
        yield site


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fails the test on whatever its pages complained about."""
    watch = Watch()
    yield watch
    assert not watch.problems, "\n".join(watch.problems)


@pytest.fixture
def new_context(browser: Browser, watch: Watch) -> Iterator[NewContext]:
    """Make a browser profile of its own: ``new_context(lang="en", viewport=…)``."""
    contexts: list[BrowserContext] = []

    def make(lang: str = "zh", **options: Any) -> BrowserContext:
        context = browser.new_context(locale=LOCALES[lang], **({"viewport": DESKTOP} | options))
        context.set_default_timeout(PATIENCE_MS)
        watch.follow(context)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def open_chat(new_context: NewContext, site: Site) -> OpenChat:
    """Open the demo bot's chat page as a new visitor, or as the one whose context is given."""

    def make(lang: str = "zh", context: BrowserContext | None = None, **options: Any) -> Chat:
        page = (context or new_context(lang, **options)).new_page()
        page.goto(f"{site.origin}/chat/demo/?lang={lang}")
        return Chat(page, lang)

    return make


@pytest.fixture
def staff(new_context: NewContext, site: Site) -> Callable[..., Page]:
    """Log in as the demo's owner: ``staff(lang="zh", path="/studio/")`` gives the page."""

    def make(lang: str = "zh", path: str = "/studio/", **options: Any) -> Page:
        page = new_context(lang, **options).new_page()
        page.goto(f"{site.origin}/login/?next={path}")
        page.locator("input[name=username]").fill(site.login)
        page.locator("input[name=password]").fill(site.password)
        page.locator("input[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    return make
