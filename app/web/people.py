"""Pengguna & jabatan: the people of the units that one administers, what they hold, and the roles and units."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Response
from sqlalchemy.engine import Connection
from starlette.datastructures import FormData

from app.core.problems import Invalid, Problem, pointer
from app.core.search import split_words
from app.core.text import Text
from app.core.unit_of_work import UnitOfWork
from app.identity import commands, holdings, queries
from app.identity.holdings import KINDS, PERMISSIONS, PermissionGiven, RoleGiven
from app.identity.office import Actor
from app.identity.passwords import random_password
from app.identity.people import find_person
from app.identity.policy import administered_units, ensure_may_change_account
from app.identity.queries import PersonFilter
from app.identity.sessions import sessions_of
from app.web.page import go, show
from app.web.refusals import said
from app.web.trees import role_rows, unit_rows
from app.web.visit import Sent, Visit, Visitor

router = APIRouter()

_A_PAGE = 50


def _person_place(username: str) -> str:
    return f"/pengguna/orang/{username}"


@router.get("/pengguna")
def show_people(
    visit: Visitor,
    q: Annotated[str, Query(max_length=200)] = "",
    akun: str = "terbuka",
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
) -> Response:
    """Show the people, closed accounts apart."""
    closed = akun == "ditutup"
    narrowed = PersonFilter(is_active=not closed, words=split_words(q))

    def query(connection: Connection) -> dict[str, Any]:
        return queries.list_people(connection, visit.actor, visit.now, narrowed, limit=_A_PAGE, cursor=cursor)

    page = visit.read(query)
    values = {"people": page["items"], "next_cursor": page["next_cursor"], "cursor": cursor}
    return show(visit, "people/list.html", q=q, closed=closed, **values)


@router.get("/pengguna/jabatan")
def show_roles(visit: Visitor, unit: Annotated[str, Query(max_length=255)] = "") -> Response:
    """Show the roles of a unit with who holds them, and the units, as trees."""
    units = queries.list_units(visit.actor, visit.now)["items"]
    keys = [one["key"] for one in units]
    # Roles live in a perangkat daerah: the one that stands highest is the one that is meant, where none is named.
    usual = next((one["key"] for one in units if one["kind"] == "perangkat_daerah"), keys[0])
    chosen = unit if unit in keys else usual
    roles = visit.read(lambda connection: queries.list_roles(connection, visit.actor, visit.now, chosen))["items"]
    trees = {"roles": role_rows(roles), "tree": unit_rows(units)}
    values: dict[str, Any] = {"units": units, "chosen": chosen, **trees}
    return show(visit, "people/roles.html", **values)


@router.get("/pengguna/tambah")
def show_new(visit: Visitor) -> Response:
    """Show the form for somebody new."""
    return _new(visit, FormData())


@router.post("/pengguna/tambah")
def add(visit: Visitor, sent: Sent) -> Response:
    """Open an account, and show its password: this once, and in no address or cookie."""
    password = random_password()
    kept = visit.request.app.state.passwords.choose(password)
    username = _text(sent, "username")

    def work(uow: UnitOfWork, actor: Actor) -> None:
        is_role = _text(sent, "what") != "permission"
        commands.add_person(
            uow,
            actor=actor,
            username=username,
            name=_text(sent, "name"),
            password_hash=kept,
            roles=[_role(sent)] if is_role else [],
            permissions=[] if is_role else [_permission(sent)],
            now=visit.now,
        )

    try:
        done = visit.act_once(sent, work)
    except Problem as refusal:
        return _new(visit, sent, refusal)
    if done.again:
        notice = visit.speech("Akun sudah dibuat. Bila kata sandinya belum tercatat, buat yang baru di halaman ini.")
        return go(visit.request, _person_place(username), notice)
    return _password(visit, username, password, is_new=True)


@router.get("/pengguna/orang/{username}")
def show_person(visit: Visitor, username: str) -> Response:
    """Show a person, with what may be done about him."""
    return _person(visit, username)


@router.post("/pengguna/orang/{username}/sandi")
def give_password(visit: Visitor, username: str) -> Response:
    """Give a person a new password, and show it: this once, and in no address or cookie."""
    password = random_password()
    kept = visit.request.app.state.passwords.choose(password)
    visit.act(
        lambda uow, actor: commands.set_password(uow, actor=actor, username=username, password_hash=kept, now=visit.now)
    )
    return _password(visit, username, password, is_new=False)


@router.post("/pengguna/orang/{username}/tutup")
def close(visit: Visitor, username: str) -> Response:
    """Close an account."""
    visit.act(lambda uow, actor: commands.close_account(uow, actor=actor, username=username, now=visit.now))
    notice = visit.speech("Akun ditutup. Sesinya sudah berakhir, dan ia tidak dapat masuk lagi.")
    return go(visit.request, _person_place(username), notice)


@router.post("/pengguna/orang/{username}/buka")
def reopen(visit: Visitor, username: str) -> Response:
    """Reopen a closed account."""
    visit.act(lambda uow, actor: commands.reopen_account(uow, actor=actor, username=username, now=visit.now))
    return go(visit.request, _person_place(username), visit.speech("Akun dibuka kembali."))


@router.post("/pengguna/orang/{username}/jabatan")
def give_role(visit: Visitor, username: str, sent: Sent) -> Response:
    """Let a person hold a role."""

    def command(uow: UnitOfWork, actor: Actor) -> None:
        holdings.give_role(uow, actor=actor, username=username, given=_role(sent), now=visit.now)

    return _given(visit, username, sent, command, visit.speech("Jabatan diberikan."))


@router.post("/pengguna/orang/{username}/wewenang")
def give_permission(visit: Visitor, username: str, sent: Sent) -> Response:
    """Let a person have a permission."""

    def command(uow: UnitOfWork, actor: Actor) -> None:
        holdings.give_permission(uow, actor=actor, username=username, given=_permission(sent), now=visit.now)

    return _given(visit, username, sent, command, visit.speech("Wewenang diberikan."))


@router.post("/pengguna/orang/{username}/jabatan/cabut")
def take_role(
    visit: Visitor, username: str, role: Annotated[str, Form()] = "", unit: Annotated[str, Form()] = ""
) -> Response:
    """End a role of a person."""
    visit.act(
        lambda uow, actor: holdings.take_role(uow, actor=actor, username=username, role=role, unit=unit, now=visit.now)
    )
    return go(visit.request, _person_place(username), visit.speech("Jabatan dicabut mulai hari ini."))


@router.post("/pengguna/orang/{username}/wewenang/cabut")
def take_permission(
    visit: Visitor, username: str, permission: Annotated[str, Form()] = "", unit: Annotated[str, Form()] = ""
) -> Response:
    """End a permission of a person."""
    visit.act(
        lambda uow, actor: holdings.take_permission(
            uow, actor=actor, username=username, permission=permission, unit=unit, now=visit.now
        )
    )
    return go(visit.request, _person_place(username), visit.speech("Wewenang dicabut mulai hari ini."))


def _given(
    visit: Visit, username: str, sent: FormData, command: Callable[[UnitOfWork, Actor], None], notice: str
) -> Response:
    """Do what a form on a person's page asks, or show the page again with what was typed and what is wrong."""
    try:
        visit.act_once(sent, command)
    except Problem as refusal:
        return _person(visit, username, sent, refusal)
    return go(visit.request, _person_place(username), notice)


