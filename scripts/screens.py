"""Pictures of every screen, in both languages, light and dark, wide and on a phone; fails on what eyes overlook.

A server of its own with the demo and a day's conversations; the pictures and ``index.html`` go to ``var/screens``.
Every screen is checked with axe-core and for console errors, sideways scrolling and untranslated words.

    python -m scripts.screens [--only NAME …] [--lang zh|en] [--theme light|dark] [--size desktop|phone]
    python -m scripts.screens --docs        the pictures of the README into docs/screens
"""

from __future__ import annotations

import argparse
import html
import itertools
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from scripts.shots.checks import sideways, untranslated, violations
from scripts.shots.pages import SCREENS, Screen
from scripts.shots.seed import Seeded, seed
from tests.e2e.live import BROWSER_ARGS, ROOT, HostSite, Site, browser_path, embedding, host_site, served
from tests.e2e.watch import Watch

OUT = ROOT / "var" / "screens"
DOCS = ROOT / "docs" / "screens"
IN_README = {
    "landing": "desktop",
    "widget-open": "phone",
    "chat-why": "desktop",
    "chat-task": "phone",
    "flow": "desktop",
    "knowledge-sheet": "desktop",
    "todo": "desktop",
    "publish": "desktop",
}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
THEMES = ("light", "dark")
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
SPOKEN = ("apps/demo/services.py", "dialog/texts.py")
"""Where the demo's names and the bot's own sentences stand; with the demo's data they are content, not interface."""
PATIENCE_MS = 15_000
DOCS_MOST_BYTES = 200_000
SETTLED = """() => document.fonts.ready.then(() => Promise.all(document.getAnimations()
  .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished.catch(() => {}))))"""


@dataclass(frozen=True)
class Look:
    """One way to look at a screen."""

    lang: str
    theme: str
    size: str

    def __str__(self) -> str:
        return f"{self.lang}-{self.theme}-{self.size}"


@dataclass(frozen=True)
class Studio:
    """Everything the pictures are taken of and with. ``login`` is a signed-in browser's state."""

    site: Site
    host: HostSite
    browser: Browser
    seeded: Seeded
    login: Any
    content: str


def main() -> int:
    wanted = _arguments()
    path = browser_path()
    if path is None:
        sys.exit("No Chromium here: install chromium, or name one in CHROMIUM.")
    expect.set_options(timeout=PATIENCE_MS)
    with _studio(path) as studio:
        return _docs(studio) if wanted.docs else _all(studio, wanted)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", default=[], choices=[screen.name for screen in SCREENS], metavar="NAME")
    parser.add_argument("--lang", choices=LOCALES)
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--size", choices=SIZES)
    parser.add_argument("--docs", action="store_true", help="only the README's pictures")
    return parser.parse_args()


@contextmanager
def _studio(browser: str) -> Iterator[Studio]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zhike-screens-")))
        site = stack.enter_context(served(folder))
        host = stack.enter_context(host_site())
        playwright = stack.enter_context(sync_playwright())
        chromium = playwright.chromium.launch(executable_path=browser, args=list(BROWSER_ARGS))
        stack.callback(chromium.close)
        seeded = seed(site, folder)
        data = ROOT / "apps" / "demo" / "data"
        written = [*data.glob("*.json*"), *data.glob("flows/*.yaml"), *(ROOT / path for path in SPOKEN)]
        content = "\n".join([*(path.read_text("utf-8") for path in written), *seeded.texts])
        yield Studio(site, host, chromium, seeded, _login(site, chromium), content)


