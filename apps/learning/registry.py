"""Trained models by version: registered as candidates, promoted to serve, rolled back. Reads: :mod:`apps.bots.registry`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.bots.models import Bot, ModelVersion
from apps.bots.registry import slot_of
from apps.core.errors import Conflict, Invalid

Kind = ModelVersion.Kind
Status = ModelVersion.Status
_FOLDERS = (Kind.ENCODER, Kind.RERANKER, Kind.STATIC)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model as training leaves it. ``path`` is a folder, or empty for a ranker, which is its ``artefact``."""

    kind: str
    fingerprint: str
    metrics: Mapping[str, Any]
    data_hash: str = ""
    path: str = ""
    artefact: Mapping[str, Any] | None = None


def folder_trained(kind: str, folder: Path, metrics: Mapping[str, Any], data_hash: str = "") -> Trained:
    """A folder that holds a whole model of this kind, with the fingerprint of its files.

    Raises:
        Invalid: a file is missing, or the files are not those that its config was written for.
    """
    from nlu.encode.folder import BadFolder, open_folder

    try:
        config = open_folder(folder, Kind(kind).value)  # type: ignore[arg-type]
    except BadFolder as error:
        raise Invalid(str(error)) from error
    return Trained(kind, config.fingerprint, metrics, data_hash, str(folder.resolve()))


@transaction.atomic
def model_register(*, trained: Trained, bot: Bot | None = None, by: User | None = None) -> ModelVersion:
    """A new candidate; the very same model of the same bot again is the version that is there already."""
    if bot is not None:
        Bot.objects.select_for_update().get(pk=bot.pk)
    rows = ModelVersion.objects.filter(kind=trained.kind, bot=bot)
    known = rows.filter(fingerprint=trained.fingerprint).first()
    if known is not None:
        return known
    owner = f"-{bot.slug}" if bot else ""
    return ModelVersion.objects.create(
        bot=bot,
        kind=trained.kind,
        name=f"{trained.kind}{owner}-{rows.count() + 1}",
        fingerprint=trained.fingerprint,
        metrics=dict(trained.metrics),
        data_hash=trained.data_hash,
        path=trained.path,
        artefact=dict(trained.artefact or {}),
        created_by=by,
    )


@transaction.atomic
def model_promote(*, version: ModelVersion) -> ModelVersion:
    """Let it serve, in place of the one that serves now, from the next engine on.

    Raises:
        Conflict: it serves already.
        Invalid: its files are gone or damaged, or it does not fit this code.
    """
    version.refresh_from_db()
    if version.status == Status.PRODUCTION:
        raise Conflict(_("“%s” serves already.") % version.name)
    _check_usable(version)
    _clear(version.kind, version.bot)
    version.status, version.slot = Status.PRODUCTION, slot_of(version.kind, version.bot_id)
    version.promoted_at = timezone.now()
    version.save(update_fields=["status", "slot", "promoted_at", "updated_at"])
    _swap(version.bot)
    return version


@transaction.atomic
def model_rollback(*, kind: str, bot: Bot | None = None) -> ModelVersion | None:
    """Let the version serve that did before the one that serves now; None: the shipped model, or that of all bots.

    Raises:
        Conflict: none serves.
        Invalid: the version before cannot serve any more.
    """
    rows = ModelVersion.objects.filter(kind=kind, bot=bot)
    current = rows.filter(status=Status.PRODUCTION).first()
    if current is None:
        raise Conflict(_("There is nothing to roll back: the shipped model serves."))
    older = rows.filter(status=Status.ARCHIVED, promoted_at__lt=current.promoted_at).order_by("-promoted_at").first()
    if older is not None:
        _check_usable(older)
    _clear(kind, bot)
    if older is not None:  # keeps its time of promotion, so that a second roll back goes one further
        older.status, older.slot = Status.PRODUCTION, slot_of(kind, older.bot_id)
        older.save(update_fields=["status", "slot", "updated_at"])
    _swap(bot)
    return older


def _clear(kind: str, bot: Bot | None) -> None:
    serving = ModelVersion.objects.filter(slot=slot_of(kind, bot.pk if bot else None))
    serving.update(status=Status.ARCHIVED, slot=None)


def _swap(bot: Bot | None) -> None:
    """The bots concerned are at a new revision: every process builds their engines anew, and calibrations are stale."""
    bots = Bot.objects.filter(pk=bot.pk) if bot else Bot.objects.all()
    bots.update(revision=F("revision") + 1)


def _check_usable(version: ModelVersion) -> None:
    if version.kind in _FOLDERS:
        found = folder_trained(version.kind, Path(version.path), {})
        if found.fingerprint != version.fingerprint:
            raise Invalid(_("The files of “%s” were changed since it was registered.") % version.name)
        return
    if version.kind == Kind.NLU:
        _check_nlu(version)
        return
    from nlu.rank import RankerMismatch, Rankers

    try:
        Rankers.from_json(version.artefact)
    except (RankerMismatch, KeyError, ValueError) as error:
        raise Invalid(_("“%(name)s” does not fit: %(why)s") % {"name": version.name, "why": error}) from error


def _check_nlu(version: ModelVersion) -> None:
    """Whether the files are those that were registered; which encoder they need shows when they serve."""
    from nlu.intent.store import BadModel, load

    try:
        found = load(Path(version.path))
    except BadModel as error:
        raise Invalid(str(error)) from error
    if found.fingerprint != version.fingerprint:
        raise Invalid(_("The files of “%s” were changed since it was registered.") % version.name)


def model_json(row: ModelVersion) -> dict[str, Any]:
    """As the API and the command say it."""
    return {
        "name": row.name,
        "kind": row.kind,
        "bot": row.bot.slug if row.bot else None,
        "status": row.status,
        "fingerprint": row.fingerprint,
        "metrics": row.metrics,
        "data_hash": row.data_hash,
        "path": row.path,
        "created_at": row.created_at,
        "promoted_at": row.promoted_at,
        "by": row.created_by.get_username() if row.created_by else None,
    }
