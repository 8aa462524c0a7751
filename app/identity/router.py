"""HTTP for signing in and for who one is."""

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, Field

from app.core.http import app_of, json_response
from app.core.openapi import problems
from app.core.routes import strict_router
from app.identity.http import SignedIn, directory_of, prove

router = strict_router("identity")


class TokenOut(BaseModel):
    """An access token; `expires_in` is in seconds."""

    access_token: str
    token_type: str = Field(examples=["bearer"])
    expires_in: int = Field(examples=[28800])


class HeldRole(BaseModel):
    """A role that the caller holds now; `kind` is definitif, plt or plh."""

    key: str = Field(examples=["kasubag_perencanaan"])
    name: str
    unit: str = Field(examples=["disnaker"])
    kind: str
    letter: str | None
    valid_to: str | None


class UnitOut(BaseModel):
    """A unit in which the caller holds a role or a permission."""

    key: str
    name: str
    kind: str


class HeldPermission(BaseModel):
    """A permission of the caller in a unit and below it."""

    permission: str = Field(examples=["deploy"])
    unit: str
    valid_to: str | None


class MeOut(BaseModel):
    """Who the caller is, and what he holds today."""

    username: str
    name: str
    roles: list[HeldRole]
    units: list[UnitOut]
    permissions: list[HeldPermission]


@router.post("/auth/token", response_model=TokenOut, responses=problems(429))
def create_token(request: Request, form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Response:
    """Exchange a user name and a password for an access token (OAuth 2.0 password form)."""
    state = request.app.state
    username = prove(request, form.username.strip(), form.password)
    token = state.tokens.issue(username, state.real_clock.now())
    lifetime = int(state.tokens.lifetime.total_seconds())
    return json_response(
        {"access_token": token, "token_type": "bearer", "expires_in": lifetime}, headers={"Cache-Control": "no-store"}
    )


@router.get("/me", response_model=MeOut, responses=problems())
def show_me(request: Request, actor: SignedIn) -> Response:
    """Show the caller with the roles, units and permissions that he holds today."""
    now = app_of(request).clock.now()
    with app_of(request).database.read() as connection:
        actor = directory_of(request).fresh(connection, actor)
    office = actor.office
    holdings = actor.valid_holdings(now)
    grants = actor.valid_grants(now)
    unit_ids = dict.fromkeys([*(held.unit_id for held in holdings), *(grant.unit_id for grant in grants)])
    answer: dict[str, Any] = {
        "username": actor.username,
        "name": actor.name,
        "roles": [
            {
                "key": held.role_key,
                "name": office.roles[held.role_key].name,
                "unit": office.units[held.unit_id].key,
                "kind": held.kind,
                "letter": held.letter,
                "valid_to": held.valid_to,
            }
            for held in holdings
        ],
        "units": [
            {"key": office.units[one].key, "name": office.units[one].name, "kind": office.units[one].kind}
            for one in unit_ids
        ],
        "permissions": [
            {"permission": held.permission, "unit": office.units[held.unit_id].key, "valid_to": held.valid_to}
            for held in grants
        ],
    }
    return json_response(answer)
