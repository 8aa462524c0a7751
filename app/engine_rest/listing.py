"""Lists as Camunda's clients ask for them: filters, several sortings, and a window by position."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response
from pydantic import BeforeValidator, Field
from sqlalchemy.engine import Connection

from app.core.problems import Invalid, pointer
from app.engine_rest.http import Asked, Asking, Caller, Words, ask
from app.engine_rest.wire import parse_moment
from app.identity.office import Actor

# A client that names no window gets everything or a refusal, and never a part that it takes for everything.
MOST = 1_000
DEEPEST = 100_000


def _split(given: Any) -> Any:
    return given.split(",") if isinstance(given, str) else given


def _moment(given: Any) -> Any:
    if not isinstance(given, str):
        raise ValueError("Write a moment as 2026-08-03T10:00:00.000+0700.")
    try:
        return parse_moment(given)
    except ValueError as error:
        raise ValueError("Write a moment as 2026-08-03T10:00:00.000+0700.") from error


def _pattern(given: str) -> str:
    if (len(given) - len(given.rstrip("\\"))) % 2:
        raise ValueError("A pattern must not end with a backslash.")
    return given


Text = Annotated[str, Field(max_length=4_000)]
Texts = Annotated[tuple[Text, ...], Field(max_length=500), BeforeValidator(_split)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Like = Annotated[Text, Field(description="% stands for any characters, _ for one"), BeforeValidator(_pattern)]


class Sorting(Words):
    """One order of several."""

    sort_by: str
    sort_order: Literal["asc", "desc"]


class Window(Words):
    """What every list takes: an order and a window; `without_tenant_id` narrows nothing, as there are no tenants."""

    first_result: int | None = Field(default=None, ge=0, le=DEEPEST)
    max_results: int | None = Field(default=None, ge=0, le=MOST)
    sort_by: str | None = None
    sort_order: Literal["asc", "desc"] | None = None
    sorting: tuple[Sorting, ...] = Field(default=(), max_length=5)
    without_tenant_id: bool | None = None

    def order(self, columns: Mapping[str, sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
        """Return what to order by, of what the list can be ordered by.

        Raises:
            Invalid: an order is not one of the list's, or is only half given.
        """
        if (self.sort_by is None) != (self.sort_order is None):
            raise _refused("sortBy", "Only a single sorting parameter specified. sortBy and sortOrder required")
        wanted = list(self.sorting)
        if self.sort_by is not None and self.sort_order is not None:
            wanted.insert(0, Sorting.model_construct(sort_by=self.sort_by, sort_order=self.sort_order))
        found: list[sa.ColumnElement[Any]] = []
        for one in wanted:
            if one.sort_by not in columns:
                raise _refused("sortBy", f"This list can be sorted by {', '.join(columns)}.")
            column = columns[one.sort_by]
            found.append((column.desc() if one.sort_order == "desc" else column.asc()).nulls_last())
        return found


class Listing(NamedTuple):
    """What a list shows of whom it is asked by, narrowed as `wanted` says; `last` is unique: it settles every order."""

    wanted: type[Window]
    query: Callable[[Asking, Any], sa.Select[Any]]
    as_json: Callable[[Asking, Any], dict[str, Any]]
    sorts: Mapping[str, sa.ColumnElement[Any]]
    last: sa.ColumnElement[Any]


def add_list(router: APIRouter, path: str, shown: Listing, *, methods: Sequence[str] = ("GET", "POST")) -> None:
    """Serve a list and, behind `/count`, how many there are; with POST, the filters may stand in the body."""
    asked = Depends(Asked(shown.wanted))

    @router.api_route(path, methods=list(methods))
    def show(request: Request, caller: Caller, wanted: Any = asked) -> Response:
        def query(asking: Asking) -> list[dict[str, Any]]:
            rows = fetch(asking.connection, shown.query(asking, wanted), wanted, shown.sorts, shown.last)
            return [shown.as_json(asking, row) for row in rows]

        return ask(request, caller, query)

    @router.api_route(f"{path}/count", methods=list(methods))
    def count_all(request: Request, caller: Caller, wanted: Any = asked) -> Response:
        return ask(request, caller, lambda asking: count(asking.connection, shown.query(asking, wanted)))


def fetch(
    connection: Connection,
    query: sa.Select[Any],
    window: Window,
    columns: Mapping[str, sa.ColumnElement[Any]],
    last: sa.ColumnElement[Any],
) -> Sequence[Any]:
    """Return the rows of a window; `last` is the unique column that settles what the wanted orders leave open.

    Raises:
        Invalid: no window was asked for, and there is more than one answer holds.
    """
    query = query.order_by(*window.order(columns), last).offset(window.first_result or 0)
    if window.max_results is not None:
        return connection.execute(query.limit(window.max_results)).all()
    rows = connection.execute(query.limit(MOST + 1)).all()
    if len(rows) > MOST:
        raise _refused("maxResults", f"There are more than {MOST} results. Ask with firstResult and maxResults.")
    return rows


def count(connection: Connection, query: sa.Select[Any]) -> dict[str, int]:
    """Return how many rows a query has."""
    found = sa.select(sa.func.count()).select_from(query.order_by(None).subquery())
    return {"count": connection.execute(found).scalar_one()}


def like(column: sa.ColumnElement[Any], pattern: str) -> sa.ColumnElement[bool]:
    """Return the condition that a text is like a pattern, whatever the case."""
    return column.ilike(pattern, escape="\\")


Condition = Callable[[Any], sa.ColumnElement[bool]]


def narrowed(wanted: Words, conditions: Mapping[str, Condition]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions of the filters that were given; a switch that is off narrows nothing."""
    return [
        condition(value)
        for name, condition in conditions.items()
        if (value := getattr(wanted, name)) is not None and value is not False
    ]


def uuid_of(text: str) -> UUID:
    """Return the id that a text is; what is none becomes an id that nothing has."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


def uuids_of(texts: Sequence[str]) -> list[UUID]:
    """Return the ids that texts are."""
    return [uuid_of(text) for text in texts]


def units_named(actor: Actor, keys: Sequence[str]) -> list[UUID]:
    """Return the ids of units and of all below them; what a client calls a tenant names a unit by its key."""
    office = actor.office
    found = {one for key in keys if key in office.unit_keys for one in office.subtree(office.unit_keys[key].id)}
    return sorted(found)


def _refused(name: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"pointer": pointer(name), "message": message}])
