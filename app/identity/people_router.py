"""HTTP for those who administer units: people, what they hold, roles and units; and one's own password."""

import hmac
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Request, Response

from app.core import paging
from app.core.http import Cursor, Limit, Named, Words, app_of, json_response, page_response, perform, sorted_by
from app.core.openapi import problems
from app.core.routes import API, strict_router
from app.core.search import split_words
from app.core.unit_of_work import UnitOfWork
from app.identity import commands, holdings, queries
from app.identity.holdings import PermissionGiven, RoleGiven
from app.identity.http import SignedIn, directory_of, guarded, read_as
from app.identity.office import Actor
from app.identity.passwords import Passwords
from app.identity.queries import PersonFilter
from app.identity.schemas import (
    NewPassword,
    OwnPassword,
    PasswordChanged,
    PermissionToGive,
    PermissionToTake,
    PersonOut,
    PersonPage,
    PersonToAdd,
    RoleList,
    RoleToGive,
    RoleToTake,
    UnitList,
)

router = strict_router("people", API)

_ACCOUNTS = {"active": True, "closed": False, "all": None}


def _act(
    request: Request,
    actor: Actor,
    username: str,
    command: Callable[[UnitOfWork, Actor], None],
    *,
    status: HTTPStatus = HTTPStatus.OK,
    secret: bool = False,
) -> Response:
    """Do a command and answer with its person; of a `secret` body nothing is kept that could be guessed from."""
    directory, now = directory_of(request), app_of(request).clock.now()

    def work(uow: UnitOfWork) -> Any:
        fresh = directory.fresh(uow.reader, actor)
        command(uow, fresh)
        return queries.show_person(uow.connection, fresh, username, now)

    return perform(request, actor.username, work, status=status, body=_sealed(request) if secret else None)


def _sealed(request: Request) -> bytes:
    """Return what stands for a body with a password in it, by which a repetition is known: without our key, nothing."""
    key: str = request.app.state.secret
    return hmac.digest(key.encode(), getattr(request, "_body", b""), "sha256")


def _passwords(request: Request) -> Passwords:
    passwords: Passwords = request.app.state.passwords
    return passwords


