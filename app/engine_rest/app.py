"""The REST API of Camunda 7 as an application inside the service: other words, other errors, the same commands."""

from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from sqlalchemy import exc
from starlette.datastructures import State
from starlette.exceptions import HTTPException

from app.core.http import Message, Receive, Send
from app.core.problems import Invalid, Problem, Unavailable
from app.engine_rest import definitions, deployments, external, fetching, general, history, instances, messages, tasks
from app.engine_rest.errors import CHALLENGES, error_json, status_of
from app.engine_rest.http import answer
from app.engine_rest.mount import open_to_modeler
from app.identity.errors import NotSignedIn

_log = structlog.get_logger("alur.engine_rest")
PARTS = (tasks, fetching, external, instances, definitions, deployments, messages, history, general)


def engine_app(state: State) -> FastAPI:
    """Return Camunda's REST API over the parts of the running service."""
    engine = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    engine.state = state
    for part in PARTS:
        engine.include_router(part.router)
    engine.router.redirect_slashes = False
    engine.add_exception_handler(Problem, _on_problem)
    engine.add_exception_handler(HTTPException, _on_http_exception)
    engine.add_exception_handler(exc.OperationalError, _on_database_gone)
    engine.add_exception_handler(exc.TimeoutError, _on_database_gone)
    engine.add_middleware(_Bugs)
    open_to_modeler(engine)
    return engine


class _Bugs:
    """Answers what nobody foresaw in Camunda's form, and logs it."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if begun:
                raise
            _log.error("unhandled_error", path=scope["path"], exc_info=error)
            await answer(_error("The service failed; its log says why."), 500)(scope, receive, send)


def _error(message: str) -> dict[str, Any]:
    return {"type": "RestException", "message": message, "code": 0}


def _refusal(problem: Problem) -> Response:
    response = answer(error_json(problem), status_of(problem))
    if isinstance(problem, NotSignedIn):
        for challenge in CHALLENGES:
            response.headers.append("WWW-Authenticate", challenge)
    else:
        response.headers.update(problem.headers)
    return response


def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return _refusal(error)


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 404:
            return answer(_error(f"Alur does not serve {request.url.path}."), 404)
        case 400:
            return _refusal(Invalid(str(error.detail)))
        case status:
            response = answer(_error(f"{request.method} {request.url.path}: {error.detail}."), status)
            response.headers.update(error.headers or {})
            return response


def _on_database_gone(_request: Request, error: Exception) -> Response:
    _log.error("database_unavailable", exc_info=error)
    return _refusal(Unavailable("The database does not answer. Nothing was changed; try again."))
