"""What a demonstration adds to the pages: the choice of a part without typing, the bar above every page, the walk."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, NamedTuple

import sqlalchemy as sa
from fastapi import APIRouter, Form, Request, Response

from app.core.http import app_of
from app.core.problems import Invalid
from app.core.unit_of_work import UnitOfWork
from app.demo import walk
from app.demo.acts import has_happened, lock_office, record
from app.demo.cases import ADDED, add_cases
from app.demo.cast import GROUPS, PARTS
from app.demo.clock import LEAPS, Leap, ShiftedClock, advance
from app.identity.http import directory_of
from app.instances.aggregate import SYSTEM
from app.instances.models import TaskState, process_instance, user_task
from app.instances.timers import fire_due
from app.web.annex import Annex
from app.web.language import Speech
from app.web.page import go, own_place, show
from app.web.signing_in import let_in
from app.web.visit import USUAL_ZONE, Visit, Visitor, ensure_own_origin, find_visit, language_of

# Whether the guide is put away in this browser.
_PUT_AWAY = "alur_panduan"
_ANY_CASE = sa.select(process_instance.c.id).limit(1)

router = APIRouter()


class Waiting(NamedTuple):
    """How many open tasks wait for a role, and how many of them are late."""

    open: int
    late: int


class Shown:
    """What the templates of the demonstration show; only the first page asks for more than whether
    anything runs, and where the walk is."""

    bar = "peragaan/bar.html"
    door = "peragaan/door.html"
    groups = GROUPS
    parts = PARTS
    stages = walk.STAGES
    leaps: Mapping[str, Leap] = LEAPS

    def __init__(self, request: Request, visit: Visit | None) -> None:
        self._request = request
        self._clock = clock_of(request)
        self.part = None if visit is None else PARTS.get(visit.actor.username)
        self.is_put_away = request.cookies.get(_PUT_AWAY) == "1"

    @property
    def moment(self) -> datetime | None:
        """What the office's clock says, null where it is not ahead."""
        return self._clock.now() if self._clock.shift > timedelta() else None

    @cached_property
    def step(self) -> walk.Step | None:
        """Where the walk is."""
        with app_of(self._request).database.read() as connection:
            return walk.find_step(connection)

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing has been begun: then every page offers the walk and the cases to look at."""
        with app_of(self._request).database.read() as connection:
            return connection.execute(_ANY_CASE).first() is None

    @cached_property
    def is_filled(self) -> bool:
        """Whether the cases to look at were added."""
        with app_of(self._request).database.read() as connection:
            return has_happened(connection, directory_of(self._request).office(connection), ADDED)

    @cached_property
    def waiting(self) -> Mapping[str, Waiting]:
        """What waits for each role."""
        late = sa.func.count(sa.case((user_task.c.due_order < self._clock.now(), 1)))
        counted = (
            sa.select(user_task.c.role_key, sa.func.count(), late)
            .where(user_task.c.state == str(TaskState.OPEN))
            .group_by(user_task.c.role_key)
        )
        with app_of(self._request).database.read() as connection:
            return {role: Waiting(number, overdue) for role, number, overdue in connection.execute(counted)}


def annex() -> Annex:
    """Return what a demonstration builds onto the pages."""
    return Annex(router, Path(__file__).parent / "templates", Shown)


def clock_of(request: Request) -> ShiftedClock:
    """Return the office's clock, which a demonstration can move."""
    clock = app_of(request).clock
    assert isinstance(clock, ShiftedClock)
    return clock


@router.get("/peragaan")
def show_parts(visit: Visitor) -> Response:
    """Show who may be played, what waits for each, and the walk."""
    return show(visit, "peragaan/page.html", place="/tugas", sent="", username="", wrong="")


@router.post("/peragaan/masuk")
def play(
    request: Request,
    peran: Annotated[str, Form()] = "",
    lanjut: Annotated[str, Form()] = "/",
    isi: Annotated[str, Form()] = "",
) -> Response:
    """Sign in as somebody else in one go, without a password; whoever was signed in no longer is.

    Nobody needs to be signed in, so the form is known as ours by its origin alone, as the one to sign in with is.
    """
    ensure_own_origin(request)
    if peran not in PARTS:
        raise Invalid(f"There is no part '{peran[:200]}'. There are: {', '.join(PARTS)}.")
    _record_switch(request, peran)
    return let_in(request, peran, own_place(lanjut), isi)


@router.post("/peragaan/panduan")
def begin_walk(request: Request) -> Response:
    """Begin the walk, or go on with it, as whoever has the next task."""
    ensure_own_origin(request)
    state, clock = request.app.state, clock_of(request)
    step = app_of(request).database.write(
        lambda uow: walk.begin(uow, state.directory, state.catalogue, by=_who(request), now=clock.now())
    )
    username = step.username if step.username in PARTS else walk.FIRST
    _record_switch(request, username)
    response = let_in(request, username, step.place)
    response.delete_cookie(_PUT_AWAY, path="/")
    return response


@router.post("/peragaan/panduan/tutup")
def put_away(visit: Visitor, lanjut: Annotated[str, Form()] = "/") -> Response:
    """Put the guide away in this browser; the first page brings it back."""
    response = go(visit.request, own_place(lanjut))
    response.set_cookie(
        _PUT_AWAY, "1", path="/", secure=visit.request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return response


@router.post("/peragaan/waktu")
def move_clock(visit: Visitor, maju: Annotated[str, Form()] = "", lanjut: Annotated[str, Form()] = "/") -> Response:
    """Let working time pass, and fire what is due by then."""
    state, clock = visit.request.app.state, clock_of(visit.request)
    visit.act(lambda uow, actor: advance(uow, clock, office=actor.office, actor=actor.username, leap=maju))
    clock.refresh()
    fire_due(clock.database, state.directory, state.catalogue, clock)
    moment = visit.speech.moment(clock.now())
    return go(visit.request, own_place(lanjut), visit.speech("Waktu peragaan kini %(moment)s.", moment=moment))


@router.post("/peragaan/contoh")
def fill(request: Request, lanjut: Annotated[str, Form()] = "/") -> Response:
    """Add the cases to look at; where they were added already, nothing more is."""
    ensure_own_origin(request)
    speech = Speech(language_of(request), USUAL_ZONE)
    now = clock_of(request).now()
    added = add_cases(app_of(request).database, request.app.state.desk, by=_who(request), now=now)
    said = speech.several("%(n)s berkas contoh ditambahkan.", added) if added else speech("Berkas contoh sudah ada.")
    return go(request, own_place(lanjut), said)


def _who(request: Request) -> str:
    visit = find_visit(request)
    return SYSTEM if visit is None else visit.actor.username


def _record_switch(request: Request, username: str) -> None:
    visit, now = find_visit(request), clock_of(request).now()
    before = None if visit is None else visit.actor.username

    def work(uow: UnitOfWork) -> None:
        place = lock_office(uow, directory_of(request).office(uow.connection))
        record(uow, place, "demo.role_switched", username, now, {"from": before, "to": username})

    if before != username:
        app_of(request).database.write(work)
