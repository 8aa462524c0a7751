"""Would the random proof find it? Faults put into the engine itself, each of which has to show.

The first is no invention: SpiffWorkflow's own join, which decides by searching the tree of all tasks so far. Here tasks
are forgotten when they finish, so the tree is kept for it first (`the past is kept`): tokens hang below the token that
they came from and stay when they are finished. That alone changes nothing that can be seen; with SpiffWorkflow's method
called on it to decide a parallel join, rework loops go wrong.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random
from typing import Any

import pytest
from SpiffWorkflow.bpmn.specs.mixins.parallel_gateway import ParallelGateway
from SpiffWorkflow.util.task import TaskState

from app.engine import state
from app.engine.activity_specs import HostSpec
from app.engine.board import Board
from app.engine.execution import Execution
from app.engine.model import Flow
from app.engine.specs import InclusiveSpec, NodeSpec, ParallelSpec, Token
from app.engine.state import SavedToken, State
from tests.engine.blocks import NOTHING, Parallel, RandomProcess, Rework, UserTask, Variable
from tests.engine.engine_player import InMemory, ThroughBytes
from tests.engine.random_play import CROWDING, Manner, Tally, find_difference, play
from tests.engine.random_processes import RETURNING, Shape

Patch = pytest.MonkeyPatch

LOOPS = Shape(plain_ids=True, loop_outermost=True)
SEQUENCES = 600

DECIDES = Variable("ulang", ("dikembalikan", "setuju"))
PARALLEL_REWORK = RandomProcess(
    Rework(
        Parallel((UserTask(), UserTask())),
        DECIDES,
        again="${ulang == 'dikembalikan'}",
        onwards="${ulang == 'setuju'}",
        redo=NOTHING,
    ),
    (DECIDES,),
    names=1,
)


def keep_the_past(patch: Patch) -> None:
    """Let the tree grow as SpiffWorkflow's own does."""
    advance, place, withdraw = Execution.advance, Execution.place, Execution.withdraw
    came_from: dict[int, Token] = {}

    def advance_below(self: Execution, token: Token, flows: Iterable[Flow]) -> None:
        came_from[id(self)] = token
        advance(self, token, flows)
        del came_from[id(self)]

    def place_below(self: Execution, spec: NodeSpec, **noted: Any) -> Token:
        token = place(self, spec, **noted)
        parent = came_from.get(id(self))
        if parent is not None:
            self.task_tree._children.remove(token.id)
            token.parent = parent
            parent._children.append(token.id)
        return token

    def withdraw_what_lives(self: Execution, token: Token) -> None:
        if token.has_state(TaskState.NOT_FINISHED_MASK):
            withdraw(self, token)

    # Else SpiffWorkflow would let the children, which have arrived by then, arrive once more.
    patch.setattr(NodeSpec, "_on_complete", NodeSpec._on_complete_hook)
    patch.setattr(Execution, "advance", advance_below)
    patch.setattr(Execution, "place", place_below)
    patch.setattr(Execution, "withdraw", withdraw_what_lives)
    patch.setattr(Execution, "forget", lambda self, token: None)


def join_as_spiffworkflow_does(patch: Patch) -> None:
    def arrive(self: ParallelSpec, token: Token, execution: Execution) -> bool:
        fires = bool(ParallelGateway._check_threshold_unstructured(self, token))
        for other in list(execution.tokens_at(self, token.internal_data["scope"])):
            other._set_state(TaskState.CANCELLED)
        if not fires:
            token._set_state(TaskState.WAITING)
        return fires

    patch.setattr(ParallelSpec, "arrive", arrive)


def plays_that_differ(count: int) -> int:
    """How many of some random plays of a parallel block in a rework loop part from the model."""
    manner = Manner(returns=0.7)
    return sum(
        play(InMemory, PARALLEL_REWORK, Random(seed), shape=LOOPS, manner=manner, tally=Tally()) is not None
        for seed in range(count)
    )


