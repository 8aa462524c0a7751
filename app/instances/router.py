"""HTTP for process instances and messages."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy.engine import Connection

from app.core import paging
from app.core.http import (
    Cursor,
    Limit,
    Moment,
    Named,
    Words,
    app_of,
    json_response,
    page_response,
    parse_id,
    perform,
    perform_each,
    sorted_by,
)
from app.core.openapi import polled, problems
from app.core.problems import Invalid, pointer
from app.core.routes import API, strict_router
from app.core.search import split_words
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.identity.http import SignedIn, directory_of
from app.identity.office import Actor
from app.instances import commands, correction, migration, queries
from app.instances.commands import NewInstance
from app.instances.migration import Selection, Wanted
from app.instances.migration_schemas import MigrationPlan, MigrationResults
from app.instances.models import InstanceStatus
from app.instances.polling import poll
from app.instances.queries import InstanceFilter
from app.instances.schemas import (
    ActPage,
    BulkMigration,
    Cancellation,
    DiagramOut,
    HistoryPage,
    Message,
    MessageOut,
    Migration,
    Move,
    ProcessInstanceOut,
    ProcessInstancePage,
    ProcessInstanceStart,
    StartableList,
    VariablesOut,
    VerdictOut,
    VersionsOut,
)
from app.instances.startable import list_startable
from app.instances.versions import list_versions

router = strict_router("process instances")

_WHAT = "process instance"


def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


@router.post("/process-instances", status_code=201, response_model=ProcessInstanceOut, responses=problems(403, 404))
def start_process_instance(request: Request, actor: SignedIn, body: ProcessInstanceStart) -> Response:
    """Start a process; whoever performs one of its lanes in the unit may."""
    now = app_of(request).clock.now()
    wanted = NewInstance(**body.model_dump())

    def work(uow: UnitOfWork) -> dict[str, Any]:
        present = directory_of(request).fresh(uow.reader, actor)
        return commands.start(uow, _catalogue(request), actor=present, wanted=wanted, now=now)

    return perform(request, actor.username, work, status=HTTPStatus.CREATED)


@router.get("/process-instances", response_model=ProcessInstancePage, responses=polled())
def list_process_instances(
    request: Request,
    actor: SignedIn,
    status: InstanceStatus | None = None,
    running: bool | None = None,
    process_definition_key: Named = None,
    unit: Named = None,
    business_key: Named = None,
    overdue: bool | None = None,
    q: Words = None,
    started_after: Moment = None,
    sort: Annotated[str | None, sorted_by(queries.SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the process instances that the caller sees."""
    wanted = InstanceFilter(
        status=status,
        running=running,
        process_definition_key=process_definition_key,
        unit=unit,
        business_key=business_key,
        overdue=overdue,
        started_after=started_after,
        words=split_words(q),
    )

    def query(connection: Connection, present: Actor, now: datetime) -> dict[str, Any]:
        return queries.list_instances(
            connection, _catalogue(request), present, now, wanted, sort=sort, limit=limit, cursor=cursor
        )

    return poll(request, actor, query)


def _ask(
    request: Request,
    actor: Actor,
    instance_id: str,
    query: Callable[[Connection, Catalogue, Actor, datetime, UUID], dict[str, Any]],
) -> Response:
    parts, found = app_of(request), parse_id(instance_id, _WHAT)
    with parts.database.read() as connection:
        present = directory_of(request).fresh(connection, actor)
        return page_response(request, query(connection, _catalogue(request), present, parts.clock.now(), found))


@router.get("/process-instances/{instance_id}", response_model=ProcessInstanceOut, responses=polled(404))
def show_process_instance(request: Request, actor: SignedIn, instance_id: str) -> Response:
    """Show a process instance with its open tasks and what it waits for."""
    found = parse_id(instance_id, _WHAT)
    return poll(
        request,
        actor,
        lambda connection, present, now: queries.show_instance(connection, _catalogue(request), present, now, found),
    )


@router.get("/process-instances/{instance_id}/variables", response_model=VariablesOut, responses=problems(404))
def show_process_instance_variables(request: Request, actor: SignedIn, instance_id: str) -> Response:
    """Show the variables of a process instance."""
    return _ask(request, actor, instance_id, queries.show_variables)


