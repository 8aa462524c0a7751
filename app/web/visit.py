"""Who visits: the session behind a browser's cookie, its language, and the proof that a form came from our own page."""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import orjson
from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.engine import Connection
from starlette.datastructures import FormData, Headers

from app.core.http import app_of, perform_once
from app.core.idempotency import RequestIdentity
from app.core.problems import Forbidden
from app.core.unit_of_work import UnitOfWork
from app.identity.errors import NotSignedIn
from app.identity.http import directory_of
from app.identity.office import Actor
from app.identity.sessions import Session, csrf_token, find_session
from app.web.language import INDONESIAN, LANGUAGES, Speech

SESSION_COOKIE = "alur_sesi"
LANGUAGE_COOKIE = "alur_bahasa"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf"
ONCE_FIELD = "sekali"
# Where nobody is signed in, nothing tells where he is.
USUAL_ZONE = "Asia/Jakarta"

T = TypeVar("T")


class SignInFirst(NotSignedIn):
    """Nobody is signed in, or the session has ended; `sent` is what was typed, so that nothing of it is lost."""

    def __init__(self, sent: FormData | None = None) -> None:
        super().__init__("Sign in first.")
        self.sent = sent


class ForeignForm(Forbidden):
    """A form that did not come from a page of ours."""

    code = "foreign-form"


class StaleForm(ForeignForm):
    """A form of a page that an earlier session of this browser left open; `sent` is what was typed into it."""

    def __init__(self, sent: FormData) -> None:
        super().__init__("This form is not from a page of this session. Open the page again.")
        self.sent = sent


class Done(NamedTuple):
    """What a command answered, as JSON holds it, and whether it had been done before."""

    answer: Any
    again: bool


class Visit(NamedTuple):
    """A signed-in person at a page; `now` is the office's clock, and the same for all of a request."""

    request: Request
    actor: Actor
    session: Session
    speech: Speech
    now: datetime

    @property
    def csrf(self) -> str:
        """What the forms of this session bring along."""
        return csrf_token(self.request.app.state.secret, self.session.name)

    def read(self, query: Callable[[Connection], T]) -> T:
        """Return what a query reads."""
        with app_of(self.request).database.read() as connection:
            return query(connection)

    def act(self, command: Callable[[UnitOfWork, Actor], T]) -> T:
        """Do a command in its transaction, as the visitor is now.

        Raises:
            Problem: it is refused, and nothing is changed.
        """
        directory = directory_of(self.request)
        return app_of(self.request).database.write(
            lambda uow: command(uow, directory.fresh(uow.reader, self.actor)),
        )

    def act_once(self, sent: FormData, command: Callable[[UnitOfWork, Actor], Any]) -> Done:
        """Do a command as `act` does, once however often its form is sent: by a double click, a reload, or going back.

        Each showing of a form has its key (`new_key`). Sent with the same content it is the same act, and the answer
        of the first time comes again; sent with another content it is another one. What the command answers is kept
        for a day, so it must hold no secret. A form without a key acts each time.

        Raises:
            Problem: it is refused, and nothing is changed.
        """
        directory, request = directory_of(self.request), self.request
        key = sent.get(ONCE_FIELD)
        identity = None
        if isinstance(key, str) and key:
            content = orjson.dumps([request.url.path, key, typed_in(sent)])
            identity = RequestIdentity.of(
                self.actor.username,
                f"page {sha256(content).hexdigest()}",
                method=request.method,
                path=request.url.path,
                body=b"",
            )
        kept, again = perform_once(
            app_of(request),
            identity,
            lambda uow: command(uow, directory.fresh(uow.reader, self.actor)),
            HTTPStatus.OK,
        )
        return Done(orjson.loads(kept.body), again)


async def _visit(request: Request) -> Visit:
    visit = await run_in_threadpool(find_visit, request)
    if request.method in ("GET", "HEAD"):
        if visit is None:
            raise SignInFirst
        return visit
    ensure_own_origin(request)
    form = await request.form()
    if visit is None:
        raise SignInFirst(form)
    given = request.headers.get(CSRF_HEADER) or form.get(CSRF_FIELD)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), visit.csrf.encode()):
        raise StaleForm(form)
    return visit


Visitor = Annotated[Visit, Depends(_visit)]


async def _form(request: Request) -> FormData:
    return await request.form()


# What was sent with a form, for a page whose fields are not known beforehand.
Sent = Annotated[FormData, Depends(_form)]


def typed_in(sent: FormData) -> list[tuple[str, str]]:
    """Return what was typed into a form, without the proof that it is ours."""
    return [(name, value) for name, value in sent.multi_items() if isinstance(value, str) and name != CSRF_FIELD]


def new_key() -> str:
    """Return the key by which a form that is sent twice is known again."""
    return secrets.token_urlsafe(16)


def find_visit(request: Request) -> Visit | None:
    """Return who is signed in, null if nobody is."""
    name = request.cookies.get(SESSION_COOKIE)
    if not name:
        return None
    with app_of(request).database.read() as connection:
        # Sessions live in real time, even where a demonstration shifts the clock.
        session = find_session(connection, name, request.app.state.real_clock.now())
        return None if session is None else _visit_now(request, connection, session)


def visit_of(request: Request, session: Session) -> Visit:
    """Return the visit of whoever has just begun a session, as he is now."""
    with app_of(request).database.read() as connection:
        return _visit_now(request, connection, session)


def _visit_now(request: Request, connection: Connection, session: Session) -> Visit:
    directory = directory_of(request)
    known = directory.cached(session.username) or directory.load(connection, session.username)
    actor = directory.fresh(connection, known)
    request.state.actor = actor
    zone = next((actor.office.units[unit].time_zone for unit in sorted(actor.units_ever_seen)), USUAL_ZONE)
    return Visit(request, actor, session, Speech(language_of(request), zone), app_of(request).clock.now())


def language_of(request: Request) -> str:
    """Return the language that was chosen in this browser, else Indonesian."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else INDONESIAN


def is_own_origin(request: Request) -> bool:
    """Whether a form comes from a page of ours, as far as the browser says."""
    headers: Headers = request.headers
    site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin")
    foreign = origin is not None and urlsplit(origin).netloc != headers.get("host", "")
    return site in ("same-origin", "none") and (site == "same-origin" or not foreign)


def ensure_own_origin(request: Request) -> None:
    """Refuse what a page of another site sends, before anybody is known by whom it could be signed.

    Raises:
        ForeignForm: the browser says that it comes from elsewhere.
    """
    if not is_own_origin(request):
        raise ForeignForm("This form comes from another site.")


def remember_session(response: Response, request: Request, session: Session) -> None:
    """Give the browser its session: no script reads it, and no other site sends it along with a form."""
    _set_cookie(response, request, SESSION_COOKIE, session.name)


def remember_language(response: Response, request: Request, language: str) -> None:
    """Keep the chosen language in the browser for a year."""
    _set_cookie(response, request, LANGUAGE_COOKIE, language, keep=timedelta(days=365))


def forget_session(response: Response) -> None:
    """Take the session's name from the browser."""
    response.delete_cookie(SESSION_COOKIE, path="/")


def _set_cookie(response: Response, request: Request, name: str, value: str, *, keep: timedelta | None = None) -> None:
    response.set_cookie(
        name,
        value,
        max_age=None if keep is None else int(keep.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
