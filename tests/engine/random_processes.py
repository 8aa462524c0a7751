"""Random sound processes: equal states of the random source give equal processes.

What is drawn is a tree of blocks; `bpmn_drawing.draw` makes BPMN of it.
"""

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from tests.engine.blocks import (
    NOTHING,
    Block,
    Boundary,
    Branch,
    Catch,
    Choice,
    End,
    FirstOf,
    Fork,
    Inclusive,
    Message,
    Parallel,
    RandomProcess,
    Rework,
    Sequence,
    SubProcess,
    Timer,
    UserTask,
    Variable,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is drawn. Each switch takes a feature out, to look at the others alone."""

    depth: int = 3
    blocks: int = 12
    plain_ids: bool = False
    message_boundaries: bool = True
    empty_parallel_branches: bool = True
    terminate_events: bool = True
    loop_outermost: bool = False


RETURNING = Shape(depth=2, blocks=6, terminate_events=False, loop_outermost=True)

TEXTS = ("a", "b", "c")
VARIABLE_NAMES = ("x1", "x2", "keputusan", "typename", "data", "state", "None_2", "jumlah_hari")


def random_process(random: Random, shape: Shape | None = None) -> RandomProcess:
    """Draw a sound process. Equal states of `random` give equal processes."""
    return _Growth(random, shape or Shape()).process()


class _Growth:
    def __init__(self, random: Random, shape: Shape) -> None:
        self._random = random
        self._shape = shape
        self._blocks_left = shape.blocks
        self._durations = iter(random.sample(range(20, 40_000), 200))
        self._messages = 0
        domains: tuple[tuple[Any, ...], ...] = (
            TEXTS,
            TEXTS,
            ("setuju", "tidak setuju", "é'"),
            (0, 1, 2, 3),
            (True, False),
        )
        names = random.sample(VARIABLE_NAMES, 4)
        self._shared = tuple(Variable(name, random.choice(domains)) for name in names)
        self._deciding: list[Variable] = []

    def process(self) -> RandomProcess:
        if self._shape.loop_outermost:
            body = self._rework(self._shape.depth, may_end=False)
        else:
            body = self._scope_body(self._shape.depth)
        return RandomProcess(body, (*self._shared, *self._deciding), self._random.randrange(2**32))

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _scope_body(self, depth: int) -> Block:
        body = self._sequence(depth, may_end=True)
        if depth > 0 and self._chance(0.15):
            branches = tuple(self._scope_body(depth - 1) for _ in range(self._random.randint(2, 3)))
            return Sequence((body, Fork(branches)))
        return body

    def _sequence(self, depth: int, *, may_end: bool, at_least: int = 1) -> Block:
        length = self._random.choice((at_least, 1, 1, 2, 2, 3))
        blocks = tuple(self._block(depth, may_end) for _ in range(length))
        return blocks[0] if len(blocks) == 1 else Sequence(blocks)

    def _block(self, depth: int, may_end: bool) -> Block:
        self._blocks_left -= 1
        if depth <= 0 or self._blocks_left <= 0:
            return self._user_task(0, may_end) if self._chance(0.8) else self._catch()
        draw = self._random.choices(
            (self._user_task, self._choice, self._rework, self._parallel, self._inclusive, self._sub_process),
            weights=(4, 2, 4, 4, 3, 3),
        )[0]
        if self._chance(0.12):
            return self._catch() if self._chance(0.5) else self._first_of(depth - 1, may_end)
        block = draw(depth - 1, may_end=may_end)
        if isinstance(block, Choice | Inclusive | Parallel) and self._chance(0.3):
            # Twice in a row, so that one gateway may join the first and split the second.
            return Sequence((block, draw(depth - 1, may_end=may_end)))
        return block

    def _user_task(self, depth: int, may_end: bool) -> Block:
        sets = self._random.choice(self._shared) if self._chance(0.5) else None
        boundaries = self._boundaries(depth, may_end)
        return UserTask(sets, boundaries, self._ends(boundaries, may_end))

    def _sub_process(self, depth: int, may_end: bool) -> Block:
        boundaries = self._boundaries(depth, may_end)
        return SubProcess(self._scope_body(depth), boundaries, self._ends(boundaries, may_end))

    def _ends(self, boundaries: tuple[Boundary, ...], may_end: bool) -> bool:
        return may_end and any(boundary.rejoins for boundary in boundaries) and self._chance(0.5)

    def _boundaries(self, depth: int, may_end: bool) -> tuple[Boundary, ...]:
        how_many = self._random.choices((0, 1, 2), weights=(5, 3, 1))[0]
        return tuple(self._boundary(depth, may_end) for _ in range(how_many))

    def _boundary(self, depth: int, may_end: bool) -> Boundary:
        trigger: Timer | Message = self._timer()
        if self._shape.message_boundaries and self._chance(0.2):
            trigger = self._own_message()
        path: Block
        if self._chance(0.5):
            path = self._side_path()
            if self._chance(0.3):
                path = Sequence((path, self._random.choice((self._catch(), UserTask(), UserTask()))))
            elif self._chance(0.1):
                path = Fork((path, UserTask()))
            elif self._terminates(0.05):
                path = Sequence((path, End(terminate=True)))
            return Boundary(trigger, interrupting=False, rejoins=False, path=path)
        rejoins = not may_end or self._chance(0.7)
        path = NOTHING if self._chance(0.3) else self._sequence(min(depth, 1), may_end=may_end)
        if self._terminates(0.1):
            path, rejoins = Sequence((path, End(terminate=True))), False
        return Boundary(trigger, interrupting=True, rejoins=rejoins, path=path)

    def _side_path(self) -> Block:
        """What runs beside the main path. Several tokens may be on it at once, so its joins see tokens in excess."""
        task = UserTask(self._random.choice((None, *self._shared)))
        draw = self._random.random()
        if draw < 0.6:
            return task
        if draw < 0.7:
            return Inclusive((Branch(self._any_test(), task), Branch(None, UserTask())))
        block = Parallel((task, self._random.choice((UserTask(), UserTask(), Sequence((UserTask(), UserTask()))))))
        return block if draw < 0.85 else SubProcess(block)

    def _choice(self, depth: int, may_end: bool) -> Block:
        conditions = self._conditions(exhaustive=self._chance(0.4))
        branches = [Branch(test, self._branch(depth, may_end)) for test in conditions]
        if self._terminates(0.1):
            self._end_one(branches, End(terminate=True))
        elif may_end and self._chance(0.2):
            self._end_one(branches, End())
        return self._after_its_decision(Choice(tuple(branches)))

    def _inclusive(self, depth: int, may_end: bool) -> Block:
        conditions = self._conditions(exhaustive=self._chance(0.2))
        branches = [Branch(test, self._branch(depth, may_end)) for test in conditions]
        if may_end and self._chance(0.25):
            self._end_one(branches, End())
        elif may_end and self._chance(0.25):
            branches[0] = replace(branches[0], block=self._overdue_or_over())
        return self._after_its_decision(Inclusive(tuple(branches)))

    def _overdue_or_over(self) -> Block:
        """A task that leads on only if it is late: an inclusive join has to look along the boundary event's path."""
        late = Boundary(self._timer(), interrupting=True, rejoins=True, path=self._random.choice((NOTHING, UserTask())))
        return UserTask(None, (late,), ends=True)

    def _end_one(self, branches: list[Branch], end: End) -> None:
        early = self._random.randrange(len(branches))
        branches[early] = replace(branches[early], block=Sequence((branches[early].block, end)))

    def _terminates(self, probability: float) -> bool:
        return self._shape.terminate_events and self._chance(probability)

    def _after_its_decision(self, block: Block) -> Block:
        if self._chance(0.6):
            return Sequence((UserTask(self._random.choice(self._shared)), block))
        return block

    def _conditions(self, *, exhaustive: bool) -> list[str | None]:
        """Two or three conditions: together true for every value, or completed by a default flow."""
        if exhaustive:
            variable = self._random.choice(self._shared)
            values = list(variable.values)
            self._random.shuffle(values)
            cut = self._random.randint(1, len(values) - 1)
            tests: list[str | None] = [self._test(variable, values[:cut]), self._test(variable, values[cut:])]
            if self._chance(0.4):
                tests.append(self._any_test())
        else:
            tests = [self._any_test() for _ in range(self._random.randint(1, 2))]
            tests.append(None)
        self._random.shuffle(tests)
        return tests

    def _any_test(self) -> str:
        variable, other = self._random.sample(self._shared, 2)
        values = self._random.sample(variable.values, self._random.randint(1, len(variable.values) - 1))
        test = self._test(variable, values)
        if self._chance(0.25):
            joint = self._random.choice(("&&", "||", "and", "or"))
            return f"${{({test[2:-1]}) {joint} {literal_test(other, other.values[0])}}}"
        return test

    def _test(self, variable: Variable, values: list[Any]) -> str:
        """A condition that is true for exactly these values of the variable."""
        tests = [literal_test(variable, value) for value in values]
        others = [literal_test(variable, value) for value in variable.values if value not in values]
        if self._chance(0.3):
            return "${!(" + " || ".join(others) + ")}"
        return "${" + self._random.choice((" || ", " or ")).join(tests) + "}"

    def _branch(self, depth: int, may_end: bool) -> Block:
        return NOTHING if self._chance(0.2) else self._sequence(depth, may_end=may_end)

    def _parallel(self, depth: int, may_end: bool) -> Block:
        branches = [self._sequence(depth, may_end=False) for _ in range(self._random.choice((2, 2, 3)))]
        if self._shape.empty_parallel_branches and self._chance(0.2):
            branches[self._random.randrange(len(branches))] = NOTHING
            if self._chance(0.3):
                branches[:2] = NOTHING, NOTHING
        if self._terminates(0.08):
            branches[0] = Sequence((branches[0], End(terminate=True)))
        return Parallel(tuple(branches))

    def _rework(self, depth: int, may_end: bool) -> Block:
        body = NOTHING if self._chance(0.1) else self._sequence(depth, may_end=may_end)
        if self._chance(0.3):
            body = Sequence((body, self._reminded_task()))
        decides = Variable(f"ulang_{len(self._deciding) + 1}", ("dikembalikan", "setuju"))
        self._deciding.append(decides)
        again, onwards = (f"${{{literal_test(decides, value)}}}" for value in decides.values)
        redo = self._sequence(min(depth, 1), may_end=may_end) if self._chance(0.3) else NOTHING
        default = self._random.choice(("none", "again", "onwards"))
        return Rework(
            body,
            decides,
            again=None if default == "again" else again,
            onwards=None if default == "onwards" else onwards,
            redo=redo,
        )

    def _reminded_task(self) -> Block:
        """In a loop, its short reminder opens the same side task once a round."""
        path = self._side_path()
        reminder = Boundary(Timer(self._random.randint(1, 19)), interrupting=False, rejoins=False, path=path)
        return UserTask(None, (reminder,))

    def _catch(self) -> Block:
        return Catch(self._timer() if self._chance(0.5) else self._shared_message())

    def _first_of(self, depth: int, may_end: bool) -> Block:
        triggers: list[Timer | Message] = [self._own_message(), self._timer()]
        if self._chance(0.2):
            triggers.append(self._own_message())
        self._random.shuffle(triggers)
        return FirstOf(tuple((trigger, self._branch(depth, may_end)) for trigger in triggers))

    def _timer(self) -> Timer:
        return Timer(next(self._durations))

    def _own_message(self) -> Message:
        self._messages += 1
        return Message(f"pesan {self._messages}")

    def _shared_message(self) -> Message:
        return Message(self._random.choice(("pengesahan_bupati", "jawaban", f"surat-{self._messages}")))


def literal_test(variable: Variable, value: Any) -> str:
    """The comparison of a variable with one value, as it is typed into a modeler."""
    match value:
        case bool():
            return variable.name if value else f"!({variable.name})"
        case int():
            return f"{variable.name} == {value}"
        case _:
            return f'{variable.name} == "{value}"' if "'" in value else f"{variable.name} == '{value}'"