@router.get("/process-instances/{instance_id}/history", response_model=HistoryPage, responses=problems(404))
def show_process_instance_history(
    request: Request,
    actor: SignedIn,
    instance_id: str,
    sort: Annotated[str | None, sorted_by(queries.HISTORY_SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Show every visit of every user task, with who, when, what was decided and how long it took."""
    return _ask(request, actor, instance_id, partial(queries.show_history, sort=sort, limit=limit, cursor=cursor))


@router.get("/process-instances/{instance_id}/diagram", response_model=DiagramOut, responses=problems(404))
def show_process_instance_diagram(request: Request, actor: SignedIn, instance_id: str) -> Response:
    """Show what to draw on the diagram: tokens, visits and the flows that were taken."""

    def query(
        connection: Connection, catalogue: Catalogue, present: Actor, now: datetime, found: UUID
    ) -> dict[str, Any]:
        return queries.show_diagram(connection, catalogue, present, now, found, API)

    return _ask(request, actor, instance_id, query)


@router.get("/process-instances/{instance_id}/audit", response_model=ActPage, responses=problems(404))
def show_process_instance_audit(
    request: Request,
    actor: SignedIn,
    instance_id: str,
    sort: Annotated[str | None, sorted_by(queries.AUDIT_SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """Show the trail of a process instance, the oldest act first."""
    return _ask(request, actor, instance_id, partial(queries.show_audit, sort=sort, limit=limit, cursor=cursor))


@router.get("/process-instances/{instance_id}/audit/verify", response_model=VerdictOut, responses=problems(404))
def verify_process_instance_audit(request: Request, actor: SignedIn, instance_id: str) -> Response:
    """Check that the trail of a process instance is whole."""
    return _ask(request, actor, instance_id, queries.verify_audit)


def _act(request: Request, actor: Actor, instance_id: str, act: Callable[..., None]) -> Response:
    """Do an act on an instance, which takes the unit of work, the catalogue, the actor, its id and the moment."""
    found, now = parse_id(instance_id, _WHAT), app_of(request).clock.now()

    def work(uow: UnitOfWork) -> dict[str, Any]:
        present = directory_of(request).fresh(uow.reader, actor)
        act(uow, _catalogue(request), actor=present, instance_id=found, now=now)
        uow.flush()
        return queries.show_instance(uow.connection, _catalogue(request), present, now, found)

    return perform(request, actor.username, work)


@router.post(
    "/process-instances/{instance_id}/cancel", response_model=ProcessInstanceOut, responses=problems(403, 404, 409)
)
def cancel_process_instance(request: Request, actor: SignedIn, instance_id: str, body: Cancellation) -> Response:
    """End a process instance before its time, with a reason."""
    return _act(request, actor, instance_id, partial(commands.cancel, reason=body.reason))


@router.post(
    "/process-instances/{instance_id}/suspend", response_model=ProcessInstanceOut, responses=problems(403, 404, 409)
)
def suspend_process_instance(request: Request, actor: SignedIn, instance_id: str) -> Response:
    """Stop a process instance for a time; its tasks cannot be completed meanwhile."""
    return _act(request, actor, instance_id, commands.suspend)


@router.post(
    "/process-instances/{instance_id}/resume", response_model=ProcessInstanceOut, responses=problems(403, 404, 409)
)
def resume_process_instance(request: Request, actor: SignedIn, instance_id: str) -> Response:
    """Let a suspended process instance go on."""
    return _act(request, actor, instance_id, commands.resume)


@router.post(
    "/process-instances/{instance_id}/retry", response_model=ProcessInstanceOut, responses=problems(403, 404, 409)
)
def retry_process_instance(request: Request, actor: SignedIn, instance_id: str) -> Response:
    """Try again what made a process instance an incident; where it fails again, `incident` says why."""
    return _act(request, actor, instance_id, correction.retry)


@router.post(
    "/process-instances/{instance_id}/move", response_model=ProcessInstanceOut, responses=problems(403, 404, 409)
)
def move_process_instance(request: Request, actor: SignedIn, instance_id: str, body: Move) -> Response:
    """Withdraw an open task and open another row instead, with a reason; the head of the office alone may."""
    task_id = parse_id(body.cancel, "task")
    wanted = partial(correction.move, task_id=task_id, element_id=body.open, reason=body.reason)
    return _act(request, actor, instance_id, wanted)


def _migrate(
    request: Request, actor: Actor, wanted: Wanted, now: datetime, named: str, uow: UnitOfWork
) -> dict[str, Any]:
    found, directory = parse_id(named, _WHAT), directory_of(request)
    present = directory.fresh(uow.reader, actor)
    return migration.migrate(
        uow, directory, _catalogue(request), actor=present, instance_id=found, wanted=wanted, now=now
    )


# Asked before the definitions' own routes, in which any other word stands for an id.
@router.get("/process-definitions/startable", response_model=StartableList, responses=problems())
def list_startable_process_definitions(request: Request, actor: SignedIn) -> Response:
    """List the processes that the caller may start today, each with the form that starts it."""
    parts = app_of(request)
    with parts.database.read() as connection:
        present = directory_of(request).fresh(connection, actor)
        found = list_startable(connection, _catalogue(request), present, parts.clock.now())
    return json_response(found)


@router.get("/process-definitions/{definition_id}/versions", response_model=VersionsOut, responses=problems(404))
def list_process_definition_versions(request: Request, actor: SignedIn, definition_id: str) -> Response:
    """List the versions of a definition's process in its unit, with the cases that run on each."""
    parts = app_of(request)
    with parts.database.read() as connection:
        present = directory_of(request).fresh(connection, actor)
        found = list_versions(connection, present, parts.clock.now(), definition_id)
    return json_response({"items": found})


@router.post("/process-instances/migrate", response_model=MigrationResults, responses=problems(403, 404))
def migrate_process_instances(request: Request, actor: SignedIn, body: BulkMigration) -> Response:
    """Bring several process instances into another version, or plan it; each succeeds or fails for itself."""
    parts, wanted = app_of(request), Wanted(body.process_definition_id, body.mapping, body.dry_run)
    now = parts.clock.now()
    if (body.process_instance_ids is None) is (body.from_process_definition_id is None):
        message = "Name the instances, or the definition that they have now: one of the two."
        raise Invalid(message, errors=[{"pointer": pointer("process_instance_ids"), "message": message}])
    if body.after is not None and body.from_process_definition_id is None:
        message = "This goes on with the instances of a definition: name it in from_process_definition_id."
        raise Invalid(message, errors=[{"pointer": pointer("after"), "message": message}])
    selection = Selection(body.process_instance_ids or [], None)
    if body.from_process_definition_id is not None:
        after = parse_id(body.after, _WHAT) if body.after is not None else None
        with parts.database.read() as connection:
            present = directory_of(request).fresh(connection, actor)
            selection = migration.select_of(
                connection, _catalogue(request), present, now, body.from_process_definition_id, after
            )
    works = {named: partial(_migrate, request, actor, wanted, now, named) for named in selection.ids}
    beside = {"next_after": selection.next_after}
    return perform_each(request, actor.username, works, named="process_instance_id", beside=beside)


@router.post(
    "/process-instances/{instance_id}/migrate",
    response_model=ProcessInstanceOut | MigrationPlan,
    responses=problems(403, 404, 409),
)
def migrate_process_instance(request: Request, actor: SignedIn, instance_id: str, body: Migration) -> Response:
    """Bring a process instance into another version of its process, or plan it; whoever deploys there may."""
    wanted = Wanted(body.process_definition_id, body.mapping, body.dry_run)
    now = app_of(request).clock.now()
    return perform(request, actor.username, partial(_migrate, request, actor, wanted, now, instance_id))


@router.post("/messages", response_model=MessageOut, responses=problems(404, 409))
def send_message(request: Request, actor: SignedIn, body: Message) -> Response:
    """Deliver a message to every instance of the caller's that waits for it."""
    now = app_of(request).clock.now()
    instance_id = parse_id(body.process_instance_id, _WHAT) if body.process_instance_id is not None else None

    def work(uow: UnitOfWork) -> dict[str, Any]:
        present = directory_of(request).fresh(uow.reader, actor)
        correlated = commands.send_message(
            uow,
            _catalogue(request),
            actor=present,
            name=body.name,
            business_key=body.business_key,
            instance_id=instance_id,
            variables=body.variables,
            now=now,
        )
        return {"correlated": correlated}

    return perform(request, actor.username, work)