@router.get("/users", response_model=PersonPage, responses=problems(403))
def list_users(
    request: Request,
    actor: SignedIn,
    q: Words = None,
    account: Literal["active", "closed", "all"] = "active",
    sort: Annotated[str | None, sorted_by(queries.SORTS)] = None,
    limit: Limit = paging.DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response:
    """List the people of the units that the caller administers, by name, with what each holds or will hold."""
    narrowed, now = PersonFilter(_ACCOUNTS[account], split_words(q)), app_of(request).clock.now()
    page = read_as(
        request,
        actor,
        lambda connection, fresh: queries.list_people(
            connection, fresh, now, narrowed, sort=sort, limit=limit, cursor=cursor
        ),
    )
    return page_response(request, page)


@router.post("/users", status_code=201, response_model=PersonOut, responses=problems(403, 409))
def create_user(request: Request, actor: SignedIn, body: PersonToAdd) -> Response:
    """Open an account of somebody, with what he holds from the beginning."""
    kept, now = _passwords(request).choose(body.password), app_of(request).clock.now()

    def command(uow: UnitOfWork, fresh: Actor) -> None:
        commands.add_person(
            uow,
            actor=fresh,
            username=body.username,
            name=body.name,
            password_hash=kept,
            roles=[RoleGiven(**one.model_dump()) for one in body.roles],
            permissions=[PermissionGiven(**one.model_dump()) for one in body.permissions],
            now=now,
        )

    return _act(request, actor, body.username, command, status=HTTPStatus.CREATED, secret=True)


@router.get("/users/{username}", response_model=PersonOut, responses=problems(403, 404))
def show_user(request: Request, actor: SignedIn, username: str) -> Response:
    """Show a person with all that he holds, held or will hold."""
    now = app_of(request).clock.now()
    return json_response(
        read_as(request, actor, lambda connection, fresh: queries.show_person(connection, fresh, username, now))
    )


@router.post("/users/{username}/close", response_model=PersonOut, responses=problems(403, 404, 409))
def close_user(request: Request, actor: SignedIn, username: str) -> Response:
    """Close an account: its person is signed out at once, and what he did and held stays."""
    now = app_of(request).clock.now()
    return _act(
        request,
        actor,
        username,
        lambda uow, fresh: commands.close_account(uow, actor=fresh, username=username, now=now),
    )


@router.post("/users/{username}/reopen", response_model=PersonOut, responses=problems(403, 404, 409))
def reopen_user(request: Request, actor: SignedIn, username: str) -> Response:
    """Open a closed account again, with what its person holds today."""
    now = app_of(request).clock.now()
    return _act(
        request,
        actor,
        username,
        lambda uow, fresh: commands.reopen_account(uow, actor=fresh, username=username, now=now),
    )


@router.post("/users/{username}/password", response_model=PersonOut, responses=problems(403, 404))
def set_user_password(request: Request, actor: SignedIn, username: str, body: NewPassword) -> Response:
    """Replace somebody's password; he is signed out of every browser."""
    kept, now = _passwords(request).choose(body.password), app_of(request).clock.now()
    return _act(
        request,
        actor,
        username,
        lambda uow, fresh: commands.set_password(uow, actor=fresh, username=username, password_hash=kept, now=now),
        secret=True,
    )


@router.post("/users/{username}/roles", response_model=PersonOut, responses=problems(403, 404, 409))
def give_user_role(request: Request, actor: SignedIn, username: str, body: RoleToGive) -> Response:
    """Let a person hold a role in a unit for a period, in his own right or acting for its holder."""
    given, now = RoleGiven(**body.model_dump()), app_of(request).clock.now()
    return _act(
        request,
        actor,
        username,
        lambda uow, fresh: holdings.give_role(uow, actor=fresh, username=username, given=given, now=now),
    )


@router.post("/users/{username}/roles/take", response_model=PersonOut, responses=problems(403, 404))
def take_user_role(request: Request, actor: SignedIn, username: str, body: RoleToTake) -> Response:
    """End a role of a person at once; yesterday was its last day."""
    now = app_of(request).clock.now()
    return _act(
        request,
        actor,
        username,
        lambda uow, fresh: holdings.take_role(
            uow, actor=fresh, username=username, role=body.role, unit=body.unit, now=now
        ),
    )


@router.post("/users/{username}/permissions", response_model=PersonOut, responses=problems(403, 404, 409))
def give_user_permission(request: Request, actor: SignedIn, username: str, body: PermissionToGive) -> Response:
    """Let a person have a permission in a unit and below it, for a period."""
    given, now = PermissionGiven(**body.model_dump()), app_of(request).clock.now()
    return _act(
        request,
        actor,
        username,
        lambda uow, fresh: holdings.give_permission(uow, actor=fresh, username=username, given=given, now=now),
    )


@router.post("/users/{username}/permissions/take", response_model=PersonOut, responses=problems(403, 404))
def take_user_permission(request: Request, actor: SignedIn, username: str, body: PermissionToTake) -> Response:
    """End a permission of a person at once; yesterday was its last day."""
    now = app_of(request).clock.now()
    return _act(
        request,
        actor,
        username,
        lambda uow, fresh: holdings.take_permission(
            uow, actor=fresh, username=username, permission=body.permission, unit=body.unit, now=now
        ),
    )


@router.get("/roles", response_model=RoleList, responses=problems(403))
def list_roles(request: Request, actor: SignedIn, unit: Named = None) -> Response:
    """List all roles with who holds each now, in the named unit or in any that the caller administers."""
    now = app_of(request).clock.now()
    return json_response(
        read_as(request, actor, lambda connection, fresh: queries.list_roles(connection, fresh, now, unit))
    )


@router.get("/units", response_model=UnitList, responses=problems(403))
def list_units(request: Request, actor: SignedIn) -> Response:
    """List the units that the caller administers."""
    now = app_of(request).clock.now()
    return json_response(read_as(request, actor, lambda _connection, fresh: queries.list_units(fresh, now)))


@router.post("/me/password", response_model=PasswordChanged, responses=problems(429))
def change_own_password(request: Request, actor: SignedIn, body: OwnPassword) -> Response:
    """Replace one's own password; one is signed out of every browser."""
    passwords, now = _passwords(request), app_of(request).clock.now()
    kept, directory = passwords.choose(body.password), directory_of(request)

    def work(uow: UnitOfWork) -> Any:
        fresh = directory.fresh(uow.reader, actor)
        commands.ensure_own_password(uow.reader, passwords, actor=fresh, password=body.old_password)
        ended = commands.change_own_password(uow, actor=fresh, password_hash=kept, now=now)
        return {"sessions_ended": ended}

    return guarded(request, actor.username, lambda: perform(request, actor.username, work, body=_sealed(request)))
