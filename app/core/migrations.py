"""Brings a database to the tables of this version."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from app.core.shipped import shipped


def upgrade(url: str) -> None:
    """Migrate a database to the newest revision; makes the folder of a new SQLite database."""
    database = sa.make_url(url).database
    if url.startswith("sqlite") and database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(_config(url), "head")


def revision(connection: Connection) -> str | None:
    """Return the revision that a database is at."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the revision of this version."""
    return ScriptDirectory.from_config(_config("")).get_current_head()


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
