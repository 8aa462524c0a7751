"""External tasks for a worker: fetched and locked, at once or after a while."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from app.core.http import app_of
from app.engine_rest import listing
from app.engine_rest.external import Milliseconds, WorkerId, duration, external_task_json, real_time
from app.engine_rest.http import Caller, EngineRoute, Sent, Words, answer, catalogue_of
from app.engine_rest.listing import Text, Texts
from app.engine_rest.values import typed_values
from app.identity.http import directory_of
from app.identity.office import Actor
from app.instances import external_locks
from app.instances.external_locks import Fetch, Fetched, Topic

router = APIRouter(prefix="/external-task", route_class=EngineRoute)

# Camunda lets a worker wait for half an hour. Here it is answered after half a minute at the latest, and asks again; a
# server that is about to stop answers at once.
LONGEST_WAIT = 30.0
MOST_ASKED_WAIT = 1_800_000
_PAUSE = 0.5


class WantedTopic(Words):
    """A topic that a worker does; there are no tenants and no local variables, so to be without narrows nothing."""

    topic_name: str = Field(min_length=1, max_length=255)
    lock_duration: Milliseconds
    variables: tuple[str, ...] | None = Field(default=None, max_length=500)
    business_key: Text | None = None
    process_definition_id: Text | None = None
    process_definition_id_in: Texts | None = None
    process_definition_key: Text | None = None
    process_definition_key_in: Texts | None = None
    process_definition_version_tag: Text | None = None
    tenant_id_in: Texts | None = None
    without_tenant_id: bool | None = None
    process_variables: dict[str, Any] | None = Field(default=None, max_length=0)
    local_variables: bool | None = None
    deserialize_values: bool | None = None
    include_extension_properties: bool | None = None

    def as_topic(self, actor: Actor) -> Topic:
        """Return the topic as the command takes it."""
        return Topic(
            name=self.topic_name,
            lock_for=duration(self.lock_duration),
            business_key=self.business_key,
            definition_ids=_either(self.process_definition_id, self.process_definition_id_in),
            definition_keys=_either(self.process_definition_key, self.process_definition_key_in),
            version_tag=self.process_definition_version_tag,
            unit_ids=None if self.tenant_id_in is None else listing.units_named(actor, self.tenant_id_in),
        )


def _either(one: str | None, several: tuple[str, ...] | None) -> list[str] | None:
    """Return what satisfies both of two filters, null where neither is given."""
    if one is None:
        return None if several is None else list(several)
    return [one] if several is None or one in several else []


class Order(Words):
    """An order of what is fetched."""

    sort_by: str = Field(pattern="^createTime$")
    sort_order: str = Field(pattern="^(asc|desc)$")


class FetchRequest(Words):
    """A worker asks for tasks, and how long it would wait for one."""

    worker_id: WorkerId
    max_tasks: int = Field(ge=1, lt=2**31)
    use_priority: bool | None = None
    sorting: tuple[Order, ...] | None = Field(default=None, max_length=1)
    async_response_timeout: int | None = Field(default=None, ge=0, le=MOST_ASKED_WAIT)
    topics: tuple[WantedTopic, ...] | None = Field(default=None, max_length=external_locks.MOST_TOPICS)

    def as_fetch(self, actor: Actor) -> Fetch:
        """Return the request as the command takes it."""
        return Fetch(
            worker_id=self.worker_id,
            most=self.max_tasks,
            topics=[topic.as_topic(actor) for topic in self.topics or ()],
            by_priority=bool(self.use_priority),
            newest_first=any(order.sort_order == "desc" for order in self.sorting or ()),
        )


@router.post("/fetchAndLock")
async def fetch_and_lock(
    request: Request, caller: Caller, sent: Annotated[FetchRequest, Depends(Sent(FetchRequest))]
) -> Response:
    """Give a worker tasks of its topics; where there are none, wait for some, without holding the database."""
    loop = asyncio.get_running_loop()
    end = loop.time() + min((sent.async_response_timeout or 0) / 1000, LONGEST_WAIT)
    first = True
    while True:
        found = await run_in_threadpool(_fetch, request, caller, sent, first)
        left = end - loop.time()
        if found or left <= 0 or request.app.state.draining.begun or await request.is_disconnected():
            return answer(found)
        first = False
        await asyncio.sleep(min(_PAUSE, left))


def _fetch(request: Request, caller: Actor, sent: FetchRequest, first: bool) -> list[dict[str, Any]]:
    """Fetch once; who waits looks first whether there is anything, so that waiting writes nothing."""
    parts, catalogue = app_of(request), catalogue_of(request)
    now, at = parts.clock.now(), real_time(request)
    with parts.database.read() as connection:
        actor = directory_of(request).fresh(connection, caller)
        wanted = sent.as_fetch(actor)
        external_locks.ensure_sound(wanted)
        if not external_locks.is_work(connection, actor, wanted, now=now, at=at):
            return []
    fetched = parts.database.write(
        lambda uow: external_locks.fetch_and_lock(uow, catalogue, actor=actor, wanted=wanted, now=now, at=at)
    )
    topics = {topic.topic_name: topic for topic in sent.topics or ()}
    return [_locked_json(one, topics[one.row["topic"]], actor) for one in fetched]


def _locked_json(fetched: Fetched, topic: WantedTopic, actor: Actor) -> dict[str, Any]:
    names = fetched.variables if topic.variables is None else topic.variables
    held = (
        {} if topic.local_variables else {name: fetched.variables[name] for name in names if name in fetched.variables}
    )
    node = fetched.definition.process.model.nodes[fetched.row["element_id"]]
    zone = actor.office.units[fetched.row["unit_id"]].time_zone
    return external_task_json(fetched.row) | {
        "errorDetails": fetched.row["error_details"],
        "variables": typed_values(held, fetched.definition, zone),
        "extensionProperties": dict(node.properties) if topic.include_extension_properties else {},
    }
