"""The back office: superusers only, no secret shown, history not to be edited."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.conversations.models import Turn
from apps.knowledge.models import Entry, EntryVersion, Publication
from tests.apps.conversations.visitor import Visitor
from tests.people import World

OURS = [model for model in admin.site._registry if model.__module__.startswith("apps.")]


@pytest.fixture
def root(shop: World) -> Client:
    User.objects.create_superuser("root", password="correct horse battery")
    client = Client()
    client.force_login(User.objects.get(username="root"))
    return client


def url(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_list_and_row_opens_and_can_be_searched(root: Client) -> None:
    Visitor("shop").say("咋退啊")
    assert len(OURS) >= 15
    for model in OURS:
        assert root.get(url(model, "changelist"), {"q": "退"}).status_code == 200, model
        row = model._default_manager.first()
        if row is not None:
            assert root.get(url(model, "change", row.pk)).status_code == 200, model


def test_staff_without_superuser_see_nothing_of_any_organisation(shop: World) -> None:
    shop.owner.is_staff = True
    shop.owner.save()
    client = Client()
    client.force_login(shop.owner)
    for model in OURS:
        assert client.get(url(model, "changelist")).status_code == 403, model


def test_a_bots_secret_is_not_on_its_page(root: Client, shop: World) -> None:
    page = root.get(url(Bot, "change", shop.bot.pk)).content.decode()
    assert shop.bot.secret not in page
    assert "secret" not in page


def test_history_can_be_neither_changed_nor_deleted_nor_added(root: Client, shop: World) -> None:
    Visitor("shop").say("咋退啊")
    for model in (Publication, EntryVersion, Turn, Entry):
        row = model._default_manager.filter(bot=shop.bot).first()  # type: ignore[misc]
        assert row is not None
        assert root.post(url(model, "change", row.pk), {"note": "x"}).status_code == 403
        assert root.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403
        assert root.get(url(model, "add")).status_code == 403


def test_changed_settings_raise_the_revision_that_processes_watch(root: Client, shop: World) -> None:
    before = shop.bot.revision
    form = {"organisation": str(shop.bot.organisation_id), "slug": "shop", "name": "Renamed", "profile": "{}"}
    response = root.post(url(Bot, "change", shop.bot.pk), {**form, "thresholds": "{}", "allowed_sites": "[]"})
    assert response.status_code == 302
    shop.bot.refresh_from_db()
    assert (shop.bot.name, shop.bot.revision) == ("Renamed", before + 1)
