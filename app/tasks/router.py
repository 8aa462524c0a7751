"""HTTP for user tasks."""

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Literal
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
    parse_id,
    perform,
    perform_each,
    sorted_by,
)
from app.core.openapi import polled, problems
from app.core.problems import NotFound
from app.core.routes import API, strict_router
from app.core.search import split_words
from app.core.unit_of_work import UnitOfWork
from app.identity.http import SignedIn
from app.identity.office import Actor
from app.instances.models import TaskState
from app.instances.polling import poll
from app.tasks import commands, comments, drafts, queries
from app.tasks.commands import Desk
from app.tasks.queries import TaskFilter
from app.tasks.schemas import (
    Assignment,
    BulkAct,
    BulkAssignment,
    BulkClaim,
    BulkCompletion,
    BulkResults,
    BulkUnclaim,
    Candidates,
    Comment,
    DraftSaved,
    NewComment,
    TaskChecklist,
    TaskCompleted,
    TaskCompletion,
    TaskCounts,
    TaskDetail,
    TaskDraft,
    TaskDraftOut,
    TaskOut,
    TaskPage,
)

router = strict_router("tasks", f"{API}/tasks")


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


@router.post("/{task_id}/complete", response_model=TaskCompleted, responses=problems(403, 404, 409))
def complete_task(request: Request, actor: SignedIn, task_id: str, body: TaskCompletion) -> Response:
    """Complete a task; its process instance moves on at once."""
    found, now = parse_id(task_id, "task"), app_of(request).clock.now()
    return perform(
        request,
        actor.username,
        lambda uow: commands.complete(
            uow, _desk(request), actor=actor, task_id=found, variables=body.variables, now=now, **body.said()
        ),
    )


