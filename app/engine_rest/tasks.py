"""User tasks: listed, shown, claimed, given, completed."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.core import text
from app.core.http import parse_id
from app.core.problems import Forbidden, NotFound
from app.core.unit_of_work import UnitOfWork
from app.engine import default_of
from app.engine_rest import listing
from app.engine_rest.http import (
    Asked,
    Asking,
    Caller,
    EngineRoute,
    Sent,
    Words,
    act,
    act_silently,
    ask,
    catalogue_of,
    desk_of,
)
from app.engine_rest.instances import variables_of
from app.engine_rest.listing import Text, Texts
from app.engine_rest.task_query import COLUMNS, SORTS, TaskQuery, task_query
from app.engine_rest.values import Typed, TypedField, plain_values, typed_value
from app.engine_rest.wire import moment_text
from app.identity.office import Actor
from app.instances.calls import definition_of
from app.instances.models import InstanceStatus, TaskState, process_instance, user_task
from app.tasks import commands
from app.tasks.policy import sees

router = APIRouter(prefix="/task", route_class=EngineRoute)

_WHAT = "task"


def _json(asking: Asking, row: Any) -> dict[str, Any]:
    node = definition_of(asking.connection, asking.catalogue, row.instance_id, row.definition_id).process.model.nodes[
        row.element_id
    ]
    return {
        "id": row.id,
        "name": row.name,
        "assignee": row.assignee,
        "created": moment_text(row.created_at),
        "due": moment_text(row.due_at),
        "followUp": None,
        "lastUpdated": moment_text(row.claimed_at),
        "delegationState": None,
        "description": node.documentation or None,
        "executionId": row.instance_id,
        "owner": None,
        "parentTaskId": None,
        "priority": row.priority,
        "processDefinitionId": row.definition_id,
        "processInstanceId": row.instance_id,
        "taskDefinitionKey": row.element_id,
        "caseExecutionId": None,
        "caseInstanceId": None,
        "caseDefinitionId": None,
        "suspended": row.status == InstanceStatus.SUSPENDED,
        "formKey": None,
        "camundaFormRef": None,
        "tenantId": None,
    }


def _seen(asking: Asking, task_id: UUID) -> Any:
    """Return the row of an open task that the caller sees.

    Raises:
        NotFound: there is none, or he does not see it, which is told alike; one that has ended is in the history.
    """
    row = asking.connection.execute(
        sa.select(*COLUMNS)
        .join(process_instance, process_instance.c.id == user_task.c.instance_id)
        .where(user_task.c.id == task_id, user_task.c.state == TaskState.OPEN)
    ).one_or_none()
    if row is None or not sees(asking.actor, row, asking.now):
        raise NotFound(f"No matching task with id {task_id}")
    return row


def _query(asking: Asking, wanted: TaskQuery) -> sa.Select[Any]:
    return task_query(asking.actor, asking.now, wanted)


listing.add_list(router, "", listing.Listing(TaskQuery, _query, _json, SORTS, user_task.c.id))


@router.get("/{task_id}")
def show_task(request: Request, caller: Caller, task_id: str) -> Response:
    """Show an open task."""
    found = parse_id(task_id, _WHAT)
    return ask(request, caller, lambda asking: _json(asking, _seen(asking, found)))


class User(Words):
    """A person, by user name."""

    user_id: str | None = Field(default=None, max_length=255)


@router.post("/{task_id}/claim")
def claim_task(request: Request, caller: Caller, task_id: str, sent: Annotated[User, Depends(Sent(User))]) -> Response:
    """Take a task of one's role for oneself."""
    found, desk = parse_id(task_id, _WHAT), desk_of(request)

    def work(uow: UnitOfWork, actor: Actor, now: datetime) -> None:
        if sent.user_id != actor.username:
            raise Forbidden(
                text.Text(
                    "Tugas diambil untuk diri sendiri (userId); untuk orang lain, tetapkan assignee.",
                    "You claim a task for yourself (userId); to give it to somebody else, set its assignee.",
                )
            )
        commands.claim(uow, desk, actor=actor, task_id=found, now=now)

    return act_silently(request, caller, work)


