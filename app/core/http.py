"""HTTP for every room: strict bodies, problems for every error, and commands that answer after their commit."""

import contextvars
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from app.core import idempotency, strict_json
from app.core.clock import Clock
from app.core.database import Database
from app.core.idempotency import KeptAnswer, RequestIdentity
from app.core.problems import Invalid, NotFound, Problem, TooLarge, Unavailable
from app.core.unit_of_work import UnitOfWork

MAX_BODY = 1024 * 1024
MAX_UPLOAD = 64 * 1024 * 1024
PROBLEM_JSON = "application/problem+json"

_log = structlog.get_logger("alur.http")
_trace_id: contextvars.ContextVar[str] = contextvars.ContextVar("trace_id", default="")


class ProblemError(BaseModel):
    """One place that is wrong: a JSON pointer into the body or `?name` of a query parameter, or a BPMN element."""

    model_config = ConfigDict(extra="allow")

    pointer: str | None = None
    element_id: str | None = None
    message: str
    line: int | None = None
    column: int | None = None


class ProblemOut(BaseModel):
    """A problem document (RFC 9457)."""

    type: str = Field(examples=["urn:alur:problem:task-already-completed"])
    title: str = Field(examples=["The task is already completed"])
    status: int = Field(examples=[409])
    detail: str
    code: str = Field(examples=["task-already-completed"])
    errors: list[ProblemError]
    trace_id: str


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that may answer with these problems; 401 and 422 always belong to them."""
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in sorted({401, 422, *statuses})
    }


class App(NamedTuple):
    """What every request needs of the running service."""

    database: Database
    clock: Clock


def app_of(request: Request) -> App:
    """Return the parts that `create_app` put together."""
    parts: App = request.app.state.parts
    return parts


def parse_id(text: str, what: str) -> UUID:
    """Return a path's id; what is no id at all names nothing, so it is answered like an unknown one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"There is no {what} '{text[:80]}'.") from None


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(content), status, headers, "application/json")


class Answer(NamedTuple):
    """What a command answers with a status of its own."""

    content: Any
    status: HTTPStatus


def perform(
    request: Request,
    user_name: str,
    work: Callable[[UnitOfWork], Any],
    *,
    status: HTTPStatus = HTTPStatus.OK,
    body: bytes | None = None,
) -> Response:
    """Run a command in its transaction and answer after the commit; with an Idempotency-Key, only once.

    The answer is kept by the command's own transaction, so it is there exactly if the act is. A repeated request is
    recognised when it fails to be kept a second time or when the act is refused because it has been done: the normal
    path pays one INSERT and no look-up. `body` is what stands for the request's body where it was not JSON. `work` may
    return an `Answer` where its status is not the usual one.
    """
    parts = app_of(request)
    identity = _identity_of(request, user_name, body)
    return _json(*_once(parts, identity, work, status))


def perform_each(
    request: Request, user_name: str, works: Mapping[str, Callable[[UnitOfWork], Any]], *, named: str
) -> Response:
    """Run several commands, each in a transaction of its own, and answer with what became of each, failed or done.

    With an Idempotency-Key, each act keeps its own answer, so that a repetition after a break in the middle does
    nothing twice; the whole answer is kept after the last. `named` is the member of a result that holds its name.
    """
    parts = app_of(request)
    identity = _identity_of(request, user_name, None)
    kept = _find(parts, identity)
    if kept is not None:
        return _json(kept, True)
    results: list[dict[str, Any]] = []
    for name, work in works.items():
        part = identity.part(name) if identity is not None else None
        try:
            answer, _ = _once(parts, part, work, HTTPStatus.OK)
            results.append({named: name, "status": int(answer.status), "result": orjson.Fragment(answer.body)})
        except Problem as problem:
            refusal = problem.as_json(_trace_id.get())
            results.append({named: name, "status": int(problem.status), "problem": refusal})
    return _json(*_once(parts, identity, lambda _uow: {"results": results}, HTTPStatus.OK))


def _identity_of(request: Request, user_name: str, body: bytes | None) -> RequestIdentity | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    sent = body if body is not None else getattr(request, "_body", b"")
    return RequestIdentity.of(user_name, key, method=request.method, path=request.url.path, body=sent)


def _find(parts: App, identity: RequestIdentity | None) -> KeptAnswer | None:
    if identity is None:
        return None
    with parts.database.read() as connection:
        return idempotency.find(connection, identity)


def _once(
    parts: App, identity: RequestIdentity | None, work: Callable[[UnitOfWork], Any], status: HTTPStatus
) -> tuple[KeptAnswer, bool]:
    """Return the answer of a command, and whether it was given before."""

    def answered(uow: UnitOfWork) -> KeptAnswer:
        content = work(uow)
        if isinstance(content, Answer):
            answer = KeptAnswer(content.status, orjson.dumps(content.content))
        else:
            answer = KeptAnswer(status, orjson.dumps(content))
        if identity is not None:
            idempotency.keep(uow, identity, answer, parts.clock.now())
        return answer

    try:
        return parts.database.write(answered), False
    except (Problem, sa.exc.IntegrityError):
        kept = _find(parts, identity)
        if kept is None:
            raise
        return kept, True


def _json(answer: KeptAnswer, replayed: bool) -> Response:
    headers = {"Idempotency-Replayed": "true"} if replayed else None
    return Response(answer.body, answer.status, headers, "application/json")


