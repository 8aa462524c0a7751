"""Random sound processes: equal states of the random source give equal processes.

What is drawn is a tree of blocks; `bpmn_drawing.draw` makes BPMN of it.
"""

from dataclasses import replace
from random import Random
from typing import Any

from tests.engine.blocks import (
    NOTHING,
    Block,
    Boundary,
    Branch,
    Call,
    Catch,
    Choice,
    Cycle,
    End,
    Error,
    Escalation,
    External,
    FirstOf,
    Fork,
    Handed,
    Inclusive,
    Message,
    Parallel,
    RandomProcess,
    Receive,
    Repeated,
    Rework,
    Sequence,
    Signal,
    SubProcess,
    Throw,
    Timer,
    Trigger,
    UserTask,
    Variable,
    is_sound,
)
from tests.engine.random_conditions import Conditions, literal_test
from tests.engine.shapes import (
    COMPLETE,
    ERROR_CODES,
    ESCALATION_CODES,
    LIST,
    PEOPLE,
    TEXTS,
    TIMES,
    TOPICS,
    VARIABLE_NAMES,
    Shape,
)  # fmt: skip


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
        self._tests = Conditions(random, self._shared)
        self._deciding: list[Variable] = []
        # The codes of errors that something around catches, and whether a signal may be thrown: not where one opened
        # the way, as two such would go on for ever.
        self._caught: frozenset[str | None] = frozenset()
        self._may_signal = True
        self._called: list[Block] = []

    def process(self) -> RandomProcess:
        if self._shape.loop_outermost:
            body = self._rework(self._shape.depth, may_end=False)
        else:
            body = self._scope_body(self._shape.depth)
        variables = (*self._shared, PEOPLE, LIST, TIMES, *self._deciding)
        return RandomProcess(body, variables, self._random.randrange(2**32))

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
            draw_leaf = self._random.choices((self._user_task, self._external, self._event), weights=(6, 2, 2))[0]
            return draw_leaf(0, may_end)
        draw = self._random.choices(
            (
                self._user_task, self._choice, self._rework, self._parallel, self._inclusive, self._sub_process,
                self._call, self._external, self._receive,
            ),
            weights=(4, 2, 4, 4, 3, 3, 2.7, 2, 0.7),
        )[0]  # fmt: skip
        if self._chance(0.17):
            return self._event(0, may_end) if self._chance(0.45) else self._first_of(depth - 1, may_end)
        block = draw(depth - 1, may_end=may_end)
        if isinstance(block, Choice | Inclusive | Parallel) and self._chance(0.3):
            # Twice in a row, so that one gateway may join the first and split the second.
            return Sequence((block, draw(depth - 1, may_end=may_end)))
        return block

    # Activities

    def _user_task(self, depth: int, may_end: bool) -> Block:
        boundaries = self._boundaries(depth, may_end)
        return UserTask(self._some_variable(), boundaries, self._ends(boundaries, may_end), self._some_repetition())

    def _external(self, depth: int, may_end: bool) -> Block:
        boundaries = self._boundaries(depth, may_end)
        if self._shape.throws and self._chance(0.5):
            boundaries += tuple(
                self._interrupting(Error(code, self._chance(0.5)), depth, may_end)
                for code in self._random.choice((("E1",), ("E2", None), (None,)))
            )
        topic = self._random.choice(TOPICS)
        return External(topic, self._some_variable(), boundaries, self._ends(boundaries, may_end))

    def _receive(self, depth: int, may_end: bool) -> Block:
        boundaries = self._boundaries(depth, may_end)
        return Receive(self._shared_message(), boundaries, self._ends(boundaries, may_end))

    def _sub_process(self, depth: int, may_end: bool) -> Block:
        boundaries = self._boundaries(depth, may_end) + self._fault_boundaries(depth, may_end)
        return SubProcess(self._inside(depth, boundaries), boundaries, self._ends(boundaries, may_end))

    def _call(self, depth: int, may_end: bool) -> Block:
        boundaries = self._boundaries(depth, may_end) + self._fault_boundaries(depth, may_end)
        if self._called and self._may_signal and self._chance(0.3):
            return Call(self._random.choice(self._called), boundaries, self._ends(boundaries, may_end))
        body = self._inside(depth, boundaries)
        if is_sound(body):
            self._called.append(body)
        return Call(body, boundaries, self._ends(boundaries, may_end))

    def _inside(self, depth: int, boundaries: tuple[Boundary, ...]) -> Block:
        """The body of a sub-process, which may throw what its boundary events catch."""
        errors = {event.trigger.code for event in boundaries if isinstance(event.trigger, Error)}
        outer, self._caught = self._caught, self._caught | errors
        body = self._scope_body(depth)
        caught = [event.trigger for event in boundaries if isinstance(event.trigger, Error | Escalation)]
        if caught and self._chance(0.8):
            throws = self._throwing_choice(self._random.choice(caught))
            body = Sequence((throws, body) if self._chance(0.6) else (body, throws))
        self._caught = outer
        return body

    def _throwing_choice(self, caught: Error | Escalation) -> Block:
        thrown: Block = Throw(Escalation(caught.code or self._random.choice(ESCALATION_CODES)))
        if isinstance(caught, Error):
            thrown = self._error_end()
        elif self._chance(0.3):
            thrown = End(thrown=Escalation(caught.code or self._random.choice(ESCALATION_CODES)))
        before = self._random.choice((NOTHING, NOTHING, UserTask()))
        return Choice((Branch(self._tests.any(), Sequence((before, thrown))), Branch(None, NOTHING)))

    def _error_end(self) -> End:
        return End(thrown=Error(self._random.choice([c for c in ERROR_CODES if {c, None} & self._caught])))

    def _some_variable(self) -> Variable | None:
        if not self._chance(0.5):
            return None
        return self._random.choice((*self._shared, LIST, TIMES) if self._chance(0.3) else self._shared)

    def _some_repetition(self) -> Repeated | None:
        if not self._shape.repeats or not self._chance(0.2):
            return None
        times: int | str | None = None
        collection = self._random.choice((PEOPLE.name, LIST.name, None, None))
        if collection is None:
            times = self._random.choice((1, 2, 3, TIMES.name))
        complete = self._random.choice((None, None, *COMPLETE, self._tests.any()))
        return Repeated(self._chance(0.4), times, collection, complete)

    def _ends(self, boundaries: tuple[Boundary, ...], may_end: bool) -> bool:
        return may_end and any(boundary.rejoins for boundary in boundaries) and self._chance(0.5)

    # Boundary events

    def _boundaries(self, depth: int, may_end: bool) -> tuple[Boundary, ...]:
        how_many = self._random.choices((0, 1, 2), weights=(5, 3, 1))[0]
        return tuple(self._boundary(depth, may_end) for _ in range(how_many))

    def _boundary(self, depth: int, may_end: bool) -> Boundary:
        trigger: Trigger = self._timer()
        if self._shape.message_boundaries and self._chance(0.2):
            trigger = self._own_message()
        elif self._shape.throws and self._chance(0.25):
            trigger = self._signal()
        if self._chance(0.5):
            if isinstance(trigger, Timer) and self._shape.cycles and self._chance(0.3):
                trigger = Cycle(trigger.seconds + 60, self._random.choice((1, 2, 3, 3, None)))
            return self._beside(trigger)
        return self._interrupting(trigger, depth, may_end)

    def _fault_boundaries(self, depth: int, may_end: bool) -> tuple[Boundary, ...]:
        """Boundary events that catch what a sub-process throws."""
        events: list[Boundary] = []
        if self._shape.throws and self._chance(0.4):
            for code in self._random.choice((("E1",), ("E2",), (None, "E1"), (None,))):
                events.append(self._interrupting(Error(code, self._chance(0.5)), depth, may_end))
        if self._shape.throws and self._chance(0.5):
            for code in self._random.choice((("S1",), ("S1", "S2"), (None,))):
                escalation = Escalation(code, self._chance(0.5))
                interrupts = self._chance(0.5)
                events.append(
                    self._interrupting(escalation, depth, may_end) if interrupts else self._beside(escalation)
                )
        return tuple(events)

    def _beside(self, trigger: Trigger) -> Boundary:
        """One that does not interrupt."""
        before, self._may_signal = self._may_signal, self._may_signal and not isinstance(trigger, Signal)
        path = self._side_path()
        if self._chance(0.3):
            path = Sequence((path, self._random.choice((self._catch(), UserTask(), UserTask()))))
        elif self._chance(0.1):
            path = Fork((path, UserTask()))
        elif self._terminates(0.05):
            path = Sequence((path, End(terminate=True)))
        self._may_signal = before
        return Boundary(trigger, interrupting=False, rejoins=False, path=path)

    def _interrupting(self, trigger: Trigger, depth: int, may_end: bool) -> Boundary:
        before, self._may_signal = self._may_signal, self._may_signal and not isinstance(trigger, Signal)
        rejoins = not may_end or self._chance(0.7)
        path = NOTHING if self._chance(0.3) else self._sequence(min(depth, 1), may_end=may_end)
        if self._terminates(0.1):
            path, rejoins = Sequence((path, End(terminate=True))), False
        self._may_signal = before
        return Boundary(trigger, interrupting=True, rejoins=rejoins, path=path)

    def _side_path(self) -> Block:
        """What runs beside the main path. Several tokens may be on it at once, so its joins see tokens in excess."""
        task: Block = UserTask(self._random.choice((None, *self._shared)), repeated=self._some_repetition())
        if self._chance(0.2):
            task = External(self._random.choice(TOPICS))
        draw = self._random.random()
        if draw < 0.6:
            return task
        if draw < 0.7:
            return Inclusive((Branch(self._tests.any(), task), Branch(None, UserTask())))
        block = Parallel((task, self._random.choice((UserTask(), UserTask(), Sequence((UserTask(), UserTask()))))))
        return block if draw < 0.85 else SubProcess(block)

    def _choice(self, depth: int, may_end: bool) -> Block:
        conditions = self._tests.of_branches(exhaustive=self._chance(0.4))
        branches = [Branch(test, self._branch(depth, may_end)) for test in conditions]
        abrupt = self._abrupt_end(0.1)
        if abrupt is not None:
            self._end_one(branches, abrupt)
        elif may_end and self._chance(0.2):
            self._end_one(branches, self._plain_end())
        return self._after_its_decision(Choice(tuple(branches)))

    def _inclusive(self, depth: int, may_end: bool) -> Block:
        conditions = self._tests.of_branches(exhaustive=self._chance(0.2))
        branches = [Branch(test, self._branch(depth, may_end)) for test in conditions]
        if may_end and self._chance(0.25):
            self._end_one(branches, self._plain_end())
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

    def _abrupt_end(self, probability: float) -> End | None:
        """An end that ends more than its own token."""
        if self._caught and self._chance(0.3):
            return self._error_end()
        return End(terminate=True) if self._terminates(probability) else None

    def _plain_end(self) -> End:
        """An end of its own token, which may throw something first."""
        if not self._shape.throws or self._chance(0.4):
            return End()
        if self._may_signal and self._chance(0.4):
            return End(thrown=self._signal())
        handed = Handed(self._random.choice(TOPICS))
        return End(thrown=self._random.choice((handed, Escalation(self._random.choice(ESCALATION_CODES)))))

    def _after_its_decision(self, block: Block) -> Block:
        if self._chance(0.6):
            return Sequence((UserTask(self._random.choice(self._shared)), block))
        return block

    def _branch(self, depth: int, may_end: bool) -> Block:
        return NOTHING if self._chance(0.2) else self._sequence(depth, may_end=may_end)

    def _parallel(self, depth: int, may_end: bool) -> Block:
        branches = [self._sequence(depth, may_end=False) for _ in range(self._random.choice((2, 2, 3)))]
        if self._shape.empty_parallel_branches and self._chance(0.2):
            branches[self._random.randrange(len(branches))] = NOTHING
            if self._chance(0.3):
                branches[:2] = NOTHING, NOTHING
        abrupt = self._abrupt_end(0.08)
        if abrupt is not None:
            branches[0] = Sequence((branches[0], abrupt))
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

    def _event(self, depth: int, may_end: bool) -> Block:
        if not self._shape.throws or self._chance(0.5):
            return self._catch()
        if self._may_signal and self._chance(0.6):
            return Throw(self._signal())
        handed = Handed(self._random.choice(TOPICS))
        return Throw(self._random.choice((handed, Escalation(self._random.choice(ESCALATION_CODES)))))

    def _catch(self) -> Block:
        if self._shape.throws and self._chance(0.25):
            return Catch(self._signal())
        return Catch(self._timer() if self._chance(0.5) else self._shared_message())

    def _first_of(self, depth: int, may_end: bool) -> Block:
        triggers: list[Timer | Message | Signal] = [self._own_message(), self._timer()]
        if self._chance(0.2):
            triggers.append(self._own_message())
        if self._shape.throws and self._chance(0.3):
            triggers.append(self._signal())
        self._random.shuffle(triggers)
        return FirstOf(tuple((trigger, self._branch(depth, may_end)) for trigger in triggers))

    def _signal(self) -> Signal:
        return Signal(self._random.choice(("tanda 1", "tanda 2", "tanda 3")))

    def _timer(self) -> Timer:
        return Timer(next(self._durations))

    def _own_message(self) -> Message:
        self._messages += 1
        return Message(f"pesan {self._messages}")

    def _shared_message(self) -> Message:
        return Message(self._random.choice(("pengesahan_bupati", "jawaban", f"surat-{self._messages}")))
