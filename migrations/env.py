"""Runs migrations against the database of the settings, or the one that the caller names."""

import os

import sqlalchemy as sa
from alembic import context

from app.bootstrap import METADATA

# A migration that cannot have its lock soon gives up, so that it does not stop everybody else who waits behind it.
_LOCK_TIMEOUT = "SET lock_timeout = '10s'"


def _url() -> str:
    configured = context.config.get_main_option("sqlalchemy.url")
    if configured:
        return configured
    return os.environ.get("ALUR_DATABASE_URL") or f"sqlite:///{os.environ.get('ALUR_DATA_DIR', 'data')}/alur.db"


def _run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Run what was asked for, in one transaction."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    engine = sa.create_engine(_url(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_LOCK_TIMEOUT)
            connection.commit()
        _run(connection)
        connection.commit()


main()
