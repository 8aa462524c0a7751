"""HTTP in Camunda's words: who calls, what was asked and sent, and how it is answered."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

import orjson
from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from sqlalchemy.engine import Connection

from app.core import strict_json
from app.core.http import app_of, perform
from app.core.problems import Invalid, pointer
from app.core.routes import JSON, Guard, ensure_kind
from app.core.text import Text
from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.identity.basic import BasicCredentials
from app.identity.errors import NotSignedIn
from app.identity.http import directory_of, known_actor, prove, read_actor
from app.identity.office import Actor
from app.tasks.commands import Desk

Given = TypeVar("Given", bound="Words")


class Words(BaseModel):
    """What a client sends or asks, in Camunda's camelCase; what it does not know would be ignored, so it is refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class NoWords(Words):
    """Nothing at all."""


class _Gate(Guard):
    """Lets in who brings a user name and a password (Basic) or an access token (Bearer)."""

    async def admit(self, request: Request) -> None:
        """Find out who calls.

        Raises:
            NotSignedIn: nothing was brought, or nothing that is valid now.
        """
        authorization = request.headers.get("authorization", "")
        if not authorization:
            raise NotSignedIn(
                Text(
                    "Masuklah dengan nama pengguna dan kata sandi (Basic), atau dengan token (Bearer).",
                    "Sign in with a user name and a password (Basic), or with an access token (Bearer).",
                )
            )
        if authorization[:6].lower() == "basic ":
            request.state.actor = await run_in_threadpool(_basic, request, authorization[6:])
            return
        known = known_actor(request.app, authorization)
        request.state.actor = known or await run_in_threadpool(read_actor, request.app, authorization)

    async def __call__(self, request: Request) -> Any:
        """Return the actor."""
        return request.state.actor


def _basic(request: Request, given: str) -> Actor:
    state = request.app.state
    basic: BasicCredentials = state.basic
    database, directory = app_of(request).database, directory_of(request)
    username = basic.username(database, given, state.real_clock.now(), partial(prove, request))
    return directory.cached(username) or directory.actor(username)


Caller = Annotated[Actor, Depends(_Gate())]


class Asked(Generic[Given]):
    """A dependency: the query string as a model; beside a body (`POST` with filters), both together."""

    def __init__(self, model: type[Given]) -> None:
        self.model = model

    async def __call__(self, request: Request) -> Given:
        """Return what was asked.

        A filter that is not known would silently widen the answer, so it is refused, unless its value says that it
        filters nothing: `false`, null or an empty list.
        """
        given: dict[str, Any] = {}
        for name, value in request.query_params.multi_items():
            if name in given:
                raise _invalid(f"?{name}", "This is given more than once.")
            if "\0" in name + value:
                raise _invalid(f"?{name}", "This holds the character NUL.")
            given[name] = value
        sent: Any = request.state.body if request.method == "POST" else {}
        if not isinstance(sent, dict):
            raise _invalid("", "The body must be an object.")
        for name, value in sent.items():
            if name in given:
                raise _invalid(pointer(name), "This is given in the address already.")
            given[name] = value
        known = {field.alias for field in self.model.model_fields.values()}
        return _read(self.model, {name: value for name, value in given.items() if name in known or _filters(value)})


class Sent(Generic[Given]):
    """A dependency: the body as a model; no body is an empty object."""

    def __init__(self, model: type[Given]) -> None:
        self.model = model

    async def __call__(self, request: Request) -> Given:
        """Return what was sent."""
        body = request.state.body
        if not isinstance(body, dict):
            raise _invalid("", "The body must be an object.")
        return _read(self.model, body)


def _filters(value: Any) -> bool:
    """Whether a filter that is not known could have narrowed anything."""
    return not (value is None or value is False or value == "false" or (isinstance(value, list) and not value))


