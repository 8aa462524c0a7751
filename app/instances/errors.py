"""Why an instance is not moved."""

from app.core.problems import Conflict, Invalid, NotFound


class InstanceNotActive(Conflict):
    """The instance is suspended or has ended."""

    code = "instance-not-active"
    title = "The process instance is not active"


class CannotMove(Invalid):
    """The engine cannot move the instance with these values; `errors` names the element."""

    code = "cannot-move"
    title = "The process cannot go on with these values"


class NothingCorrelated(NotFound):
    """No instance waits for the message."""

    code = "message-not-awaited"
    title = "Nothing waits for this message"
