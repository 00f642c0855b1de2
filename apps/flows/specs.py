"""Rows that describe actions, as a business's file has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.flows.schemas import schema_checked

_ACTION_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_SPEC = {"name": str, "effect": str, "inputs": dict, "output": dict, "about": str, "timeout_s": int}


def spec_fields(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The fields of the ``number``-th row, checked and with their defaults.

    Raises:
        Invalid: the row is not acceptable; the message names the action.
    """
    name = row.get("name")
    if not isinstance(name, str) or len(name) > 80 or not _ACTION_NAME.fullmatch(name):
        raise Invalid(_("Action %d has no acceptable name; write it like order.cancel.") % number)
    for key, value in row.items():
        if key not in _SPEC or not isinstance(value, _SPEC[key]) or isinstance(value, bool):
            raise Invalid(_("%(action)s: “%(key)s” is unknown or of a wrong kind.") % {"action": name, "key": key})
    schemas = {key: schema_checked(row.get(key, {}), f"{name}, {key}") for key in ("inputs", "output")}
    return {"effect": "", "about": "", "timeout_s": None, **row, **schemas}
