"""Why a task is not done."""

from app.core.problems import Conflict, Forbidden


class TaskAlreadyCompleted(Conflict):
    """Somebody completed it before; `completed_at` and `completed_by` say when and who."""

    code = "task-already-completed"
    title = "The task is already completed"


class TaskNotOpen(Conflict):
    """The task was withdrawn: its process went another way."""

    code = "task-not-open"
    title = "The task is not open any more"


class TaskClaimed(Conflict):
    """Somebody else has taken the task."""

    code = "task-claimed"
    title = "The task is taken"


class MakerDecides(Forbidden):
    """Whoever did the row last to which a decision would send back does not take the decision."""

    code = "maker-may-not-decide"
    title = "Whoever made it does not decide on it"


class NotYourTask(Forbidden):
    """The caller sees the task but does not perform it."""

    code = "not-your-task"
    title = "Somebody else performs this task"
