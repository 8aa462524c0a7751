"""The owner of a database, who can do to the trail what nobody else can."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.database import Database

_GUARDED = ("event", "trail_head")


@contextmanager
def owner(database: Database) -> Iterator[Connection]:
    """Open a transaction in which nothing guards the trail; afterwards it is guarded again."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        triggers: list[str] = []
        if database.is_sqlite:
            rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            triggers = [row.sql for row in rows]
            for row in rows:
                connection.exec_driver_sql(f"DROP TRIGGER {row.name}")
        else:
            for table in _GUARDED:
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield connection
        for trigger in triggers:
            connection.exec_driver_sql(trigger)
        if not database.is_sqlite:
            for table in _GUARDED:
                connection.exec_driver_sql(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
        connection.exec_driver_sql("COMMIT")
