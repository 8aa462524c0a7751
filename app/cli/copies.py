"""`alur backup` and `alur restore`: copies of the whole database, from either kind into either kind."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.engine import Connection

from app.audit.verifying import verify_trail
from app.bootstrap import AFTER_RESTORE
from app.cli.opened import opened
from app.core import copies
from app.core.build import version_of_alur
from app.core.clock import SystemClock
from app.core.copies import CopyRefused
from app.core.settings import Settings
from app.reports.chains import ends_of_chains


def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")]) -> None:
    """Copy the whole database into a file, while Alur runs."""
    with opened(Settings()) as database:
        copied = copies.back_up(database, file, version=version_of_alur(), now=SystemClock().now())
    rows, size = f"{copied.rows:,} rows of {copied.tables} tables", f"{file.stat().st_size:,} bytes"
    typer.echo(f"Wrote {file}: {rows} at revision {copied.revision}, {size}.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `alur backup` wrote.", exists=True, dir_okay=False)],
) -> None:
    """Fill an empty, migrated database from a backup, and check every chain of the trail before it holds."""
    with opened(Settings()) as database:
        restored = copies.restore(database, file, settle=AFTER_RESTORE, check=_ensure_whole)
    typer.echo(f"Restored {restored.rows:,} rows of {restored.tables} tables; every chain of the trail is whole.")


def _ensure_whole(connection: Connection) -> None:
    found = verify_trail(connection, ends_of_chains(connection))
    if not found.valid:
        first = found.faults[0]
        raise CopyRefused(
            f"The trail is broken in {len(found.faults)} places, the first is {first.chain or 'a head'}: {first.said}. "
            "Nothing was restored. Take an older copy, and find out with alur audit verify where it was copied."
        )
