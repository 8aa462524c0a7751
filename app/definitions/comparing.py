"""What deploying a file would change: the version in force beside it, before anything is kept."""

from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa

from app.definitions.calls import Today
from app.definitions.catalogue import Definition, performers_of
from app.definitions.gate import Checked
from app.definitions.models import process_definition
from app.sop.changes import Difference


class Compared(NamedTuple):
    """A file that passed the gate beside the version of its process in force, null where there is none.

    `unchanged` is whether it equals the latest version of the unit, which deploying it would leave as it is.
    """

    file: Checked
    before: Definition | None
    unchanged: bool
    difference: Difference | None


def compare(today: Today, file: Checked) -> Compared:
    """Return what a file that passed the gate says otherwise than the version in force."""
    latest = today.connection.execute(
        sa.select(process_definition.c.content_hash)
        .where(process_definition.c.unit_id == today.unit_id, process_definition.c.key == file.key)
        .order_by(process_definition.c.version.desc())
        .limit(1)
    ).scalar_one_or_none()
    unchanged = latest is not None and bytes(latest) == sha256(file.data).digest()
    before = today.definition(file.key)
    if before is None:
        return Compared(file, None, unchanged, None)
    performers = performers_of(file.model, dict(file.roles).get)
    found = today.catalogue.difference_to(today.connection, before.id, file.data, performers)
    return Compared(file, before, unchanged, found)
