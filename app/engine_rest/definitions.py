"""Process definitions: listed, shown, and started."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.core.problems import NotFound
from app.core.unit_of_work import UnitOfWork
from app.definitions import queries
from app.definitions.errors import UnknownDefinition
from app.definitions.models import process_definition
from app.engine_rest import listing
from app.engine_rest.http import (
    Asking,
    Caller,
    EngineRoute,
    Sent,
    Words,
    act,
    ask,
    base_of,
    catalogue_of,
)
from app.engine_rest.instances import started_json, variables_of
from app.engine_rest.listing import Like, Text, Texts, Window, like
from app.engine_rest.values import Typed, TypedField, plain_values
from app.identity.office import Actor
from app.instances import commands
from app.instances.commands import NewInstance

router = APIRouter(prefix="/process-definition", route_class=EngineRoute)

_C = process_definition.c
SORTS = {
    "id": _C.id,
    "key": _C.key,
    "name": _C.name,
    "version": _C.version,
    "deploymentId": _C.deployment_id,
    "versionTag": _C.version_tag,
}


class DefinitionQuery(Window):
    """Which process definitions; every version is active."""

    process_definition_id: Text | None = None
    process_definition_id_in: Texts | None = None
    key: Text | None = None
    keys_in: Texts | None = None
    key_like: Like | None = None
    name: Text | None = None
    name_like: Like | None = None
    version: int | None = Field(default=None, ge=0, lt=2**31)
    latest_version: bool | None = None
    version_tag: Text | None = None
    version_tag_like: Like | None = None
    without_version_tag: bool | None = None
    resource_name: Text | None = None
    resource_name_like: Like | None = None
    deployment_id: Text | None = None
    tenant_id_in: Texts | None = None
    active: bool | None = None
    suspended: bool | None = None


def _query(asking: Asking, wanted: DefinitionQuery) -> sa.Select[Any]:
    other = process_definition.alias()
    newer = sa.exists().where(other.c.unit_id == _C.unit_id, other.c.key == _C.key, other.c.version > _C.version)
    narrowed = listing.narrowed(
        wanted,
        {
            "process_definition_id": _C.id.__eq__,
            "process_definition_id_in": _C.id.in_,
            "key": _C.key.__eq__,
            "keys_in": _C.key.in_,
            "key_like": lambda pattern: like(_C.key, pattern),
            "name": _C.name.__eq__,
            "name_like": lambda pattern: like(_C.name, pattern),
            "version": _C.version.__eq__,
            "latest_version": lambda _: ~newer,
            "version_tag": _C.version_tag.__eq__,
            "version_tag_like": lambda pattern: like(_C.version_tag, pattern),
            "without_version_tag": lambda _: _C.version_tag.is_(None),
            "resource_name": _C.resource.__eq__,
            "resource_name_like": lambda pattern: like(_C.resource, pattern),
            "deployment_id": lambda text: _C.deployment_id == listing.uuid_of(text),
            "tenant_id_in": lambda keys: _C.unit_id.in_(listing.units_named(asking.actor, keys)),
            "suspended": lambda _: sa.false(),
        },
    )
    owners = queries.units_of_definitions(asking.actor, asking.now)
    return sa.select(process_definition).where(_C.unit_id.in_(owners), *narrowed)


def definition_json(row: Any) -> dict[str, Any]:
    """Return a process definition with every key that clients index."""
    return {
        "id": row.id,
        "key": row.key,
        "category": None,
        "description": None,
        "name": row.name,
        "version": row.version,
        "resource": row.resource,
        "deploymentId": row.deployment_id,
        "diagram": None,
        "suspended": False,
        "tenantId": None,
        "versionTag": row.version_tag,
        "historyTimeToLive": None,
        "startableInTasklist": True,
    }


listing.add_list(
    router,
    "",
    listing.Listing(DefinitionQuery, _query, lambda _, row: definition_json(row), SORTS, _C.id),
    methods=["GET"],
)


def _find(asking: Asking, named: Mapping[str, str]) -> Any:
    """Return the row of the definition that a path names: by id, or by key the version in force.

    In force where the path names a unit (as a tenant), else where the caller is, as it is for a start.

    Raises:
        NotFound: there is none, or it does not hold where the caller is.
    """
    actor, now = asking.actor, asking.now
    if "definition_id" in named:
        return queries.visible_row(asking.connection, actor, now, named["definition_id"])
    units = sorted(actor.home_units(now), key=lambda one: (-len(actor.office.ancestors(one)), one))
    if "unit" in named:
        unit = actor.office.unit_keys.get(named["unit"])
        units = [] if unit is None or unit.id not in queries.units_of_definitions(actor, now) else [unit.id]
    for unit_id in units:
        try:
            found = asking.catalogue.in_force(
                asking.connection, key=named["key"], unit_id=unit_id, office=actor.office, now=now
            )
        except UnknownDefinition:
            continue
        return queries.visible_row(asking.connection, actor, now, found.id)
    raise NotFound(f"No matching process definition with key: {named['key'][:200]}.")


@router.get("/{definition_id}")
@router.get("/key/{key}")
@router.get("/key/{key}/tenant-id/{unit}")
def show_definition(request: Request, caller: Caller) -> Response:
    """Show a process definition."""
    return ask(request, caller, lambda asking: definition_json(_find(asking, request.path_params)))


@router.get("/{definition_id}/xml")
@router.get("/key/{key}/xml")
@router.get("/key/{key}/tenant-id/{unit}/xml")
def show_xml(request: Request, caller: Caller) -> Response:
    """Return the BPMN text that was deployed."""

    def query(asking: Asking) -> dict[str, Any]:
        found = _find(asking, request.path_params).id
        data = queries.definition_xml(asking.connection, asking.actor, asking.now, found)
        return {"id": found, "bpmn20Xml": data.decode("utf-8-sig")}

    return ask(request, caller, query)


class Start(Words):
    """What starts a process; what would start it elsewhere than at its beginning is not served."""

    business_key: str | None = Field(default=None, max_length=255)
    variables: Typed | None = TypedField
    case_instance_id: None = None
    start_instructions: tuple[()] | None = None
    skip_custom_listeners: bool | None = None
    skip_io_mappings: bool | None = None
    with_variables_in_return: bool | None = None


@router.post("/{definition_id}/start")
@router.post("/key/{key}/start")
@router.post("/key/{key}/tenant-id/{unit}/start")
def start_instance(request: Request, caller: Caller, sent: Annotated[Start, Depends(Sent(Start))]) -> Response:
    """Start a process; whoever performs one of its lanes in the unit may."""
    named, catalogue = request.path_params, catalogue_of(request)
    wanted = NewInstance(
        process_definition_key=named.get("key"),
        process_definition_id=named.get("definition_id"),
        business_key=sent.business_key,
        title=None,
        unit=named.get("unit"),
        variables=plain_values(sent.variables),
    )

    def work(uow: UnitOfWork, actor: Actor, now: datetime) -> dict[str, Any]:
        started = commands.start(uow, catalogue, actor=actor, wanted=wanted, now=now)
        answer = started_json(started, base_of(request))
        if sent.with_variables_in_return:
            uow.flush()
            asking = Asking(uow.connection, actor, catalogue, now, request)
            answer["variables"] = variables_of(asking, started["id"])
        return answer

    return act(request, caller, work)
