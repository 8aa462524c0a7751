"""HTTP for deployments and process definitions."""

from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, Literal

import orjson
from fastapi import Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from app.core import paging
from app.core.http import (
    Answer,
    Cursor,
    Limit,
    Named,
    Words,
    app_of,
    json_response,
    page_response,
    perform,
    sorted_by,
)
from app.core.openapi import problems
from app.core.problems import Invalid, pointer
from app.core.routes import MULTIPART, check_fields, ensure_kind, strict_router
from app.core.search import split_words
from app.core.unit_of_work import UnitOfWork
from app.definitions import commands, policy, queries
from app.definitions.calls import Today
from app.definitions.commands import SentFile
from app.definitions.comparing import Compared, compare
from app.definitions.gate import finding_json
from app.definitions.queries import DefinitionFilter
from app.definitions.schemas import DefinitionDetail, DefinitionPage, DeploymentOut
from app.identity.http import SignedIn, directory_of
from app.identity.office import Actor
from app.sop.difference_json import DifferenceOut, as_json
from app.sop.difference_text import as_text
from app.sop.difference_words import Language
from app.sop.schemas import read_table_json

router = strict_router("process definitions")

# What Camunda's Modeler calls the same is taken too.
_NAMES = {"name": "name", "deployment-name": "name", "source": "source", "deployment-source": "source", "unit": "unit"}


@router.post(
    "/deployments",
    status_code=201,
    response_model=DeploymentOut,
    responses={
        200: {"model": DeploymentOut, "description": "The latest version has this content, or it was a dry run"},
        **problems(403, 413),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["files"],
                        "properties": {
                            "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                            "name": {"type": "string", "examples": ["Renja 2027"]},
                            "source": {"type": "string", "examples": ["Camunda Modeler"]},
                            "unit": {"type": "string", "examples": ["disnaker"]},
                        },
                    }
                }
            },
        }
    },
)
async def create_deployment(request: Request, actor: SignedIn, dry_run: bool = False) -> Response:
    """Deploy BPMN files; refused as a whole if one of them cannot be run as it is drawn."""
    # Before anything is read: an upload is large, and whoever may not deploy need not have sent it.
    actor = await run_in_threadpool(_deployer, request, actor)
    await ensure_kind(request, MULTIPART)
    async with request.form(max_files=60, max_fields=60) as form:
        files, texts = [], []
        for field, value in form.multi_items():
            if isinstance(value, UploadFile):
                files.append(SentFile(value.filename or field, await value.read()))
            else:
                texts.append((field, value))
    return await run_in_threadpool(_deploy, request, actor, files, _fields_of(files, texts), dry_run)


def _deployer(request: Request, actor: Actor) -> Actor:
    """Return the actor as he is now, if there is a unit into which he may deploy."""
    parts = app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
    policy.deployment_unit(actor, parts.clock.now())
    return actor


def _fields_of(files: Sequence[SentFile], texts: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Check the names of the files and the texts of a form, and return the texts by what they mean."""
    unknown = [field for field, _ in texts if field not in _NAMES]
    if unknown:
        message = "The fields beside the files are: name, source, unit."
        raise Invalid(message, errors=[{"pointer": pointer(field), "message": message} for field in unknown])
    check_fields((_NAMES[field], value) for field, value in texts)
    if any("\0" in file.name for file in files):
        message = "The name of a file holds the character NUL."
        raise Invalid(message, errors=[{"pointer": pointer("files"), "message": message}])
    return {_NAMES[field]: value for field, value in texts}


def _deploy(request: Request, actor: Actor, files: list[SentFile], fields: dict[str, str], dry_run: bool) -> Response:
    now = app_of(request).clock.now()
    name = fields.get("name", "").strip() or ", ".join(file.name for file in files)[:200]
    unit_id = policy.deployment_unit(actor, now, fields.get("unit"))
    catalogue = request.app.state.catalogue
    if dry_run:
        with app_of(request).database.read() as connection:
            today = Today(connection, catalogue, unit_id, actor.office, now)
            checked = commands.check_files(today, files)
            warnings = [finding_json(finding, one.resource) for one in checked for finding in one.findings]
            compared = [compare(today, one) for one in checked]
        return json_response(
            {
                "id": None,
                "name": name,
                "process_definitions": [],
                "warnings": warnings,
                "files": [_compared_json(one) for one in compared],
            }
        )

    def work(uow: UnitOfWork) -> Answer:
        deployed = commands.deploy(
            uow, catalogue, actor=actor, unit_id=unit_id, name=name, source=fields.get("source"), files=files, now=now
        )
        return Answer(deployed.answer, HTTPStatus.CREATED if deployed.created else HTTPStatus.OK)

    sent = orjson.dumps([sorted(fields.items()), [[file.name, sha256(file.data).hexdigest()] for file in files]])
    return perform(request, actor.username, work, body=sent)


def _compared_json(one: Compared) -> dict[str, Any]:
    return {
        "file": one.file.resource,
        "key": one.file.key,
        "name": one.file.model.name,
        "sha256": sha256(one.file.data).hexdigest(),
        "process_definition_id": None if one.before is None else one.before.id,
        "unchanged": one.unchanged,
        "difference": None if one.difference is None else as_json(one.difference),
    }


@router.get("/process-definitions", response_model=DefinitionPage, responses=problems())
def list_process_definitions(
    request: Request,
    actor: SignedIn,
    key: Named = None,
    latest: bool = False,
    in_force: Annotated[bool, Query(description="Only the version of each that holds today.")] = False,
    q: Words = None,
    sort: Annotated[str | None, sorted_by(queries.SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the process definitions that hold where the caller is."""
    parts = app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
        page = queries.list_definitions(
            connection,
            actor,
            parts.clock.now(),
            DefinitionFilter(key, latest, in_force, split_words(q)),
            sort=sort,
            limit=limit,
            cursor=cursor,
        )
    return page_response(request, page)


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
        table = queries.show_table(connection, request.app.state.catalogue, actor, parts.clock.now(), definition_id)
    return json_response(read_table_json(table))


@router.get(
    "/process-definitions/{definition_id}/difference",
    response_model=DifferenceOut,
    responses={200: {"content": {"text/plain": {}}}, **problems(404)},
)
def show_process_definition_difference(
    request: Request,
    actor: SignedIn,
    definition_id: str,
    to: Annotated[Named, Query(description="The definition to compare with; by default the version before.")] = None,
    format: Annotated[
        Literal["json", "text"] | None, Query(description="By default what the header Accept prefers.")
    ] = None,
    language: Annotated[Language, Query(description="The language of the text.")] = "id",
) -> Response:
    """Show what has changed between two versions, in the words of the SOP table; the older one comes first."""
    parts = app_of(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
        found = queries.show_difference(
            connection, request.app.state.catalogue, actor, parts.clock.now(), definition_id, to
        )
    if format == "text" or (format is None and _prefers_text(request)):
        return Response(f"{as_text(found, language)}\n", media_type="text/plain", headers={"Vary": "Accept"})
    return json_response(as_json(found), headers={"Vary": "Accept"})


def _prefers_text(request: Request) -> bool:
    """Whether a client names plain text and no JSON among what it accepts."""
    accepted = {one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "").split(",")}
    return "text/plain" in accepted and "application/json" not in accepted
