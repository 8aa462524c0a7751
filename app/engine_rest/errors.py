"""Every refusal in Camunda's form: `{type, message, code}`, and for a deployment the findings with their places."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from app.core.problems import Conflict, Forbidden, Invalid, NotFound, Problem, Unavailable
from app.definitions.errors import DeploymentRefused, UnknownDefinition
from app.identity.errors import NotSignedIn
from app.tasks.errors import TaskClaimed


class NotCorrelated(Invalid):
    """A message that must mean one process instance means none, or several."""

    code = "not-correlated"
    title = "The message cannot be correlated"


# The first class that fits names the type. What is not here is a RestException, as in Camunda.
_TYPES: tuple[tuple[type[Problem], str], ...] = (
    (DeploymentRefused, "ParseException"),
    (NotSignedIn, "AuthenticationException"),
    (Forbidden, "AuthorizationException"),
    (TaskClaimed, "TaskAlreadyClaimedException"),
    (Conflict, "ProcessEngineException"),
    (Unavailable, "ProcessEngineException"),
    (NotFound, "InvalidRequestException"),
    (NotCorrelated, "RestException"),
    (Invalid, "InvalidRequestException"),
)

# What a client may offer to be let in with; each is a header of its own, since not all clients read a list.
CHALLENGES = ('Basic realm="Alur", charset="UTF-8"', 'Bearer realm="Alur"')


def status_of(problem: Problem) -> HTTPStatus:
    """Return the status of a refusal: Camunda answers 400 to what is malformed, where the native API answers 422."""
    if isinstance(problem, UnknownDefinition):
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.BAD_REQUEST if problem.status == HTTPStatus.UNPROCESSABLE_ENTITY else problem.status


def error_json(problem: Problem) -> dict[str, Any]:
    """Return a refusal in Camunda's form; `code` 0 is Camunda's own for what has no number."""
    kind = next((name for cause, name in _TYPES if isinstance(problem, cause)), "RestException")
    answer: dict[str, Any] = {"type": kind, "message": _message(problem), "code": 0}
    if isinstance(problem, DeploymentRefused):
        answer["message"] = _parse_message(problem.errors)
        answer["details"] = _details(problem.errors)
    return answer


def _message(problem: Problem) -> str:
    """Return what a refusal says with the places that it names, for which Camunda's form has no room of their own.

    Who is not let in or may not do a thing reads it in Camunda Modeler's log: Indonesian, with English beside it.
    """
    places = [f"{fault['pointer']}: {fault['message']}" for fault in problem.errors if fault.get("pointer")]
    said = f"{problem.detail_id} / {problem.detail}" if problem.detail_id else problem.detail
    return "; ".join(places[:5]) or said


def _parse_message(findings: Sequence[Mapping[str, Any]]) -> str:
    """Return all errors as one text: the log of Camunda Modeler shows nothing but this."""
    lines = [
        " | ".join(
            [
                f"* {_told(finding)}",
                f"resource {finding['file']}",
                *(f"{name} {finding[name]}" for name in ("line", "column") if finding[name] is not None),
                *([f"element {finding['element_id']}"] if finding["element_id"] is not None else []),
            ]
        )
        for finding in findings
        if finding["severity"] == "error"
    ]
    return "\n".join(["ENGINE-09005 Could not parse BPMN process. Errors: ", *lines])


def _told(finding: Mapping[str, Any]) -> str:
    """Return what is wrong, and what to do about it."""
    return " ".join(text for text in (finding["message"], finding.get("remedy")) if text)


def _details(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for finding in findings:
        resource = found.setdefault(finding["file"], {"errors": [], "warnings": []})
        element = finding["element_id"]
        resource["errors" if finding["severity"] == "error" else "warnings"].append(
            {
                "message": _told(finding),
                "line": finding["line"] or 0,
                "column": finding["column"] or 0,
                "mainElementId": element,
                "elementIds": [] if element is None else [element],
            }
        )
    return found