@router.get("", response_model=TaskPage, responses=polled())
def list_tasks(
    request: Request,
    actor: SignedIn,
    scope: Literal["mine", "claimable", "involved", "all"] = "involved",
    state: TaskState = TaskState.OPEN,
    role: Named = None,
    unit: Named = None,
    assignee: Named = None,
    process_definition_key: Named = None,
    process_instance_id: UUID | None = None,
    business_key: Named = None,
    element_id: Named = None,
    due_before: Moment = None,
    due_after: Moment = None,
    overdue: bool | None = None,
    q: Words = None,
    sort: Annotated[str | None, sorted_by(queries.SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List tasks: by default the open ones of the caller and of his roles, the oldest first."""
    wanted = TaskFilter(
        scope=scope,
        state=state,
        role=role,
        unit=unit,
        assignee=assignee,
        process_definition_key=process_definition_key,
        process_instance_id=process_instance_id,
        business_key=business_key,
        element_id=element_id,
        due_before=due_before,
        due_after=due_after,
        overdue=overdue,
        words=split_words(q),
    )

    def query(connection: Connection, present: Actor, now: datetime) -> dict[str, Any]:
        return queries.list_tasks(
            connection, _desk(request).catalogue, present, now, wanted, sort=sort, limit=limit, cursor=cursor
        )

    return poll(request, actor, query)


@router.get("/counts", response_model=TaskCounts, responses=polled())
def count_tasks(request: Request, actor: SignedIn) -> Response:
    """Count the caller's open tasks."""
    return poll(request, actor, queries.count_tasks)


@router.get("/{task_id}", response_model=TaskDetail, responses=polled(404))
def show_task(request: Request, actor: SignedIn, task_id: str) -> Response:
    """Show a task with its form."""
    found = parse_id(task_id, "task")

    def query(connection: Connection, present: Actor, now: datetime) -> dict[str, Any]:
        return queries.show_task(connection, _desk(request).catalogue, present, now, found)

    return poll(request, actor, query)


@router.post("/bulk", response_model=BulkResults, responses=problems())
def act_on_tasks(request: Request, actor: SignedIn, body: BulkAct) -> Response:
    """Do one act on several tasks; each succeeds or fails for itself."""
    desk, now = _desk(request), app_of(request).clock.now()

    def act(named: str, uow: UnitOfWork) -> dict[str, Any]:
        task_id = parse_id(named, "task")
        match body:
            case BulkClaim():
                return commands.claim(uow, desk, actor=actor, task_id=task_id, now=now)
            case BulkUnclaim():
                return commands.unclaim(uow, desk, actor=actor, task_id=task_id, now=now)
            case BulkAssignment():
                return commands.assign(uow, desk, actor=actor, task_id=task_id, assignee=body.assignee, now=now)
            case BulkCompletion():
                return commands.complete(
                    uow, desk, actor=actor, task_id=task_id, variables=body.variables, now=now, **body.said()
                )

    works = {named: partial(act, named) for named in body.task_ids}
    return perform_each(request, actor.username, works, named="task_id")


@router.post("/{task_id}/claim", response_model=TaskOut, responses=problems(403, 404, 409))
def claim_task(request: Request, actor: SignedIn, task_id: str) -> Response:
    """Take a task of one's role."""
    found, now = parse_id(task_id, "task"), app_of(request).clock.now()
    return perform(
        request,
        actor.username,
        lambda uow: commands.claim(uow, _desk(request), actor=actor, task_id=found, now=now),
    )


@router.post("/{task_id}/unclaim", response_model=TaskOut, responses=problems(403, 404, 409))
def unclaim_task(request: Request, actor: SignedIn, task_id: str) -> Response:
    """Give a task back to its role."""
    found, now = parse_id(task_id, "task"), app_of(request).clock.now()
    return perform(
        request,
        actor.username,
        lambda uow: commands.unclaim(uow, _desk(request), actor=actor, task_id=found, now=now),
    )


@router.post("/{task_id}/assign", response_model=TaskOut, responses=problems(403, 404, 409))
def assign_task(request: Request, actor: SignedIn, task_id: str, body: Assignment) -> Response:
    """Give a task to a holder of its role."""
    found, now = parse_id(task_id, "task"), app_of(request).clock.now()
    return perform(
        request,
        actor.username,
        lambda uow: commands.assign(uow, _desk(request), actor=actor, task_id=found, assignee=body.assignee, now=now),
    )


@router.get("/{task_id}/candidates", response_model=Candidates, responses=problems(403, 404))
def list_task_candidates(request: Request, actor: SignedIn, task_id: str) -> Response:
    """List the people to whom a task can be given."""
    found, parts = parse_id(task_id, "task"), app_of(request)
    with parts.database.read() as connection:
        present = _desk(request).directory.fresh(connection, actor)
        return json_response(
            queries.list_candidates(connection, _desk(request).catalogue, present, parts.clock.now(), found)
        )


@router.put("/{task_id}/requirements", response_model=TaskOut, responses=problems(403, 404, 409))
def check_task(request: Request, actor: SignedIn, task_id: str, body: TaskChecklist) -> Response:
    """Say which requirements of a task are there and which outputs are made."""
    found, now = parse_id(task_id, "task"), app_of(request).clock.now()
    return perform(
        request,
        actor.username,
        lambda uow: commands.check(uow, _desk(request), actor=actor, task_id=found, now=now, **body.said()),
    )


@router.post("/{task_id}/comments", response_model=Comment, status_code=201, responses=problems(404))
def comment_on_task(request: Request, actor: SignedIn, task_id: str, body: NewComment) -> Response:
    """Write a comment at a task, for all who see it."""
    found, now = parse_id(task_id, "task"), app_of(request).clock.now()
    return perform(
        request,
        actor.username,
        lambda uow: comments.comment(uow, _desk(request), actor=actor, task_id=found, text=body.text, now=now),
        status=HTTPStatus.CREATED,
    )


@router.get("/{task_id}/draft", response_model=TaskDraftOut, responses=problems(404))
def show_task_draft(request: Request, actor: SignedIn, task_id: str) -> Response:
    """Show what the caller has typed into a task and not sent yet."""
    found = parse_id(task_id, "task")
    with app_of(request).database.read() as connection:
        draft = drafts.find(connection, actor, found)
    if draft is None:
        raise NotFound(f"You have no draft of a task '{found}'.")
    return json_response(draft)


@router.put("/{task_id}/draft", response_model=DraftSaved, responses=problems(403, 404, 413))
def save_task_draft(request: Request, actor: SignedIn, task_id: str, body: TaskDraft) -> Response:
    """Keep what the caller has typed into a task so far, for himself; it is neither checked nor recorded."""
    found, parts = parse_id(task_id, "task"), app_of(request)
    return json_response(
        parts.database.write(
            lambda uow: drafts.save(
                uow, _desk(request), actor=actor, task_id=found, now=parts.clock.now(), **body.model_dump()
            )
        )
    )


@router.delete("/{task_id}/draft", status_code=204, responses=problems(404))
def forget_task_draft(request: Request, actor: SignedIn, task_id: str) -> Response:
    """Drop what the caller has typed into a task; where there is nothing, nothing is done."""
    found = parse_id(task_id, "task")
    app_of(request).database.write(lambda uow: drafts.forget(uow, actor=actor, task_id=found))
    return Response(status_code=204)
