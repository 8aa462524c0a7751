"""Signing in at a provider: the way there, and back."""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import NamedTuple

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from app.core.http import app_of
from app.core.problems import Unavailable
from app.identity import provided
from app.identity.errors import NotSignedIn
from app.identity.http import directory_of
from app.identity.provider import Provider, Question
from app.web.page import own_place
from app.web.signing_in import let_in, show_refused

router = APIRouter()

PLACE = "/masuk/penyedia"
BACK = "/masuk/kembali"
_COOKIE = "alur_penyedia"
_MINUTES = 10


class _Way(NamedTuple):
    """What a browser keeps while it is away: the question that it took along, and where it meant to go."""

    question: Question
    place: str


@router.get(PLACE)
def lead_away(request: Request, lanjut: str = "/") -> Response:
    """Lead to the provider with a new question, which this browser alone can bring the answer of."""
    question = Question(*(secrets.token_urlsafe(48) for _ in Question._fields))
    try:
        address = _provider(request).address(question, _back(request))
    except Unavailable as refusal:
        return show_refused(request, own_place(lanjut), refusal)
    response = RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        _COOKIE,
        _sealed(request, _Way(question, own_place(lanjut))),
        max_age=_MINUTES * 60,
        path="/masuk",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return response


@router.get(BACK)
def come_back(request: Request, state: str = "", code: str = "") -> Response:
    """Let in whom the provider has proved, if this browser asked the question that is answered."""
    way = _kept(request)
    try:
        if way is None or not code or not hmac.compare_digest(state.encode(), way.question.state.encode()):
            raise NotSignedIn("")
        proved = _provider(request).prove(code, way.question, _back(request), request.app.state.real_clock.now())
        # Nobody has the password of an account that was made here.
        nobodys = request.app.state.passwords.hash(secrets.token_urlsafe(32))
        directory, now = directory_of(request), app_of(request).clock.now()
        username = app_of(request).database.write(
            lambda uow: provided.welcome(uow, directory, proved=proved, password_hash=nobodys, now=now)
        )
        response = let_in(request, username, way.place)
    except (NotSignedIn, Unavailable) as refusal:
        response = show_refused(request, "/" if way is None else way.place, refusal)
    response.delete_cookie(_COOKIE, path="/masuk")
    return response


def _provider(request: Request) -> Provider:
    provider: Provider = request.app.state.provider
    return provider


def _back(request: Request) -> str:
    return str(request.base_url.replace(path=BACK, query=""))


def _sealed(request: Request, way: _Way) -> str:
    until = request.app.state.real_clock.now() + timedelta(minutes=_MINUTES)
    content = urlsafe_b64encode(orjson.dumps([*way.question, way.place, until.timestamp()])).decode()
    return f"{content}.{_seal(request, content)}"


def _kept(request: Request) -> _Way | None:
    """Return what this browser took along, if we gave it that and it is not too long ago."""
    content, _, seal = request.cookies.get(_COOKIE, "").partition(".")
    if not hmac.compare_digest(seal.encode(), _seal(request, content).encode()):
        return None
    *question, place, until = orjson.loads(urlsafe_b64decode(content))
    return _Way(Question(*question), place) if request.app.state.real_clock.now().timestamp() < until else None


def _seal(request: Request, content: str) -> str:
    secret: str = request.app.state.secret
    return hmac.digest(secret.encode(), f"provider:{content}".encode(), "sha256").hex()
