"""Signing in and out, the language, and going on with a form that was sent after its session had ended."""

from datetime import timedelta
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Form, Request, Response
from starlette.datastructures import FormData

from app.core.http import app_of
from app.core.problems import Problem
from app.core.unit_of_work import UnitOfWork
from app.identity.errors import TooManyAttempts, WrongCredentials
from app.identity.http import prove
from app.identity.sessions import Session, close_session, open_session
from app.web.language import LANGUAGES, Speech
from app.web.page import go, own_place, show, show_to_anybody
from app.web.refusals import said
from app.web.resending import Pairs, lines_of
from app.web.visit import (
    SESSION_COOKIE,
    USUAL_ZONE,
    Visit,
    Visitor,
    ensure_own_origin,
    find_visit,
    forget_session,
    language_of,
    remember_language,
    remember_session,
    typed_in,
    visit_of,
)

router = APIRouter()


@router.get("/")
def show_door() -> Response:
    """Lead to the tasks, which ask whoever is not signed in to do so."""
    return Response(status_code=303, headers={"Location": "/tugas", "Cache-Control": "no-store"})


@router.get("/masuk")
def show_sign_in(request: Request, lanjut: str = "/") -> Response:
    """Show the form to sign in with; `lanjut` is where it leads."""
    place = own_place(lanjut)
    return go(request, place) if find_visit(request) is not None else _form(request, place=place)


@router.post("/masuk")
def sign_in(
    request: Request,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    lanjut: Annotated[str, Form()] = "/",
    isi: Annotated[str, Form()] = "",
) -> Response:
    """Sign in, and go on: to a page, or with the form that had been sent too late."""
    ensure_own_origin(request)
    place = own_place(lanjut)
    try:
        known = prove(request, username.strip(), password)
    except (WrongCredentials, TooManyAttempts) as refusal:
        return _form(request, place=place, sent=isi, username=username, refusal=refusal, status=refusal.status)
    return let_in(request, known, place, isi)


@router.post("/keluar")
def sign_out(visit: Visitor) -> Response:
    """End the session."""
    app_of(visit.request).database.write(lambda uow: close_session(uow, visit.session.name))
    response = go(visit.request, "/masuk")
    forget_session(response)
    return response


@router.post("/bahasa")
def choose_language(request: Request, bahasa: Annotated[str, Form()], lanjut: Annotated[str, Form()] = "/") -> Response:
    """Choose the language of the pages in this browser."""
    ensure_own_origin(request)
    response = go(request, own_place(lanjut))
    if bahasa in LANGUAGES:
        remember_language(response, request, bahasa)
    return response


def let_in(request: Request, username: str, place: str, sent: str = "") -> Response:
    """Open a session for somebody who has proved who he is, and lead him to a place; `sent` is what waits for him."""
    session = begin_session(request, username)
    fields = _read(sent)
    response = _resend(visit_of(request, session), place, fields) if fields else go(request, place)
    remember_session(response, request, session)
    return response


def show_refused(request: Request, place: str, refusal: Problem) -> Response:
    """Show the form to sign in with, and why somebody who came from a provider was not let in."""
    return _form(request, place=place, refusal=refusal, status=refusal.status)


def begin_session(request: Request, username: str) -> Session:
    """Open a session for somebody who has proved who he is; the one that the browser had is closed."""
    state = request.app.state
    before = request.cookies.get(SESSION_COOKIE)

    def work(uow: UnitOfWork) -> Session:
        if before:
            close_session(uow, before)
        lifetime = timedelta(minutes=state.session_minutes)
        return open_session(uow, username=username, now=state.real_clock.now(), lifetime=lifetime)

    return app_of(request).database.write(work)


def sign_in_again(request: Request, sent: FormData | None) -> Response:
    """Ask whoever is not signed in to do so; what he sent goes with the form, and is sent again behind it."""
    if sent is None:
        query = f"?{request.url.query}" if request.url.query else ""
        if request.url.path in ("/", "/tugas") and not query:
            return go(request, "/masuk")
        return _form(request, place=request.url.path + query, status=401)
    return _form(request, place=request.url.path, sent=orjson.dumps(typed_in(sent)).decode(), status=401)


def send_again(request: Request, sent: FormData) -> Response:
    """Show what was sent by a page of a session before this one, to be sent once more by who is signed in now."""
    visit = find_visit(request)
    assert visit is not None
    return _resend(visit, request.url.path, typed_in(sent), status=403)


def _read(isi: str) -> Pairs:
    """Return the fields that a form carried past the sign-in; what is not of ours is nothing."""
    try:
        pairs = orjson.loads(isi) if isi else []
    except orjson.JSONDecodeError:
        return []
    if not isinstance(pairs, list):
        return []
    return [(one[0], one[1]) for one in pairs if isinstance(one, list) and len(one) == 2 and _texts(one)]


def _texts(pair: list[Any]) -> bool:
    return all(isinstance(one, str) for one in pair)


def _resend(visit: Visit, place: str, fields: Pairs, status: int = 200) -> Response:
    return show(visit, "resend.html", status=status, place=place, lines=lines_of(fields, visit.speech))


def _form(
    request: Request,
    *,
    place: str,
    sent: str = "",
    username: str = "",
    refusal: Problem | None = None,
    status: int = 200,
) -> Response:
    wrong = "" if refusal is None else said(refusal, Speech(language_of(request), USUAL_ZONE))
    response = show_to_anybody(
        request, "sign_in.html", status=status, place=place, sent=sent, username=username, wrong=wrong
    )
    if isinstance(refusal, TooManyAttempts):
        response.headers.update(refusal.headers)
    return response
