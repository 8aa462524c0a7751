"""The database of the settings, as every command needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.bootstrap import LISTENERS
from app.core import migrations
from app.core.database import Database
from app.core.settings import Settings


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Open the database, and make sure that it has the tables of this version."""
    database = Database(settings.url, pool_size=settings.database_pool, listeners=LISTENERS)
    try:
        migrations.require_newest(database)
        yield database
    finally:
        database.close()
