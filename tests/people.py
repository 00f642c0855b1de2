"""The people of every access test: two organisations, a bot each, and somebody for each role."""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts.models import Member, Organisation, Role, User
from apps.bots.models import Bot
from apps.bots.services import bot_create


@dataclass(frozen=True)
class World:
    """``bot`` is Alice's; Eve owns another organisation and must never learn anything of it."""

    bot: Bot
    foreign_bot: Bot
    owner: User
    editor: User
    agent: User
    viewer: User
    stranger: User


def make_world() -> World:
    ours = Organisation.objects.create(name="Ours")
    theirs = Organisation.objects.create(name="Theirs")
    return World(
        bot=bot_create(organisation=ours, slug="shop", name="Shop"),
        foreign_bot=bot_create(organisation=theirs, slug="other", name="Other"),
        owner=_member(ours, "alice", Role.OWNER),
        editor=_member(ours, "bob", Role.EDITOR),
        agent=_member(ours, "carol", Role.AGENT),
        viewer=_member(ours, "dave", Role.VIEWER),
        stranger=_member(theirs, "eve", Role.OWNER),
    )


def _member(organisation: Organisation, name: str, role: Role) -> User:
    user = User.objects.create_user(name, password="correct horse battery")
    Member.objects.create(user=user, organisation=organisation, role=role)
    return user
