"""Profil: who one is and what one holds, the language, one's own password, and the browsers where one is signed in."""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response
from sqlalchemy.engine import Connection

from app.core.http import app_of
from app.core.problems import Invalid
from app.core.unit_of_work import UnitOfWork
from app.identity import commands
from app.identity.errors import OldPasswordWrong, TooManyAttempts
from app.identity.http import guarded
from app.identity.news import news_to, send_news_to
from app.identity.office import Actor
from app.identity.passwords import SHORTEST
from app.identity.people import find_person
from app.identity.queries import person_json
from app.identity.sessions import (
    Session,
    close_other_sessions,
    close_session_of,
    open_session,
    session_id,
    sessions_of,
)
from app.web.page import go, show
from app.web.refusals import said
from app.web.visit import Visit, Visitor, remember_session

router = APIRouter()

_PLACE = "/profil"


@router.get("/profil")
def show_profile(visit: Visitor) -> Response:
    """Show the visitor to himself."""
    return _profile(visit)


@router.post("/profil/sandi")
def change_password(
    visit: Visitor,
    lama: Annotated[str, Form()] = "",
    baru: Annotated[str, Form()] = "",
    ulang: Annotated[str, Form()] = "",
) -> Response:
    """Replace one's own password: every other browser is signed out, and this one goes on with a new session."""
    _ = visit.speech
    if baru != ulang:
        return _profile(visit, {"ulang": _("Kata sandi baru tidak sama dengan ulangannya.")})
    state = visit.request.app.state
    lifetime = timedelta(minutes=state.session_minutes)
    try:
        kept = state.passwords.choose(baru)

        def work(uow: UnitOfWork, actor: Actor) -> Session:
            commands.ensure_own_password(uow.reader, state.passwords, actor=actor, password=lama)
            commands.change_own_password(uow, actor=actor, password_hash=kept, now=visit.now)
            return open_session(uow, username=actor.username, now=state.real_clock.now(), lifetime=lifetime)

        session = guarded(visit.request, visit.actor.username, lambda: visit.act(work))
    except TooManyAttempts as refusal:
        return _profile(visit, {"lama": said(refusal, _)}, status=refusal.status, headers=refusal.headers)
    except Invalid as refusal:
        field = "lama" if isinstance(refusal, OldPasswordWrong) else "baru"
        return _profile(visit, {field: said(refusal, _)})
    notice = _("Kata sandi sudah diganti. Peramban lain yang memakai akun Anda sudah dikeluarkan.")
    response = go(visit.request, _PLACE, notice)
    remember_session(response, visit.request, session)
    return response


@router.post("/profil/kabar")
def change_news(visit: Visitor, surel: Annotated[str, Form()] = "") -> Response:
    """Send one's news of tasks to an e-mail address, or to none."""
    _ = visit.speech
    try:
        visit.act(lambda uow, actor: send_news_to(uow, actor.username, surel))
    except Invalid as refusal:
        return _profile(visit, {"surel": said(refusal, _)}, surel=surel)
    notice = _("Kabar tugas dikirim ke alamat itu.") if surel.strip() else _("Kabar tugas tidak dikirim lagi.")
    return go(visit.request, _PLACE, notice)


@router.post("/profil/sesi/akhiri")
def end_session(visit: Visitor, sesi: Annotated[str, Form()] = "") -> Response:
    """Sign out one other browser."""
    database = app_of(visit.request).database
    ended = database.write(lambda uow: close_session_of(uow, visit.actor.username, sesi))
    _ = visit.speech
    return go(visit.request, _PLACE, _("Sesi itu sudah diakhiri.") if ended else _("Sesi itu memang sudah berakhir."))


@router.post("/profil/sesi/akhiri-lain")
def end_other_sessions(visit: Visitor) -> Response:
    """Sign out every browser but this one."""
    ended = app_of(visit.request).database.write(lambda uow: close_other_sessions(uow, visit.session))
    return go(visit.request, _PLACE, visit.speech.several("%(n)s sesi lain diakhiri.", ended))


def _version() -> str | None:
    """Return the version that is installed, null where Alur runs from its sources."""
    try:
        return version("alur")
    except PackageNotFoundError:
        return None


def _profile(
    visit: Visit,
    faults: dict[str, str] | None = None,
    surel: str | None = None,
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
    headers: Mapping[str, str] | None = None,
) -> Response:
    state = visit.request.app.state
    real_now = state.real_clock.now()

    def query(connection: Connection) -> dict[str, Any]:
        person = find_person(connection, visit.actor.username)
        assert person is not None
        return {
            "person": person_json(person, visit.actor.office, visit.now),
            "sessions": sessions_of(connection, visit.actor.username, real_now),
            "surel": news_to(connection, visit.actor.username) if surel is None else surel,
        }

    return show(
        visit,
        "profile/page.html",
        status=status if faults else 200,
        headers=dict(headers or {}),
        faults_of=faults or {},
        this_session=session_id(visit.session.name),
        sends_mail=state.sends_mail,
        shortest=SHORTEST,
        version=_version(),
        **visit.read(query),
    )
