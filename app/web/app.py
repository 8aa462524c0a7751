"""The pages as an application inside the service: other answers to the same errors."""

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import exc
from starlette.datastructures import State
from starlette.exceptions import HTTPException

from app.core.problems import Invalid, NotFound, Problem, Unavailable
from app.web import (
    assets,
    case,
    cases,
    deploying,
    diagram,
    inbox,
    many_tasks,
    migrating,
    signing_in,
    sops,
    starting,
    task,
)
from app.web.language import Speech
from app.web.page import own_place, show_either, show_to_anybody
from app.web.refusals import said
from app.web.signing_in import send_again, sign_in_again
from app.web.visit import USUAL_ZONE, SignInFirst, StaleForm, language_of

_log = structlog.get_logger("alur.web")
SCREENS = (signing_in, inbox, cases, starting, case, diagram, deploying, migrating, sops, many_tasks, task, assets)


def pages_app(state: State) -> FastAPI:
    """Return the pages over the parts of the running service."""
    pages = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    pages.state = state
    for screen in SCREENS:
        pages.router.routes.extend(screen.router.routes)
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
    message = said(problem, speech)
    show = show_to_anybody if isinstance(problem, Unavailable) else show_either
    back = own_place(request.headers.get("referer", "").partition(request.headers.get("host", "\0"))[2])
    return show(request, "refused.html", status=problem.status, message=message, problem=problem, back=back)


def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _refusal(request, error)


def _on_wrong_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _refusal(request, Invalid("; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())))


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _refusal(request, NotFound(f"There is nothing at {request.url.path}."))


def _on_database_gone(request: Request, error: Exception) -> Response:
    _log.error("database_unavailable", exc_info=error)
    return _refusal(request, Unavailable("The database does not answer. Nothing was changed; try again."))
