"""Creating a bot in the studio: for owners alone, in their own organisation, with a pack or empty."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Member, Organisation, Role, User
from apps.bots.models import Bot
from apps.knowledge.models import Entry
from apps.knowledge.packs import packs
from tests.people import World

URL = "/studio/new/"
FORM = {"name": "我的店", "slug": "my-shop", "pack": ""}


def login(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(("lang", "telecom"), [("en", "Telecoms"), ("zh-hans", "电信")])
def test_the_form_offers_every_pack_with_its_size(world: World, lang: str, telecom: str) -> None:
    client = login(world.owner)
    client.cookies["django_language"] = lang
    page = client.get(URL).content.decode()
    assert all(f'value="{pack.name}"' in page for pack in packs())
    size = next(pack.entries for pack in packs() if pack.name == "telecom")
    assert telecom in page
    assert str(size) in page


@pytest.mark.parametrize("person", ["editor", "agent", "viewer"])
def test_only_owners_create_bots(world: World, person: str) -> None:
    client = login(getattr(world, person))
    assert client.get(URL).status_code == 403
    assert client.post(URL, FORM).status_code == 403
    assert not Bot.objects.filter(slug="my-shop").exists()
    assert URL not in client.get("/studio/shop/knowledge/").content.decode()


def test_an_empty_bot_opens_its_knowledge(world: World) -> None:
    response = login(world.owner).post(URL, FORM)
    assert response["Location"] == reverse("studio:knowledge", args=["my-shop"])
    bot = Bot.objects.get(slug="my-shop")
    assert (bot.name, bot.organisation.name, bot.live_version) == ("我的店", "Ours", 0)
    assert URL in login(world.owner).get("/studio/shop/knowledge/").content.decode()


def test_a_bot_with_a_pack_answers_and_asks_for_its_figures(world: World) -> None:
    response = login(world.owner).post(URL, {**FORM, "pack": "law"})
    assert response["Location"] == reverse("studio:figures", args=["my-shop"])
    bot = Bot.objects.get(slug="my-shop")
    assert bot.live_version == 1
    assert set(Entry.objects.filter(bot=bot).values_list("updated_by__username", flat=True)) == {"alice"}


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"slug": "shop"}, "shop"), ({"slug": "My Shop"}, "a-z"), ({"slug": "new"}, "studio"), ({"pack": "zoo"}, "zoo")],
)
def test_what_cannot_be_comes_back_with_the_reason(world: World, changes: dict[str, str], word: str) -> None:
    before = Bot.objects.count()
    response = login(world.owner).post(URL, {**FORM, **changes})
    assert response.status_code == 422
    page = response.content.decode()
    assert word in page.split('role="alert"')[1].split("</p>")[0]
    assert 'value="我的店"' in page
    assert Bot.objects.count() == before


def test_an_owner_of_two_chooses_and_cannot_choose_anothers(world: World) -> None:
    second = Organisation.objects.create(name="Second")
    Member.objects.create(user=world.owner, organisation=second, role=Role.OWNER)
    third = Organisation.objects.create(name="Third")
    Member.objects.create(user=world.owner, organisation=third, role=Role.EDITOR)
    client = login(world.owner)
    page = client.get(URL).content.decode()
    assert "Second" in page
    assert "Theirs" not in page
    assert "Third" not in page
    for wrong in ("", "nonsense", str(third.pk), str(world.foreign_bot.organisation_id)):
        assert client.post(URL, {**FORM, "organisation": wrong}).status_code == 422
    assert client.post(URL, {**FORM, "organisation": str(second.pk)}).status_code == 302
    assert Bot.objects.get(slug="my-shop").organisation == second


def test_whoever_has_no_bot_yet_is_led_to_the_form(world: World) -> None:
    newcomer = User.objects.create_user("newcomer")
    empty = Organisation.objects.create(name="Empty")
    Member.objects.create(user=newcomer, organisation=empty, role=Role.OWNER)
    assert URL in login(newcomer).get("/studio/").content.decode()
    outsider = User.objects.create_user("outsider")
    assert URL not in login(outsider).get("/studio/").content.decode()
