"""Process instances that run: listed, shown, suspended, ended, and with their variables and where they stand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response

from app.core.http import parse_id
from app.core.problems import NotFound
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Definition
from app.definitions.models import process_definition
from app.engine import Node, NodeKind
from app.engine_rest import listing
from app.engine_rest.http import (
    Asked,
    Asking,
    Caller,
    EngineRoute,
    Sent,
    Words,
    act_silently,
    ask,
    base_of,
    catalogue_of,
)
from app.engine_rest.listing import Like, Text, Texts, Window, like
from app.engine_rest.values import typed_values
from app.engine_rest.wire import self_link
from app.identity.office import Actor
from app.instances import commands, queries
from app.instances.models import InstanceStatus, TaskState, process_instance, user_task, wait
from app.instances.policy import seen_by

router = APIRouter(prefix="/process-instance", route_class=EngineRoute)

# A deletion brings no reason, and a cancellation needs one.
DELETED = "Dihapus melalui engine-rest."

_WHAT = "process instance"
_ENDED = (InstanceStatus.COMPLETED, InstanceStatus.CANCELLED)
_C = process_instance.c
_LISTED = (_C.id, _C.definition_id, _C.definition_key, _C.business_key, _C.status)
SORTS = {
    "instanceId": _C.id,
    "definitionKey": _C.definition_key,
    "definitionId": _C.definition_id,
    "businessKey": _C.business_key,
}


class InstanceQuery(Window):
    """Which process instances."""

    process_instance_ids: Texts | None = None
    business_key: Text | None = None
    business_key_like: Like | None = None
    process_definition_id: Text | None = None
    process_definition_key: Text | None = None
    process_definition_key_in: Texts | None = None
    process_definition_key_not_in: Texts | None = None
    deployment_id: Text | None = None
    active: bool | None = None
    suspended: bool | None = None
    with_incident: bool | None = None
    activity_id_in: Texts | None = None
    tenant_id_in: Texts | None = None
    # No instance has another above or below it.
    root_process_instances: bool | None = None
    leaf_process_instances: bool | None = None


def _stands_at(elements: Sequence[str]) -> sa.ColumnElement[bool]:
    tasks = sa.select(user_task.c.instance_id).where(
        user_task.c.state == TaskState.OPEN, user_task.c.element_id.in_(elements)
    )
    waits = sa.select(wait.c.instance_id).where(wait.c.element_id.in_(elements))
    return sa.or_(_C.id.in_(tasks), _C.id.in_(waits))


def _query(asking: Asking, wanted: InstanceQuery) -> sa.Select[Any]:
    deployed = sa.select(process_definition.c.id)
    narrowed = listing.narrowed(
        wanted,
        {
            "process_instance_ids": lambda ids: _C.id.in_(listing.uuids_of(ids)),
            "business_key": _C.business_key.__eq__,
            "business_key_like": lambda pattern: like(_C.business_key, pattern),
            "process_definition_id": _C.definition_id.__eq__,
            "process_definition_key": _C.definition_key.__eq__,
            "process_definition_key_in": _C.definition_key.in_,
            "process_definition_key_not_in": _C.definition_key.not_in,
            "deployment_id": lambda text: _C.definition_id.in_(
                deployed.where(process_definition.c.deployment_id == listing.uuid_of(text))
            ),
            "active": lambda _: _C.status != InstanceStatus.SUSPENDED,
            "suspended": lambda _: _C.status == InstanceStatus.SUSPENDED,
            "with_incident": lambda _: _C.status == InstanceStatus.INCIDENT,
            "activity_id_in": _stands_at,
            "tenant_id_in": lambda keys: _C.unit_id.in_(listing.units_named(asking.actor, keys)),
        },
    )
    return sa.select(*_LISTED).where(seen_by(asking.actor, asking.now), _C.status.not_in(_ENDED), *narrowed)


def _json(asking: Asking, row: Any) -> dict[str, Any]:
    base = base_of(asking.request)
    return {
        "links": self_link(base, f"/process-instance/{row.id}"),
        "id": row.id,
        "definitionId": row.definition_id,
        "definitionKey": row.definition_key,
        "businessKey": row.business_key,
        "caseInstanceId": None,
        "ended": False,
        "suspended": row.status == InstanceStatus.SUSPENDED,
        "tenantId": None,
    }


def started_json(started: Mapping[str, Any], base: str) -> dict[str, Any]:
    """Return an instance that was just started; it may have ended at once."""
    return {
        "links": self_link(base, f"/process-instance/{started['id']}"),
        "id": started["id"],
        "definitionId": started["process_definition_id"],
        "definitionKey": started["process_definition_key"],
        "businessKey": started["business_key"],
        "caseInstanceId": None,
        "ended": started["status"] == InstanceStatus.COMPLETED,
        "suspended": False,
        "tenantId": None,
    }


def running(asking: Asking, instance_id: UUID) -> tuple[Any, Definition]:
    """Return an instance that runs and that the caller sees, with its definition.

    Raises:
        NotFound: there is none; one that has ended is in the history.
    """
    row, definition = queries.seen_row(asking.connection, asking.catalogue, asking.actor, asking.now, instance_id)
    if row.status in _ENDED:
        raise NotFound(f"Process instance with id {instance_id} does not exist")
    return row, definition


def variables_of(asking: Asking, instance_id: UUID) -> dict[str, Any]:
    """Return the variables of an instance that the caller sees, with their types."""
    row, definition = queries.seen_row(asking.connection, asking.catalogue, asking.actor, asking.now, instance_id)
    held = queries.show_variables(asking.connection, asking.catalogue, asking.actor, asking.now, instance_id)
    return typed_values(held["variables"], definition, asking.actor.office.units[row.unit_id].time_zone)


listing.add_list(router, "", listing.Listing(InstanceQuery, _query, _json, SORTS, _C.id))


@router.get("/{instance_id}")
def show_instance(request: Request, caller: Caller, instance_id: str) -> Response:
    """Show a running process instance."""
    found = parse_id(instance_id, _WHAT)
    return ask(request, caller, lambda asking: _json(asking, _row(asking, found)))


def _row(asking: Asking, instance_id: UUID) -> Any:
    row, _ = running(asking, instance_id)
    return asking.connection.execute(sa.select(*_LISTED).where(_C.id == row.id)).one()


class Deletion(Words):
    """How an instance is ended; there are no listeners and mappings to be skipped."""

    skip_custom_listeners: bool | None = None
    skip_io_mappings: bool | None = None
    skip_subprocesses: bool | None = None
    fail_if_not_exists: bool | None = None


@router.delete("/{instance_id}")
def delete_instance(
    request: Request, caller: Caller, instance_id: str, wanted: Annotated[Deletion, Depends(Asked(Deletion))]
) -> Response:
    """End a process instance before its time; it stays in the history and in the trail."""
    found, catalogue = parse_id(instance_id, _WHAT), catalogue_of(request)

    def work(uow: UnitOfWork, actor: Actor, now: datetime) -> None:
        try:
            commands.cancel(uow, catalogue, actor=actor, instance_id=found, reason=DELETED, now=now)
        except NotFound:
            if wanted.fail_if_not_exists is not False:
                raise

    return act_silently(request, caller, work)


class Suspension(Words):
    """Whether an instance shall stand still."""

    suspended: bool


@router.put("/{instance_id}/suspended")
def suspend_instance(
    request: Request, caller: Caller, instance_id: str, sent: Annotated[Suspension, Depends(Sent(Suspension))]
) -> Response:
    """Suspend a process instance, or let it go on."""
    found, catalogue = parse_id(instance_id, _WHAT), catalogue_of(request)
    switch = commands.suspend if sent.suspended else commands.resume
    return act_silently(
        request,
        caller,
        lambda uow, actor, now: switch(uow, catalogue, actor=actor, instance_id=found, now=now),
    )


class VariablesQuery(Words):
    """How variables are shown; they are all kept as JSON, so nothing is left to be deserialized."""

    deserialize_values: bool | None = None
    deserialize_value: bool | None = None


@router.get("/{instance_id}/variables")
def list_variables(
    request: Request,
    caller: Caller,
    instance_id: str,
    _asked: Annotated[VariablesQuery, Depends(Asked(VariablesQuery))],
) -> Response:
    """Show the variables of a running process instance."""
    found = parse_id(instance_id, _WHAT)
    return ask(request, caller, lambda asking: variables_of(asking, running(asking, found)[0].id))


@router.get("/{instance_id}/variables/{name}")
def show_variable(
    request: Request,
    caller: Caller,
    instance_id: str,
    name: str,
    _asked: Annotated[VariablesQuery, Depends(Asked(VariablesQuery))],
) -> Response:
    """Show one variable of a running process instance."""
    found = parse_id(instance_id, _WHAT)

    def query(asking: Asking) -> Any:
        held = variables_of(asking, running(asking, found)[0].id)
        if name not in held:
            raise NotFound(f"process instance variable with name {name[:200]} does not exist")
        return held[name]

    return ask(request, caller, query)


@router.get("/{instance_id}/activity-instances")
def show_activities(request: Request, caller: Caller, instance_id: str) -> Response:
    """Show where a running process instance stands, as the tree of its scopes."""
    found = parse_id(instance_id, _WHAT)
    return ask(request, caller, lambda asking: _activities(asking, found))


_TYPES = {
    NodeKind.EXTERNAL_TASK: "serviceTask",
    NodeKind.RECEIVE: "receiveTask",
    NodeKind.CALL: "callActivity",
    NodeKind.USER_TASK: "userTask",
    NodeKind.SUB_PROCESS: "subProcess",
    NodeKind.CATCH: "intermediateCatchEvent",
}


def _activities(asking: Asking, instance_id: UUID) -> dict[str, Any]:
    row, definition = running(asking, instance_id)
    nodes = definition.process.model.nodes

    def node_of(element: str, own_id: str, parent: str) -> dict[str, Any]:
        node = nodes[element]
        return _activity(own_id, parent, element, node.name or None, _TYPES.get(node.kind, node.kind), row)

    root = _activity(str(row.id), None, row.definition_id, definition.name, "processDefinition", row)
    scopes: dict[str | None, dict[str, Any]] = {None: root}

    def scope_of(element: str | None) -> dict[str, Any]:
        if element not in scopes:
            assert element is not None
            above = scope_of(nodes[element].scope)
            scopes[element] = node_of(element, f"{element}:{row.id}", above["id"])
            above["childActivityInstances"].append(scopes[element])
        return scopes[element]

    for element, own_id in _standing(asking, row.id, nodes):
        above = scope_of(nodes[element].scope)
        above["childActivityInstances"].append(node_of(element, own_id, above["id"]))
    return root


def _standing(asking: Asking, instance_id: UUID, nodes: Mapping[str, Node]) -> list[tuple[str, str]]:
    """Return the elements at which an instance stands; what only listens beside an activity is none."""
    tasks = asking.connection.execute(
        sa.select(user_task.c.element_id, user_task.c.id, user_task.c.token)
        .where(user_task.c.instance_id == instance_id, user_task.c.state == TaskState.OPEN)
        .order_by(user_task.c.token)
    )
    waits = asking.connection.execute(
        sa.select(wait.c.element_id, wait.c.token).where(wait.c.instance_id == instance_id).order_by(wait.c.token)
    )
    return [
        *((one.element_id, f"{one.element_id}:{one.id}") for one in tasks),
        *(
            (one.element_id, f"{one.element_id}:{instance_id}:{one.token}")
            for one in waits
            if nodes[one.element_id].attached_to is None
        ),
    ]


def _activity(own_id: str, parent: str | None, element: str, name: str | None, kind: str, row: Any) -> dict[str, Any]:
    return {
        "id": own_id,
        "parentActivityInstanceId": parent,
        "activityId": element,
        "activityType": kind,
        "processInstanceId": row.id,
        "processDefinitionId": row.definition_id,
        "childActivityInstances": [],
        "childTransitionInstances": [],
        "executionIds": [row.id],
        "activityName": name,
        "name": name,
        "incidentIds": [],
        "incidents": [],
    }
