"""JSON Schemas (draft 2020-12) of what actions take and give.

A schema comes from a tenant, so it may not make the product fetch anything or work for long: references are not taken,
patterns are RE2, and its size is bounded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
import orjson
import re2
from django.utils.translation import gettext as _
from jsonschema import validators
from jsonschema.protocols import Validator

from apps.core.errors import Invalid

MAX_BYTES, MAX_DEPTH = 20_000, 20
_NOT_TAKEN = frozenset({"$ref", "$dynamicRef", "$recursiveRef", "patternProperties"})


def schema_checked(schema: object, what: str) -> dict[str, Any]:
    """A schema of an object that is safe to check values with; ``what`` names it in messages. Empty takes any object.

    Raises:
        Invalid: it is none.
    """
    if not isinstance(schema, dict) or schema.get("type", "object") != "object":
        raise Invalid(_("%s: the JSON Schema must be one of an object.") % what)
    try:
        size = len(orjson.dumps(schema))
    except (TypeError, orjson.JSONEncodeError) as error:
        raise Invalid(_("%s: the JSON Schema is no JSON, or nested too deeply.") % what) from error
    if size > MAX_BYTES:
        raise Invalid(_("%s: the JSON Schema is longer than 20 KB.") % what)
    for key, value, depth in _keys(schema, 1):
        _check_key(key, value, depth, what)
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise Invalid(f"{what}: {error.json_path}: {error.message[:300]}") from error
    return schema


class Checker:
    """Says where a value differs from a schema that :func:`schema_checked` let pass."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._validator: Validator = _Validator({"type": "object", **schema})

    def wrong(self, value: Mapping[str, Any]) -> str:
        """The place and the broken rule, without the value, for it may be personal; empty where it fits."""
        error = next(iter(self._validator.iter_errors(dict(value))), None)
        return f"{error.json_path} breaks “{error.validator}”" if error is not None else ""


def _keys(node: object, depth: int) -> Iterator[tuple[str, object, int]]:
    """All keys of a schema, however deep, with their values and depths."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    if isinstance(node, dict):
        yield from ((str(key), value, depth) for key, value in node.items())
    for child in children:
        yield from _keys(child, depth + 1)


def _check_key(key: str, value: object, depth: int, what: str) -> None:
    if depth > MAX_DEPTH:
        raise Invalid(_("%s: the JSON Schema is no JSON, or nested too deeply.") % what)
    if key in _NOT_TAKEN:
        raise Invalid(_("%(what)s: “%(key)s” is not supported; write the schema out.") % {"what": what, "key": key})
    if key == "pattern" and isinstance(value, str):
        try:
            re2.compile(value, _options())
        except re2.error as error:
            raise Invalid(_("%(what)s: “%(pattern)s” is no RE2 pattern.") % {"what": what, "pattern": value}) from error


def _options() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    return options


def _pattern(
    _validator: Validator, pattern: str, value: object, _schema: object
) -> Iterator[jsonschema.ValidationError]:
    """RE2 takes time in proportion to the text, whatever the pattern."""
    if isinstance(value, str) and not re2.search(pattern, value):
        yield jsonschema.ValidationError("does not match the pattern")


_Validator: type[Validator] = validators.extend(  # type: ignore[no-untyped-call]
    jsonschema.Draft202012Validator, {"pattern": _pattern}
)
