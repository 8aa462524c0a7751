"""Messages for the process instances that wait for them."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Annotated, Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app import engine
from app.core.http import parse_id
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Definition
from app.engine_rest.errors import NotCorrelated
from app.engine_rest.http import Asking, Caller, EngineRoute, Sent, Words, act, act_silently, catalogue_of
from app.engine_rest.instances import variables_of
from app.engine_rest.values import Typed, TypedField, plain_values
from app.identity.office import Actor
from app.instances import commands
from app.instances.calls import definition_of
from app.instances.models import process_instance, wait
from app.instances.policy import takes_part

_READ_AT_ONCE = 200

router = APIRouter(route_class=EngineRoute)


class Message(Words):
    """A message, and which instances it is for; there are no tenants, so being without one narrows nothing."""

    message_name: str = Field(min_length=1, max_length=255)
    business_key: str | None = Field(default=None, max_length=255)
    process_instance_id: str | None = Field(default=None, max_length=64)
    correlation_keys: Typed | None = TypedField
    process_variables: Typed | None = TypedField
    all: bool | None = None
    result_enabled: bool | None = None
    variables_in_result_enabled: bool | None = None
    without_tenant_id: bool | None = None
    tenant_id: None = None
    local_correlation_keys: Typed | None = Field(default=None, max_length=0)
    process_variables_local: Typed | None = Field(default=None, max_length=0)


@router.post("/message")
def correlate_message(request: Request, caller: Caller, sent: Annotated[Message, Depends(Sent(Message))]) -> Response:
    """Deliver a message to the one instance of the caller's that it means, or with `all` to each of them."""
    catalogue = catalogue_of(request)
    variables = plain_values(sent.process_variables)
    keys = plain_values(sent.correlation_keys)
    instance_id = parse_id(sent.process_instance_id, "process instance") if sent.process_instance_id else None

    def work(uow: UnitOfWork, actor: Actor, now: datetime) -> list[dict[str, Any]] | None:
        asking = Asking(uow.connection, actor, catalogue, now, request)
        meant = _meant(asking, sent.message_name, sent.business_key, instance_id, keys)
        if not meant or (len(meant) > 1 and not sent.all):
            count = len(meant) or "no"
            raise NotCorrelated(
                f"Cannot correlate message '{sent.message_name}': {count} process instances match the parameters"
            )
        if len(meant) > commands.MOST_CORRELATED:
            raise NotCorrelated(
                f"Cannot correlate message '{sent.message_name}': {len(meant)} process instances match, and one "
                f"request reaches at most {commands.MOST_CORRELATED}. Name them by businessKey or correlationKeys."
            )
        for one in meant:
            commands.send_message(
                uow,
                catalogue,
                actor=actor,
                name=sent.message_name,
                business_key=None,
                instance_id=one,
                variables=variables,
                now=now,
            )
        if not sent.result_enabled:
            return None
        uow.flush()
        return [_result(asking, one, with_variables=bool(sent.variables_in_result_enabled)) for one in meant]

    return (act if sent.result_enabled else act_silently)(request, caller, work)


def _meant(
    asking: Asking, name: str, business_key: str | None, instance_id: UUID | None, keys: Mapping[str, Any]
) -> list[UUID]:
    """Return the instances of the caller's that wait for a message, and whose variables equal the correlation keys.

    They are read without a limit, as each that is somebody else's or has other variables would take the place of one
    that is meant; states are read for correlation keys alone, some at a time.
    """
    instance = process_instance.c
    query = (
        sa.select(instance.id, instance.definition_id, instance.unit_id)
        .where(
            instance.id.in_(
                sa.select(wait.c.instance_id).where(sa.and_(wait.c.kind == "message", wait.c.awaited == name))
            )
        )
        .order_by(instance.id)
    )
    if business_key is not None:
        query = query.where(instance.business_key == business_key)
    if instance_id is not None:
        query = query.where(instance.id == instance_id)
    waiting: dict[UUID, Definition] = {}
    for row in asking.connection.execute(query).all():
        definition = definition_of(asking.connection, asking.catalogue, row.id, row.definition_id)
        if takes_part(asking.actor, definition.role_keys, row.unit_id, asking.now):
            waiting[row.id] = definition
    if not keys:
        return list(waiting)
    return [one for one, held in _variables(asking, waiting) if _agree(held, keys)]


def _variables(asking: Asking, waiting: Mapping[UUID, Definition]) -> Iterator[tuple[UUID, Mapping[str, Any]]]:
    ids = iter(waiting)
    while some := list(islice(ids, _READ_AT_ONCE)):
        states = sa.select(process_instance.c.id, process_instance.c.state).where(process_instance.c.id.in_(some))
        for row in asking.connection.execute(states.order_by(process_instance.c.id)):
            yield row.id, engine.where(waiting[row.id].process, row.state).variables


def _agree(held: Mapping[str, Any], keys: Mapping[str, Any]) -> bool:
    return all(name in held and _same(held[name], value) for name, value in keys.items())


def _same(held: Any, wanted: Any) -> bool:
    """Whether two values are the same JSON: 1 is not true."""
    return orjson.dumps(held, option=orjson.OPT_SORT_KEYS) == orjson.dumps(wanted, option=orjson.OPT_SORT_KEYS)


def _result(asking: Asking, instance_id: UUID, *, with_variables: bool) -> dict[str, Any]:
    execution = {"id": instance_id, "processInstanceId": instance_id, "ended": False, "tenantId": None}
    result: dict[str, Any] = {"resultType": "Execution", "execution": execution, "processInstance": None}
    if with_variables:
        result["variables"] = variables_of(asking, instance_id)
    return result