@router.post("/{task_id}/unclaim")
def unclaim_task(request: Request, caller: Caller, task_id: str) -> Response:
    """Give a task back to its role."""
    found, desk = parse_id(task_id, _WHAT), desk_of(request)
    return act_silently(
        request, caller, lambda uow, actor, now: commands.unclaim(uow, desk, actor=actor, task_id=found, now=now)
    )


@router.post("/{task_id}/assignee")
def assign_task(request: Request, caller: Caller, task_id: str, sent: Annotated[User, Depends(Sent(User))]) -> Response:
    """Give a task to a holder of its role, or to nobody."""
    found, desk = parse_id(task_id, _WHAT), desk_of(request)
    return act_silently(
        request,
        caller,
        lambda uow, actor, now: commands.assign(uow, desk, actor=actor, task_id=found, assignee=sent.user_id, now=now),
    )


class Completion(Words):
    """The values of the form by which a task is completed."""

    variables: Typed | None = TypedField
    with_variables_in_return: bool | None = None


@router.post("/{task_id}/complete")
@router.post("/{task_id}/submit-form")
def complete_task(
    request: Request, caller: Caller, task_id: str, sent: Annotated[Completion, Depends(Sent(Completion))]
) -> Response:
    """Complete a task; its process instance moves on at once."""
    found, desk, catalogue = parse_id(task_id, _WHAT), desk_of(request), catalogue_of(request)
    variables = plain_values(sent.variables)

    def work(uow: UnitOfWork, actor: Actor, now: datetime) -> dict[str, Any] | None:
        done = commands.complete(uow, desk, actor=actor, task_id=found, variables=variables, now=now)
        if not sent.with_variables_in_return:
            return None
        uow.flush()
        return variables_of(Asking(uow.connection, actor, catalogue, now, request), done["process_instance"]["id"])

    return (act if sent.with_variables_in_return else act_silently)(request, caller, work)


class FormQuery(Words):
    """Which variables of a form."""

    variable_names: Texts | None = None
    deserialize_values: bool | None = None


_NOTHING = {"value": None}


@router.get("/{task_id}/form-variables")
def show_form_variables(
    request: Request, caller: Caller, task_id: str, wanted: Annotated[FormQuery, Depends(Asked(FormQuery))]
) -> Response:
    """Show the variables that a task's form begins with: its fields, and what else the process instance holds."""
    found = parse_id(task_id, _WHAT)

    def query(asking: Asking) -> dict[str, Any]:
        row = _seen(asking, found)
        definition = definition_of(asking.connection, asking.catalogue, row.instance_id, row.definition_id)
        zone = asking.actor.office.units[row.unit_id].time_zone
        shown = variables_of(asking, row.instance_id)
        for field in definition.tasks[row.element_id].form:
            if shown.get(field.id, _NOTHING)["value"] is None:
                shown[field.id] = typed_value(default_of(field), field.type, zone)
        names = shown if wanted.variable_names is None else wanted.variable_names
        return {name: shown[name] for name in names if name in shown}

    return ask(request, caller, query)


class LinkQuery(Words):
    """Which kind of link."""

    type: Text | None = None


@router.get("/{task_id}/identity-links")
def list_identity_links(
    request: Request, caller: Caller, task_id: str, wanted: Annotated[LinkQuery, Depends(Asked(LinkQuery))]
) -> Response:
    """List who has a task, and the role that performs it."""
    found = parse_id(task_id, _WHAT)

    def query(asking: Asking) -> list[dict[str, Any]]:
        row = _seen(asking, found)
        links = []
        if row.assignee is not None:
            links.append({"userId": row.assignee, "groupId": None, "type": "assignee"})
        if row.role_key is not None:
            links.append({"userId": None, "groupId": row.role_key, "type": "candidate"})
        return [link for link in links if wanted.type in (None, link["type"])]

    return ask(request, caller, query)
