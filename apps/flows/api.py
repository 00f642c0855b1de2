"""The operators' API of a bot's flows (prefix ``/api/v1/bots``). Each door parses, calls one service and shapes the answer.

Reading takes a viewer of the bot's organisation, writing an editor. Files are drafts; a publish brings them to customers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.security import django_auth
from pydantic import ConfigDict

from apps.bots.models import Bot
from apps.flows.access import file_of, version_of
from apps.flows.checking import problems_of
from apps.flows.models import FlowFile, FlowVersion
from apps.flows.selectors import action_specs, flow_drafts, flow_versions
from apps.flows.services import MAX_FILE_CHARS, flow_delete, flow_save, flows_publish, flows_rollback
from apps.knowledge.api import readable, user_of, writable
from dialog.task.model import Problem

router = Router(tags=["flows"], auth=django_auth)

SHOWN = 100
UNNAMED = "unsaved"
"""What a text that belongs to no file yet is called while it is checked."""


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class FlowNew(Strict):
    name: str = Field(max_length=60)
    source: str = Field(max_length=MAX_FILE_CHARS)


class FlowIn(Strict):
    """``revision`` is the one that was read before; a newer one makes the write a conflict."""

    source: str = Field(max_length=MAX_FILE_CHARS)
    revision: int | None = Field(None, ge=1)


class CheckIn(Strict):
    """``name``: the file that ``source`` would stand in."""

    source: str = Field(max_length=MAX_FILE_CHARS)
    name: str = Field(UNNAMED, max_length=60)


class PublishIn(Strict):
    note: str = Field("", max_length=300)


@router.get("/{slug}/flows")
def flows(request: HttpRequest, slug: str) -> dict[str, Any]:
    """All files with the number of their problems; ``live`` is the version that customers talk to, 0 for none."""
    bot = readable(request, slug)
    drafts = list(flow_drafts(bot).select_related("updated_by"))
    found = problems_of({row.name: row.source for row in drafts}, action_specs(bot))
    return {"live": bot.live_flows, "items": [file_json(row, found.get(row.name, ())) for row in drafts]}


@router.post("/{slug}/flows/files", response={201: dict[str, Any]})
def flow_post(request: HttpRequest, slug: str, payload: FlowNew) -> Status[dict[str, Any]]:
    """A new draft, problems or not."""
    bot = writable(request, slug)
    row = flow_save(bot=bot, name=payload.name, source=payload.source, by=user_of(request), revision=0)
    return Status(201, whole_json(bot, row))


@router.get("/{slug}/flows/files/{file}")
def flow_get(request: HttpRequest, slug: str, file: str) -> dict[str, Any]:
    """The text of a file, with its problems."""
    bot = readable(request, slug)
    return whole_json(bot, file_of(bot, file))


@router.put("/{slug}/flows/files/{file}")
def flow_put(request: HttpRequest, slug: str, file: str, payload: FlowIn) -> dict[str, Any]:
    """Replace a draft, problems or not."""
    bot = writable(request, slug)
    name, by = file_of(bot, file).name, user_of(request)
    return whole_json(bot, flow_save(bot=bot, name=name, source=payload.source, by=by, revision=payload.revision))


@router.delete("/{slug}/flows/files/{file}", response={204: None})
def flow_remove(request: HttpRequest, slug: str, file: str) -> Status[None]:
    """Remove a draft; what it published runs on until the next publish."""
    flow_delete(file=file_of(writable(request, slug), file))
    return Status(204, None)


@router.post("/{slug}/flows/check")
def flow_check(request: HttpRequest, slug: str, payload: CheckIn) -> dict[str, Any]:
    """What would be wrong with a text among the bot's other files. Stores nothing."""
    bot = readable(request, slug)
    sources = dict(flow_drafts(bot).values_list("name", "source")) | {payload.name: payload.source}
    return {"problems": problems_json(problems_of(sources, action_specs(bot)).get(payload.name, ()))}


@router.post("/{slug}/flows/publish", response={201: dict[str, Any]})
def flows_publish_post(request: HttpRequest, slug: str, payload: PublishIn) -> Status[dict[str, Any]]:
    """Let customers talk to the drafts; without a change the live version comes back."""
    return Status(201, version_json(flows_publish(bot=writable(request, slug), by=user_of(request), note=payload.note)))


@router.get("/{slug}/flows/versions")
def versions(request: HttpRequest, slug: str) -> dict[str, Any]:
    """The last 100, latest first; ``live`` is the one that customers talk to."""
    bot = readable(request, slug)
    return {"live": bot.live_flows, "items": [version_json(row) for row in flow_versions(bot)[:SHOWN]]}


@router.get("/{slug}/flows/versions/{version}")
def version_get(request: HttpRequest, slug: str, version: int) -> dict[str, Any]:
    """With the texts of its files, by name."""
    row = version_of(readable(request, slug), version)
    return {**version_json(row), "files": row.files}


@router.post("/{slug}/flows/versions/{version}/restore", response={201: dict[str, Any]})
def version_back(request: HttpRequest, slug: str, version: int) -> Status[dict[str, Any]]:
    """Run what ``version`` ran, as a new version; drafts stay as they are."""
    bot = writable(request, slug)
    old = version_of(bot, version)
    return Status(201, version_json(flows_rollback(bot=bot, number=old.number, by=user_of(request))))


# --- shapes -----------------------------------------------------------------------------------------------------


def file_json(row: FlowFile, problems: Sequence[Problem]) -> dict[str, Any]:
    errors = sum(problem.severity == "error" for problem in problems)
    return {
        "name": row.name,
        "revision": row.revision,
        "errors": errors,
        "warnings": len(problems) - errors,
        "updated_at": row.updated_at,
        "by": row.updated_by.get_username() if row.updated_by else None,
    }


def whole_json(bot: Bot, row: FlowFile) -> dict[str, Any]:
    sources = dict(flow_drafts(bot).values_list("name", "source"))
    problems = problems_of(sources, action_specs(bot)).get(row.name, ())
    return {**file_json(row, problems), "source": row.source, "problems": problems_json(problems)}


def problems_json(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    names = ("line", "column", "severity", "code", "message")
    return [{name: getattr(problem, name) for name in names} for problem in problems]


def version_json(row: FlowVersion) -> dict[str, Any]:
    by = row.created_by.get_username() if row.created_by else None
    names = ("number", "note", "restores", "created_at")
    return {**{name: getattr(row, name) for name in names}, "by": by}
