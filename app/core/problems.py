"""Refusals as people and programs read them: problem details (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from app.core.text import Text


def pointer(*parts: str | int) -> str:
    """Return the JSON pointer (RFC 6901) to a place in a body; without parts, to the whole of it.

    Half of a surrogate pair, which no answer can hold, becomes a question mark.
    """
    escaped = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)
    return escaped.encode(errors="replace").decode()


class Problem(Exception):
    """A refusal with a stable `code`, a status and a sentence for people.

    Packages subclass this in their own `errors.py`. Anything that is not a `Problem` is a bug: it is logged with its
    traceback and answered as 500 without a word about its inside. `errors` names each place that is wrong, as
    `{pointer | element_id, message, line?, column?}`; in a body the pointer is made by `pointer`, in an address it is
    `?name`, in the head `header:Name`. What is said in Indonesian too is shown to officials where a client shows them
    the refusal itself (`detail_id`, else empty).
    """

    status: ClassVar[HTTPStatus]
    code: ClassVar[str]
    title: ClassVar[str]
    headers: Mapping[str, str] = {}

    def __init__(self, detail: str | Text, *, errors: Sequence[Mapping[str, Any]] = (), **members: Any) -> None:
        said = detail if isinstance(detail, Text) else Text("", detail)
        super().__init__(said.en)
        self.detail = said.en
        self.detail_id = said.id
        self.errors = list(errors)
        self.members = members

    def as_json(self, trace_id: str) -> dict[str, Any]:
        """Return the problem document."""
        return {
            "type": f"urn:alur:problem:{self.code}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
            "code": self.code,
            "errors": self.errors,
            "trace_id": trace_id,
            **self.members,
        }


class NotFound(Problem):
    """There is no such thing, or the caller may not know of it."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"
    title = "Not found"


class Forbidden(Problem):
    """The caller may see it, but not do this."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"
    title = "Not allowed"


class Invalid(Problem):
    """The request is malformed or holds a wrong value; `errors` names the places."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid"
    title = "The request is not valid"


class MethodNotAllowed(Problem):
    """There is something at this address, but it is not asked for in this way; the header Allow says how."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method-not-allowed"
    title = "Not possible at this address"


class Conflict(Problem):
    """The thing is not in a state that allows this."""

    status = HTTPStatus.CONFLICT
    code = "conflict"
    title = "Not possible in the present state"


class TooLarge(Problem):
    """More was sent than is accepted."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too-large"
    title = "Too large"


class Unavailable(Problem):
    """The service cannot do its work for a moment; nothing was done."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"
    title = "Not available at the moment"
    headers: Mapping[str, str] = {"Retry-After": "5"}
