"""What the OpenAPI document says beside what FastAPI finds out: problems, kept answers, tags and links."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

PROBLEM_JSON = "application/problem+json"


class ProblemError(BaseModel):
    """One place that is wrong: a JSON pointer into the body, `?name` of a query parameter, or a BPMN element."""

    model_config = ConfigDict(extra="allow")

    pointer: str | None = Field(default=None, examples=["/variables/tahun", "?sort", "header:Content-Type"])
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


def polled(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route whose answer has an ETag, and which may answer with these problems."""
    return {304: {"description": "Nothing has changed since the answer with this tag"}, **problems(*statuses)}


def describe(app: FastAPI) -> None:
    """Complete an application's OpenAPI document by what follows from the rest of it."""
    first = app.openapi

    def complete() -> dict[str, Any]:
        document = first()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if ProblemOut.__name__ not in schemas:
            described = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas |= described.pop("$defs") | {ProblemOut.__name__: described}
            for methods in document["paths"].values():
                for method, operation in methods.items():
                    _complete(method, operation)
        return document

    app.openapi = complete  # type: ignore[method-assign]


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Of the client's choosing, new for each act. A repetition with the same key and body within 24 "
    "hours acts no second time and is answered as the first was; with another body it is refused.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "2f1c7a52-6f0e-4c53-9d0e-5b8f5f8f2c11",
}
_REPLAYED = {"description": "This answer was given before", "schema": {"type": "string", "const": "true"}}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the answer that the client has; where nothing has changed since, there is no other.",
    "schema": {"type": "string"},
    "example": 'W/"0f1e2d3c4b5a69788796a5b4"',
}
_ETAG = {"description": "The weak tag of this answer", "schema": {"type": "string"}}
_LINK = {"description": 'The address of the next page, `rel="next"`; absent at the end', "schema": {"type": "string"}}


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Add what every operation of its kind has: one that acts, one that is polled, one that lists, one with a body."""
    parameters, responses = operation.setdefault("parameters", []), operation["responses"]
    responses.update({str(status): answer for status, answer in problems(503).items() if status == 503})
    successes = [answer for status, answer in responses.items() if status.startswith("2")]
    if method == "post" and "security" in operation:
        parameters.append(_IDEMPOTENCY_KEY)
        for answer in successes:
            answer.setdefault("headers", {})["Idempotency-Replayed"] = _REPLAYED
    if "requestBody" in operation:
        responses.update({str(status): answer for status, answer in problems(413).items() if status == 413})
    if any(parameter["name"] == "cursor" for parameter in parameters):
        for answer in successes:
            answer.setdefault("headers", {})["Link"] = _LINK
    if "304" in responses:
        parameters.append(_IF_NONE_MATCH)
        for answer in (*successes, responses["304"]):
            answer.setdefault("headers", {})["ETag"] = _ETAG
