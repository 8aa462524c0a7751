"""HTTP for figures and for the trail over many instances."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel
from sqlalchemy.engine import Connection

from app.audit.export import export_chain
from app.core import paging
from app.core.database import one_moment
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
    sorted_by,
)
from app.core.openapi import problems
from app.core.routes import strict_router
from app.core.search import split_words
from app.identity.http import SignedIn, read_as
from app.identity.office import Actor
from app.instances.queries import seen_row
from app.reports import evidence, heads, queries, trail
from app.reports.figures import csv_of
from app.reports.period import Period, period_of
from app.reports.queries import Scope
from app.reports.schemas import (
    HeadPage,
    LateTaskPage,
    ProcessStats,
    ProcessStatsOut,
    ReturnPage,
    StepStats,
    StepStatsOut,
    SummaryOut,
    TrailPage,
)
from app.reports.trail import TrailFilter

router = strict_router("reports")

CSV = "text/csv"
JSON_LINES = "application/x-ndjson"
From = Annotated[Moment, Query(alias="from", description="The first moment of the period, RFC 3339 with its zone.")]
To = Annotated[Moment, Query(alias="to", description="The first moment behind the period; left out, it is now.")]
Format = Annotated[
    Literal["json", "csv"] | None, Query(description="Decides before the header Accept, which may name text/csv.")
]
_TABLE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The figures, as JSON or as CSV", "content": {CSV: {"schema": {"type": "string"}}}}
}

T = TypeVar("T")


def _read(request: Request, actor: Actor, query: Callable[[Connection, Actor, datetime], T]) -> T:
    now = app_of(request).clock.now()
    return read_as(request, actor, lambda connection, present: query(connection, present, now))


def _wants_csv(request: Request, form: str | None) -> bool:
    if form is not None:
        return form == "csv"
    return request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip().lower() == CSV


def csv_response(name: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> Response:
    """Return rows as a file for a spreadsheet."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "private, no-store"}
    return Response(csv_of(columns, rows), headers=headers, media_type=f"{CSV}; charset=utf-8; header=present")


class _Table(NamedTuple):
    """A table of figures: its name as a file, its columns, and what reads its rows."""

    name: str
    columns: type[BaseModel]
    read: Callable[[Connection, Actor, datetime, Scope, Period], list[dict[str, Any]]]


def _figures(
    table: _Table,
    scope: Scope,
    start: datetime | None,
    end: datetime | None,
    csv: bool,
    connection: Connection,
    present: Actor,
    now: datetime,
) -> Response:
    period = period_of(start, end, now)
    items = table.read(connection, present, now, scope, period)
    if csv:
        return csv_response(table.name, list(table.columns.model_fields), items)
    return json_response({"start": period.start, "end": period.end, "items": items})


@router.get("/stats/summary", response_model=SummaryOut, responses=problems())
def show_summary(
    request: Request,
    actor: SignedIn,
    since: Moment = None,
    process_definition_key: Named = None,
    unit: Named = None,
) -> Response:
    """Count what runs, what is late, and what was returned since a moment: by default the first of this month, UTC."""
    scope = Scope(process_definition_key, unit)

    def query(connection: Connection, present: Actor, now: datetime) -> dict[str, Any]:
        first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return queries.summary(connection, present, now, scope, since or first)

    return json_response(_read(request, actor, query))


@router.get("/stats/processes", response_model=ProcessStatsOut, responses={**_TABLE, **problems()})
def show_process_stats(
    request: Request,
    actor: SignedIn,
    start: From = None,
    end: To = None,
    process_definition_key: Named = None,
    unit: Named = None,
    format: Format = None,
) -> Response:
    """Show the figures of each SOP over the instances that the caller sees, for at most two years."""
    scope, csv = Scope(process_definition_key, unit), _wants_csv(request, format)
    table = _Table("sop", ProcessStats, queries.process_stats)
    return _read(request, actor, partial(_figures, table, scope, start, end, csv))


@router.get("/stats/steps", response_model=StepStatsOut, responses={**_TABLE, **problems()})
def show_step_stats(
    request: Request,
    actor: SignedIn,
    process_definition_key: Named = None,
    start: From = None,
    end: To = None,
    unit: Named = None,
    format: Format = None,
) -> Response:
    """Show the figures of each step over the instances that the caller sees, for at most two years."""
    scope, csv = Scope(process_definition_key, unit), _wants_csv(request, format)
    table = _Table("langkah", StepStats, queries.step_stats)
    return _read(request, actor, partial(_figures, table, scope, start, end, csv))


