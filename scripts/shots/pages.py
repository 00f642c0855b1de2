"""The screens of the product, each with what has to be done to see it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from scripts.shots.seed import Seeded
from tests.e2e.chat import Chat

KNOWN = {"zh": "多久能发货", "en": "When will my order ship?"}
VAGUE = {"zh": "东西不想要了", "en": "cancel"}
UNKNOWN = {"zh": "量子纠缠能治感冒吗", "en": "How tall is the Eiffel Tower?"}
CANCELS = {"zh": "我要取消订单", "en": "I want to cancel my order"}
TRIED = {"zh": "能不能开英文的票", "en": "how long is the warranty"}
WISH = {"zh": "我要退货", "en": "I want to return something"}
PERSON = 0

Act = Callable[[Page, str, Seeded], None]


def _nothing(page: Page, lang: str, seeded: Seeded) -> None:
    """The page as it opens."""


@dataclass(frozen=True)
class Screen:
    """``path`` may hold ``{waiting}``, the conversation that waits. ``ours`` is False where others wrote the page."""

    name: str
    path: str
    act: Act = _nothing
    staff: bool = False
    host: bool = False
    ours: bool = True


def _chat(page: Page, lang: str) -> Chat:
    return Chat(page, lang).ready()


def _empty_chat(page: Page, lang: str, seeded: Seeded) -> None:
    _chat(page, lang)


def _asking(words: dict[str, str]) -> Act:
    def act(page: Page, lang: str, seeded: Seeded) -> None:
        _chat(page, lang).ask(words[lang])

    return act


def _why(words: dict[str, str]) -> Act:
    def act(page: Page, lang: str, seeded: Seeded) -> None:
        reply = _chat(page, lang).ask(words[lang])
        reply.locator(".why").click()
        expect(reply.locator("zk-trace .stage").first).to_be_visible()

    return act


def _task(page: Page, lang: str, seeded: Seeded) -> None:
    """A task up to its confirmation, with a question in between."""
    chat = _chat(page, lang)
    order = chat.ask(CANCELS[lang]).get_by_role("button", name=re.compile({"zh": "待发货", "en": "to be sent"}[lang]))
    before = chat.replies.count()
    order.first.click()
    chat.answered(before)
    before = chat.replies.count()
    chat.type({"zh": "保修多长时间", "en": "How long is the warranty?"}[lang])
    expect(chat.replies).to_have_count(before + 2)


def _in_line(page: Page, lang: str, seeded: Seeded) -> None:
    chat = _chat(page, lang)
    chat.menu(PERSON)
    expect(chat.banner).to_contain_text(re.compile(r"\d"))


def _launcher(page: Page, lang: str, seeded: Seeded) -> None:
    expect(page.locator("zhike-widget #launcher")).to_be_visible()


def _widget_open(page: Page, lang: str, seeded: Seeded) -> None:
    page.locator("zhike-widget #launcher").click()
    Chat(page.frame_locator("zhike-widget iframe"), lang).ready().ask(KNOWN[lang])


def _sheet(page: Page, lang: str, seeded: Seeded) -> None:
    """The first entry in its sheet, and a question put to the hit test."""
    page.locator(".entry-name a").first.click()
    page.locator("#try").fill(TRIED[lang])
    page.locator("#try").press("Enter")
    reply = page.locator("#try-result .reply")
    expect(reply).to_be_visible()
    reply.scroll_into_view_if_needed()


def _import(page: Page, lang: str, seeded: Seeded) -> None:
    page.locator("#file").set_input_files(seeded.half_bad)
    page.locator("#main form .button-primary").first.click()
    expect(page.locator("#report .tally")).to_be_visible()


def _history(page: Page, lang: str, seeded: Seeded) -> None:
    page.locator(".versions").scroll_into_view_if_needed()


def _calibration(page: Page, lang: str, seeded: Seeded) -> None:
    """The curve drawn, and the slider at another precision."""
    expect(page.locator("zk-curve svg")).to_be_visible()
    page.locator("#precision").focus()
    page.keyboard.press("ArrowLeft")
    page.locator("zk-curve").scroll_into_view_if_needed()


def _diagram(page: Page, lang: str, seeded: Seeded) -> None:
    """The first flow drawn, the box of the cursor's line marked."""
    if page.locator("#tab-text").is_visible():
        page.locator("#tab-diagram").click()
    box = page.locator("zk-flow .box").nth(2)
    box.focus()
    expect(box).to_be_focused()


