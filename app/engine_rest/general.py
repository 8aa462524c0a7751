"""The engine itself, its version, and who is who."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from app.core.problems import Forbidden
from app.core.text import Text
from app.engine_rest.http import Asked, Asking, Caller, EngineRoute, Sent, Words, answer, ask
from app.identity.errors import WrongCredentials
from app.identity.http import prove

# The version of the REST API whose words are spoken here; Camunda Modeler asks it before it deploys.
VERSION = "7.24.0"
ENGINE = "default"

router = APIRouter(route_class=EngineRoute)


@router.get("/version")
def show_version(_caller: Caller) -> Response:
    """Tell the version of Camunda's REST API that this is a part of."""
    return answer({"version": VERSION})


@router.get("/engine")
def list_engines(_caller: Caller) -> Response:
    """List the only engine."""
    return answer([{"name": ENGINE}])


class GroupsQuery(Words):
    """Whose groups."""

    user_id: str


@router.get("/identity/groups")
def list_groups(
    request: Request, caller: Caller, wanted: Annotated[GroupsQuery, Depends(Asked(GroupsQuery))]
) -> Response:
    """List the roles that the caller holds today, as groups; who else holds them is not told."""

    def query(asking: Asking) -> dict[str, Any]:
        if wanted.user_id != asking.actor.username:
            raise Forbidden(
                Text("Anda hanya boleh menanyakan kelompok Anda sendiri.", "You may ask for your own groups only.")
            )
        roles = sorted(asking.actor.served(asking.now))
        groups = [{"id": key, "name": asking.actor.office.roles[key].name} for key in roles]
        return {"groups": groups, "groupUsers": []}

    return ask(request, caller, query)


class Credentials(Words):
    """A name and a password."""

    username: str
    password: str


@router.post("/identity/verify")
def verify_credentials(
    request: Request, _caller: Caller, sent: Annotated[Credentials, Depends(Sent(Credentials))]
) -> Response:
    """Tell whether a name and a password are right."""
    try:
        prove(request, sent.username, sent.password)
    except WrongCredentials:
        return answer({"authenticatedUser": sent.username, "authenticated": False})
    return answer({"authenticatedUser": sent.username, "authenticated": True})
