"""Faults that can be put into the engine: errors, escalations, signals, cycles and multi-instance tasks."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from app.engine import happening
from app.engine.activity_specs import RepeatedTaskSpec, ThrowSpec
from app.engine.board import Board
from app.engine.catching import catcher
from app.engine.execution import Execution
from app.engine.happening import waiting_for_signal
from app.engine.model import Fault, Node
from app.engine.specs import Token
from app.engine.timers import Timer

Patch = pytest.MonkeyPatch


def a_token_comes_twice_to_a_join(patch: Patch) -> None:
    """A join is said to be visited when a token comes to it, not when one leaves it."""
    merge = Board.merge

    def merged(self: Board, tokens: Iterable[Token]) -> None:
        kept, *others = tokens
        self.visits[kept.task_spec.node.id] += len(others)
        merge(self, (kept, *others))

    patch.setattr(Execution, "merge", merged)


def an_error_goes_to_the_outermost_that_catches_it(patch: Patch) -> None:
    def throw(board: Board, token: Token, thrown: Fault) -> bool:
        found, host = None, token
        while True:
            event = catcher((one.node for one in host.task_spec.boundary), thrown)
            found = (host, event.id) if event is not None else found
            if not host.internal_data["scope"]:
                break
            host = board.tasks[host.internal_data["scope"]]
        if found is not None:
            happening._catch(board, *found, thrown)
        return found is not None

    patch.setattr("app.engine.activity_specs.throw", throw)
    patch.setattr("app.engine.execution.throw", throw)


def whatever_catches_all_goes_first(patch: Patch) -> None:
    def first(events: Iterable[Node], thrown: Fault) -> Node | None:
        fitting = [e for e in events if e.fault and e.fault.kind == thrown.kind and e.fault.code in (None, thrown.code)]
        return min(fitting, key=lambda e: e.fault is not None and e.fault.code is not None, default=None)

    patch.setattr("app.engine.happening.catcher", first)


def an_error_does_not_interrupt(patch: Patch) -> None:
    catch = happening._catch

    def beside(board: Board, host: Token, event: str, thrown: Fault) -> None:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(Execution, "withdraw", lambda self, token: None)
            catch(board, host, event, thrown)

    patch.setattr("app.engine.happening._catch", beside)


def a_caught_error_is_not_noted(patch: Patch) -> None:
    catch = happening._catch

    def forgetful(board: Board, host: Token, event: str, thrown: Fault) -> None:
        before = dict(board.variables)
        catch(board, host, event, thrown)
        board.variables.clear()
        board.variables.update(before)

    patch.setattr("app.engine.happening._catch", forgetful)


def an_escalation_ends_what_throws_it(patch: Patch) -> None:
    leave = ThrowSpec.leave

    def leave_for_good(self: ThrowSpec, token: Token, board: Board) -> None:
        leave(self, token, board)
        if self.node.fault is not None and token.id in board.tasks:
            board.withdraw(token)

    patch.setattr(ThrowSpec, "leave", leave_for_good)


def only_one_hears_a_signal(patch: Patch) -> None:
    def one(board: Board, name: str) -> list[Token]:
        return waiting_for_signal(board, name)[:1]

    patch.setattr("app.engine.activity_specs.waiting_for_signal", one)
    patch.setattr("app.engine.execution.waiting_for_signal", one)


def a_thrown_signal_is_not_heard_inside(patch: Patch) -> None:
    patch.setattr("app.engine.activity_specs.waiting_for_signal", lambda board, name: [])


def a_thrown_signal_is_not_told(patch: Patch) -> None:
    step = Execution.step
    patch.setattr(Execution, "step", lambda self: replace(step(self), signals=()))


def a_cycle_makes_up_for_what_it_missed(patch: Patch) -> None:
    next_due = Timer.next_due
    patch.setattr(Timer, "next_due", lambda self, previous, now: next_due(self, previous, previous))


def a_cycle_leaves_its_grid(patch: Patch) -> None:
    next_due = Timer.next_due
    patch.setattr(Timer, "next_due", lambda self, previous, now: next_due(self, now, now))


def a_repeated_task_is_never_complete_early(patch: Patch) -> None:
    patch.setattr(RepeatedTaskSpec, "_complete", lambda self, noted, local, variables: False)


def a_complete_task_leaves_its_other_instances(patch: Patch) -> None:
    ended = RepeatedTaskSpec.ended

    def ended_alone(self: RepeatedTaskSpec, token: Token, last: Token, board: Board) -> None:
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(Execution, "terminate", lambda self, token: None)
            ended(self, token, last, board)

    patch.setattr(RepeatedTaskSpec, "ended", ended_alone)


def instances_one_by_one_are_opened_at_once(patch: Patch) -> None:
    arrive = RepeatedTaskSpec.arrive

    def at_once(self: RepeatedTaskSpec, token: Token, board: Board) -> bool:
        patched = replace(self.loop, sequential=False)
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(self, "loop", patched)
            return arrive(self, token, board)

    patch.setattr(RepeatedTaskSpec, "arrive", at_once)


def every_instance_has_the_first_item(patch: Patch) -> None:
    items = RepeatedTaskSpec._items
    patch.setattr(
        RepeatedTaskSpec,
        "_items",
        lambda self, name, variables: items(self, name, variables)[:1] * 9,
    )


def an_error_of_a_called_process_stays_in_it(patch: Patch) -> None:
    def throw(board: Board, token: Token, thrown: Fault) -> bool:
        inside = token.task_spec.node.id.count("/")
        host = token
        while host.task_spec.node.id.count("/") == inside:
            event = catcher((one.node for one in host.task_spec.boundary), thrown)
            if event is not None:
                happening._catch(board, host, event.id, thrown)
                return True
            if not host.internal_data["scope"]:
                return False
            host = board.tasks[host.internal_data["scope"]]
        return False

    patch.setattr("app.engine.activity_specs.throw", throw)
    patch.setattr("app.engine.execution.throw", throw)


FAULTS: tuple[Callable[[Patch], None], ...] = (
    a_token_comes_twice_to_a_join,
    an_error_goes_to_the_outermost_that_catches_it,
    whatever_catches_all_goes_first,
    an_error_does_not_interrupt,
    a_caught_error_is_not_noted,
    an_escalation_ends_what_throws_it,
    only_one_hears_a_signal,
    a_thrown_signal_is_not_heard_inside,
    a_thrown_signal_is_not_told,
    a_cycle_makes_up_for_what_it_missed,
    a_cycle_leaves_its_grid,
    a_repeated_task_is_never_complete_early,
    a_complete_task_leaves_its_other_instances,
    instances_one_by_one_are_opened_at_once,
    every_instance_has_the_first_item,
    an_error_of_a_called_process_stays_in_it,
)
