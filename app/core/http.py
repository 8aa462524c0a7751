"""HTTP for every room: what addresses hold, problems for every error, and commands that answer after their commit."""

import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import orjson
import sqlalchemy as sa
import structlog
from fastapi import FastAPI, Query, Request, Response
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.core import idempotency, metrics, openapi, paging, trace
from app.core.clock import Clock, SystemClock
from app.core.database import Database
from app.core.draining import Draining
from app.core.guards import guarded
from app.core.idempotency import KeptAnswer, RequestIdentity
from app.core.openapi import PROBLEM_JSON
from app.core.problems import Invalid, MethodNotAllowed, NotFound, Problem, TooLarge, Unavailable
from app.core.proxies import BY_TRUSTED_PROXY
from app.core.request_log import RequestLog
from app.core.unit_of_work import UnitOfWork

MAX_BODY = 1024 * 1024
MAX_UPLOAD = 64 * 1024 * 1024

_log = structlog.get_logger("alur.http")


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


def _moment(given: Any) -> Any:
    """Return the moment that a text of RFC 3339 names, in UTC."""
    if not isinstance(given, str):
        return given
    try:
        if _RFC_3339.fullmatch(given):
            return paging.in_utc(datetime.fromisoformat(given.upper()))
        message = "Write a date-time of RFC 3339"
        if _DATE.fullmatch(given):
            message = "A date alone is no moment: add a time and a zone"
        elif _RFC_3339.fullmatch(f"{given}Z"):
            message = "Add a time zone"
        elif _RFC_3339.fullmatch(given[::-1].replace(" ", "+", 1)[::-1]):
            message = "In an address, write + as %2B"
        message += ", for example 2026-08-17T08:00:00+07:00 or 2026-08-17T01:00:00Z."
    except ValueError:
        message = "There is no such date and time in the years 1 to 9999, told in UTC."
    raise PydanticCustomError("moment", "{message}", {"message": message})


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_RFC_3339 = re.compile(_DATE.pattern + r"[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)", re.ASCII)

# What query strings hold. An empty text is none: it would name nothing.
Limit = Annotated[int, Query(ge=1, le=paging.MOST, description="How many items a page holds at most.")]
Cursor = Annotated[
    str | None, Query(max_length=2000, description="`next_cursor` of the page before, in the same order.")
]
Named = Annotated[str | None, Query(min_length=1, max_length=600)]
Words = Annotated[str | None, Query(max_length=200, description="Words, or how they begin; all must be found.")]
Moment = Annotated[
    datetime | None,
    BeforeValidator(_moment),
    Query(description="A date-time of RFC 3339 with its zone.", examples=["2026-08-17T08:00:00+07:00"]),
]


def sorted_by(fields: Iterable[str]) -> Any:
    """Return the parameter `sort` of a list that has these orders; an unknown one is refused by `paging.parse_sort`."""
    return Query(
        description=f"One of {', '.join(fields)}; a minus in front turns it round.", examples=[f"-{next(iter(fields))}"]
    )


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(content), status, headers, "application/json")


def page_response(request: Request, page: Mapping[str, Any]) -> Response:
    """Return a page of a list, with the link to the next."""
    return json_response(page, headers=next_link(request, page))


def next_link(request: Request, page: Mapping[str, Any]) -> dict[str, str]:
    """Return the header that leads to the next page, if the answer is a page and there is one."""
    cursor = page.get("next_cursor")
    return {} if cursor is None else {"Link": f'<{request.url.include_query_params(cursor=cursor)}>; rel="next"'}


def names_tag(request: Request, tag: str) -> bool:
    """Whether a client has the answer with this tag already (If-None-Match, compared weakly)."""
    given = request.headers.get("if-none-match", "")
    return tag.removeprefix("W/") in {one.strip().removeprefix("W/") for one in given.split(",")}


def has_any(request: Request) -> bool:
    """Whether a client asks for an answer only if there is none at all (If-None-Match: *)."""
    return request.headers.get("if-none-match", "").strip() == "*"


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
    return _json(*perform_once(parts, identity, work, status))


