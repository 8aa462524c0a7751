"""`alur user`: accounts, and the roles and permissions that people hold."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

import sqlalchemy as sa
import typer

from app.cli.opened import opened
from app.core.clock import SystemClock
from app.core.database import Database
from app.core.settings import Settings
from app.core.unit_of_work import UnitOfWork
from app.identity.commands import add_person, set_password
from app.identity.directory import Directory
from app.identity.holdings import (
    PERMISSIONS,
    PermissionGiven,
    RoleGiven,
    give_permission,
    give_role,
    take_permission,
    take_role,
)
from app.identity.models import permission_grant, role_holding, user_account
from app.identity.office import Actor, system_actor
from app.identity.passwords import Passwords
from app.identity.provided import link

users = typer.Typer(no_args_is_help=True, help="People and what they hold.")

_PERMISSIONS = f"{'@UNIT, '.join(PERMISSIONS)}@UNIT"


@users.command(name="add")
def user_add(
    username: str,
    name: Annotated[str, typer.Option(help="The person's name as it is shown.")],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    role: Annotated[list[str] | None, typer.Option(help="ROLE@UNIT held from today on; may be given again.")] = None,
    permission: Annotated[
        list[str] | None, typer.Option(help=f"{_PERMISSIONS} from today on; may be given again.")
    ] = None,
) -> None:
    """Open an account."""
    now = SystemClock().now()
    roles = [_held(text, "--role") for text in role or []]
    permissions = [_held(text, "--permission") for text in permission or []]

    with opened(Settings()) as database:
        password_hash = Passwords().choose(password)

        def work(uow: UnitOfWork) -> None:
            add_person(
                uow,
                actor=_service(database, uow),
                username=username,
                name=name,
                password_hash=password_hash,
                roles=[RoleGiven(*one) for one in roles],
                permissions=[PermissionGiven(*one) for one in permissions],
                now=now,
            )

        database.write(work)
    typer.echo(f"Added {username}.")


def _service(database: Database, uow: UnitOfWork) -> Actor:
    """Return who acts: whoever may run commands on the server administers all of it."""
    office = Directory(database).office(uow.reader)
    return system_actor(office, "administer", office.roots)


def _held(text: str, option: str) -> tuple[str, str]:
    key, _, unit_key = text.partition("@")
    if not key or not unit_key:
        raise typer.BadParameter(
            f"'{text}' does not say where. Write what is held and its unit: staf@disnaker.", param_hint=option
        )
    return key, unit_key


@users.command(name="give")
def user_give(
    username: str,
    role: Annotated[list[str] | None, typer.Option(help="ROLE@UNIT held from today on; may be given again.")] = None,
    permission: Annotated[
        list[str] | None, typer.Option(help=f"{_PERMISSIONS} from today on; may be given again.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day, included.")] = None,
    acting: Annotated[
        Literal["plt", "plh"] | None,
        typer.Option(help="Hold the role in place of its holder; needs --letter, --until."),
    ] = None,
    letter: Annotated[str | None, typer.Option(help="Number of the letter that says so.")] = None,
) -> None:
    """Give somebody who has an account roles and permissions."""
    now, last = SystemClock().now(), None if until is None else until.date()
    roles, permissions = _asked(role, permission)

    def work(database: Database, uow: UnitOfWork) -> None:
        actor = _service(database, uow)
        for one in roles:
            given = RoleGiven(*one, valid_to=last, kind=acting or "definitif", letter=letter)
            give_role(uow, actor=actor, username=username, given=given, now=now)
        for one in permissions:
            given_too = PermissionGiven(*one, valid_to=last)
            give_permission(uow, actor=actor, username=username, given=given_too, now=now)

    with opened(Settings()) as database:
        database.write(partial(work, database))
    typer.echo(f"Given to {username}: {', '.join('@'.join(one) for one in (*roles, *permissions))}.")


@users.command(name="take")
def user_take(
    username: str,
    role: Annotated[list[str] | None, typer.Option(help="ROLE@UNIT that ends now; may be given again.")] = None,
    permission: Annotated[list[str] | None, typer.Option(help=f"{_PERMISSIONS} that ends now.")] = None,
) -> None:
    """Take roles and permissions from somebody, from this moment on; what he did by them stays as it is."""
    now = SystemClock().now()
    roles, permissions = _asked(role, permission)

    def work(database: Database, uow: UnitOfWork) -> None:
        actor = _service(database, uow)
        for key, unit_key in roles:
            take_role(uow, actor=actor, username=username, role=key, unit=unit_key, now=now)
        for key, unit_key in permissions:
            take_permission(uow, actor=actor, username=username, permission=key, unit=unit_key, now=now)

    with opened(Settings()) as database:
        database.write(partial(work, database))
    typer.echo(f"Taken from {username}: {', '.join('@'.join(one) for one in (*roles, *permissions))}.")


def _asked(role: list[str] | None, permission: list[str] | None) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    roles = [_held(text, "--role") for text in role or []]
    permissions = [_held(text, "--permission") for text in permission or []]
    if not roles and not permissions:
        raise typer.BadParameter("Say what: --role staf@disnaker, or --permission deploy@disnaker.")
    return roles, permissions


@users.command(name="list")
def user_list() -> None:
    """List the accounts with what they hold, or will; what has ended is left out."""
    now = SystemClock().now()
    with opened(Settings()) as database, database.read() as connection:
        office = Directory(database).office(connection)
        held: dict[UUID, list[str]] = {}
        for table, column in (
            (role_holding, role_holding.c.role_key),
            (permission_grant, permission_grant.c.permission),
        ):
            for row in connection.execute(sa.select(table.c.user_id, table.c.unit_id, table.c.valid_to, column)):
                if row.valid_to is None or row.valid_to >= office.today(row.unit_id, now):
                    held.setdefault(row.user_id, []).append(f"{row[3]}@{office.units[row.unit_id].key}")
        query_users = sa.select(user_account).order_by(user_account.c.username)
        for row in connection.execute(query_users):
            closed = "" if row.is_active else "  (closed)"
            typer.echo(f"{row.username:32} {row.name:40} {', '.join(held.get(row.id, []))}{closed}")


@users.command(name="link")
def user_link(
    username: str, subject: Annotated[str, typer.Argument(help="Who the person is at the provider (claim sub).")]
) -> None:
    """Let somebody who has an account sign in at the provider of ALUR_OIDC_ISSUER too."""
    settings, now = Settings(), SystemClock().now()
    if settings.oidc_issuer is None:
        raise typer.BadParameter("No provider is set: ALUR_OIDC_ISSUER, ALUR_OIDC_CLIENT_ID.")
    issuer = settings.oidc_issuer

    with opened(settings) as database:

        def work(uow: UnitOfWork) -> None:
            link(uow, actor=_service(database, uow), username=username, issuer=issuer, subject=subject, now=now)

        database.write(work)
    typer.echo(f"{username} is {subject} at {issuer}.")


@users.command(name="passwd")
def user_passwd(
    username: str, password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)]
) -> None:
    """Replace a password; its person is signed out everywhere."""
    now = SystemClock().now()
    with opened(Settings()) as database:
        password_hash = Passwords().choose(password)

        def work(uow: UnitOfWork) -> None:
            set_password(uow, actor=_service(database, uow), username=username, password_hash=password_hash, now=now)

        database.write(work)
    typer.echo(f"The password of {username} is changed.")
