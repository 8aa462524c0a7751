"""Statements made ready once: SQLAlchemy's statement as text, and its values as the driver takes and gives them.

SQLAlchemy takes longer to look up and to wrap a compiled statement than the database takes to run it, and compiles an
INSERT of several rows anew each time; a command makes one such read and five such writes. They go to the driver's own
cursor, or to its connection, whose `execute` returns a cursor too.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.dml import Insert, UpdateBase

_Convert = Callable[[Any], Any]


@contextmanager
def driver_errors(dialect: Dialect, driver: Any) -> Iterator[None]:
    """Turn the errors of a driver that is asked directly into SQLAlchemy's, which everybody else knows."""
    kind: Any = dialect.loaded_dbapi.Error
    try:
        yield
    except kind as error:
        lost = dialect.is_disconnect(error, driver, None)
        raise sa.exc.DBAPIError.instance(
            None, None, error, kind, connection_invalidated=lost, dialect=dialect
        ) from error


class Prepared:
    """One statement for one dialect and one set of value names."""

    def __init__(self, statement: sa.Select[Any] | UpdateBase, names: tuple[str, ...], dialect: Dialect) -> None:
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

    def execute(self, cursor: Any, values: Mapping[str, Any]) -> Any:
        """Execute the statement with these values; returns the driver's cursor."""
        given = {**self._given, **values}
        for name, convert in self._convert.items():
            given[name] = convert(given[name])
        return cursor.execute(self._sql, given if self._order is None else [given[name] for name in self._order])


class PreparedRead(Prepared):
    """A SELECT; its rows are tuples with the names of its columns, of which the first of two equal ones counts."""

    def __init__(self, statement: sa.Select[Any], names: tuple[str, ...], dialect: Dialect) -> None:
        super().__init__(statement, names, dialect)
        columns = list(statement.selected_columns)
        self._row: Any = namedtuple("Row", [str(column.key) for column in columns], rename=True)  # type: ignore[misc]
        self._read = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]

    def fetch_one(self, cursor: Any, values: Mapping[str, Any]) -> Any:
        """Return the first row, null if there is none."""
        row = self.execute(cursor, values).fetchone()
        if row is None:
            return None
        cells = list(row)
        for place, convert in self._read:
            cells[place] = convert(cells[place])
        return self._row._make(cells)


@lru_cache(maxsize=512)
def write(statement: UpdateBase, names: tuple[str, ...], dialect: Dialect) -> Prepared:
    """Return a write made ready for values of these names; one that is a constant of its module is compiled once."""
    return Prepared(statement, names, dialect)


@lru_cache(maxsize=128)
def read(statement: sa.Select[Any], names: tuple[str, ...], dialect: Dialect) -> PreparedRead:
    """Return a SELECT made ready for values of these names; one that is a constant of its module is compiled once."""
    return PreparedRead(statement, names, dialect)


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
