"""What happens to waiting tokens: messages, signals and timers that reach them, errors and escalations around them."""

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from app.engine.catching import catcher
from app.engine.model import Fault, NodeKind
from app.engine.specs import NodeSpec, Token
from app.engine.timers import Timer

if TYPE_CHECKING:
    from app.engine.board import Board

_AWAITS = TaskState.WAITING | TaskState.STARTED


def awaits(token: Token) -> bool:
    """Whether a token is waiting, and not on its way on already."""
    return bool(token._state & _AWAITS)


def waiting_for_signal(board: "Board", name: str) -> list[Token]:
    """The tokens that wait for a signal now."""
    return [token for token in board.live() if token.task_spec.node.signal == name and awaits(token)]


def fire_all(board: "Board", tokens: list[Token]) -> None:
    """Let what all these tokens wait for happen; one that another takes away on the way hears nothing."""
    for token in tokens:
        if board.is_live(token) and awaits(token):
            fire(board, token)


def fire(board: "Board", token: Token) -> None:
    """Let the message, the signal or the timer of a waiting token happen."""
    node = token.task_spec.node
    if node.kind is not NodeKind.BOUNDARY:
        win_race(board, token)
        token._ready()
        return
    board.visits[node.id] += 1
    if node.interrupting:
        host = board.tasks[token.internal_data.pop("host")]
        board.withdraw(host)
        token.internal_data.pop("due", None)
        token._ready()
    else:
        _listen_on(board, token, node.timer)
        board.take(node.outgoing, token.internal_data["scope"])


def win_race(board: "Board", winner: Token) -> None:
    """Take the flow from an event-based gateway to the event that came first, and withdraw the others."""
    race = winner.internal_data.pop("race", None)
    if race is None:
        return
    board.flows_taken[winner.internal_data["flow"]] += 1
    board.visits[winner.task_spec.node.id] += 1
    for token in list(board.live()):
        if token.internal_data.get("race") == race:
            board.withdraw(token)


def throw(board: "Board", token: Token, thrown: Fault) -> bool:
    """Let the innermost boundary event that fits catch what is thrown at a token; False if there is none."""
    host = token
    while True:
        spec: NodeSpec = host.task_spec
        event = catcher((one.node for one in spec.boundary), thrown)
        if event is not None:
            _catch(board, host, event.id, thrown)
            return True
        scope: int = host.internal_data["scope"]
        if not scope:
            return False
        host = board.tasks[scope]


def _catch(board: "Board", host: Token, event: str, thrown: Fault) -> None:
    spec = board.spec.task_specs[event]
    scope = host.internal_data["scope"]
    catching: Fault = spec.node.fault
    if catching.code_variable is not None:
        board.variables[catching.code_variable] = thrown.code
    if catching.message_variable is not None:
        board.variables[catching.message_variable] = thrown.message
    board.visits[event] += 1
    if spec.node.interrupting:
        board.withdraw(host)
        board.place(spec, scope=scope, flow="")._ready()
    else:
        board.take(spec.node.outgoing, scope)


def _listen_on(board: "Board", listener: Token, timer: Timer | None) -> None:
    """Arm a non-interrupting event again: a message or signal always, a cycle while it has repeats left."""
    if timer is None:
        return
    left = listener.internal_data.get("left")
    if left == 1:
        board.withdraw(listener)
        return
    if left is not None:
        listener.internal_data["left"] = left - 1
    due = timer.next_due(listener.due, board.now)
    listener.internal_data["due"] = due.isoformat()