class TestTheJoinOfSpiffWorkflow:
    def test_goes_wrong_in_rework_loops(self, monkeypatch: Patch) -> None:
        keep_the_past(monkeypatch)
        join_as_spiffworkflow_does(monkeypatch)

        assert plays_that_differ(100) > 20

    def test_is_found_in_random_processes(self, monkeypatch: Patch) -> None:
        keep_the_past(monkeypatch)
        join_as_spiffworkflow_does(monkeypatch)

        assert find_difference(InMemory, SEQUENCES, 1, shape=LOOPS, make_smaller=False) is not None

    def test_is_at_fault_and_not_the_past_that_is_kept_for_it(self, monkeypatch: Patch) -> None:
        keep_the_past(monkeypatch)

        assert plays_that_differ(100) == 0
        difference = find_difference(InMemory, 200, 1, shape=LOOPS, make_smaller=False)
        assert difference is None, str(difference)

    def test_is_not_the_engines(self) -> None:
        assert plays_that_differ(100) == 0
        difference = find_difference(ThroughBytes, 200, 1, shape=LOOPS, make_smaller=False)
        assert difference is None, str(difference)


def a_parallel_join_swallows_tokens_in_excess(patch: Patch) -> None:
    def arrive(self: ParallelSpec, token: Token, execution: Execution) -> bool:
        token._set_state(TaskState.WAITING)
        waiting = list(execution.tokens_at(self, token.internal_data["scope"]))
        if len({other.internal_data["flow"] for other in waiting}) == len(self.node.incoming):
            execution.merge(waiting)
        return False

    patch.setattr(ParallelSpec, "arrive", arrive)


def a_parallel_join_counts_tokens_and_not_flows(patch: Patch) -> None:
    def arrive(self: ParallelSpec, token: Token, execution: Execution) -> bool:
        token._set_state(TaskState.WAITING)
        waiting = list(execution.tokens_at(self, token.internal_data["scope"]))
        if len(waiting) == len(self.node.incoming):
            execution.merge(waiting)
        return False

    patch.setattr(ParallelSpec, "arrive", arrive)


def a_join_takes_tokens_of_any_scope(patch: Patch) -> None:
    def tokens_at(self: Execution, spec: NodeSpec, scope: int) -> list[Token]:
        return [task for task in self.tasks.values() if task.task_spec is spec and task._state == TaskState.WAITING]

    patch.setattr(Execution, "tokens_at", tokens_at)


def an_inclusive_join_fires_at_once(patch: Patch) -> None:
    patch.setattr(InclusiveSpec, "arrive", lambda self, token, execution: True)


def an_inclusive_join_waits_for_whatever_lives(patch: Patch) -> None:
    def may_still_come(board: Board, gateway: InclusiveSpec, scope: int, filled: frozenset[str]) -> bool:
        return any(task.task_spec is not gateway for task in board.live())

    patch.setattr("app.engine.joins.may_still_come", may_still_come)


def an_inclusive_join_does_not_see_boundary_events(patch: Patch) -> None:
    def may_still_come(board: Board, gateway: InclusiveSpec, scope: int, filled: frozenset[str]) -> bool:
        for task in board.live():
            here = task.internal_data["scope"] == scope and task.task_spec is not gateway
            reached = leads_to(gateway, task.task_spec) if here and "host" not in task.internal_data else set()
            if reached and not reached & filled:
                return True
        return False

    patch.setattr("app.engine.joins.may_still_come", may_still_come)


def leads_to(gateway: InclusiveSpec, spec: NodeSpec) -> set[str]:
    """The flows into a gateway that lie ahead of a node, boundary events left out."""
    ahead: set[str] = set()
    pending = list(spec.node.outgoing)
    while pending:
        flow = pending.pop()
        if flow.id not in ahead:
            ahead.add(flow.id)
            if flow.target != gateway.name:
                pending.extend(gateway._wf_spec.task_specs[flow.target].node.outgoing)
    return ahead & {flow.id for flow in gateway.node.incoming}


def a_boundary_event_stays_armed(patch: Patch) -> None:
    patch.setattr(HostSpec, "leave", lambda self, token, execution: None)


def a_boundary_event_interrupts_only_its_host(patch: Patch) -> None:
    """What lives in a sub-process goes on."""

    def withdraw(self: Execution, task: Token) -> None:
        if task.id in self.tasks:
            task._set_state(TaskState.CANCELLED)
            self.forget(task)
            self.disarm(task)

    patch.setattr(Execution, "withdraw", withdraw)