def perform_each(
    request: Request,
    user_name: str,
    works: Mapping[str, Callable[[UnitOfWork], Any]],
    *,
    named: str,
    beside: Mapping[str, Any] | None = None,
) -> Response:
    """Run several commands, each in a transaction of its own, and answer with what became of each, failed or done.

    With an Idempotency-Key, each act keeps its own answer, so that a repetition after a break in the middle does
    nothing twice; the whole answer is kept after the last. `named` is the member of a result that holds its name;
    `beside` is what the answer says beside the results.
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
            answer, _ = perform_once(parts, part, work, HTTPStatus.OK)
            results.append({named: name, "status": int(answer.status), "result": orjson.Fragment(answer.body)})
        except Problem as problem:
            refusal = problem.as_json(trace.current_id())
            results.append({named: name, "status": int(problem.status), "problem": refusal})
    return _json(*perform_once(parts, identity, lambda _uow: {"results": results, **(beside or {})}, HTTPStatus.OK))


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


def perform_once(
    parts: App, identity: RequestIdentity | None, work: Callable[[UnitOfWork], Any], status: HTTPStatus
) -> tuple[KeptAnswer, bool]:
    """Run a command in its transaction, once for each identity; return its answer, and whether it was given before."""

    def answered(uow: UnitOfWork) -> KeptAnswer:
        content = work(uow)
        if isinstance(content, Answer):
            answer = KeptAnswer(content.status, orjson.dumps(content.content))
        else:
            answer = KeptAnswer(status, orjson.dumps(content))
        if identity is not None:
            idempotency.keep(uow, identity, answer, SystemClock().now())
        return answer

    try:
        return parts.database.write(answered), False
    except (Problem, sa.exc.IntegrityError):
        kept = _find(parts, identity)
        if kept is None:
            raise
        return kept, True


def _json(answer: KeptAnswer, replayed: bool) -> Response:
    if replayed:
        metrics.REPLAYS.inc()
    headers = {"Idempotency-Replayed": "true"} if replayed else None
    return Response(answer.body, answer.status, headers, "application/json")


Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Threshold:
    """The outermost layer: gives each request its trace id, bounds its body, and sets the headers every answer has.

    A trusted proxy may have given it one already (`traceparent`). HEAD is answered as GET would be, without the body. A
    bug ends here too, so that its answer is a problem document with the same headers. Every request is counted and
    leaves a line in the log when it is over. A server that is about to stop asks its clients to connect anew.
    """

    def __init__(
        self, app: Callable[[Message, Receive, Send], Awaitable[None]], log: RequestLog, draining: Draining
    ) -> None:
        self.app = app
        self._log = log
        self._draining = draining

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun_at = time.perf_counter()
        headers = dict(scope["headers"])
        given = headers.get(b"traceparent") if scope.get(BY_TRUSTED_PROXY) else None
        here = trace.begin(trace.id_of(given) if given is not None else None)
        method = scope["method"]
        only_head = scope["method"] == "HEAD"
        if only_head:
            scope = {**scope, "method": "GET"}
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

        status, is_whole = 0, False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, is_whole
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *guarded(message.get("headers", [])),
                    (b"x-trace-id", here.id.encode()),
                    *([(b"connection", b"close")] if self._draining.begun else []),
                ]
            elif only_head:
                message = {**message, "body": b""}
            await send(message)
            is_whole = message["type"] == "http.response.body" and not message.get("more_body")

        refusal = _refusal_at_sight(scope, headers.get(b"content-length", b"0"), limit)
        try:
            if refusal is not None:
                await problem_response(refusal)(scope, receive, send_with_headers)
            else:
                await self.app(scope, bounded_receive, send_with_headers)
        except ClientDisconnect:
            # Who has gone hears no answer, and is no fault of the service: counted without a status.
            status = 0
        except Exception as error:
            if status and not is_whole:
                raise
            _log.error("unhandled_error", path=scope["path"], exc_info=error)
            if is_whole:
                # The pages have an answer of their own for it, and pass it on.
                return
            bug = _Bug("The service failed. The trace id leads to the cause in its log.")
            await problem_response(bug)(scope, receive, send_with_headers)
        finally:
            seconds, route = time.perf_counter() - begun_at, _template(scope, status)
            metrics.requests_of(method, route, status).observe(seconds)
            self._log.write(here, method, route, status, seconds, _user(scope))


def _template(scope: Message, status: int) -> str:
    """Return the template of the route that answered; a poll that was met before the routes has none."""
    route = scope.get("route")
    path: str | None = getattr(route, "path", None)
    if path is None:
        return "(unchanged)" if status == HTTPStatus.NOT_MODIFIED else "(none)"
    return f"{scope.get('root_path', '')}{path}"


def _user(scope: Message) -> str:
    """Return who made a request, empty where nobody was let in."""
    actor = scope.get("state", {}).get("actor")
    return getattr(actor, "username", "")


def _refusal_at_sight(scope: Message, length: bytes, limit: int) -> Problem | None:
    """Return why a request need not be looked at: its body is too large, or its path holds NUL, as nothing does."""
    if length.isdigit() and int(length) > limit:
        return TooLarge(f"The body is larger than {limit // 1024} KiB.")
    if "\0" in scope["path"]:
        return NotFound("There is nothing at this address.")
    return None


def problem_response(problem: Problem) -> Response:
    """Return a problem as an answer."""
    return Response(
        orjson.dumps(problem.as_json(trace.current_id())), problem.status, dict(problem.headers), PROBLEM_JSON
    )


def install(app: FastAPI, log: RequestLog, draining: Draining) -> None:
    """Answer every error of an application with a problem document, and log and count its requests."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(sa.exc.OperationalError, _on_database_gone)
    app.add_exception_handler(sa.exc.TimeoutError, _on_database_gone)
    app.add_middleware(Threshold, log=log, draining=draining)
    # What stands behind a last slash has an empty name, and nothing is called that.
    app.router.redirect_slashes = False
    openapi.describe(app)


def _on_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


def _on_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the framework finds wrong as everything else is answered."""
    assert isinstance(error, HTTPException)
    problem: Problem
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            problem = NotFound(f"There is nothing at {request.url.path}.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            problem = MethodNotAllowed(f"{request.method} is not possible at {request.url.path}.")
            allowed = {one.strip() for one in (error.headers or {}).get("Allow", "").split(",")}
            problem.headers = {"Allow": ", ".join(sorted({*allowed, "HEAD"} if "GET" in allowed else allowed))}
        case HTTPStatus.BAD_REQUEST:
            # A form that cannot be read is malformed input like any other.
            problem = Invalid(str(error.detail), errors=[{"pointer": "", "message": str(error.detail)}])
        case _:
            raise error
    return problem_response(problem)


def _on_database_gone(_request: Request, error: Exception) -> Response:
    _log.error("database_unavailable", exc_info=error)
    return problem_response(Unavailable("The database does not answer. Try again, with the same Idempotency-Key."))


class _Bug(Problem):
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal-error"
    title = "An error inside the service"
