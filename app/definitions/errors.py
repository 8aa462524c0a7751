"""Why a deployment is refused, or a definition cannot be used."""

from app.core.problems import Invalid


class DeploymentRefused(Invalid):
    """At least one file cannot be run as it is drawn; nothing of the deployment was kept."""

    code = "deployment-refused"
    title = "The deployment was refused"


class UnknownDefinition(Invalid):
    """No definition of that key or id holds for the unit."""

    code = "unknown-process-definition"
    title = "There is no such process definition"


class CannotCall(Invalid):
    """What a process calls is missing, or cannot run together with it."""

    code = "cannot-call"
    title = "The process cannot be put together with what it calls"
