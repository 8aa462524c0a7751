"""Faults that can be put into the engine: joins, scopes, waits and what a state keeps."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from SpiffWorkflow.util.task import TaskState

from app.engine import state
from app.engine.activity_specs import HostSpec
from app.engine.board import Board
from app.engine.execution import Execution
from app.engine.specs import InclusiveSpec, NodeSpec, ParallelSpec, Token
from app.engine.state import SavedToken, State

Patch = pytest.MonkeyPatch


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
    def due(self: Token) -> datetime:
        now: datetime = self.workflow.now
        return min(datetime.fromisoformat(self.internal_data["due"]), now)

    patch.setattr(Token, "due", property(due))


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
    a_state_forgets("left"),
    a_state_forgets("of"),
    a_state_forgets("done"),
    a_state_forgets("local"),
    a_state_forgets_the_numbers_used,
)
