"""Bots and the organisations they belong to."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from apps.accounts.models import Organisation
from apps.accounts.services import organisation_for_bot
from apps.bots.access import bot_by_slug
from apps.bots.models import is_site
from apps.bots.services import bot_create, bot_update
from apps.core.errors import Conflict, Invalid, NotFound
from tests.people import World


def create_bot(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("create_bot", *arguments, "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


@pytest.mark.django_db
class TestCreateBot:
    def test_the_first_bot_brings_its_organisation(self) -> None:
        assert create_bot("shop") == {"bot": "shop", "name": "shop", "organisation": "My organisation"}
        assert create_bot("second", "--name", "第二")["organisation"] == "My organisation"

    def test_an_organisation_is_named_or_the_only_one(self) -> None:
        assert organisation_for_bot(name="Acme") == organisation_for_bot(name="Acme") == organisation_for_bot()
        organisation_for_bot(name="Other")
        with pytest.raises(Invalid, match="--organisation"):
            organisation_for_bot()

    def test_a_taken_slug_is_a_conflict_over_all_organisations(self, world: World) -> None:
        with pytest.raises(Conflict, match="shop"):
            bot_create(organisation=Organisation.objects.get(name="Theirs"), slug="shop")
        with pytest.raises(CommandError, match="shop"):
            create_bot("shop", "--organisation", "Theirs")

    @pytest.mark.parametrize("slug", ["", "-a", "a-", "A", "a b", "a_b", "机器人", "a" * 41, "a/b"])
    def test_a_slug_that_is_no_address_is_refused(self, world: World, slug: str) -> None:
        with pytest.raises(Invalid) as caught:
            bot_create(organisation=world.bot.organisation, slug=slug)
        assert set(caught.value.fields) == {"slug"}


class TestBot:
    def test_a_change_of_the_settings_counts_as_a_new_revision(self, world: World) -> None:
        before = world.bot.revision
        bot_update(bot=world.bot, changes={"name": "新名字"})
        assert (bot_by_slug("shop").name, bot_by_slug("shop").revision) == ("新名字", before + 1)

    def test_a_refused_change_stores_nothing(self, world: World) -> None:
        with pytest.raises(ValidationError):
            bot_update(bot=world.bot, changes={"name": ""})
        assert bot_by_slug("shop").name == "Shop"

    def test_an_unknown_slug_is_not_found(self, world: World) -> None:
        with pytest.raises(NotFound, match="none"):
            bot_by_slug("none")

    def test_two_bots_have_two_secrets_and_the_table_holds_neither(self, world: World) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM bots_bot")
            stored = str(cursor.fetchall())
        assert world.bot.secret != world.foreign_bot.secret
        assert world.bot.secret not in stored


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        ("*", True),
        ("https://shop.example", True),
        ("http://localhost:3000", True),
        ("https://*.shop.example", True),
        ("shop.example", False),
        ("https://shop.example/path", False),
        ("https://shop.example; script-src *", False),
        ("https://a.example https://b.example", False),
        ("https://a.example\n", False),
        ("javascript:alert(1)", False),
        ("'unsafe-inline'", False),
        ("", False),
        (None, False),
        (5, False),
    ],
)
def test_a_site_is_one_source_of_a_policy(site: object, expected: bool) -> None:
    assert is_site(site) is expected
