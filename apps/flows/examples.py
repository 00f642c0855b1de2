"""A bot's NLU examples from rows of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from apps.bots.models import Bot
from apps.core.errors import Invalid
from apps.flows.models import NluExample

MAX_TEXT, MAX_NAME, MAX_HISTORY, MAX_PROBLEMS = 500, 80, 10, 20
_FIELDS = frozenset({"text", "intent", "slots", "history", "asked"})
_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class ExamplesReport:
    """``unchanged`` rows were there already; ``problems`` are ``(row, sentence)``, the first twenty of ``refused``."""

    created: int
    changed: int
    unchanged: int
    refused: int
    problems: tuple[tuple[int, str], ...]


@transaction.atomic
def examples_import(*, bot: Bot, rows: Iterable[object], source: str = "") -> ExamplesReport:
    """Create or change examples; the same text for the same asked slot is the same example, and the last row counts.

    A row is ``{"text", "intent", "slots": [{"name", "start", "end", "value"?}], "history"?, "asked"?}``, or a line of JSON
    that says so. What no row names stays; a bad row is named in the report and left out.
    """
    wanted, problems, count = _read(bot, rows, source)
    Bot.objects.select_for_update().get(pk=bot.pk)  # one import at a time
    known = {(row.text, row.asked): row for row in NluExample.objects.filter(bot=bot)}
    created = [row for key, row in wanted.items() if key not in known]
    changed = [_taken(known[key], row) for key, row in wanted.items() if key in known and _differs(known[key], row)]
    NluExample.objects.bulk_create(created, batch_size=_BATCH)
    NluExample.objects.bulk_update(changed, ["intent", "slots", "history", "source"], batch_size=_BATCH)
    unchanged = count - len(problems) - len(created) - len(changed)
    shown = tuple(problems[:MAX_PROBLEMS])
    return ExamplesReport(len(created), len(changed), unchanged, len(problems), shown)


def _read(
    bot: Bot, rows: Iterable[object], source: str
) -> tuple[dict[tuple[str, str], NluExample], list[tuple[int, str]], int]:
    wanted: dict[tuple[str, str], NluExample] = {}
    problems = []
    number = 0
    for number, row in enumerate(rows, 1):
        try:
            example = NluExample(bot=bot, source=source[:60], **_example(row))
        except Invalid as error:
            problems.append((number, error.detail))
        else:
            wanted[example.text, example.asked] = example
    return wanted, problems, number


def _example(row: object) -> dict[str, Any]:
    """The fields of a row, checked. Raises Invalid."""
    data = _decoded(row)
    unknown = next((key for key in data if key not in _FIELDS), None)
    if unknown is not None:
        raise Invalid(_("“%s” is no field of an example.") % unknown)
    text = _short(data, "text", MAX_TEXT)
    return {
        "text": text,
        "intent": _short(data, "intent", MAX_NAME),
        "slots": _slots(data.get("slots", []), len(text)),
        "history": _history(data.get("history", [])),
        "asked": _short(data, "asked", 60, needed=False),
    }


def _decoded(row: object) -> Mapping[str, Any]:
    if isinstance(row, str | bytes):
        try:
            row = orjson.loads(row)
        except orjson.JSONDecodeError as error:
            raise Invalid(_("The line is no JSON.")) from error
    if not isinstance(row, Mapping):
        raise Invalid(_("The line is no object."))
    return row


def _short(data: Mapping[str, Any], key: str, most: int, *, needed: bool = True) -> str:
    value = data.get(key) or ""
    if not isinstance(value, str) or len(value) > most:
        raise Invalid(_("“%(key)s” must be a text of at most %(most)d characters.") % {"key": key, "most": most})
    if needed and not value.strip():
        raise Invalid(_("“%s” is missing.") % key)
    return value


def _history(turns: object) -> list[str]:
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        raise Invalid(_("“history” must be a list of texts."))
    return [turn[:MAX_TEXT] for turn in turns[-MAX_HISTORY:]]


def _slots(slots: object, length: int) -> list[dict[str, Any]]:
    """Spans of the text in its order, as they are stored."""
    if not isinstance(slots, list) or not all(isinstance(slot, dict) for slot in slots):
        raise Invalid(_("“slots” must be a list of objects."))
    found = sorted((_slot(slot, length) for slot in slots), key=lambda slot: int(slot["start"]))
    for before, after in pairwise(found):
        if after["start"] < before["end"]:
            names = {"a": before["name"], "b": after["name"]}
            raise Invalid(_("The slots “%(a)s” and “%(b)s” overlap.") % names)
    return found


def _slot(slot: Mapping[str, Any], length: int) -> dict[str, Any]:
    name, start, end = (slot.get(key) for key in ("name", "start", "end"))
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
        raise Invalid(_("A slot has no name."))
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= length:
        raise Invalid(_("The slot “%s” is no part of the text: 0 ≤ start < end ≤ its length.") % name)
    return {"name": name, "start": start, "end": end} | ({"value": slot["value"]} if "value" in slot else {})


def _differs(old: NluExample, new: NluExample) -> bool:
    return (old.intent, old.slots, old.history) != (new.intent, new.slots, new.history)


def _taken(old: NluExample, new: NluExample) -> NluExample:
    old.intent, old.slots, old.history, old.source = new.intent, new.slots, new.history, new.source
    return old
