"""What a screen must hold besides looking right: accessible, no wider than the window, in one language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).parent.parent / "vendor" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
RUN_AXE = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run(document, { iframes: false, resultTypes: ["violations"], runOnly: tags });
  return violations.map(({ id, impact, nodes }) => ({ id, impact, where: nodes.map((node) => node.target.flat().join(" ")) }));
}"""

VISIBLE_TEXTS = """(foreign) => {
  const texts = [];
  const visit = (node) => {
    for (const child of node.children) {
      if (child.matches(foreign) || !child.checkVisibility()) continue;
      texts.push(...["aria-label", "placeholder", "title"].map((name) => child.getAttribute(name)).filter(Boolean));
      for (const part of child.childNodes) if (part.nodeType === Node.TEXT_NODE && part.data.trim()) texts.push(part.data);
      visit(child);
      if (child.shadowRoot) visit(child.shadowRoot);
    }
  };
  visit(document.body);
  return texts.map((text) => text.trim().replace(/\\s+/g, " "));
}"""
NOT_OURS = (
    "[data-user-content], [dir=auto], [lang]:not([lang|={lang}], section, zk-chat, zk-trace), "
    "script, style, template, noscript, code, pre, kbd"
)
"""Elements whose words are somebody's content, code, or marked as another language."""

PARTS = re.compile(r" · | ·$| \| |: |：")
"""What joins values to each other and to their names."""
HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN_ONLY = re.compile(r"[A-Za-z]{2}")
SAME_IN_CHINESE = re.compile(
    r"^(Zhike|API|CSV|csv|xlsx|jsonl|AI|ID|Enter|Esc|Ctrl|demo|Demo|English|Empty|empty|Members|Shop|BM25|"
    r"question|answer|similar|negative|category|valid_from|valid_to|id|ms|vs|v\d+|e\d+|[a-z0-9.-]+\d+)$"
)


UNSTICK = "() => document.querySelectorAll('.rail, .top').forEach((bar) => (bar.style.position = 'static'))"
"""axe measures a target at the window's edge as if it could not be scrolled out from under a bar that stays."""


def violations(page: Page) -> list[str]:
    """What axe finds at serious or critical impact."""
    page.evaluate(UNSTICK)
    page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE)
    return [f"axe {v['id']} ({v['impact']}): {', '.join(v['where'][:4])}" for v in found if v["impact"] in SERIOUS]


def sideways(page: Page) -> list[str]:
    size = page.viewport_size  # not innerWidth: a phone widens its window to what is too wide
    wide = page.evaluate("document.documentElement.scrollWidth") - (size["width"] if size else 0)
    return [f"scrolls sideways by {wide} px"] if wide > 0 else []


def untranslated(page: Page, lang: str, content: str) -> list[str]:
    """Words in the other language that are no part of ``content``, the bot's own texts."""
    texts = page.evaluate(VISIBLE_TEXTS, NOT_OURS.replace("{lang}", lang))
    wrong = _english if lang == "zh" else HAN.search
    known = content.replace("\\\\", "\\").casefold()  # as JSON writes them, patterns have two backslashes for one
    return [
        f"not in {lang}: {text[:80]}"
        for text in dict.fromkeys(texts)
        if any(wrong(part) and not _quoted(part, known) for part in PARTS.split(text))
    ]


def _english(text: str) -> bool:
    """Whether a text has English words and no Chinese around them."""
    if HAN.search(text):
        return False
    words = re.findall(r"[A-Za-z][\w.-]*", text)
    return any(LATIN_ONLY.search(word) and not SAME_IN_CHINESE.match(word) for word in words)


def _quoted(text: str, content: str) -> bool:
    """Whether the text is from the content: whole, or the part within quotes, or cut off by an ellipsis."""
    text = text.casefold()
    parts = [text, *re.findall("“([^”]+)", text)]
    return any(part.rstrip("…").strip() in content for part in parts if part)
