"""Who makes a request."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import OAuth2PasswordBearer
from fastapi.security.base import SecurityBase

from app.core.routes import API, Guard
from app.core.text import Text
from app.identity.directory import Directory
from app.identity.errors import NotSignedIn
from app.identity.office import Actor
from app.identity.tokens import Tokens

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


def directory_of(request: Request) -> Directory:
    """Return the directory of the running service."""
    directory: Directory = request.app.state.directory
    return directory
