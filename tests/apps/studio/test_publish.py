"""Publishing from the studio: the list of what changes, the publish, and the way back."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from apps.knowledge.bulk import entries_archive
from apps.knowledge.content import EntryContent
from apps.knowledge.models import Entry, Publication
from apps.knowledge.services import entry_content, entry_save, rule_save, synonyms_save
from tests.people import World

HX = {"HX-Request": "true", "HX-Target": "publishing"}


@pytest.fixture
def editor(shop: World) -> Client:
    client = Client(headers=HX)
    client.force_login(shop.editor)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"studio:{name}", args=["shop", *args])


def change_something(shop: World) -> None:
    entry = Entry.objects.get(question="怎么退货")
    edited = EntryContent("怎么退货", "在订单页点退货。", ("咋退啊", "买错了"), ("怎么退会员费",), "售后/退货")
    entry_save(bot=shop.bot, content=edited, by=shop.editor, entry=entry)
    entry_save(bot=shop.bot, content=EntryContent("能开收据吗", "可以。"), by=shop.editor)
    entries_archive(bot=shop.bot, ids=[Entry.objects.get(question="怎么开发票").pk], by=shop.editor)
    synonyms_save(bot=shop.bot, words=["包裹", "快递"])


def test_the_page_lists_what_changes_down_to_the_field(editor: Client, shop: World) -> None:
    change_something(shop)
    page = editor.get(url("publish")).content.decode()
    assert "在订单页点<del>申请售后</del><ins>退货</ins>。" in page
    assert "<del>东西不想要了怎么弄</del>" in page
    assert "<ins>买错了</ins>" in page
    assert "咋退啊" not in page
    for name in ("能开收据吗", "怎么开发票", "包裹 = 快递"):
        assert name in page
    assert "怎么换货" not in page


def test_publishing_counts_notes_and_leaves_nothing_to_publish(editor: Client, shop: World) -> None:
    change_something(shop)
    editor.post(url("publish"), {"note": "五月"})
    made = Publication.objects.get(bot=shop.bot, version=2)
    counts = {name: made.changes[name] for name in ("added", "changed", "removed")}
    assert counts == {"added": 1, "changed": 1, "removed": 1}
    assert (made.note, made.created_by) == ("五月", shop.editor)
    shop.bot.refresh_from_db()
    assert shop.bot.live_version == 2
    assert "publish-form" not in editor.get(url("publish")).content.decode()


def test_publishing_nothing_makes_no_version(editor: Client, shop: World) -> None:
    assert editor.post(url("publish")).status_code == 409
    assert Publication.objects.filter(bot=shop.bot).count() == 1


def test_undoing_a_publish_rolls_back_and_keeps_the_drafts(editor: Client, shop: World) -> None:
    change_something(shop)
    response = editor.post(url("publish"))
    offer = json.loads(response["HX-Trigger"])["zk-undo"]
    assert offer["url"] == url("restore", 1)
    editor.post(offer["url"])
    restored = Publication.objects.get(bot=shop.bot, version=3)
    assert restored.manifest == Publication.objects.get(bot=shop.bot, version=1).manifest
    assert entry_content(Entry.objects.get(question="怎么退货")).answer == "在订单页点退货。"
    assert Entry.objects.get(question="怎么退货").status == "changed"


def test_rolling_forward_again_answers_as_before_the_way_back(editor: Client, shop: World) -> None:
    change_something(shop)
    editor.post(url("publish"))
    back = editor.post(url("restore", 1))
    editor.post(json.loads(back["HX-Trigger"])["zk-undo"]["url"])
    forward = Publication.objects.get(bot=shop.bot, version=4)
    assert forward.manifest == Publication.objects.get(bot=shop.bot, version=2).manifest
    assert not Entry.objects.filter(bot=shop.bot).exclude(live_hash="").filter(question="怎么开发票").exists()


def test_going_back_to_what_answers_now_is_refused(editor: Client, shop: World) -> None:
    assert editor.post(url("restore", 1)).status_code == 409


def test_a_page_whose_publish_was_undone_from_a_notice_fetches_itself(shop: World) -> None:
    client = Client(headers={"HX-Request": "true"})
    client.force_login(shop.editor)
    change_something(shop)
    client.post(url("publish"))
    assert "zk-restored" in json.loads(client.post(url("restore", 1))["HX-Trigger"])


def test_changed_rules_are_shown_with_both_versions(editor: Client, shop: World) -> None:
    fields = {"name": "投诉", "kind": "keyword", "patterns": ["投诉"], "action": "handoff"}
    rule = rule_save(bot=shop.bot, fields=fields)
    editor.post(url("publish"))
    rule_save(bot=shop.bot, fields={**fields, "patterns": ["投诉", "12315"]}, rule=rule)
    page = editor.get(url("publish")).content.decode()
    assert "投诉 | 12315" in page
    assert 'data-status="changed"' in page
