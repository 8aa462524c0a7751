"""Brings a database to the tables of this version."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.database import Database
from app.core.shipped import shipped


class WrongRevision(Exception):
    """The tables of a database are not those of this version; the message says what to do."""


def upgrade(url: str) -> None:
    """Migrate a database to the newest revision; makes the folder of a new SQLite database.

    Raises:
        WrongRevision: a newer version has migrated it.
    """
    # A server never migrates, so it does without Alembic's memory.
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    database = sa.make_url(url).database
    if url.startswith("sqlite") and database:
        Path(database).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise WrongRevision(f"The database cannot be migrated: {error} Is it that of a newer version?") from error


def revision(connection: Connection) -> str | None:
    """Return the revision that a database is at, null for one without tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def fault(connection: Connection) -> str | None:
    """Return what is wrong with the revision of a database, as a sentence with its remedy; null if nothing is."""
    present, wanted = revision(connection), newest()
    if present == wanted:
        return None
    if present is None:
        return "The database has no tables yet. Run: alur migrate"
    if present > wanted:
        return f"The database is at revision {present}, newer than this version ({wanted}). Install the newer version."
    return f"The database is at revision {present}, this version needs {wanted}. Run: alur migrate"


def require_newest(database: Database) -> None:
    """Make sure that a database has the tables of this version, without making a SQLite file that is not there.

    Raises:
        WrongRevision: it has others, or none.
    """
    path = database.engine.url.database
    if database.is_sqlite and path and not Path(path).exists():
        raise WrongRevision(f"There is no database at {path} yet. Run: alur migrate")
    with database.read() as connection:
        wrong = fault(connection)
    if wrong is not None:
        raise WrongRevision(wrong)


def newest() -> str:
    """Return the revision of this version; revisions are numbered, and their files begin with the number."""
    return max(path.name.partition("_")[0] for path in (shipped("migrations") / "versions").glob("[0-9]*_*.py"))
