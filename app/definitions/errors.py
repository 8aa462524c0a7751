"""Why a deployment is refused, or a definition cannot be used."""

from collections.abc import Sequence

from app.core.problems import Invalid
from app.engine import Finding


class DeploymentRefused(Invalid):
    """At least one file cannot be run as it is drawn; nothing of the deployment was kept."""

    code = "deployment-refused"
    title = "The deployment was refused"


class UnknownDefinition(Invalid):
    """No definition of that key or id holds for the unit."""

    code = "unknown-process-definition"
    title = "There is no such process definition"


class CannotCall(Invalid):
    """What a process calls is missing, or cannot run together with it; `errors` says at each call why."""

    code = "cannot-call"
    title = "The process cannot be put together with what it calls"

    def __init__(self, key: str, findings: Sequence[Finding]) -> None:
        said = (f"Call activity '{one.element_id}': {one.text.en} {one.remedy.en}" for one in findings)
        errors = [
            {
                "element_id": one.element_id,
                "code": one.code,
                "message": one.text.id,
                "message_en": one.text.en,
                "remedy": one.remedy.id,
                "remedy_en": one.remedy.en,
            }
            for one in findings
        ]
        super().__init__(f"The process '{key}' cannot run with what it calls. {' '.join(said)}", errors=errors)
