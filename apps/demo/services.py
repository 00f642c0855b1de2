"""The demo organisation: an online shop for home electronics with a bot, its knowledge, and somebody who may log in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import orjson
from django.conf import settings
from django.db import transaction

from apps.accounts.models import Member, Organisation, Role, User
from apps.bots.models import Bot
from apps.bots.services import bot_create, bot_update
from apps.core.commands import Progress
from apps.demo.flows import demo_flows
from apps.demo.understanding import demo_nlu
from apps.knowledge.importing import knowledge_import
from apps.knowledge.list_import import lists_import
from apps.knowledge.publishing import publication_create
from apps.knowledge.readers import read_file

DATA = Path(__file__).parent / "data"
ORGANISATION = "云杉数码 Spruce Electronics"
SLUG = "demo"
LOGIN = "demo"
DEBUG_PASSWORD = "demo-zhike"


@dataclass(frozen=True, slots=True)
class Demo:
    """``version`` is of the knowledge, ``flows`` of the flows; ``password`` is empty when the operator existed before and
    keeps theirs."""

    bot: Bot
    login: str
    password: str
    entries: int
    version: int
    flows: int


@transaction.atomic
def demo_refresh(*, progress: Progress) -> Demo:
    """Create the demo or bring it to the state of its files; what was labelled or talked stays.

    Entries that an editor added stay too; those of the files are set back to the files' text.
    """
    organisation, _created = Organisation.objects.get_or_create(name=ORGANISATION)
    bot = Bot.objects.filter(slug=SLUG).first() or bot_create(organisation=organisation, slug=SLUG, name="小杉 Sprucey")
    login, password = _operator(bot.organisation)
    profile = orjson.loads((DATA / "profile.json").read_bytes())
    bot_update(bot=bot, changes={"profile": profile, "shows_traces": True, "allowed_sites": ["*"]})
    entries = 0
    for path in sorted(DATA.glob("knowledge_*.jsonl")):
        report = knowledge_import(bot=bot, rows=read_file(path), by=None, progress=progress)
        entries += report.created + report.changed + report.unchanged
    lists_import(
        bot=bot,
        synonyms=read_file(DATA / "synonyms.jsonl"),
        rules=read_file(DATA / "rules.jsonl"),
        words=read_file(DATA / "words.jsonl"),
    )
    publication = publication_create(bot=bot, by=None, note="demo")
    flows = demo_flows(bot)
    demo_nlu(bot)
    return Demo(bot, login, password, entries, publication.version, flows)


def _operator(organisation: Organisation) -> tuple[str, str]:
    """The owner's login, and the password if it was set now: a known one only on a developer's machine."""
    user = User.objects.filter(username=LOGIN).first()
    password = ""
    if user is None:
        password = DEBUG_PASSWORD if settings.DEBUG else secrets.token_urlsafe(12)
        user = User.objects.create_user(LOGIN, password=password, first_name="小林", is_staff=True, is_superuser=True)
    Member.objects.get_or_create(user=user, organisation=organisation, defaults={"role": Role.OWNER})
    return user.get_username(), password
