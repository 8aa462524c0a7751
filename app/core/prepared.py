"""Writes that are made ready once: SQLAlchemy's statement as text, and its values as the driver takes them.

SQLAlchemy takes longer to look up and to wrap a compiled statement than the database takes to run it, and compiles an
INSERT of several rows anew each time; a command makes five writes.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.sql.dml import Insert, UpdateBase

_Convert = Callable[[Any], Any]


class Prepared:
    """One statement for one dialect and one set of value names."""

    def __init__(self, statement: UpdateBase, names: tuple[str, ...], dialect: Dialect) -> None:
        if isinstance(statement, Insert):
            statement = statement.inline()
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        self._sql = str(compiled)
        self._given: dict[str, Any] = dict(compiled.params)
        self._order: list[str] | None = getattr(compiled, "positiontup", None)
        self._convert: dict[str, _Convert] = {}
        for bind, name in compiled.bind_names.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                self._convert[name] = convert

    def run(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Execute the statement with these values."""
        given = {**self._given, **values}
        for name, convert in self._convert.items():
            given[name] = convert(given[name])
        parameters: Any = given if self._order is None else tuple(given[name] for name in self._order)
        connection.exec_driver_sql(self._sql, parameters)


@lru_cache(maxsize=512)
def _prepared(statement: UpdateBase, names: tuple[str, ...], dialect: Dialect) -> Prepared:
    return Prepared(statement, names, dialect)


def run(connection: Connection, statement: UpdateBase, values: Mapping[str, Any]) -> None:
    """Execute a write; a statement that is a constant of its module is compiled once."""
    _prepared(statement, tuple(values), connection.dialect).run(connection, values)


@lru_cache(maxsize=256)
def insert_rows(table: sa.Table, count: int, changing: tuple[str, ...], dialect: str) -> Insert:
    """Return one INSERT of several rows, with values named `column_n`; it changes the named columns of those there."""
    values = [
        {column.name: sa.bindparam(f"{column.name}_{n}", type_=column.type) for column in table.columns}
        for n in range(count)
    ]
    insert = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table).values(values)
    if not changing:
        return insert
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key.columns), set_={name: insert.excluded[name] for name in changing}
    )
