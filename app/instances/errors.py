"""Why an instance is not moved."""

from app.core.problems import Conflict, Invalid, NotFound
from app.instances.models import InstanceStatus

WHY_NOT_ACTIVE = {
    InstanceStatus.SUSPENDED: "The process instance is suspended.",
    InstanceStatus.COMPLETED: "The process instance is completed.",
    InstanceStatus.CANCELLED: "The process instance was cancelled.",
    InstanceStatus.INCIDENT: "The process instance has an incident.",
}


class InstanceNotActive(Conflict):
    """The instance is suspended or has ended."""

    code = "instance-not-active"
    title = "The process instance is not active"


class NotYetInForce(Invalid):
    """The version of the process takes effect on a later day."""

    code = "not-yet-in-force"
    title = "The process definition is not in force yet"


class CannotMove(Invalid):
    """The engine cannot move the instance with these values; `errors` names the element."""

    code = "cannot-move"
    title = "The process cannot go on with these values"


class MigrationRefused(Conflict):
    """The instance cannot go to that version from where it is; `errors` says of each element why and what to do."""

    code = "migration-refused"
    title = "The process instance cannot be migrated like this"


class MoveRefused(Conflict):
    """The process could not have come to where the task would be opened; `errors` names the element."""

    code = "move-refused"
    title = "The task cannot be moved there"


class NoIncident(Conflict):
    """There is no incident to try again."""

    code = "no-incident"
    title = "The process instance has no incident"


class NothingCorrelated(NotFound):
    """No instance waits for the message."""

    code = "message-not-awaited"
    title = "Nothing waits for this message"


class LockedByAnother(Invalid):
    """The external task is not the worker's who acts on it."""

    code = "locked-by-another"
    title = "Another worker has this task"
