"""The operators' hit test and what a message is understood as (prefix ``/api/v1/bots``)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema
from ninja.security import django_auth
from pydantic import ConfigDict

from apps.knowledge.api import readable
from apps.studio.hit_test import hit_test
from apps.studio.parsing import parsed

router = Router(tags=["knowledge"], auth=django_auth)


class SearchIn(Schema):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=2_000)


class ParseIn(Schema):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=2_000)
    lang: Literal["zh", "en"] | None = None


@router.post("/{slug}/search")
def search(request: HttpRequest, slug: str, payload: SearchIn) -> dict[str, Any]:
    """What a visitor would get if the drafts were published now, with the trace of the live path. Stores nothing."""
    found = hit_test(readable(request, slug), payload.text, None, timezone.now())
    kept = ("outcome", "route", "percent", "text", "choices", "rivals", "trace")
    return {name: value for name, value in asdict(found).items() if name in kept}


@router.post("/{slug}/nlu/parse")
def nlu_parse(request: HttpRequest, slug: str, payload: ParseIn) -> dict[str, Any]:
    """Intents, slots, typed values and commands of a message, by what serves customers now. Nothing is done about it."""
    return parsed(readable(request, slug), payload.text, payload.lang, timezone.localtime())
