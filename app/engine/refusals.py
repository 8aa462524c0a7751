"""Why the engine refuses to move an instance; nothing has changed when one of these is raised."""


class EngineRefusal(Exception):
    """The instance cannot move like this. `element_id` names the node at fault where there is one."""

    def __init__(self, message: str, element_id: str | None = None) -> None:
        super().__init__(message)
        self.element_id = element_id


class NotComposed(EngineRefusal):
    """The process calls another one that it was not composed with, so it cannot run."""

    def __init__(self, element_id: str) -> None:
        super().__init__(f"The call '{element_id}' was not composed with the process that it calls.", element_id)


class TokenNotOpen(EngineRefusal):
    """The token is no open task of this kind in this state: it was completed, withdrawn, or never existed."""

    def __init__(self, token: int, kind: str = "user") -> None:
        super().__init__(f"Token {token} is no open {kind} task.")


class NothingWaits(EngineRefusal):
    """No token of the instance waits for the message."""

    def __init__(self, message: str) -> None:
        super().__init__(f"Nothing waits for the message '{message}'.")


class NothingCatches(EngineRefusal):
    """No boundary event around an external task catches the error that its worker raised."""

    def __init__(self, element_id: str, code: str) -> None:
        super().__init__(f"Nothing around '{element_id}' catches the error '{code}'.", element_id)


class CannotRepeat(EngineRefusal):
    """A multi-instance task cannot tell how often it is done, with what, or whether it is complete."""

    def __init__(self, element_id: str, reason: str) -> None:
        super().__init__(f"The task '{element_id}' cannot be repeated: {reason}", element_id)


class NoFlowMatches(EngineRefusal):
    """A gateway could not choose a flow: no condition holds, or one could not be evaluated."""

    def __init__(self, element_id: str, reason: str) -> None:
        super().__init__(f"The gateway '{element_id}' could not choose a flow: {reason}", element_id)


class TooMuchWork(EngineRefusal):
    """One command would take more than its share of steps, tokens or time."""


class StateNotReadable(EngineRefusal):
    """The bytes are no state that this version of the engine has written."""


class TimerOutOfBounds(EngineRefusal):
    """A timer's date is further ahead than a timer may be."""


class VariablesNotKept(EngineRefusal):
    """A variable holds something that JSON cannot express, so it could not be kept."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"A variable cannot be kept: {reason}.")
