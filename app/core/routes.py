"""Routes that take nothing they do not know: the address and the body are read strictly, for every route alike."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.routing import APIRoute

from app.core import strict_json
from app.core.problems import Invalid, pointer

# Where the native interface stands.
API = "/api/v1"

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Guard(ABC):
    """A dependency that decides who comes in; a `StrictRoute` asks it before it reads anything of a request.

    So whoever is not let in does not learn what else was wrong, and nothing that he sends is kept.
    """

    @abstractmethod
    async def admit(self, request: Request) -> None:
        """Raise the problem for which a request is not let in."""

    @abstractmethod
    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return what the dependency stands for, once the request has been let in."""


class StrictRoute(APIRoute):
    """A route that refuses what it would have to ignore, and names each place that is wrong.

    An unknown query parameter, or one given twice, is refused; so is a body of another kind than the route takes, JSON
    that `strict_json` refuses, and a body with anything in it where an act takes none. A route that describes its body
    itself (`openapi_extra`) reads it itself.
    """

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        """Return FastAPI's handler behind a strict reading of the request.

        The body is read before FastAPI does, which would answer 400 to whatever is wrong with it and not say what.
        """
        handler, read = super().get_route_handler(), self._reader()
        guards = [call for one in self.dependant.dependencies if isinstance(call := one.call, Guard)]
        known = sorted(set(_query_names(self.dependant)))

        async def strict(request: Request) -> Response:
            request = _StrictRequest(request.scope, request.receive)
            for guard in guards:
                await guard.admit(request)
            _check_query(request, known)
            if read is not None:
                await read(request)
            try:
                return await handler(request)
            except RequestValidationError as error:
                raise self._refusal(error) from error

        return strict

    def _reader(self) -> Callable[["_StrictRequest"], Awaitable[None]] | None:
        """Return what reads and checks a body before FastAPI does."""
        if self.body_field is not None:
            return _read_form if isinstance(self.body_field.field_info, Form) else _read_json
        takes_none = "POST" in (self.methods or ()) and "requestBody" not in (self.openapi_extra or {})
        return _read_nothing if takes_none else None

    def _refusal(self, error: RequestValidationError) -> Invalid:
        return _invalid([self._fault(fault) for fault in error.errors()])

    def _fault(self, fault: dict[str, Any]) -> dict[str, str]:
        """Return the place of one fault that pydantic found, and what is wrong there."""
        (origin, *steps), message = fault["loc"], str(fault["msg"])
        if origin != "body":
            name = ".".join(map(str, steps))
            return {"pointer": f"?{name}" if origin == "query" else f"{origin}:{name}", "message": message}
        if self.body_field is not None and (decisive := self.body_field.field_info.discriminator):
            # Where a body is one of several kinds, pydantic puts the kind's name before the place, or names none.
            if fault["type"] == "union_tag_not_found":
                steps, message = [decisive], "Field required"
            elif fault["type"] == "union_tag_invalid":
                steps, message = [decisive], f"Input should be one of {fault['ctx']['expected_tags']}"
            else:
                del steps[:1]
        return {"pointer": pointer(*steps), "message": message}


def strict_router(subject: str, prefix: str = API) -> APIRouter:
    """Return a router of strict routes on one subject.

    The service takes its routes as they are (`app.router.routes.extend`): a router that FastAPI includes in another
    looks for the route of each request twice.
    """
    return APIRouter(
        prefix=prefix,
        tags=[subject],
        route_class=StrictRoute,
        generate_unique_id_function=lambda route: route.name,
    )


class _StrictRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_json"):
            try:
                self._json = strict_json.loads(await self.body())
            except strict_json.JsonRefused as refusal:
                raise _invalid([{"pointer": refusal.pointer, "message": str(refusal)}]) from refusal
        return self._json


async def ensure_kind(request: Request, kind: str) -> None:
    """Check that a body is of a media type; no body is of every one.

    Raises:
        Invalid: it is of another; nothing of it is kept.
    """
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given == kind or (kind == JSON and given.startswith("application/") and given.endswith("+json")):
        return
    async for chunk in request.stream():
        if chunk:
            message = f"This takes a body of Content-Type {kind}{f', not {given[:80]}' if given else ''}."
            raise Invalid(message, errors=[{"pointer": "header:Content-Type", "message": message}])
    request._body = b""


async def _read_json(request: _StrictRequest) -> None:
    await ensure_kind(request, JSON)
    if await request.body():
        await request.json()


async def _read_nothing(request: _StrictRequest) -> None:
    await ensure_kind(request, JSON)
    if not await request.body():
        return
    given = await request.json()
    if not isinstance(given, dict):
        raise _invalid([{"pointer": "", "message": "This act takes no body, or an empty object."}])
    if given:
        raise _invalid({"pointer": pointer(name), "message": "This act takes no fields."} for name in given)


async def _read_form(request: _StrictRequest) -> None:
    await ensure_kind(request, FORM)
    check_fields(value for value in (await request.form()).multi_items() if isinstance(value[1], str))


def check_fields(fields: Iterable[tuple[str, Any]]) -> None:
    """Check the names and texts of a form.

    Raises:
        Invalid: one is given twice or holds the character NUL.
    """
    fields = [(name, str(value)) for name, value in fields]
    faults = list(_faults(fields, pointer))
    if faults:
        raise _invalid(faults)


def _check_query(request: Request, known: list[str]) -> None:
    if not request.scope["query_string"]:
        return
    given = request.query_params.multi_items()
    remedy = f"There are: {', '.join(known)}." if known else "This address takes none."
    faults = [
        {"pointer": f"?{name}", "message": f"There is no such parameter here. {remedy}"}
        for name in dict.fromkeys(name for name, _ in given)
        if name not in known
    ]
    faults += _faults([(name, value) for name, value in given if name in known], lambda name: f"?{name}")
    if faults:
        raise _invalid(faults)


def _faults(fields: list[tuple[str, str]], place: Callable[[str], str]) -> Iterator[dict[str, str]]:
    for name, times in Counter(name for name, _ in fields).items():
        if times > 1:
            yield {"pointer": place(name), "message": "This is given more than once."}
    for name in dict.fromkeys(name for name, value in fields if "\0" in name + value):
        yield {"pointer": place(name), "message": "This holds the character NUL."}


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _query_names(inner)


def _invalid(faults: Iterable[dict[str, str]]) -> Invalid:
    errors = list(faults)
    return Invalid("; ".join(f"{one['pointer'] or 'body'}: {one['message']}" for one in errors[:5]), errors=errors)
