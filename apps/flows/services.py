"""Writes to flows and actions. Flow files are drafts; what runs changes with a publish, actions change at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot
from apps.core.addresses import AddressRefused, target_of
from apps.core.errors import Conflict, Invalid
from apps.core.http import allowed_hosts
from apps.core.signing import is_secret, new_secret
from apps.flows.access import version_of
from apps.flows.builtin import builtin_name
from apps.flows.checking import problems_of
from apps.flows.models import Action, ActionServer, FlowFile, FlowVersion
from apps.flows.selectors import action_specs, flow_drafts
from apps.flows.specs import spec_fields

MAX_FILE_CHARS, MAX_FILES, MAX_ACTIONS = 200_000, 50, 500
_NAMED = 3
"""Errors that a refused publish names."""
_FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_SERVER = frozenset({"name", "url", "enabled", "read_seconds", "write_seconds", "secret"})


# --- flow files -------------------------------------------------------------------------------------------------


@transaction.atomic
def flow_save(*, bot: Bot, name: str, source: str, by: User | None, revision: int | None = None) -> FlowFile:
    """Create a draft or replace its text, which may have problems. ``revision`` is the one the editor had before them, 0
    for a new file; without it the text is stored whatever stood there.

    Raises:
        Invalid: the name is not acceptable, or the text far too long.
        Conflict: somebody saved or created it meanwhile.
    """
    _check_file(name, source)
    _lock(bot)
    file = FlowFile.objects.filter(bot=bot, name=name).first()
    if revision is not None and revision != (file.revision if file else 0):
        raise Conflict(_("Somebody saved “%s” meanwhile. Reload it; your text is still on the page.") % name)
    if file is None:
        if flow_drafts(bot).count() >= MAX_FILES:
            raise Invalid(_("A bot has at most %d flow files; put some together.") % MAX_FILES)
        return FlowFile.objects.create(bot=bot, name=name, source=source, updated_by=by)
    if file.source != source:
        file.source, file.updated_by, file.revision = source, by, file.revision + 1
        file.save(update_fields=["source", "updated_by", "revision", "updated_at"])
    return file


@transaction.atomic
def flow_delete(*, file: FlowFile) -> None:
    """Remove a draft; what it published goes on running until the next publish."""
    file.delete()


@transaction.atomic
def flows_publish(*, bot: Bot, by: User | None, note: str = "") -> FlowVersion:
    """Run the drafts from the next message on. Drafts that run already give the live version back unchanged.

    Raises:
        Invalid: a file has an error; the message names the first ones.
        Conflict: there is nothing to publish and nothing was ever published.
    """
    bot = _lock(bot)
    files = dict(flow_drafts(bot).values_list("name", "source"))
    live = FlowVersion.objects.filter(bot=bot, number=bot.live_flows).first()
    if live is not None and live.files == files:
        return live
    if live is None and not files:
        raise Conflict(_("There is nothing to publish yet: add a flow file first."))
    _check_sound(bot, files)
    return _publish(bot, files, by, note=note)


@transaction.atomic
def flows_rollback(*, bot: Bot, number: int, by: User | None) -> FlowVersion:
    """Run what version ``number`` ran, as a new version; the drafts stay as they are.

    Raises:
        NotFound: no such version.
        Conflict: that version runs now.
        Invalid: with today's actions it has errors.
    """
    bot = _lock(bot)
    old = version_of(bot, number)
    if number == bot.live_flows:
        raise Conflict(_("v%d of the flows is what runs now.") % number)
    _check_sound(bot, old.files)
    return _publish(bot, old.files, by, note=_("back to v%d") % number, restores=number)


def _lock(bot: Bot) -> Bot:
    """One writer of a bot at a time; the row as it is now."""
    return Bot.objects.select_for_update().get(pk=bot.pk)


def _check_file(name: str, source: str) -> None:
    if not _FILE_NAME.fullmatch(name):
        text = _("Use a-z, 0-9, - and _ for the name of a flow file, at most 60 characters.")
        raise Invalid(text, fields={"name": text})
    if len(source) > MAX_FILE_CHARS:
        text = _("A flow file has at most %d characters; split it.") % MAX_FILE_CHARS
        raise Invalid(text, fields={"source": text})


def _check_sound(bot: Bot, files: Mapping[str, str]) -> None:
    rows = [
        f"{name}:{problem.line} {problem.message}"
        for name, problems in problems_of(files, action_specs(bot)).items()
        for problem in problems
        if problem.severity == "error"
    ]
    if rows:
        values = {"count": len(rows), "first": " · ".join(rows[:_NAMED])}
        raise Invalid(_("The flows have errors (%(count)d), so they cannot be published: %(first)s") % values)


def _publish(bot: Bot, files: Mapping[str, str], by: User | None, **fields: Any) -> FlowVersion:
    latest = FlowVersion.objects.filter(bot=bot).order_by("-number").values_list("number", flat=True).first()
    text = orjson.dumps(dict(files), option=orjson.OPT_SORT_KEYS)
    digest = hashlib.blake2b(text, digest_size=16).hexdigest()
    version = FlowVersion.objects.create(
        bot=bot, number=(latest or 0) + 1, files=dict(files), hash=digest, created_by=by, **fields
    )
    Bot.objects.filter(pk=bot.pk).update(live_flows=version.number, revision=F("revision") + 1)
    return version


# --- actions ----------------------------------------------------------------------------------------------------


@transaction.atomic
def server_save(*, bot: Bot, fields: Mapping[str, object], server: ActionServer | None = None) -> ActionServer:
    """Create an action server, or change the ``fields`` that are given (``name``, ``url``, ``enabled``, ``read_seconds``,
    ``write_seconds``, ``secret``). Without a secret a new server makes its own.

    Raises:
        Invalid: a field is not acceptable, or the address may not be called.
        Conflict: another server has this name.
    """
    unknown = fields.keys() - _SERVER
    if unknown:
        raise Invalid(_("“%s” is no field of an action server.") % min(unknown))
    _lock(bot)
    target = server or ActionServer(bot=bot)
    for name, value in fields.items():
        setattr(target, name, value)
    _check_address(target.url)
    if not is_secret(target.secret):
        text = _("A secret is whsec_ and 24 to 64 bytes in base64.")
        raise Invalid(text, fields={"secret": text})
    if ActionServer.objects.filter(bot=bot, name=target.name).exclude(pk=target.pk).exists():
        raise Conflict(_("There is an action server “%s” already; choose another name.") % target.name)
    try:
        target.full_clean(exclude=["bot"])
    except ValidationError as error:
        wrong = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        raise Invalid("; ".join(error.messages), fields=wrong) from error
    target.save()
    _changed(bot)
    return target


@transaction.atomic
def server_rotate(*, server: ActionServer) -> str:
    """Give a server a new secret and return it; the old one signs as well until the next rotation."""
    secret = new_secret()
    server.previous_secret, server.secret = server.secret, secret
    server.save(update_fields=["secret", "previous_secret", "updated_at"])
    _changed(server.bot)
    return secret


@transaction.atomic
def server_delete(*, server: ActionServer) -> None:
    """Remove a server with its actions; flows that call them hand over from then on."""
    server.delete()
    _changed(server.bot)


@transaction.atomic
def actions_import(*, bot: Bot, server: ActionServer, specs: Iterable[Mapping[str, Any]], replace: bool = False) -> int:
    """Create or change actions of a server by name and return how many were. What no row names stays, or with ``replace``
    is removed. All or nothing.

    A row is ``{"name", "effect": "read" | "write", "inputs", "output", "about"?, "timeout_s"?}`` with JSON Schemas.

    Raises:
        Invalid: a row is not acceptable; the message names the action.
        Conflict: another server of the bot has an action of this name.
    """
    _lock(bot)
    rows = {fields["name"]: fields for fields in (spec_fields(row, number) for number, row in enumerate(specs, 1))}
    known = {action.name: action for action in Action.objects.filter(bot=bot)}
    changed = 0
    for name, fields in rows.items():
        action = known.get(name) or Action(bot=bot, server=server, name=name)
        if action.server_id != server.pk:
            raise Conflict(_("“%s” is an action of another server of this bot.") % name)
        changed += _put(action, fields)
    if replace:
        changed += Action.objects.filter(server=server).exclude(name__in=rows).delete()[0]
    if len(known.keys() | rows.keys()) > MAX_ACTIONS:
        raise Invalid(_("A bot has at most %d actions.") % MAX_ACTIONS)
    if changed:
        _changed(bot)
    return changed


def _put(action: Action, fields: Mapping[str, Any]) -> bool:
    if not action._state.adding and all(getattr(action, name) == value for name, value in fields.items()):
        return False
    for name, value in fields.items():
        setattr(action, name, value)
    try:
        action.clean_fields(exclude=["bot", "server"])
    except ValidationError as error:
        raise Invalid(f"{action.name}: {'; '.join(error.messages)}") from error
    action.save()
    return True


def _check_address(url: str) -> None:
    if builtin_name(url):
        return
    try:
        target_of(url, allowed_hosts())
    except AddressRefused as error:
        raise Invalid(str(error), fields={"url": str(error)}) from error


def _changed(bot: Bot) -> None:
    """Every process builds its client anew."""
    Bot.objects.filter(pk=bot.pk).update(revision=F("revision") + 1)