def a_terminate_event_leaves_a_token(patch: Patch) -> None:
    def terminate(self: Execution, token: Token) -> None:
        others = [task for task in self.live() if task.internal_data["scope"] == token.internal_data["scope"]]
        for task in others[1:]:
            self.withdraw(task)

    patch.setattr(Execution, "terminate", terminate)


def a_terminate_event_ends_everything(patch: Patch) -> None:
    def terminate(self: Execution, token: Token) -> None:
        for task in list(self.live()):
            self.withdraw(task)

    patch.setattr(Execution, "terminate", terminate)


def both_events_of_an_event_gateway_happen(patch: Patch) -> None:
    def win(board: Board, winner: Token) -> None:
        winner.internal_data.pop("race", None)

    patch.setattr("app.engine.happening.win_race", win)


def a_sub_process_ends_with_its_first_token(patch: Patch) -> None:
    def forget(self: Execution, token: Token) -> None:
        del self.tasks[token.id]
        self.task_tree._children.remove(token.id)
        host = self.tasks.get(token.internal_data["scope"])
        if host is not None and not token.task_spec.node.outgoing:
            host._ready()

    patch.setattr(Execution, "forget", forget)


def timers_fire_too_early(patch: Patch) -> None:
    due = Token.due.fget
    patch.setattr(Token, "due", property(lambda self: min(due(self), self.workflow.now)))


def variables_are_merged(patch: Patch) -> None:
    begin = Execution._begin_command

    def merged(self: Execution, variables: dict[str, Any], now: datetime) -> None:
        begin(self, {**variables, **self.variables}, now)

    patch.setattr(Execution, "_begin_command", merged)


def a_state_forgets(what: str) -> Callable[[Patch], None]:
    """The bytes lack one of the things that a token notes."""

    def fault(patch: Patch) -> None:
        decode = state.decode

        def forgetful(data: bytes) -> State:
            held = decode(data)
            kept = [
                SavedToken(
                    token.id,
                    token.element_id,
                    token.state,
                    {name: 0 if name == "scope" else value for name, value in token.internal_data.items()}
                    if what == "scope"
                    else {name: value for name, value in token.internal_data.items() if name != what},
                )
                for token in held.tokens
            ]
            return State(held.variables, held.last_token, kept)

        patch.setattr("app.engine.execution.decode", forgetful)

    fault.__name__ = f"a_state_forgets_{what}"
    return fault


def a_state_forgets_the_numbers_used(patch: Patch) -> None:
    decode = state.decode

    def forgetful(data: bytes) -> State:
        held = decode(data)
        return held._replace(last_token=max((token.id for token in held.tokens), default=0))

    patch.setattr("app.engine.execution.decode", forgetful)


CROWDED_FAULTS: tuple[Callable[[Patch], None], ...] = (
    a_parallel_join_swallows_tokens_in_excess,
    a_parallel_join_counts_tokens_and_not_flows,
    a_join_takes_tokens_of_any_scope,
)
FAULTS: tuple[Callable[[Patch], None], ...] = (
    an_inclusive_join_fires_at_once,
    an_inclusive_join_waits_for_whatever_lives,
    an_inclusive_join_does_not_see_boundary_events,
    a_boundary_event_stays_armed,
    a_boundary_event_interrupts_only_its_host,
    a_terminate_event_leaves_a_token,
    a_terminate_event_ends_everything,
    both_events_of_an_event_gateway_happen,
    a_sub_process_ends_with_its_first_token,
    timers_fire_too_early,
    variables_are_merged,
    a_state_forgets("scope"),
    a_state_forgets("race"),
    a_state_forgets("host"),
    a_state_forgets("due"),
    a_state_forgets_the_numbers_used,
)


class TestAFaultInTheEngine:
    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
    def test_is_found(self, fault: Callable[[Patch], None], monkeypatch: Patch) -> None:
        fault(monkeypatch)

        assert find_difference(ThroughBytes, SEQUENCES, 1, make_smaller=False) is not None

    @pytest.mark.parametrize("fault", CROWDED_FAULTS, ids=lambda fault: fault.__name__)
    def test_of_several_tokens_in_one_place_is_found(self, fault: Callable[[Patch], None], monkeypatch: Patch) -> None:
        fault(monkeypatch)

        difference = find_difference(ThroughBytes, SEQUENCES, 1, shape=RETURNING, manner=CROWDING, make_smaller=False)

        assert difference is not None