def _read(model: type[Given], given: Mapping[str, Any]) -> Given:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        faults = [
            {"pointer": pointer(*fault["loc"]), "message": _message(fault["type"], fault["msg"])}
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise Invalid("; ".join(fault["message"] for fault in faults[:5]), errors=faults) from error


def _message(kind: str, message: str) -> str:
    return "This is not served here; it would have been ignored." if kind == "extra_forbidden" else message


def _invalid(place: str, message: str) -> Invalid:
    return Invalid(message, errors=[{"pointer": place, "message": message}])


class EngineRoute(APIRoute):
    """A route that lets nobody in before it knows him, and that reads a body strictly before it acts.

    A route that asks nothing refuses a query, and one that takes nothing a body with anything in it; one that describes
    its body itself (`openapi_extra`) reads it itself. A body of GET and DELETE, which some clients send, means nothing.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Return FastAPI's handler behind the guard and the reading."""
        handler = super().get_route_handler()
        calls = [one.call for one in self.dependant.dependencies]
        guards = [call for call in calls if isinstance(call, Guard)]
        asks = any(isinstance(call, Asked) for call in calls)
        own_body = "requestBody" in (self.openapi_extra or {})
        takes = own_body or any(isinstance(call, (Sent, Asked)) for call in calls)
        no_query, no_body = Asked(NoWords), Sent(NoWords)

        async def handle(request: Request) -> Response:
            request = Request(request.scope, request.receive)
            for guard in guards:
                await guard.admit(request)
            request.state.body = {}
            if request.method in ("POST", "PUT") and not own_body:
                request.state.body = await _body(request)
            if not takes:
                await no_body(request)
            if request.scope["query_string"] and not asks:
                await _ensure_unasked(no_query, request)
            return await handler(request)

        return handle


async def _ensure_unasked(no_query: Asked[NoWords], request: Request) -> None:
    body, request.state.body = request.state.body, {}
    await no_query(request)
    request.state.body = body


async def _body(request: Request) -> Any:
    await ensure_kind(request, JSON)
    data = await request.body()
    if not data:
        return {}
    try:
        return strict_json.loads(data)
    except strict_json.JsonRefused as refusal:
        raise _invalid(refusal.pointer, str(refusal)) from refusal


class Asking(NamedTuple):
    """What a query needs: a connection, who asks as he is now, the definitions, the moment, and the request."""

    connection: Connection
    actor: Actor
    catalogue: Catalogue
    now: datetime
    request: Request


def ask(request: Request, actor: Actor, query: Callable[[Asking], Any]) -> Response:
    """Answer a query."""
    parts = app_of(request)
    with parts.database.read() as connection:
        present = directory_of(request).fresh(connection, actor)
        return answer(query(Asking(connection, present, request.app.state.catalogue, parts.clock.now(), request)))


def act(request: Request, actor: Actor, work: Callable[[UnitOfWork, Actor, datetime], Any]) -> Response:
    """Do a command in its transaction and answer with what it returns; with an Idempotency-Key, only once."""
    return _acted(request, actor, work, HTTPStatus.OK)


def act_silently(request: Request, actor: Actor, work: Callable[[UnitOfWork, Actor, datetime], Any]) -> Response:
    """Do a command and answer 204, which the workers' clients take for the only success."""
    done = _acted(request, actor, work, HTTPStatus.NO_CONTENT)
    replayed = {name: value for name, value in done.headers.items() if name == "idempotency-replayed"}
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=replayed)


def _acted(
    request: Request, actor: Actor, work: Callable[[UnitOfWork, Actor, datetime], Any], status: HTTPStatus
) -> Response:
    now = app_of(request).clock.now()

    def in_transaction(uow: UnitOfWork) -> Any:
        return work(uow, directory_of(request).fresh(uow.reader, actor), now)

    return perform(request, actor.username, in_transaction, status=status)


def answer(content: Any, status: int = HTTPStatus.OK) -> Response:
    """Return a JSON answer; its content type has no parameter, since one client compares it as a whole."""
    return Response(orjson.dumps(content), status, media_type=JSON)


def desk_of(request: Request) -> Desk:
    """Return what the commands on tasks need."""
    desk: Desk = request.app.state.desk
    return desk


def catalogue_of(request: Request) -> Catalogue:
    """Return the definitions of the running service."""
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


def base_of(request: Request) -> str:
    """Return the address of the engine as the client called it."""
    return str(request.base_url.replace(path=request.scope["root_path"]))
