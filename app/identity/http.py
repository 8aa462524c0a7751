"""Who makes a request."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.base import SecurityBase
from sqlalchemy.engine import Connection

from app.core.http import app_of
from app.core.routes import API, Guard
from app.core.text import Text
from app.identity import commands
from app.identity.attempts import Attempt, Attempts
from app.identity.directory import Directory
from app.identity.errors import NotSignedIn
from app.identity.office import Actor
from app.identity.tokens import Tokens

T = TypeVar("T")

_SCHEME = OAuth2PasswordBearer(tokenUrl=f"{API}/auth/token", auto_error=False)


def known_actor(service: FastAPI, authorization: str) -> Actor | None:
    """Return who signed a request, from its Authorization header; null for a person whom this process has not met.

    Raises:
        NotSignedIn: there is no token, or none that is valid now.
    """
    directory: Directory = service.state.directory
    return directory.cached(_username(service, authorization))


def read_actor(service: FastAPI, authorization: str) -> Actor:
    """Return who signed a request, read now from the database.

    Raises:
        NotSignedIn: there is no token, none that is valid now, or no such person any more.
    """
    directory: Directory = service.state.directory
    return directory.actor(_username(service, authorization))


def _username(service: FastAPI, authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn(
            Text("Ini memerlukan token: Authorization: Bearer …", "This needs an access token: Authorization: Bearer …")
        )
    tokens: Tokens = service.state.tokens
    # Tokens live in real time, even where a demonstration shifts the clock.
    return tokens.username(token.strip(), service.state.real_clock.now())


class _Door(SecurityBase, Guard):
    """Lets in who signed the request; asks the database only for a person whom this process has not met."""

    model = _SCHEME.model
    scheme_name = _SCHEME.scheme_name

    async def admit(self, request: Request) -> None:
        """Find out who makes a request.

        Raises:
            NotSignedIn: there is no token, or none that is valid now.
        """
        authorization = request.headers.get("authorization", "")
        known = known_actor(request.app, authorization)
        request.state.actor = known or await run_in_threadpool(read_actor, request.app, authorization)

    async def __call__(self, request: Request) -> Actor:
        """Return the actor."""
        actor: Actor = request.state.actor
        return actor


SignedIn = Annotated[Actor, Depends(_Door())]


def prove(request: Request, username: str, password: str) -> str:
    """Check a name and a password that came with a request; returns the name as it is kept.

    Raises:
        WrongCredentials: one of them is wrong.
        TooManyAttempts: it was tried too often.
    """

    def check() -> str:
        with app_of(request).database.read() as connection:
            passwords = request.app.state.passwords
            return commands.sign_in(connection, passwords, username=username, password=password)

    return guarded(request, username, check)


def guarded(request: Request, username: str, check: Callable[[], T]) -> T:
    """Return what a check of somebody's password returns, counted among the attempts (`Attempts.guard`)."""
    attempts: Attempts = request.app.state.attempts
    address = request.client.host if request.client is not None else ""
    return attempts.guard(Attempt(username, address, request.app.state.real_clock.now()), check)


def directory_of(request: Request) -> Directory:
    """Return the directory of the running service."""
    directory: Directory = request.app.state.directory
    return directory


def read_as(request: Request, actor: Actor, query: Callable[[Connection, Actor], T]) -> T:
    """Return what a query answers to the caller as he is now."""
    with app_of(request).database.read() as connection:
        return query(connection, directory_of(request).fresh(connection, actor))
