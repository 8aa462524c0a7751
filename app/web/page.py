"""A page: a template filled in for one reader, under headers that let it run nothing but our own scripts."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from app.core.http import app_of
from app.web.annex import Annex
from app.web.assets import asset
from app.web.language import Speech
from app.web.menu import menu_of
from app.web.visit import USUAL_ZONE, Visit, find_visit, language_of, new_key

TEMPLATES = Path(__file__).parent / "templates"
_NOTICE_COOKIE = "alur_kabar"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@cache
def _environment(more: Path | None) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, *([] if more is None else [more])]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.do"],
    )
    environment.globals |= {"asset": asset, "new_key": new_key}
    return environment


def show(
    visit: Visit, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> Response:
    """Return a page for who is signed in.

    Beside what is given, a template has `_` (`Speech`: texts, moments and times in the reader's language), `visit`,
    `now`, `csrf`, `menu`, `notice`, `annex` (null, or what is built onto the pages) and `asset(name)`.
    """
    values |= {"visit": visit, "csrf": visit.csrf, "menu": menu_of(visit)}
    return _answer(visit.request, visit.speech, template, status, headers, values | {"now": visit.now})


def show_to_anybody(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page for somebody who is not signed in: without menu, name and forms of a session."""
    speech = Speech(language_of(request), USUAL_ZONE)
    values |= {"visit": None, "csrf": "", "menu": ()}
    return _answer(request, speech, template, status, None, values | {"now": app_of(request).clock.now()})


def show_either(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page that looks the same to everybody, with the menu where somebody is signed in."""
    visit = find_visit(request)
    if visit is None:
        return show_to_anybody(request, template, status=status, **values)
    return show(visit, template, status=status, **values)


def _answer(
    request: Request,
    speech: Speech,
    template: str,
    status: int,
    headers: dict[str, str] | None,
    values: dict[str, Any],
) -> Response:
    notice = _notice(request)
    annex: Annex | None = request.app.state.annex
    content = (
        _environment(None if annex is None else annex.templates)
        .get_template(template)
        .render(
            **values,
            _=speech,
            notice=notice,
            path=request.url.path,
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            provider=None if request.app.state.provider is None else request.app.state.provider.name,
            annex=None if annex is None else annex.shown(request, values["visit"]),
        )
    )
    response = HTMLResponse(content, status, _HEADERS | (headers or {}))
    if notice is not None:
        response.delete_cookie(_NOTICE_COOKIE, path="/")
    return response


def go(request: Request, place: str, notice: str | None = None) -> Response:
    """Lead to another page after a form was sent, with a sentence about what came of it."""
    response = RedirectResponse(place, status_code=303, headers={"Cache-Control": "no-store"})
    if notice is not None:
        response.set_cookie(
            _NOTICE_COOKIE,
            urlsafe_b64encode(notice.encode()[:1500]).decode(),
            max_age=60,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
    return response


def own_place(place: str | None, otherwise: str = "/") -> str:
    """Return a place of ours that a page names to be led to; what leads elsewhere is not followed."""
    if place is None or not place.startswith("/") or place.startswith("//") or "\\" in place:
        return otherwise
    parts = urlsplit(place)
    return otherwise if parts.scheme or parts.netloc else place


def _notice(request: Request) -> str | None:
    kept = request.cookies.get(_NOTICE_COOKIE)
    if not kept:
        return None
    try:
        return urlsafe_b64decode(kept.encode()).decode()
    except ValueError:
        return None