def _new(visit: Visit, sent: FormData, refusal: Problem | None = None) -> Response:
    values = {"sent": sent, "faults_of": _faults(visit, refusal), **_choices(visit)}
    return show(visit, "people/new.html", status=refusal.status if refusal else 200, **values)


def _password(visit: Visit, username: str, password: str, *, is_new: bool) -> Response:
    place = _person_place(username)
    return show(visit, "people/password.html", username=username, password=password, is_new=is_new, place=place)


def _person(visit: Visit, username: str, sent: FormData | None = None, refusal: Problem | None = None) -> Response:
    real_now = visit.request.app.state.real_clock.now()

    def query(connection: Connection) -> dict[str, Any]:
        shown = queries.show_person(connection, visit.actor, username, visit.now)
        person = find_person(connection, username)
        assert person is not None
        try:
            ensure_may_change_account(visit.actor, person, visit.now)
            why_not = None
        except Problem as problem:
            why_not = said(problem, visit.speech)
        sessions = [] if why_not else sessions_of(connection, username, real_now)
        return {"person": shown, "why_not": why_not, "sessions": sessions, "place": _person_place(username)}

    values = {"sent": sent or FormData(), "faults_of": _faults(visit, refusal), **_choices(visit)}
    return show(visit, "people/person.html", status=refusal.status if refusal else 200, **visit.read(query), **values)


def _choices(visit: Visit) -> dict[str, Any]:
    """Return what the forms offer: units of the administrator, roles, kinds and permissions; and his day."""
    office, actor = visit.actor.office, visit.actor
    administered_units(actor, visit.now)
    units = queries.list_units(actor, visit.now)["items"]
    return {
        "units": units,
        "usual_unit": next((one["key"] for one in units if one["kind"] == "perangkat_daerah"), units[0]["key"]),
        "all_roles": sorted(office.roles.values(), key=lambda role: (role.kind == "pihak_luar", role.name)),
        "kinds": KINDS,
        "permissions": PERMISSIONS,
        "own_units": {one["key"] for one in units},
    }


def _faults(visit: Visit, refusal: Problem | None) -> list[tuple[str, str]]:
    """Return what is wrong with a form, each with its field; a place in a list is that of its field."""
    if refusal is None:
        return []
    message = said(refusal, visit.speech)
    fields = [str(error.get("pointer", "")).rpartition("/")[2] for error in refusal.errors]
    return [(field, message) for field in fields] or [("", message)]


def _role(sent: FormData) -> RoleGiven:
    first, last = _day(sent, "valid_from"), _day(sent, "valid_to")
    letter = _text(sent, "letter") or None
    return RoleGiven(_text(sent, "role"), _text(sent, "unit"), first, last, _text(sent, "kind") or KINDS[0], letter)


def _permission(sent: FormData) -> PermissionGiven:
    first, last = _day(sent, "valid_from"), _day(sent, "valid_to")
    return PermissionGiven(_text(sent, "permission"), _text(sent, "unit"), first, last)


def _text(sent: FormData, field: str) -> str:
    value = sent.get(field, "")
    return value.strip() if isinstance(value, str) else ""


def _day(sent: FormData, field: str) -> date | None:
    text = _text(sent, field)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        message = Text("Tulis tanggal yang ada, misalnya 2027-06-30.", "Write a date that there is, like 2027-06-30.")
        raise Invalid(message, errors=[{"pointer": pointer(field), "message": message.en}]) from None