def _login(site: Site, browser: Browser) -> Any:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site.origin}/login/")
    page.locator("input[name=username]").fill(site.login)
    page.locator("input[name=password]").fill(site.password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/studio/**")
    state = context.storage_state()
    context.close()
    return state


def _all(studio: Studio, wanted: argparse.Namespace) -> int:
    screens = [screen for screen in SCREENS if not wanted.only or screen.name in wanted.only]
    looks = [
        Look(*look)
        for look in itertools.product(LOCALES, THEMES, SIZES)
        if all(
            choice in (None, part) for choice, part in zip((wanted.lang, wanted.theme, wanted.size), look, strict=True)
        )
    ]
    problems: dict[tuple[str, str], list[str]] = {}
    for look, screen in itertools.product(looks, screens):
        found = _picture(studio, screen, look, OUT / str(look) / f"{screen.name}.png")
        problems[screen.name, str(look)] = found
        for problem in found:
            sys.stdout.write(f"{screen.name} {look}: {problem}\n")
    (OUT / "index.html").write_text(_sheet(screens, looks, problems), "utf-8")
    bad = sum(map(len, problems.values()))
    sys.stdout.write(f"{len(problems)} pictures in {(OUT / 'index.html').relative_to(ROOT)}, {bad} problems\n")
    return 1 if bad else 0


def _docs(studio: Studio) -> int:
    bad = 0
    for screen in SCREENS:
        if screen.name not in IN_README:
            continue
        path = DOCS / f"{screen.name}.png"
        found = _picture(studio, screen, Look("zh", "light", IN_README[screen.name]), path)
        if path.stat().st_size > DOCS_MOST_BYTES:
            found.append(f"{path.stat().st_size} bytes; a README wants at most {DOCS_MOST_BYTES}")
        sys.stdout.writelines(f"{screen.name}: {problem}\n" for problem in found)
        bad += len(found)
    return 1 if bad else 0


def _picture(studio: Studio, screen: Screen, look: Look, path: Path) -> list[str]:
    """Take one picture; what is wrong with the screen."""
    watch = Watch()
    context = studio.browser.new_context(
        locale=LOCALES[look.lang],
        color_scheme=look.theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
        storage_state=studio.login if screen.staff else None,
        **SIZES[look.size],
    )
    context.set_default_timeout(PATIENCE_MS)
    watch.follow(context)
    try:
        return _look_at(context, studio, screen, look, path) + watch.problems
    finally:
        context.close()


def _look_at(context: BrowserContext, studio: Studio, screen: Screen, look: Look, path: Path) -> list[str]:
    page = context.new_page()
    failed: list[str] = []
    try:
        page.goto(_address(studio, screen, look))
        page.wait_for_load_state("load")
        screen.act(page, look.lang, studio.seeded)
    except (AssertionError, Error) as error:
        failed.append(f"not reached: {' '.join(str(error).split())[:300]}")
    page.evaluate(SETTLED)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    return failed + _checked(page, screen, look, studio.content)


def _checked(page: Page, screen: Screen, look: Look, content: str) -> list[str]:
    if not screen.ours:
        return []
    wrong = [] if screen.host else untranslated(page, look.lang, content)
    return [*sideways(page), *wrong, *violations(page)]


def _address(studio: Studio, screen: Screen, look: Look) -> str:
    if screen.host:
        studio.host.pages["/"] = embedding(studio.site.origin, "demo", lang=look.lang)
        return f"{studio.host.origin}/"
    return studio.site.origin + screen.path.format(waiting=studio.seeded.waiting)


def _sheet(screens: list[Screen], looks: list[Look], problems: dict[tuple[str, str], list[str]]) -> str:
    """A contact sheet: a row for each screen, a column for each look."""
    rows = []
    for screen in screens:
        cells = []
        for look in looks:
            source = f"{look}/{screen.name}.png"
            notes = "".join(f"<li>{html.escape(problem)}</li>" for problem in problems[screen.name, str(look)])
            cells.append(f'<td><a href="{source}"><img src="{source}" alt="" loading="lazy"></a><ul>{notes}</ul></td>')
        rows.append(f"<tr><th>{screen.name}</th>{''.join(cells)}</tr>")
    heads = "".join(f"<th>{look}</th>" for look in looks)
    style = "body{font:14px system-ui}img{width:240px;border:1px solid #ccc}td{vertical-align:top}li{color:#b0241c}"
    return (
        f'<!doctype html><meta charset="utf-8"><title>Screens</title><style>{style}</style>'
        f"<table><tr><th></th>{heads}</tr>{''.join(rows)}</table>"
    )


if __name__ == "__main__":
    sys.exit(main())
