"""Deployments, as the Deploy button of Camunda Modeler sends them."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import PurePath
from typing import Any

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from app.core.http import app_of, parse_id, perform
from app.core.problems import Invalid, NotFound, pointer
from app.core.routes import MULTIPART, check_fields, ensure_kind
from app.core.unit_of_work import UnitOfWork
from app.definitions import commands, policy
from app.definitions.commands import SentFile
from app.definitions.errors import DeploymentRefused
from app.definitions.models import deployment, process_definition
from app.definitions.queries import units_of_definitions
from app.engine_rest import listing
from app.engine_rest.definitions import definition_json
from app.engine_rest.http import Asking, Caller, EngineRoute, ask, base_of
from app.engine_rest.listing import Like, Moment, Text, Texts, Window, like
from app.engine_rest.wire import moment_text, self_link
from app.identity.http import directory_of
from app.identity.office import Actor

router = APIRouter(prefix="/deployment", route_class=EngineRoute)

_C = deployment.c
SORTS = {"id": _C.id, "name": _C.name, "deploymentTime": _C.deployed_at}

# Text equal to the latest version never makes a new one, so the two switches about duplicates change nothing.
_TEXTS = {
    "deployment-name",
    "deployment-source",
    "enable-duplicate-filtering",
    "deploy-changed-only",
    "tenant-id",
}
# What a file with a process is called; one without an ending is read as one.
_PROCESSES = {".bpmn", ".xml", ""}


class DeploymentQuery(Window):
    """Which deployments."""

    id: Text | None = None
    name: Text | None = None
    name_like: Like | None = None
    source: Text | None = None
    without_source: bool | None = None
    after: Moment | None = None
    before: Moment | None = None
    tenant_id_in: Texts | None = None
    include_deployments_without_tenant_id: bool | None = None


def _query(asking: Asking, wanted: DeploymentQuery) -> sa.Select[Any]:
    narrowed = listing.narrowed(
        wanted,
        {
            "id": lambda text: _C.id == listing.uuid_of(text),
            "name": _C.name.__eq__,
            "name_like": lambda pattern: like(_C.name, pattern),
            "source": _C.source.__eq__,
            "without_source": lambda _: _C.source.is_(None),
            "after": _C.deployed_at.__gt__,
            "before": _C.deployed_at.__lt__,
            "tenant_id_in": lambda keys: _C.unit_id.in_(listing.units_named(asking.actor, keys)),
        },
    )
    return sa.select(deployment).where(_C.unit_id.in_(units_of_definitions(asking.actor, asking.now)), *narrowed)


def _json(row: Any, base: str) -> dict[str, Any]:
    return {
        "links": self_link(base, f"/deployment/{row.id}"),
        "id": row.id,
        "name": row.name,
        "source": row.source,
        "tenantId": None,
        "deploymentTime": moment_text(row.deployed_at),
    }


# Camunda Modeler asks for none of them, to learn whether it must sign in.
listing.add_list(
    router,
    "",
    listing.Listing(DeploymentQuery, _query, lambda asking, row: _json(row, base_of(asking.request)), SORTS, _C.id),
    methods=["GET"],
)


@router.get("/{deployment_id}")
def show_deployment(request: Request, caller: Caller, deployment_id: str) -> Response:
    """Show a deployment."""
    found = parse_id(deployment_id, "deployment")

    def query(asking: Asking) -> dict[str, Any]:
        wanted = DeploymentQuery.model_validate({"id": str(found)})
        row = asking.connection.execute(_query(asking, wanted)).one_or_none()
        if row is None:
            raise NotFound(f"Deployment with id '{found}' does not exist")
        return _json(row, base_of(request))

    return ask(request, caller, query)


@router.post("/create", openapi_extra={"requestBody": {"content": {MULTIPART: {}}}})
async def create_deployment(request: Request, caller: Caller) -> Response:
    """Deploy BPMN files; refused as a whole if one of them cannot be run as it is drawn."""
    actor = await run_in_threadpool(_deployer, request, caller)
    await ensure_kind(request, MULTIPART)
    async with request.form(max_files=60, max_fields=60) as form:
        files, texts = [], []
        for field, value in form.multi_items():
            if isinstance(value, UploadFile):
                files.append(SentFile(value.filename or field, await value.read()))
            else:
                texts.append((field, value))
    return await run_in_threadpool(_deploy, request, actor, files, texts)


def _deployer(request: Request, actor: Actor) -> Actor:
    """Return the actor as he is now, if there is a unit into which he may deploy; before his files are read."""
    parts = app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
    policy.deployment_unit(actor, parts.clock.now())
    return actor


def _deploy(request: Request, actor: Actor, files: Sequence[SentFile], texts: Sequence[tuple[str, str]]) -> Response:
    fields = _fields_of(files, texts)
    _ensure_processes(files)
    now = app_of(request).clock.now()
    unit_id = policy.deployment_unit(actor, now, fields.get("tenant-id") or None)
    name = fields.get("deployment-name", "").strip() or ", ".join(file.name for file in files)[:200]
    source = fields.get("deployment-source") or None
    catalogue = request.app.state.catalogue

    def work(uow: UnitOfWork) -> dict[str, Any]:
        deployed = commands.deploy(
            uow, catalogue, actor=actor, unit_id=unit_id, name=name, source=source, files=files, now=now
        )
        uow.flush()
        return _deployed_json(uow, deployed.answer, base_of(request))

    sent = orjson.dumps([sorted(fields.items()), [[file.name, sha256(file.data).hexdigest()] for file in files]])
    return perform(request, actor.username, work, body=sent)


def _fields_of(files: Sequence[SentFile], texts: Sequence[tuple[str, str]]) -> dict[str, str]:
    unknown = [field for field, _ in texts if field not in _TEXTS]
    if unknown:
        message = (
            f"This is not served here: {', '.join(unknown)[:200]}. Beside files there are: {', '.join(sorted(_TEXTS))}."
        )
        raise Invalid(message, errors=[{"pointer": pointer(field), "message": message} for field in unknown])
    check_fields([*texts, *((f"file {number}", file.name) for number, file in enumerate(files))])
    return dict(texts)


def _ensure_processes(files: Sequence[SentFile]) -> None:
    """Refuse attachments: they would be kept and never used, and who sent them would not know.

    Raises:
        DeploymentRefused: a file is no BPMN file by its name.
    """
    findings = [
        {
            "file": file.name,
            "severity": "error",
            "code": "attachment",
            "element_id": None,
            "line": None,
            "column": None,
            "message": "Lampiran ini tidak dipakai Alur. Lepaskan dari penyebaran, dan kirim berkas .bpmn saja.",
            "message_en": "Alur makes no use of this attachment. Leave it out, and send .bpmn files alone.",
        }
        for file in files
        if PurePath(file.name).suffix.lower() not in _PROCESSES
    ]
    if findings:
        raise DeploymentRefused(f"{len(findings)} attachment(s) cannot be deployed.", errors=findings)


def _deployed_json(uow: UnitOfWork, deployed: dict[str, Any], base: str) -> dict[str, Any]:
    """Return a deployment with its definitions, for a duplicate too: Camunda Modeler starts the first of them."""
    row = uow.execute(sa.select(deployment).where(_C.id == deployed["id"])).one()
    ids = [one["id"] for one in deployed["process_definitions"]]
    found = uow.execute(sa.select(process_definition).where(process_definition.c.id.in_(ids)))
    definitions = {one.id: definition_json(one) for one in found}
    return {
        **_json(row, base),
        "deployedProcessDefinitions": {one: definitions[one] for one in ids},
        "deployedCaseDefinitions": None,
        "deployedDecisionDefinitions": None,
        "deployedDecisionRequirementsDefinitions": None,
    }