@router.get("/stats/late-tasks", response_model=LateTaskPage, responses=problems())
def list_late_tasks(
    request: Request,
    actor: SignedIn,
    process_definition_key: Named = None,
    unit: Named = None,
    sort: Annotated[str | None, sorted_by(evidence.LATE_SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the open tasks past their due time in the instances that the caller sees, the longest due first."""
    scope = Scope(process_definition_key, unit)

    def query(connection: Connection, present: Actor, now: datetime) -> dict[str, Any]:
        return evidence.list_late_tasks(connection, present, now, scope, sort=sort, limit=limit, cursor=cursor)

    return page_response(request, _read(request, actor, query))


@router.get("/stats/returns", response_model=ReturnPage, responses=problems())
def list_returns(
    request: Request,
    actor: SignedIn,
    process_definition_key: Named = None,
    start: From = None,
    end: To = None,
    unit: Named = None,
    sort: Annotated[str | None, sorted_by(evidence.RETURN_SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List what was sent back, where and why, the latest first; for at most two years."""
    scope = Scope(process_definition_key, unit)

    def query(connection: Connection, present: Actor, now: datetime) -> dict[str, Any]:
        period = period_of(start, end, now)
        return evidence.list_returns(connection, present, now, scope, period, sort=sort, limit=limit, cursor=cursor)

    return page_response(request, _read(request, actor, query))


@router.get("/audit", response_model=TrailPage, responses=problems(404))
def list_acts(
    request: Request,
    actor: SignedIn,
    process_instance_id: Named = None,
    by: Annotated[Named, Query(alias="actor", description="The user name of who acted.")] = None,
    kind: Annotated[Named, Query(alias="type", description="An act, or a kind of act: `task.`")] = None,
    start: From = None,
    end: To = None,
    q: Words = None,
    sort: Annotated[str | None, sorted_by(trail.SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the acts on all instances that the caller sees, the newest first; `q` asks their titles and numbers.

    A page is what fits among the next 20,000 acts; so it may be empty and still have a next one.
    """
    wanted = TrailFilter(
        process_instance_id=parse_id(process_instance_id, "process instance") if process_instance_id else None,
        actors=(by,) if by else None,
        types=(kind,) if kind else (),
        start=start,
        end=end,
        words=split_words(q),
    )

    def query(connection: Connection, present: Actor, now: datetime) -> dict[str, Any]:
        return trail.list_acts(connection, present, now, wanted, sort=sort, limit=limit, cursor=cursor)

    return page_response(request, _read(request, actor, query))


@router.get("/audit/heads", response_model=HeadPage, responses=problems(403))
def list_heads(
    request: Request,
    actor: SignedIn,
    sort: Annotated[str | None, sorted_by(heads.SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the heads of the trail, the newest first, to be kept where nobody of the office can change them; auditors.

    What a signature is under is `alur trail head 1` with a line feed behind it, and then the head as JSON without
    `hash` and `signature`: keys sorted, no spaces. `hash` is the SHA-256 of that JSON, and what the next head calls
    `previous`.
    """

    def query(connection: Connection, present: Actor, now: datetime) -> dict[str, Any]:
        return heads.list_heads(connection, present, now, sort=sort, limit=limit, cursor=cursor)

    return page_response(request, _read(request, actor, query))


@router.get(
    "/process-instances/{instance_id}/audit/export",
    response_class=Response,
    responses={
        200: {"description": "The chain", "content": {JSON_LINES: {"schema": {"type": "string"}}}},
        **problems(404),
    },
)
def export_process_instance_audit(request: Request, actor: SignedIn, instance_id: str) -> Response:
    """Give the trail of a process instance as JSON lines, which `alur audit check FILE` verifies without a server.

    With it comes the latest head of the whole trail, and the proof that it covers this one.
    """
    found = parse_id(instance_id, "process instance")

    def query(connection: Connection, present: Actor, now: datetime) -> Response:
        row, _ = seen_row(connection, request.app.state.catalogue, present, now, found)
        return exported(connection, row)

    return _read(request, actor, query)


def exported(connection: Connection, row: Any) -> Response:
    """Return the trail of an instance as a file; the caller has made sure that it may be seen."""
    with one_moment(connection):
        content = b"".join(export_chain(connection, str(row.id), length=row.chain_length, head=row.chain_head))
    headers = {
        "Content-Disposition": f'attachment; filename="jejak-{row.id}.jsonl"',
        "Cache-Control": "private, no-store",
    }
    return Response(content, headers=headers, media_type=JSON_LINES)
