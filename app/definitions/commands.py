"""Deploying BPMN files as new versions of process definitions."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from app.core.events import Chain, Event
from app.core.ids import new_id
from app.core.problems import Invalid
from app.core.unit_of_work import UnitOfWork
from app.definitions.callers import check_callers
from app.definitions.calls import Today, check_calls, check_calls_ahead
from app.definitions.catalogue import Catalogue
from app.definitions.errors import DeploymentRefused
from app.definitions.gate import Checked, Refused, check_together, finding_json
from app.definitions.models import definition_call, definition_content, definition_role, deployment, process_definition
from app.definitions.policy import ensure_may_deploy
from app.identity.models import unit
from app.identity.office import Actor

MOST_FILES = 50


class SentFile(NamedTuple):
    """A file as it was sent."""

    name: str
    data: bytes


class Deployed(NamedTuple):
    """What a deployment came to; `created` is false where every file was the latest version already."""

    answer: dict[str, Any]
    created: bool


def check_files(today: Today, files: Sequence[SentFile]) -> list[Checked]:
    """Check all files of a deployment together, each with what it calls and with what calls it.

    Raises:
        DeploymentRefused: at least one is refused; `errors` lists every finding of every file.
        Invalid: there is no file, or too many.
    """
    return _checked(_read(today, files), today)


def _read(today: Today, files: Sequence[SentFile]) -> list[Checked | Refused]:
    if not files or len(files) > MOST_FILES:
        raise Invalid(f"Send 1 to {MOST_FILES} .bpmn files.", errors=[{"pointer": "/files", "message": "No files."}])
    return check_together(files, office=today.office, unit_id=today.unit_id, now=today.now)


def _checked(read: Sequence[Checked | Refused], today: Today) -> list[Checked]:
    results = check_callers(check_calls_ahead(check_calls(read, today.model), today), today)
    found = [finding_json(finding, result.resource) for result in results for finding in result.findings]
    count = sum(finding["severity"] == "error" for finding in found)
    if count:
        raise DeploymentRefused(f"{count} finding(s) must be mended before this can be deployed.", errors=found)
    return [result for result in results if isinstance(result, Checked)]


def deploy(
    uow: UnitOfWork,
    catalogue: Catalogue,
    *,
    actor: Actor,
    unit_id: UUID,
    name: str,
    source: str | None,
    files: Sequence[SentFile],
    now: datetime,
) -> Deployed:
    """Deploy files into a unit; a file equal to its latest version there makes no new one.

    Raises:
        Forbidden: the actor may not deploy in that unit.
        DeploymentRefused: a file did not pass the gate; nothing is kept.
    """
    ensure_may_deploy(actor, unit_id, now)
    today = Today(uow.reader, catalogue, unit_id, actor.office, now)
    read = _read(today, files)
    # Two deployments at a time could close a circle of calls that neither sees, whatever their units: so what calls
    # what is asked when this one has its turn.
    highest = (unit_id, *actor.office.ancestors(unit_id))[-1]
    uow.execute(sa.select(unit.c.id).where(unit.c.id == highest).with_for_update())
    checked = _checked(read, today)
    row = uow.execute(
        sa.select(unit.c.chain_length, unit.c.chain_head).where(unit.c.id == unit_id).with_for_update()
    ).one()
    latest = [_latest(uow, unit_id, one) for one in checked]
    fresh = [one for one, known in zip(checked, latest, strict=True) if known is None]
    warnings = [finding_json(finding, one.resource) for one in checked for finding in one.findings]
    if not fresh:
        known = next(found for found in latest if found is not None)
        return Deployed(_answer(known.deployment_id, known.deployment_name, latest, warnings), created=False)
    deployment_id = new_id()
    uow.execute(
        sa.insert(deployment),
        {
            "id": deployment_id,
            "name": name,
            "source": source,
            "unit_id": unit_id,
            "deployed_by": actor.username,
            "deployed_at": now,
        },
    )
    rows = [
        known if known is not None else _add_version(uow, unit_id, deployment_id, name, one)
        for one, known in zip(checked, latest, strict=True)
    ]
    chain = Chain(f"unit:{unit_id}", row.chain_length, row.chain_head)
    data = {"deployment_id": str(deployment_id), "name": name, "process_definitions": [found.id for found in rows]}
    uow.record(Event("deployment.created", actor.username, now, unit_id, chain, data))
    uow.write(sa.update(unit).where(unit.c.id == unit_id), {"chain_length": chain.length, "chain_head": chain.head})
    return Deployed(_answer(deployment_id, name, rows, warnings), created=True)


class _Version(NamedTuple):
    id: str
    key: str
    version: int
    name: str
    deployment_id: UUID
    deployment_name: str


def _content_hash(one: Checked) -> bytes:
    return hashlib.sha256(one.data).digest()


def _latest(uow: UnitOfWork, unit_id: UUID, one: Checked) -> _Version | None:
    """Return the latest version of a file's process, if its text is the same."""
    row = uow.execute(
        sa.select(process_definition, deployment.c.name.label("deployment_name"))
        .join(deployment, deployment.c.id == process_definition.c.deployment_id)
        .where(process_definition.c.unit_id == unit_id, process_definition.c.key == one.process.model.id)
        .order_by(process_definition.c.version.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.content_hash != _content_hash(one):
        return None
    return _Version(row.id, row.key, row.version, row.name, row.deployment_id, row.deployment_name)


def _add_version(uow: UnitOfWork, unit_id: UUID, deployment_id: UUID, deployment_name: str, one: Checked) -> _Version:
    model, content_hash = one.process.model, _content_hash(one)
    highest = uow.execute(
        sa.select(sa.func.max(process_definition.c.version)).where(
            process_definition.c.unit_id == unit_id, process_definition.c.key == model.id
        )
    ).scalar_one()
    version = (highest or 0) + 1
    digest = hashlib.sha256(unit_id.bytes + content_hash).hexdigest()[:12]
    definition_id = f"{model.id}:{version}:{digest}"
    if (
        uow.execute(sa.select(definition_content.c.hash).where(definition_content.c.hash == content_hash)).first()
        is None
    ):
        uow.execute(sa.insert(definition_content), {"hash": content_hash, "xml": one.data})
    uow.execute(
        sa.insert(process_definition),
        {
            "id": definition_id,
            "key": model.id,
            "version": version,
            "unit_id": unit_id,
            "name": model.name,
            "version_tag": model.version_tag,
            "resource": one.resource,
            "content_hash": content_hash,
            "deployment_id": deployment_id,
            "effective_from": one.effective_from,
            "activity_count": one.activity_count,
        },
    )
    for performer, role_key in one.roles:
        uow.execute(
            sa.insert(definition_role), {"definition_id": definition_id, "lane": performer, "role_key": role_key}
        )
    for key in dict.fromkeys(model.calls.values()):
        uow.execute(sa.insert(definition_call), {"definition_id": definition_id, "process_key": key})
    return _Version(definition_id, model.id, version, model.name, deployment_id, deployment_name)


def _answer(
    deployment_id: UUID, name: str, versions: Sequence[_Version | None], warnings: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "id": deployment_id,
        "name": name,
        "process_definitions": [
            {"id": one.id, "key": one.key, "version": one.version, "name": one.name}
            for one in versions
            if one is not None
        ],
        "warnings": warnings,
    }
