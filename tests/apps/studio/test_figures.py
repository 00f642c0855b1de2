"""The page of a company's own figures, and what the other pages say of answers that wait for one."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.knowledge.content import EntryContent
from apps.knowledge.figures import figures_of, figures_save
from apps.knowledge.services import entry_save
from tests.people import World

HX = {"HX-Request": "true"}


def url(name: str) -> str:
    return reverse(f"studio:{name}", args=["shop"])


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def waiting(shop: World) -> World:
    entry_save(bot=shop.bot, content=EntryContent("怎么找人工", "拨打{phone}，{hours}点前。"), by=shop.editor)
    entry_save(bot=shop.bot, content=EntryContent("投诉电话", "拨打{phone}。"), by=shop.editor)
    return shop


def test_the_page_lists_each_name_once_with_its_count(waiting: World) -> None:
    page = login(waiting.viewer).get(url("figures")).content.decode()
    assert page.count('name="figure.phone"') == page.count('name="figure.hours"') == 1
    assert "in 2 answers" in page
    assert "readonly" in page
    assert 'data-key="s"' not in page


def test_without_names_the_page_says_so(shop: World) -> None:
    assert "No answer names a figure" in login(shop.editor).get(url("figures")).content.decode()


def test_an_editor_fills_in_and_what_is_refused_stays_in_the_form(waiting: World) -> None:
    client = login(waiting.editor)
    saved = client.post(url("figures"), {"figure.phone": "400-800", "figure.hours": "", "note": "x"}, headers=HX)
    assert "zk-changed" in saved["HX-Trigger"]
    waiting.bot.refresh_from_db()
    assert figures_of(waiting.bot) == {"phone": "400-800"}
    refused = client.post(url("figures"), {"figure.phone": "{x}"}, headers=HX)
    assert refused.status_code == 422
    assert 'value="{x}"' in refused.content.decode()
    waiting.bot.refresh_from_db()
    assert figures_of(waiting.bot) == {"phone": "400-800"}


def test_the_publish_page_counts_what_is_left_out(waiting: World) -> None:
    page = login(waiting.editor).get(url("publish")).content.decode()
    assert "2 answers name figures that are not filled in" in page
    assert "publish-form" not in page
    figures_save(bot=waiting.bot, values={"phone": "400-800"})
    page = login(waiting.editor).get(url("publish")).content.decode()
    assert "1 answer names a figure" in page
    assert "{phone} = 400-800" in page
    assert "投诉电话" in page


def test_the_table_filters_what_is_to_fill(waiting: World) -> None:
    page = login(waiting.viewer).get(f"{url('knowledge')}?status=waiting").content.decode()
    assert "怎么找人工" in page
    assert "怎么退货" not in page
    assert '<code class="muted">{' in page
    assert url("figures") in page


def test_the_rail_counts_only_what_a_publish_would_change(waiting: World) -> None:
    assert "badge" not in login(waiting.viewer).get(url("rail")).content.decode()


def test_trying_an_entry_shows_the_figures_filled_in(waiting: World) -> None:
    figures_save(bot=waiting.bot, values={"phone": "400-800"})
    form = {"question": "怎么转人工", "answer": "拨打{phone}。", "try": "怎么转人工"}
    assert "拨打400-800。" in login(waiting.editor).post(url("entry_try"), form).content.decode()
