"""What the interface to people, roles and units takes and gives."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Username = Annotated[str, Field(min_length=1, max_length=64, examples=["budi"])]
Password = Annotated[str, Field(max_length=1024, json_schema_extra={"format": "password", "minLength": 10})]
PermissionKey = Literal["administer", "deploy", "audit", "work"]
KindOfHolding = Literal["definitif", "plt", "plh"]
UnitKey = Annotated[str, Field(min_length=1, max_length=255, examples=["disnaker"])]
RoleKey = Annotated[str, Field(min_length=1, max_length=255, examples=["sekretaris"])]
FirstDay = Annotated[date | None, Field(description="The first day; today, where none is named.")]
LastDay = Annotated[date | None, Field(description="The last day, included; none, where it is for good.")]


def _sent(**example: Any) -> ConfigDict:
    """Return how a body is read: nothing unknown in it; and what one looks like."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class RoleToGive(BaseModel):
    """A role to hold in a unit; an acting holder (plt, plh) needs `letter` and `valid_to`."""

    model_config = _sent(role="sekretaris", unit="disnaker", kind="plh", letter="800/12/2027", valid_to="2027-06-30")

    role: RoleKey
    unit: UnitKey
    valid_from: FirstDay = None
    valid_to: LastDay = None
    kind: KindOfHolding = "definitif"
    letter: Annotated[str | None, Field(max_length=200, examples=["800/12/2027"])] = None


class PermissionToGive(BaseModel):
    """A permission to have in a unit and below it."""

    model_config = _sent(permission="audit", unit="disnaker", valid_to="2027-12-31")

    permission: PermissionKey
    unit: UnitKey
    valid_from: FirstDay = None
    valid_to: LastDay = None


class RoleToTake(BaseModel):
    """A role that a person holds in a unit, or will hold."""

    model_config = _sent(role="sekretaris", unit="disnaker")

    role: RoleKey
    unit: UnitKey


class PermissionToTake(BaseModel):
    """A permission that a person has in a unit, or will have."""

    model_config = _sent(permission="deploy", unit="disnaker")

    permission: PermissionKey
    unit: UnitKey


class PersonToAdd(BaseModel):
    """An account to open; what its person holds says to which unit he belongs."""

    model_config = _sent(
        username="budi",
        name="Budi Santoso",
        password="kopi-hangat-di-pagi",
        roles=[{"role": "staf", "unit": "disnaker"}],
    )

    username: Username
    name: Annotated[str, Field(min_length=1, max_length=200, examples=["Budi Santoso"])]
    password: Password
    roles: Annotated[list[RoleToGive], Field(max_length=50)] = []
    permissions: Annotated[list[PermissionToGive], Field(max_length=50)] = []


class NewPassword(BaseModel):
    """Somebody's new password, of 10 characters at least."""

    model_config = _sent(password="kopi-hangat-di-pagi")

    password: Password


class OwnPassword(BaseModel):
    """One's own password: the old one, and the new one of 10 characters at least."""

    model_config = _sent(old_password="kopi-hangat-di-pagi", password="hujan-turun-di-sore")

    old_password: Password
    password: Password


class PasswordChanged(BaseModel):
    """One's password is another; so many browsers were signed out by that."""

    sessions_ended: int


class _Period(BaseModel):
    unit: str = Field(examples=["disnaker"])
    unit_name: str
    valid_from: date
    valid_to: date | None


class RoleOfPerson(_Period):
    """A role that a person holds, will hold (coming) or held (ended)."""

    key: str
    name: str
    kind: KindOfHolding
    letter: str | None
    state: Literal["current", "coming", "ended"]


class PermissionOfPerson(_Period):
    """A permission that a person has, will have (coming) or had (ended)."""

    permission: PermissionKey
    state: Literal["current", "coming", "ended"]


class PersonOut(BaseModel):
    """A person; whose account is closed (`is_active` false) does not come in."""

    username: str
    name: str
    is_active: bool
    created_at: datetime
    roles: list[RoleOfPerson]
    permissions: list[PermissionOfPerson]


class PersonPage(BaseModel):
    """Some people, each with what he holds or will hold."""

    items: list[PersonOut]
    next_cursor: str | None


class HolderOut(_Period):
    """Who holds a role now."""

    username: str
    name: str
    kind: KindOfHolding
    letter: str | None


class RoleOut(BaseModel):
    """A role with its superior, the names that lanes give it, and who holds it now; nobody, where it is vacant."""

    key: str
    name: str
    kind: Literal["jabatan", "tim", "pihak_luar"]
    reach: Literal["unit", "pemda"]
    reports_to: str | None
    aliases: list[str]
    holders: list[HolderOut]


class RoleList(BaseModel):
    """All roles."""

    items: list[RoleOut]


class AdministeredUnit(BaseModel):
    """A unit that the caller administers; the one above it may be another's."""

    key: str
    name: str
    kind: Literal["pemda", "perangkat_daerah", "bidang"]
    parent: str | None
    time_zone: str = Field(examples=["Asia/Jakarta"])


class UnitList(BaseModel):
    """The units that the caller administers, those above before those below."""

    items: list[AdministeredUnit]
