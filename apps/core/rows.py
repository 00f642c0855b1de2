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


class Lookup:
    """A query by primary key whose SQL is written once; ``columns`` as in ``values_list``, joins included.

    ``where`` compares further fields with constants, as in ``filter``.
    """

    def __init__(self, model: type[models.Model], *columns: str, **where: Any) -> None:
        self._model = model
        self._columns = columns
        self._where = where
        self._compiled = cache(self._compile)

    def get(self, key: Any) -> tuple[Any, ...] | None:
        """The columns of the row with this primary key, or None."""
        database = connections[DEFAULT_DB_ALIAS]
        sql, compiler, converters = self._compiled(database.vendor)
        key_field = _field(self._model, self._model._meta.pk.name)
        with database.cursor() as cursor:
            cursor.execute(sql, [key_field.get_db_prep_value(key, database)])
            row = cursor.fetchone()
        if row is None:
            return None
        return tuple(next(iter(compiler.apply_converters([row], converters))))

    def _compile(self, vendor: str) -> tuple[str, Any, Any]:
        """The statement, and what turns its row into Python values, as Django's own query has them."""
        rows = self._model._default_manager.filter(**self._where).values_list(*self._columns)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        assert not params, "constants would have to be passed again: compare with None, True or nothing"
        key = f"{_table(self._model)}.{_quoted(_field(self._model, self._model._meta.pk.name))} = %s"
        joiner = " AND " if self._where else " WHERE "
        return sql + joiner + key, compiler, compiler.get_converters([column for column, *_ in compiler.select])


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