class _StrictRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = strict_json.loads(await self.body())
            except strict_json.JsonRefused as refusal:
                raise Invalid(str(refusal), errors=[{"pointer": "", "message": str(refusal)}]) from refusal
        return self._json


class StrictRoute(APIRoute):
    """A route whose JSON body is read by `strict_json`."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Return FastAPI's handler behind a request that reads its body strictly.

        The body is read before FastAPI does, which would answer 400 to whatever is wrong with it and not say what.
        """
        handler, takes_body = super().get_route_handler(), self.body_field is not None

        async def strict(request: Request) -> Response:
            request = _StrictRequest(request.scope, request.receive)
            if takes_body and await request.body():
                kind = request.headers.get("content-type", "")
                if "json" in kind:
                    await request.json()
                elif b"%00" in await request.body():
                    raise Invalid("A field holds the character NUL.", errors=[{"pointer": "", "message": "NUL."}])
            return await handler(request)

        return strict


Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Threshold:
    """The outermost layer: gives each request its trace id, bounds its body, and sets the headers every answer has.

    A bug ends here too, so that its answer is a problem document with the same headers.
    """

    def __init__(self, app: Callable[[Message, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace_id = uuid4().hex
        _trace_id.set(trace_id)
        headers = dict(scope["headers"])
        multipart = headers.get(b"content-type", b"").startswith(b"multipart/")
        limit = MAX_UPLOAD if multipart else MAX_BODY
        received = 0

        async def bounded_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise TooLarge(f"The body is larger than {limit // 1024} KiB.")
            return message

        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message.get("headers", []),
                    (b"x-trace-id", trace_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
            await send(message)

        refusal = _refusal_at_sight(scope, headers.get(b"content-length", b"0"), limit)
        if refusal is not None:
            await problem_response(refusal)(scope, receive, send_with_headers)
            return
        try:
            await self.app(scope, bounded_receive, send_with_headers)
        except Exception as error:
            if begun:
                raise
            _log.error("unhandled_error", trace_id=trace_id, path=scope["path"], exc_info=error)
            bug = _Bug("The service failed. The trace id leads to the cause in its log.")
            await problem_response(bug)(scope, receive, send_with_headers)


def _refusal_at_sight(scope: Message, length: bytes, limit: int) -> Problem | None:
    """Return why a request need not be looked at: its body is too large, or its address holds NUL, which is nowhere."""
    if length.isdigit() and int(length) > limit:
        return TooLarge(f"The body is larger than {limit // 1024} KiB.")
    if "\0" in scope["path"]:
        return NotFound("There is nothing at this address.")
    if b"%00" in scope["query_string"]:
        names = [name for name, value in parse_qsl(scope["query_string"].decode("latin-1")) if "\0" in name + value]
        message = "This holds the character NUL."
        return Invalid(message, errors=[{"pointer": f"?{name}", "message": message} for name in names])
    return None


def problem_response(problem: Problem) -> Response:
    """Return a problem as an answer."""
    return Response(orjson.dumps(problem.as_json(_trace_id.get())), problem.status, dict(problem.headers), PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Answer every error of an application with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(sa.exc.OperationalError, _on_database_gone)
    app.add_exception_handler(sa.exc.TimeoutError, _on_database_gone)
    app.add_middleware(Threshold)
    _describe_problems(app)


def _describe_problems(app: FastAPI) -> None:
    """Put the problem document among the schemas of the OpenAPI document; the routes refer to it."""
    describe = app.openapi

    def describe_with_problems() -> dict[str, Any]:
        document = describe()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if ProblemOut.__name__ not in schemas:
            described = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= described.pop("$defs") | {ProblemOut.__name__: described}
        return document

    app.openapi = describe_with_problems  # type: ignore[method-assign]


def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


def _on_invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = [{"pointer": _pointer(tuple(fault["loc"])), "message": str(fault["msg"])} for fault in error.errors()]
    what = "; ".join(f"{place['pointer'] or 'body'}: {place['message']}" for place in places[:5])
    return problem_response(Invalid(what, errors=places))


def _pointer(location: tuple[int | str, ...]) -> str:
    origin, *rest = location
    if origin == "body":
        return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in rest)
    return f"?{'.'.join(map(str, rest))}" if origin == "query" else f"{origin}:{'.'.join(map(str, rest))}"


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    if status == HTTPStatus.BAD_REQUEST:
        # What Starlette finds wrong with a form is malformed input like any other.
        return problem_response(Invalid(str(error.detail), errors=[{"pointer": "", "message": str(error.detail)}]))
    details = {
        HTTPStatus.NOT_FOUND: f"There is nothing at {request.url.path}.",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not possible at {request.url.path}.",
    }
    answer = {
        "type": "about:blank",
        "title": status.phrase,
        "status": int(status),
        "detail": details.get(status, str(error.detail)),
        "code": status.phrase.lower().replace(" ", "-"),
        "errors": [],
        "trace_id": _trace_id.get(),
    }
    return Response(orjson.dumps(answer), status, dict(error.headers or {}), PROBLEM_JSON)


def _on_database_gone(_request: Request, error: Exception) -> Response:
    _log.error("database_unavailable", trace_id=_trace_id.get(), exc_info=error)
    return problem_response(Unavailable("The database does not answer. Nothing was changed; try again."))


class _Bug(Problem):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal-error"
    title = "An error inside the service"
