"""Would the random proof find it? Faults put into the engine itself, each of which has to show.

The first is no invention: SpiffWorkflow's own join, which decides by searching the tree of all tasks so far. Here tasks
are forgotten when they finish, so the tree is kept for it first (`the past is kept`): tokens hang below the token that
they came from and stay when they are finished. That alone changes nothing that can be seen; with SpiffWorkflow's method
called on it to decide a parallel join, rework loops go wrong.
"""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import pytest
from SpiffWorkflow.bpmn.specs.mixins.parallel_gateway import ParallelGateway
from SpiffWorkflow.util.task import TaskState

from app.engine.execution import Execution
from app.engine.model import Flow
from app.engine.specs import NodeSpec, ParallelSpec, Token
from tests.engine.blocks import NOTHING, Parallel, RandomProcess, Rework, UserTask, Variable
from tests.engine.engine_faults import CROWDED_FAULTS, FAULTS
from tests.engine.engine_faults_of_events import FAULTS as FAULTS_OF_EVENTS
from tests.engine.engine_player import InMemory, ThroughBytes
from tests.engine.manners import CROWDING, Manner
from tests.engine.random_play import Tally, find_difference, play
from tests.engine.shapes import RETURNING, Shape

Patch = pytest.MonkeyPatch

LOOPS = Shape(plain_ids=True, loop_outermost=True, throws=False)
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


class TestAFaultInTheEngine:
    @pytest.mark.parametrize("fault", [*FAULTS, *FAULTS_OF_EVENTS], ids=lambda fault: fault.__name__)
    def test_is_found(self, fault: Callable[[Patch], None], monkeypatch: Patch) -> None:
        fault(monkeypatch)

        assert find_difference(ThroughBytes, SEQUENCES, 1, make_smaller=False) is not None

    @pytest.mark.parametrize("fault", CROWDED_FAULTS, ids=lambda fault: fault.__name__)
    def test_of_several_tokens_in_one_place_is_found(self, fault: Callable[[Patch], None], monkeypatch: Patch) -> None:
        fault(monkeypatch)

        difference = find_difference(ThroughBytes, SEQUENCES, 1, shape=RETURNING, manner=CROWDING, make_smaller=False)

        assert difference is not None
