"""Who gets into the studio, and what stands around its pages."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.knowledge.models import Entry, Rule, SensitiveWord, SynonymGroup
from apps.knowledge.services import rule_save, synonyms_save, word_save
from tests.people import World

PASSWORD = "correct horse battery"
HX = {"HX-Request": "true"}


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def full(shop: World) -> World:
    synonyms_save(bot=shop.bot, words=["包裹", "快递"])
    rule_save(bot=shop.bot, fields={"name": "投诉", "kind": "keyword", "patterns": ["投诉"], "action": "handoff"})
    word_save(bot=shop.bot, text="赌博", level="block")
    return shop


def pages(world: World) -> list[str]:
    slug = world.bot.slug
    rows = {
        "entry": Entry.objects.filter(bot=world.bot).first(),
        "rule": Rule.objects.get(bot=world.bot),
        "synonym": SynonymGroup.objects.get(bot=world.bot),
        "word": SensitiveWord.objects.get(bot=world.bot),
    }
    names = ("bot", "rail", "knowledge", "entry_new", "publish", "rules", "rule_new", "synonyms", "synonym_new")
    plain = [reverse(f"studio:{name}", args=[slug]) for name in (*names, "words", "word_new")]
    single = [reverse(f"studio:{name}", args=[slug, row.pk]) for name, row in rows.items() if row]
    return [*plain, *single, reverse("studio:export", args=[slug, "jsonl"])]


def writes(world: World) -> list[str]:
    slug = world.bot.slug
    names = ("entry_new", "entries_away", "entries_back", "entries_to", "publish", "row_back", "rule_new", "import")
    plain = [reverse(f"studio:{name}", args=[slug]) for name in names]
    return [*plain, reverse("studio:restore", args=[slug, 1]), reverse("studio:rule_away", args=[slug, uuid4()])]


def test_every_page_opens_for_a_viewer_of_the_organisation(full: World) -> None:
    client = login(full.viewer)
    for url in pages(full):
        assert client.get(url, follow=True).status_code == 200, url


def test_a_stranger_learns_nothing_not_even_that_the_bot_exists(full: World) -> None:
    client = login(full.stranger)
    for url in pages(full):
        response = client.get(url)
        assert response.status_code == 404, url
        assert "怎么退货" not in response.content.decode()
    for url in writes(full):
        assert client.post(url).status_code == 404, url


def test_ids_of_another_bot_are_unknown_under_the_own_bot(full: World) -> None:
    client = login(full.stranger)
    entry = Entry.objects.filter(bot=full.bot).first()
    assert entry is not None
    for name, pk in (("entry", entry.pk), ("rule", Rule.objects.get().pk), ("word", SensitiveWord.objects.get().pk)):
        assert client.get(reverse(f"studio:{name}", args=["other", pk])).status_code == 404
    client.post(reverse("studio:entries_away", args=["other"]), {"id": [str(entry.pk)]})
    client.post(reverse("studio:entries_to", args=["other"]), {"id": [str(entry.pk)], "category": "theirs"})
    entry.refresh_from_db()
    assert (entry.archived_at, entry.category) == (None, "售后/退货")


@pytest.mark.parametrize("person", ["viewer", "agent"])
def test_who_may_not_edit_may_not_write(full: World, person: str) -> None:
    client = login(getattr(full, person))
    for url in writes(full):
        assert client.post(url).status_code == 403, url
    assert b"data-save" not in client.get(reverse("studio:entry_new", args=["shop"])).content


def test_whoever_is_not_logged_in_is_sent_to_log_in_and_back(full: World) -> None:
    url = reverse("studio:knowledge", args=["shop"])
    response = Client().get(f"{url}?q=退货")
    assert response.status_code == 302
    assert response["Location"].startswith(f"/login/?next={url}%3Fq%3D")


def test_a_part_of_a_page_never_holds_the_login_form(full: World) -> None:
    response = Client().get(reverse("studio:knowledge", args=["shop"]), headers=HX)
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/login/")


def test_errors_of_a_part_come_as_a_notice(full: World) -> None:
    response = login(full.editor).post(reverse("studio:restore", args=["shop", 99]), headers=HX)
    assert response.status_code == 404
    assert "v99" in json.loads(response["HX-Trigger"])["zk-notice"]["text"]


def test_home_leads_to_the_first_bot_and_says_so_when_there_is_none(full: World) -> None:
    assert login(full.viewer).get("/studio/", follow=True).redirect_chain[-1][0] == "/studio/shop/knowledge/"
    outsider = User.objects.create_user("nobody", password=PASSWORD)
    assert "create_bot" in login(outsider).get("/studio/").content.decode()


def test_the_rail_counts_what_is_not_published(full: World) -> None:
    rail = reverse("studio:rail", args=["shop"])
    assert '<span class="badge">3' in login(full.viewer).get(rail).content.decode()  # a list each
    login(full.editor).post(reverse("studio:publish", args=["shop"]))
    assert "badge" not in login(full.viewer).get(rail).content.decode()


def test_logging_in_works_and_a_wrong_password_says_so(full: World) -> None:
    client = Client()
    wrong = client.post("/login/", {"username": "bob", "password": "nonsense"})
    assert 'role="alert"' in wrong.content.decode()
    right = client.post("/login/", {"username": "bob", "password": PASSWORD, "next": "/studio/shop/publish/"})
    assert right["Location"] == "/studio/shop/publish/"


def test_too_many_wrong_passwords_lock_the_door_for_a_while(full: World) -> None:
    client = Client()
    last = None
    for _ in range(9):
        last = client.post("/login/", {"username": "bob", "password": "nonsense"})
    assert last is not None
    assert last.status_code == 429
    assert client.post("/login/", {"username": "bob", "password": PASSWORD}).status_code == 429
    assert Client().post("/login/", {"username": "carol", "password": PASSWORD}).status_code == 302
