"""Single rows by plain SQL, for the few statements that run with every message.

Django writes each statement anew, which costs four to ten times what SQLite needs to carry it out (benchmarks/rows.py).
Here the text is made once for a model, its fields and a database; columns and the adaptation of values are the model's
own. Signals are not sent, and only equality is compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models


def insert(*rows: models.Model) -> None:
    """Insert complete new rows, in order. Values set on saving (times) are set.

    Raises:
        IntegrityError: a row breaks a constraint.
    """
    database = connections[DEFAULT_DB_ALIAS]  # the proxy would look it up once a field
    with database.cursor() as cursor:
        for row in rows:
            fields = row._meta.concrete_fields
            values = [field.get_db_prep_save(field.pre_save(row, True), database) for field in fields]
            cursor.execute(_insert_sql(type(row), database.vendor), values)
            row._state.adding, row._state.db = False, database.alias


def update(model: type[models.Model], changes: Mapping[str, Any], **where: Any) -> int:
    """Set plain values on the rows whose fields equal ``where`` (None: is null); the number of rows changed."""
    database = connections[DEFAULT_DB_ALIAS]
    nulls = frozenset(name for name, value in where.items() if value is None)
    sql = _update_sql(model, tuple(changes), tuple(where), nulls, database.vendor)
    given = [*changes.items(), *((name, value) for name, value in where.items() if name not in nulls)]
    values = [_field(model, name).get_db_prep_save(value, database) for name, value in given]
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


@cache
def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return next(field for field in model._meta.concrete_fields if name in (field.name, field.attname))


@cache
def _insert_sql(model: type[models.Model], vendor: str) -> str:
    columns = [_quoted(field) for field in model._meta.concrete_fields]
    places = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {_table(model)} ({', '.join(columns)}) VALUES ({places})"


@cache
def _update_sql(
    model: type[models.Model], changes: Sequence[str], where: Sequence[str], nulls: frozenset[str], vendor: str
) -> str:
    sets = ", ".join(f"{_quoted(_field(model, name))} = %s" for name in changes)
    tests = [f"{_quoted(_field(model, name))} {'IS NULL' if name in nulls else '= %s'}" for name in where]
    return f"UPDATE {_table(model)} SET {sets} WHERE {' AND '.join(tests)}"


def _quoted(field: models.Field[Any, Any]) -> str:
    assert field.column is not None, "only concrete fields have columns"
    return connection.ops.quote_name(field.column)


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
