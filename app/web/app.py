"""The pages as an application inside the service: other answers to the same errors."""

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from sqlalchemy import exc
from starlette.datastructures import FormData, State
from starlette.exceptions import HTTPException

from app.core.problems import Invalid, NotFound, Problem, Unavailable
from app.web import (
    api_page,
    assets,
    case,
    cases,
    deploying,
    diagram,
    inbox,
    many_tasks,
    migrating,
    monitoring,
    people,
    profile,
    signing_in,
    sops,
    starting,
    task,
    trail,
)
from app.web.annex import Annex
from app.web.language import Speech
from app.web.page import own_place, show_either, show_to_anybody
from app.web.refusals import said
from app.web.resending import kept_lines
from app.web.signing_in import send_again, sign_in_again
from app.web.visit import CSRF_FIELD, USUAL_ZONE, SignInFirst, StaleForm, is_own_origin, language_of

_log = structlog.get_logger("alur.web")
# Asked in this order: a page of a fixed name, such as /berkas/mulai, before the one of any name beside it.
SCREENS = (
    signing_in,
    inbox,
    people,
    profile,
    api_page,
    diagram,
    deploying,
    migrating,
    sops,
    monitoring,
    trail,
    cases,
    starting,
    case,
    many_tasks,
    task,
    assets,
)


def pages_app(state: State, annex: Annex | None = None) -> FastAPI:
    """Return the pages over the parts of the running service, with what is built onto them."""
    pages = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    pages.state = state
    pages.state.annex = annex
    routers = [*(screen.router for screen in SCREENS), *([] if annex is None else [annex.router])]
    if state.provider is not None:
        from app.web import provider

        routers.append(provider.router)
    for router in routers:
        pages.router.routes.extend(router.routes)
    pages.router.redirect_slashes = False
    pages.add_exception_handler(SignInFirst, _on_nobody)
    pages.add_exception_handler(StaleForm, _on_stale_form)
    pages.add_exception_handler(Problem, _on_problem)
    pages.add_exception_handler(RequestValidationError, _on_wrong_address)
    pages.add_exception_handler(HTTPException, _on_http_exception)
    pages.add_exception_handler(exc.OperationalError, _on_database_gone)
    pages.add_exception_handler(exc.TimeoutError, _on_database_gone)
    return pages


def _on_nobody(request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInFirst)
    return sign_in_again(request, error.sent)


def _on_stale_form(request: Request, error: Exception) -> Response:
    assert isinstance(error, StaleForm)
    return send_again(request, error.sent)


def _refusal(request: Request, problem: Problem) -> Response:
    speech = Speech(language_of(request), USUAL_ZONE)
    return show_either(
        request,
        "refused.html",
        status=problem.status,
        message=said(problem, speech),
        problem=problem,
        back=_back(request),
        lines=[],
    )


async def _unavailable(request: Request, problem: Unavailable) -> Response:
    """Say that nothing can be done for a moment, with what was typed, to be sent again from this very page."""
    speech = Speech(language_of(request), USUAL_ZONE)
    sent = await request.form() if request.method == "POST" and is_own_origin(request) else FormData()
    return show_to_anybody(
        request,
        "refused.html",
        status=problem.status,
        message=said(problem, speech),
        problem=problem,
        back=_back(request),
        place=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        token=sent.get(CSRF_FIELD, ""),
        lines=kept_lines(sent, speech),
    )


def _back(request: Request) -> str:
    return own_place(request.headers.get("referer", "").partition(request.headers.get("host", "\0"))[2])


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    if isinstance(error, Unavailable):
        return await _unavailable(request, error)
    return await run_in_threadpool(_refusal, request, error)


def _on_wrong_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _refusal(request, Invalid("; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())))


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _refusal(request, NotFound(f"There is nothing at {request.url.path}."))


async def _on_database_gone(request: Request, error: Exception) -> Response:
    _log.error("database_unavailable", exc_info=error)
    return await _unavailable(request, Unavailable("The database does not answer. Nothing was changed; try again."))
