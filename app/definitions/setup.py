"""Sets up the office with the SOPs that are shipped with Alur; doing it again changes nothing that is there."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from app.core.clock import SystemClock
from app.core.database import Database
from app.core.shipped import shipped
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.definitions.commands import SentFile, deploy
from app.definitions.models import process_definition
from app.identity.commands import set_up_office
from app.identity.directory import Directory
from app.identity.first_office import OFFICE, UNITS, roles
from app.identity.office import system_actor
from app.sop.table import SopTable
from app.sop.tables import load_table


def shipped_sops() -> Mapping[Path, SopTable]:
    """Return the tables of the shipped SOPs, each by the path of its diagram, whose process has the table's key."""
    folder = shipped("bpmn")
    return {
        folder / f"{path.stem}.bpmn": load_table(path.read_bytes())
        for path in sorted((folder / "tables").glob("*.yaml"))
    }


def set_up_shipped(database: Database, directory: Directory, now: datetime | None = None) -> list[str]:
    """Set up units, roles and the six SOPs; returns the ids of the definitions in place."""
    now = now or SystemClock().now()
    sops = shipped_sops()
    database.write(lambda uow: set_up_office(uow, units=UNITS, roles=roles(sops.values())))

    def deploy_missing(uow: UnitOfWork) -> list[str]:
        office = directory.office(uow.connection)
        unit_id = office.unit_keys[OFFICE].id
        # What the office has changed since stays in force: only an SOP that it does not have is deployed.
        owned = sa.select(process_definition.c.key, process_definition.c.id).where(
            process_definition.c.unit_id == unit_id
        )
        there = {row.key: row.id for row in uow.execute(owned.order_by(process_definition.c.version))}
        files = [SentFile(path.name, path.read_bytes()) for path, sop in sops.items() if sop.key not in there]
        if not files:
            return sorted(there.values())
        deployed = deploy(
            uow,
            Catalogue(),
            actor=system_actor(office, "deploy", [unit_id]),
            unit_id=unit_id,
            name="Enam SOP",
            source="alur",
            files=files,
            now=now,
        )
        return sorted([*there.values(), *(one["id"] for one in deployed.answer["process_definitions"])])

    return database.write(deploy_missing)
