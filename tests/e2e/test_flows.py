"""Flows in the studio: written, checked, drawn, tried out, published; by keyboard, by pointer and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dialog.stories import read_stories
from tests.e2e.live import Site
from tests.e2e.test_phone import PHONE, sideways
from tests.e2e.watch import Watch

Staff = Callable[..., Page]
FLOWS = "/studio/demo/flows/"
SHOP = f"{FLOWS}files/shop/"
SELECTED = "(text) => text.value.slice(text.selectionStart, text.selectionEnd)"


def new_file(page: Page, site: Site, name: str) -> None:
    page.goto(site.origin + FLOWS)
    page.locator("#new-file").fill(name)
    page.locator("#new-file").press("Enter")
    page.wait_for_url(f"**/flows/files/{name}/")


def put(page: Page, before: str, after: str) -> None:
    """Change the text as somebody does who pastes."""
    source = page.locator("#source")
    source.fill(source.input_value().replace(before, after, 1))


def test_a_flow_is_written_checked_drawn_and_published(staff: Staff, site: Site) -> None:
    page = staff("en")
    new_file(page, site, "greetings")
    expect(page.locator("zk-flow .box")).to_have_count(6)
    expect(page.locator(".ok-line")).to_be_visible()

    put(page, "- collect: [", "- collect: [missing, ")
    problem = page.locator(".flow-problem[data-severity=error]").first
    expect(problem).to_contain_text("missing")
    expect(page.locator(".flow-gutter [data-severity=error]")).to_have_count(1)
    problem.click()
    assert "missing" in page.locator("#source").evaluate(SELECTED)
    page.keyboard.press("Control+s")
    expect(page.locator("[data-state]")).to_have_text("Saved")
    page.goto(site.origin + FLOWS)
    expect(page.locator(".flow-lines")).to_contain_text("greetings:")

    page.locator(".flow-lines a").first.click()
    expect(page.locator("#source")).to_be_focused()
    put(page, "[missing, ", "[")
    expect(page.locator(".flow-problem")).to_have_count(0)
    page.locator("[data-save]").click()
    expect(page.locator("[data-state]")).to_have_text("Saved")
    page.goto(site.origin + FLOWS)
    page.locator(".publish-form .button-primary").click()
    expect(page.locator(".notice-ok")).to_be_visible()
    page.get_by_role("button", name="Delete “greetings”").click()
    expect(page.locator("[data-row=greetings]")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator("[data-row=greetings]")).to_be_visible()


def test_the_text_and_the_diagram_lead_to_each_other(staff: Staff) -> None:
    page = staff("en", SHOP)
    confirm = page.locator("zk-flow .box.confirm").first
    confirm.click()
    source = page.locator("#source")
    expect(source).to_be_focused()
    assert "confirm" in source.evaluate(SELECTED)
    expect(page.locator("zk-flow .box.here")).to_have_count(1)

    page.locator("zk-flow .box.start").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowUp")
    said = page.locator("zk-flow .box:focus .title").inner_text()
    page.keyboard.press("Enter")
    expect(source).to_be_focused()
    assert said[:5] in source.input_value()
    page.locator("zk-flow summary").click()
    expect(page.locator("zk-flow .list li").first).to_be_visible()


def test_tab_indents_and_escape_gives_it_back(staff: Staff) -> None:
    page = staff("en", SHOP)
    source = page.locator("#source")
    source.evaluate("(text) => { text.focus(); text.setSelectionRange(0, 0); }")
    page.keyboard.press("Tab")
    assert source.input_value().startswith("  #")
    page.keyboard.press("Control+z")
    assert source.input_value().startswith("#")
    page.keyboard.press("Escape")
    expect(source).to_be_focused()
    page.keyboard.press("Tab")
    expect(source).not_to_be_focused()


def test_two_editors_lose_nothing(staff: Staff, site: Site, watch: Watch) -> None:
    mine = staff("en")
    new_file(mine, site, "shared")
    theirs = staff("en", f"{FLOWS}files/shared/")
    put(theirs, "version: 1", "version: 1 # theirs")
    theirs.keyboard.press("Control+s")
    expect(theirs.locator("[data-state]")).to_have_text("Saved")
    put(mine, "version: 1", "version: 1 # mine")
    choice = mine.locator("[data-conflict]")
    with watch.allow("409"):
        mine.keyboard.press("Control+s")
        expect(choice.locator(".notice")).to_be_visible()
    source = mine.locator("#source")
    assert "# mine" in source.input_value()
    choice.locator("button").first.click()
    assert "# theirs" in source.input_value()
    mine.locator("zk-undo .toast-undo").click()
    assert "# mine" in source.input_value()
    mine.keyboard.press("Control+s")
    expect(mine.locator("[data-state]")).to_have_text("Saved")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_try_out_becomes_a_story(staff: Staff, tmp_path: Path, lang: str) -> None:
    page = staff(lang, SHOP)
    page.locator("#tab-try").click()
    page.locator("#say").fill({"zh": "我要取消订单", "en": "please cancel my order"}[lang])
    page.locator("#say").press("Enter")
    expect(page.locator(".flow-theirs")).to_have_count(1)
    page.locator(".flow-theirs .flow-choices button").first.click()
    expect(page.locator(".flow-theirs")).to_have_count(2)
    expect(page.locator(".flow-frame").first).to_be_visible()
    page.locator(".flow-theirs .why summary").last.click()
    expect(page.locator("zk-trace .stage").first).to_be_visible()
    with page.expect_download() as waiting:
        page.locator("[data-story]").click()
    waiting.value.save_as(tmp_path / "story.yml")
    [story] = read_stories((tmp_path / "story.yml").read_text("utf-8"))
    assert (story.bot, story.lang, len(story.turns)) == ("demo", lang, 2)


def test_errors_stop_a_try_out_and_lead_to_their_line(staff: Staff, watch: Watch) -> None:
    page = staff("en", SHOP)
    put(page, "- collect: [", "- collect: [missing, ")
    page.locator("#tab-try").click()
    page.locator("#say").fill("return something")
    with watch.allow("422"):
        page.locator("#say").press("Enter")
        page.locator(".flow-talk .flow-problem").first.click()
    expect(page.locator("#source")).to_be_focused()
    assert "missing" in page.locator("#source").evaluate(SELECTED)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_on_a_phone_one_part_is_shown_at_a_time_and_nothing_scrolls_sideways(
    staff: Staff, site: Site, lang: str
) -> None:
    page = staff(lang, FLOWS, **PHONE)
    assert sideways(page) <= 0
    page.goto(site.origin + SHOP)
    for part in ("text", "diagram", "try"):
        page.locator(f"#tab-{part}").tap()
        expect(page.locator(f"#pane-{part}")).to_be_visible()
        expect(page.locator(".flow-pane:visible")).to_have_count(1)
        assert sideways(page) <= 0, part
    page.locator("#tab-diagram").tap()
    page.locator("zk-flow .box.read").first.tap()
    expect(page.locator("#source")).to_be_focused()
