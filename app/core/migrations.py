"""Brings a database to the tables of this version."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.shipped import shipped


def upgrade(url: str) -> None:
    """Migrate a database to the newest revision; makes the folder of a new SQLite database."""
    # A server never migrates, so it does without Alembic's memory.
    from alembic import command
    from alembic.config import Config

    database = sa.make_url(url).database
    if url.startswith("sqlite") and database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


def revision(connection: Connection) -> str | None:
    """Return the revision that a database is at, null for one without tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def newest() -> str:
    """Return the revision of this version; revisions are numbered, and their files begin with the number."""
    return max(path.name.partition("_")[0] for path in (shipped("migrations") / "versions").glob("[0-9]*_*.py"))
