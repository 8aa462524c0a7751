"""HTTP for deployments and process definitions."""

from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile

from app.core import paging
from app.core.http import Answer, StrictRoute, app_of, json_response, perform, problems
from app.core.problems import Invalid
from app.core.unit_of_work import UnitOfWork
from app.definitions import commands, queries
from app.definitions.commands import SentFile
from app.definitions.gate import finding_json
from app.definitions.queries import DefinitionFilter
from app.engine import xml
from app.identity.http import SignedIn, directory_of
from app.sop.read import read as read_table
from app.sop.schemas import read_table_json

router = APIRouter(tags=["process definitions"], route_class=StrictRoute)

Limit = Annotated[int, Query(ge=1, le=paging.MOST)]
Cursor = Annotated[str | None, Query(max_length=2000)]


class DefinitionRef(BaseModel):
    """A version of a process that a deployment holds."""

    id: str = Field(examples=["renja:1:0a1b2c3d4e5f"])
    key: str = Field(examples=["renja"])
    version: int
    name: str


class FindingOut(BaseModel):
    """A remark on a file; `message` is Indonesian, `message_en` English."""

    file: str
    severity: str
    code: str
    element_id: str | None
    line: int | None
    column: int | None
    message: str
    message_en: str


class DeploymentOut(BaseModel):
    """A deployment."""

    id: str | None
    name: str
    process_definitions: list[DefinitionRef]
    warnings: list[FindingOut]


class FieldOption(BaseModel):
    """A value that may be chosen."""

    id: str
    label: str


class FieldOut(BaseModel):
    """A field of a form."""

    id: str
    label: str
    type: str = Field(examples=["string", "long", "boolean", "date", "enum"])
    required: bool
    options: list[FieldOption]
    default: str | None
    minimum: int | None
    maximum: int | None


class FormOut(BaseModel):
    """A form."""

    fields: list[FieldOut]


class DefinitionOut(BaseModel):
    """A process definition."""

    id: str
    key: str
    version: int
    name: str
    version_tag: str | None
    unit: str
    resource: str
    deployment_id: str
    effective_from: str | None
    activity_count: int


class LaneRole(BaseModel):
    """The role that performs a lane."""

    key: str
    lane: str


class DefinitionDetail(DefinitionOut):
    """A process definition with what is needed to start and follow it."""

    start_form: FormOut
    messages: list[str]
    roles: list[LaneRole]


class DefinitionPage(BaseModel):
    """A page of process definitions."""

    items: list[DefinitionOut]
    next_cursor: str | None


@router.post(
    "/deployments",
    status_code=201,
    response_model=DeploymentOut,
    responses={
        200: {"model": DeploymentOut, "description": "The latest version has this content"},
        **problems(403, 413),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {
                            "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                            "name": {"type": "string"},
                        },
                    }
                }
            },
        }
    },
)
async def create_deployment(request: Request, actor: SignedIn, dry_run: bool = False) -> Response:
    """Deploy BPMN files; refused as a whole if one of them cannot be run as it is drawn."""
    form = await request.form(max_files=60, max_fields=60)
    files = [
        SentFile(value.filename or field, await value.read())
        for field, value in form.multi_items()
        if isinstance(value, UploadFile)
    ]
    fields = {field: value for field, value in form.multi_items() if isinstance(value, str)}
    await form.close()
    if any("\0" in text for text in (*fields, *fields.values(), *(file.name for file in files))):
        raise Invalid("A name holds the character NUL.", errors=[{"pointer": "", "message": "A name holds NUL."}])
    return await run_in_threadpool(_deploy, request, actor, files, fields, dry_run)


def _deploy(
    request: Request, actor: SignedIn, files: list[SentFile], fields: dict[str, str], dry_run: bool
) -> Response:
    parts = app_of(request)
    now = parts.clock.now()
    name = (fields.get("name") or fields.get("deployment-name") or "").strip() or ", ".join(f.name for f in files)[:200]
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
    unit_id = commands.home_unit(actor, "deploy" if actor.units_with("deploy", now) else "administer", now)
    if "unit" in fields:
        chosen = actor.office.unit_keys.get(fields["unit"])
        if chosen is None:
            raise Invalid(
                f"There is no unit '{fields['unit']}'.", errors=[{"pointer": "/unit", "message": "Unknown unit."}]
            )
        unit_id = chosen.id
    if dry_run:
        checked = commands.check_files(actor.office, unit_id, files)
        warnings = [finding_json(finding, one.resource) for one in checked for finding in one.warnings]
        return json_response({"id": None, "name": name, "process_definitions": [], "warnings": warnings})

    def work(uow: UnitOfWork) -> Answer:
        deployed = commands.deploy(
            uow, actor=actor, unit_id=unit_id, name=name, source=fields.get("deployment-source"), files=files, now=now
        )
        return Answer(deployed.answer, HTTPStatus.CREATED if deployed.created else HTTPStatus.OK)

    sent = orjson.dumps([sorted(fields.items()), [[file.name, sha256(file.data).hexdigest()] for file in files]])
    return perform(request, actor.username, work, body=sent)


@router.get("/process-definitions", response_model=DefinitionPage, responses=problems())
def list_process_definitions(
    request: Request,
    actor: SignedIn,
    key: str | None = None,
    latest: bool = False,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the process definitions that hold where the caller is."""
    parts = app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
        page = queries.list_definitions(
            connection, actor, parts.clock.now(), DefinitionFilter(key, latest), limit=limit, cursor=cursor
        )
    return json_response(page)


@router.get("/process-definitions/{definition_id}", response_model=DefinitionDetail, responses=problems(404))
def show_process_definition(request: Request, actor: SignedIn, definition_id: str) -> Response:
    """Show a process definition with its start form, messages and roles."""
    parts = app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
        found = queries.show_definition(
            connection, request.app.state.catalogue, actor, parts.clock.now(), definition_id
        )
    return json_response(found)


@router.get(
    "/process-definitions/{definition_id}/xml",
    response_class=Response,
    responses={200: {"content": {"application/xml": {}}}, **problems(404)},
)
def show_process_definition_xml(request: Request, actor: SignedIn, definition_id: str) -> Response:
    """Return the BPMN file, byte for byte as it was deployed."""
    parts = app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
        data = queries.definition_xml(connection, actor, parts.clock.now(), definition_id)
    return Response(data, media_type="application/xml")


@router.get("/process-definitions/{definition_id}/sop", response_model=dict[str, Any], responses=problems(404))
def show_process_definition_sop(request: Request, actor: SignedIn, definition_id: str) -> Response:
    """Show the definition as the table of its SOP: identity, roles, rows, decisions and where each cell comes from."""
    parts = app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
        data = queries.definition_xml(connection, actor, parts.clock.now(), definition_id)
    return json_response(read_table_json(read_table(xml.parse(data))))