def _flow_problems(page: Page, lang: str, seeded: Seeded) -> None:
    """A text that is not right yet."""
    source = page.locator("#source")
    source.fill(source.input_value().replace("- collect: ", "- collect: [nothing]\n      - collect: ", 1))
    expect(page.locator(".flow-problem").first).to_be_visible()


def _trying(page: Page, lang: str, seeded: Seeded) -> None:
    """A wish, and a button of its answer."""
    page.locator("#tab-try").click()
    page.locator("#say").fill(WISH[lang])
    page.locator("#say").press("Enter")
    page.locator(".flow-choices button").first.click()
    expect(page.locator(".flow-theirs")).to_have_count(2)


def _todo_why(page: Page, lang: str, seeded: Seeded) -> None:
    page.keyboard.press("w")
    expect(page.locator("zk-trace .stage").first).to_be_visible()


def _new_entry(page: Page, lang: str, seeded: Seeded) -> None:
    page.keyboard.press("n")
    expect(page.locator("#new-answer")).to_be_focused()


SCREENS = [
    Screen("landing", "/"),
    Screen("landing-why", "/", _why(VAGUE)),
    Screen("chat-empty", "/chat/demo/", _empty_chat),
    Screen("chat-answer", "/chat/demo/", _asking(KNOWN)),
    Screen("chat-list", "/chat/demo/", _asking(VAGUE)),
    Screen("chat-refusal", "/chat/demo/", _asking(UNKNOWN)),
    Screen("chat-why", "/chat/demo/", _why(VAGUE)),
    Screen("chat-task", "/chat/demo/", _task),
    Screen("chat-queue", "/chat/demo/", _in_line),
    Screen("widget-launcher", "/", _launcher, host=True),
    Screen("widget-open", "/", _widget_open, host=True),
    Screen("login", "/login/"),
    Screen("knowledge", "/studio/demo/knowledge/", staff=True),
    Screen("knowledge-sheet", "/studio/demo/knowledge/", _sheet, staff=True),
    Screen("knowledge-empty", "/studio/empty/knowledge/", staff=True),
    Screen("import", "/studio/demo/knowledge/import/", _import, staff=True),
    Screen("publish", "/studio/demo/publish/", staff=True),
    Screen("history", "/studio/demo/publish/", _history, staff=True),
    Screen("calibration", "/studio/demo/calibration/", _calibration, staff=True),
    Screen("calibration-empty", "/studio/empty/calibration/", staff=True),
    Screen("figures", "/studio/parcels/figures/", staff=True),
    Screen("knowledge-to-fill", "/studio/parcels/knowledge/?status=waiting", staff=True),
    Screen("flows", "/studio/demo/flows/", staff=True),
    Screen("flows-empty", "/studio/empty/flows/", staff=True),
    Screen("flow", "/studio/demo/flows/files/shop/", _diagram, staff=True),
    Screen("flow-problems", "/studio/demo/flows/files/shop/", _flow_problems, staff=True),
    Screen("flow-try", "/studio/demo/flows/files/shop/", _trying, staff=True),
    Screen("bot-new", "/studio/new/", staff=True),
    Screen("rules", "/studio/demo/rules/", staff=True),
    Screen("synonyms", "/studio/demo/synonyms/", staff=True),
    Screen("words", "/studio/demo/words/", staff=True),
    Screen("todo", "/studio/demo/todo/", staff=True),
    Screen("todo-why", "/studio/demo/todo/", _todo_why, staff=True),
    Screen("todo-new", "/studio/demo/todo/", _new_entry, staff=True),
    Screen("todo-empty", "/studio/empty/todo/", staff=True),
    Screen("conversations", "/studio/demo/conversations/", staff=True),
    Screen("conversation", "/studio/demo/conversations/{waiting}/", staff=True),
    Screen("api-docs", "/api/docs", ours=False),
    Screen("admin", "/admin/", staff=True, ours=False),
]
