"""What the shop's actions take and give, as ``apps/demo/data/actions.json`` says it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from dialog.types import Json

_FILE = Path(__file__).parent.parent / "data" / "actions.json"


@cache
def specs() -> tuple[dict[str, Any], ...]:
    """Each with ``name``, ``effect``, ``about`` and the JSON Schemas ``inputs`` and ``output``."""
    return tuple(orjson.loads(_FILE.read_bytes()))


def input_problem(action: str, inputs: Mapping[str, Json]) -> tuple[str, str] | None:
    """The first input that the action does not take (empty: all of them) and why; None where all are well."""
    error = next(iter(_validator(action).iter_errors(inputs)), None)
    return (str(next(iter(error.path), "")), error.message) if error is not None else None


@cache
def _validator(action: str) -> Any:
    from jsonschema import Draft202012Validator  # heavy, and needed only where actions are called

    return Draft202012Validator(next(spec["inputs"] for spec in specs() if spec["name"] == action))
