"""What a list shows, read from the address bar and written back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from apps.bots.models import Bot
from apps.knowledge.models import Entry
from apps.knowledge.selectors import entries_search

PAGE = 50
STATUSES = ("", "new", "changed", "waiting", "published", "removing", "archived")


@dataclass(frozen=True, slots=True)
class KnowledgeFilter:
    """A page of the knowledge table."""

    text: str = ""
    status: str = ""
    category: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> KnowledgeFilter:
        """Nonsense in the address bar reads as no filter."""
        status = query.get("status", "")
        page = query.get("page", "")
        return cls(
            text=query.get("q", "").strip()[:200],
            status=status if status in STATUSES else "",
            category=query.get("category", "")[:200],
            page=int(page) if page.isdecimal() and len(page) < 7 else 1,
        )

    def __str__(self) -> str:
        """As a query string with its question mark; empty where nothing is filtered."""
        values = {"q": self.text, "status": self.status, "category": self.category}
        kept = {name: value for name, value in values.items() if value}
        if self.page > 1:
            kept["page"] = str(self.page)
        return f"?{urlencode(kept)}" if kept else ""

    def with_status(self, status: str) -> KnowledgeFilter:
        return replace(self, status=status, page=1)

    def with_page(self, page: int) -> KnowledgeFilter:
        return replace(self, page=page)

    @property
    def filters(self) -> bool:
        return bool(self.text or self.status or self.category)

    def rows(self, bot: Bot) -> Page[Entry]:
        return paged(self._found(bot), self.page)

    def _found(self, bot: Bot) -> QuerySet[Entry]:
        found = entries_search(bot, text=self.text, status=self.status, category=self.category)
        return found.defer("search_text", "answer")


def paged(rows: QuerySet[Entry], page: int) -> Page[Entry]:
    """The page, or the last one there is."""
    return Paginator(rows, PAGE).get_page(page)
