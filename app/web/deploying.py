"""Deploying an SOP in two steps: files are checked and shown with what is found, then put into force as they are."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Response
from sqlalchemy.engine import Connection

from app.core.http import parse_id
from app.core.unit_of_work import UnitOfWork
from app.definitions import commands, policy, queries
from app.definitions.catalogue import content_of
from app.definitions.commands import Deployed, SentFile
from app.definitions.errors import DeploymentRefused
from app.identity.office import Actor
from app.instances.versions import MOST_COUNTED, count_running
from app.sop.difference_text import as_text
from app.web.checking import check
from app.web.page import go, show
from app.web.sops import language_of, listing
from app.web.uploads import MOST_BYTES, carried, carried_files, chosen_files
from app.web.visit import Sent, Visit, Visitor

router = APIRouter()


@router.get("/sop/unggah")
def show_upload(visit: Visitor) -> Response:
    """Show the form that takes BPMN files."""
    return _upload(visit, policy.deployment_unit(visit.actor, visit.now))


@router.post("/sop/unggah")
def check_upload(visit: Visitor, sent: Sent, unit: Annotated[str | None, Form()] = None) -> Response:
    """Check the files that were sent, and show what is found on them; nothing is kept."""
    unit_id = policy.deployment_unit(visit.actor, visit.now, unit or None)
    files, _ = chosen_files(sent), visit.speech
    if not files:
        return _upload(visit, unit_id, fault=_("Belum ada berkas yang dipilih."))
    if len(files) > commands.MOST_FILES:
        return _upload(visit, unit_id, fault=_("Paling banyak %(n)s berkas sekali unggah.", n=commands.MOST_FILES))
    if sum(len(file.data) for file in files) > MOST_BYTES:
        return _upload(visit, unit_id, fault=_("Semua berkas bersama paling besar %(n)s MB.", n=MOST_BYTES // 1024**2))
    return _checked(visit, unit_id, files)


@router.post("/sop/berlakukan")
def deploy_checked(visit: Visitor, sent: Sent, unit: Annotated[str, Form()]) -> Response:
    """Put the files that were checked into force; the gate looks at them once more."""
    unit_id = policy.deployment_unit(visit.actor, visit.now, unit)
    files, _ = carried_files(sent), visit.speech
    name = ", ".join(file.name for file in files)[:200]
    catalogue = visit.request.app.state.catalogue

    def command(uow: UnitOfWork, actor: Actor) -> Deployed:
        return commands.deploy(
            uow, catalogue, actor=actor, unit_id=unit_id, name=name, source="Alur", files=files, now=visit.now
        )

    try:
        deployed = visit.act(command)
    except DeploymentRefused:
        # What it calls, or a role of the office, has changed since it was checked.
        return _checked(visit, unit_id, files)
    said = _("SOP sudah diberlakukan.") if deployed.created else _("Tidak ada yang berubah: isinya sudah berlaku.")
    return go(visit.request, f"/sop/diberlakukan/{deployed.answer['id']}", said)


@router.get("/sop/diberlakukan/{deployment_id}")
def show_deployed(visit: Visitor, deployment_id: str) -> Response:
    """Show what a deployment has put into force, what the gate warns of, and which cases run on older versions."""
    found = parse_id(deployment_id, "deployment")
    return show(visit, "sops/deployed.html", **visit.read(lambda connection: _deployed(visit, found, connection)))


def _upload(visit: Visit, unit_id: UUID, fault: str | None = None) -> Response:
    actor = visit.actor
    units = actor.units_with("deploy", visit.now) | actor.units_with("administer", visit.now)
    choice = sorted((actor.office.units[one] for one in units), key=lambda one: one.name)
    status = 200 if fault is None else 422
    return show(visit, "sops/upload.html", status=status, units=choice, unit_id=unit_id, fault=fault)


def _checked(visit: Visit, unit_id: UUID, files: Sequence[SentFile]) -> Response:
    outcome = visit.read(lambda connection: check(visit, unit_id, files, connection))
    changes = {
        one.number: listing(as_text(one.compared.difference, language_of(visit)))
        for one in outcome.files
        if one.compared is not None and one.compared.difference is not None
    }
    return show(
        visit,
        "sops/checked.html",
        status=422 if outcome.errors else 200,
        outcome=outcome,
        unit=visit.actor.office.units[unit_id],
        changes=changes,
        carried=[carried(file) for file in files] if not outcome.errors and not outcome.unchanged else [],
    )


def _deployed(visit: Visit, deployment_id: UUID, connection: Connection) -> dict[str, Any]:
    actor, now = visit.actor, visit.now
    versions = queries.deployed_together(connection, actor, now, deployment_id)
    running = count_running(connection, actor, now, {one.key for one in versions})
    older = {
        one.id: min(
            sum(
                at.cases
                for at in running
                if (at.key, at.unit_id) == (one.key, one.unit_id) and at.version < one.version
            ),
            MOST_COUNTED,
        )
        for one in versions
    }
    files = [SentFile(one.resource, content_of(connection, one.id)) for one in versions]
    outcome = check(visit, versions[0].unit_id, files, connection)
    return {"versions": versions, "older": older, "outcome": outcome, "most_counted": MOST_COUNTED}
