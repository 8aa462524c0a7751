"""Who makes a request."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import OAuth2PasswordBearer

from app.identity.directory import Directory
from app.identity.errors import NotSignedIn
from app.identity.office import Actor
from app.identity.tokens import Tokens

_scheme = OAuth2PasswordBearer(tokenUrl="/api/v1/auth/token", auto_error=False)


async def _signed_in(request: Request, _token: Annotated[str | None, Depends(_scheme)]) -> Actor:
    """Return who signed the request; asks the database only for a person whom this process has not met."""
    state = request.app.state
    tokens: Tokens = state.tokens
    directory: Directory = state.directory
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("This needs an access token: Authorization: Bearer …")
    # Tokens live in real time, even where a demonstration shifts the clock.
    username = tokens.username(token.strip(), state.real_clock.now())
    known = directory.cached(username)
    return known if known is not None else await run_in_threadpool(directory.actor, username)


SignedIn = Annotated[Actor, Depends(_signed_in)]


def directory_of(request: Request) -> Directory:
    """Return the directory of the running service."""
    directory: Directory = request.app.state.directory
    return directory
