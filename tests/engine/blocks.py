"""Sound processes as trees of blocks: what they are made of, what they hold and how to make them smaller.

Sound means: whatever is decided, the process can finish. A token may therefore end early (in an end event of its own)
only where no parallel join waits for it; a terminate end event ends its whole scope and may stand anywhere, and so may
an error that something around it catches. Paths of non-interrupting boundary events run beside the main path, so a
rework loop may open the same task several times.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Variable:
    """A process variable and the values it takes. The first value of a deciding variable leads back to rework."""

    name: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Timer:
    seconds: int


@dataclass(frozen=True, slots=True)
class Cycle:
    """A timer that fires again and again, `times` times if that is given."""

    seconds: int
    times: int | None


@dataclass(frozen=True, slots=True)
class Message:
    name: str


@dataclass(frozen=True, slots=True)
class Signal:
    name: str


@dataclass(frozen=True, slots=True)
class Error:
    """Thrown, or caught by its code or whatever the code is; `noted` in variables by what catches it."""

    code: str | None
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Escalation:
    code: str | None
    noted: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """A message that a worker sends on."""

    topic: str


Trigger = Timer | Cycle | Message | Signal | Error | Escalation


@dataclass(frozen=True, slots=True)
class Boundary:
    """A boundary event. `rejoins`: its path merges behind the activity instead of ending in an end event."""

    trigger: Trigger
    interrupting: bool
    rejoins: bool
    path: "Block"


@dataclass(frozen=True, slots=True)
class Repeated:
    """A multi-instance marker: `times` is a number or a variable, else `collection` a variable with a list."""

    sequential: bool
    times: int | str | None
    collection: str | None
    complete: str | None


@dataclass(frozen=True, slots=True)
class UserTask:
    """`ends`: once completed, it leads to an end event; only its boundary events lead on."""

    sets: Variable | None = None
    boundaries: tuple[Boundary, ...] = ()
    ends: bool = False
    repeated: Repeated | None = None


@dataclass(frozen=True, slots=True)
class External:
    topic: str
    sets: Variable | None = None
    boundaries: tuple[Boundary, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Receive:
    message: Message
    boundaries: tuple[Boundary, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class SubProcess:
    body: "Block"
    boundaries: tuple[Boundary, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A process of its own, called; equal bodies are one process."""

    body: "Block"
    boundaries: tuple[Boundary, ...] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Sequence:
    blocks: tuple["Block", ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A way out of a gateway; without a condition it is the default flow."""

    condition: str | None
    block: "Block"


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Inclusive:
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    branches: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Fork:
    """A parallel split that is never joined: each branch ends in an end event of its own."""

    branches: tuple["Block", ...]


@dataclass(frozen=True, slots=True)
class Rework:
    """`body`, then a task that decides; on `again` through `redo` back to a merge before `body`."""

    body: "Block"
    decides: Variable
    again: str | None
    onwards: str | None
    redo: "Block"


@dataclass(frozen=True, slots=True)
class Catch:
    trigger: Timer | Message | Signal


@dataclass(frozen=True, slots=True)
class Throw:
    thrown: Signal | Escalation | Handed


@dataclass(frozen=True, slots=True)
class FirstOf:
    """An event-based gateway: the event that comes first chooses the branch."""

    branches: tuple[tuple[Timer | Message | Signal, "Block"], ...]


@dataclass(frozen=True, slots=True)
class End:
    terminate: bool = False
    thrown: Signal | Error | Escalation | Handed | None = None


Activity = UserTask | External | Receive | SubProcess | Call
Block = Activity | Sequence | Choice | Inclusive | Parallel | Fork | Rework | Catch | Throw | FirstOf | End
NOTHING = Sequence()


@dataclass(frozen=True, slots=True)
class RandomProcess:
    """A tree with the variables it reads; `names` seeds the choice of ids and of equivalent ways to write the XML."""

    body: Block
    variables: tuple[Variable, ...]
    names: int


def children(block: Block) -> tuple[Block, ...]:
    """The blocks directly inside a block, the paths of its boundary events last."""
    match block:
        case Sequence(blocks):
            return blocks
        case Choice(branches) | Inclusive(branches):
            return tuple(branch.block for branch in branches)
        case Parallel(inner) | Fork(inner):
            return inner
        case Rework():
            return (block.body, block.redo)
        case FirstOf():
            return tuple(inner for _, inner in block.branches)
        case SubProcess() | Call():
            return (block.body, *(boundary.path for boundary in block.boundaries))
        case UserTask() | External() | Receive():
            return tuple(boundary.path for boundary in block.boundaries)
        case _:
            return ()


def is_sound(block: Block, *, may_end: bool = True, caught: frozenset[str | None] = frozenset()) -> bool:
    """Whether no token ends early where a parallel join would wait for it; `caught` are the codes of errors."""
    match block:
        case End(thrown=Error(code)):
            return code in caught or None in caught
        case End():
            return may_end or block.terminate
        case Parallel(branches):
            return all(is_sound(branch, may_end=False, caught=caught) for branch in branches)
        case Fork(branches):
            return may_end and all(is_sound(branch, caught=caught) for branch in branches)
    if not isinstance(block, Activity):
        return all(is_sound(child, may_end=may_end, caught=caught) for child in children(block))
    for boundary in block.boundaries:
        if boundary.interrupting and not (may_end or boundary.rejoins or _ends_all(boundary.path)):
            return False
        if not is_sound(boundary.path, may_end=may_end or not boundary.interrupting, caught=caught):
            return False
    here = {boundary.trigger.code for boundary in block.boundaries if isinstance(boundary.trigger, Error)}
    inside = block.body if isinstance(block, SubProcess | Call) else NOTHING
    return (may_end or not block.ends) and is_sound(inside, caught=caught | here)


def _ends_all(path: Block) -> bool:
    last = path.blocks[-1:] if isinstance(path, Sequence) else ()
    return last == (End(terminate=True),)


def features(block: Block, inside: tuple[str, ...] = ()) -> Counter[str]:
    """Count the kinds of blocks, and each pair 'outer > inner' at any distance within one process."""
    names = [type(block).__name__]
    if block == NOTHING:
        names = ["Nothing"]
    elif isinstance(block, Sequence):
        names = []
    elif isinstance(block, End):
        names = ["Terminate"] if block.terminate else [f"End{'' if not block.thrown else type(block.thrown).__name__}"]
    elif isinstance(block, Catch):
        names = [f"Catch{type(block.trigger).__name__}"]
    elif isinstance(block, Throw):
        names = [f"Throw{type(block.thrown).__name__}"]
    elif isinstance(block, Activity):
        names += [_boundary_name(boundary) for boundary in block.boundaries]
        if isinstance(block, UserTask) and block.repeated is not None:
            names.append("Sequential" if block.repeated.sequential else "SideBySide")
    counts = Counter(names)
    counts.update(f"{outer} > {name}" for outer in set(inside) for name in names)
    for child in children(block):
        counts += features(child, (*inside, *names))
    return counts


def _boundary_name(boundary: Boundary) -> str:
    how = "Interrupting" if boundary.interrupting else "NonInterrupting"
    return f"{how}{type(boundary.trigger).__name__}"


def smaller(process: RandomProcess) -> Iterator[RandomProcess]:
    """Propose sound processes with less in them, the boldest cut first."""
    for body in _smaller_blocks(process.body):
        if is_sound(body):
            yield replace(process, body=body)


def _smaller_blocks(block: Block) -> Iterator[Block]:
    if block in (NOTHING, UserTask()) or isinstance(block, End):
        return
    yield from children(block)
    yield NOTHING
    if not isinstance(block, Sequence):
        yield UserTask()
    yield from _with_less(block)
    for index, child in enumerate(children(block)):
        for less in _smaller_blocks(child):
            yield _with_child(block, index, less)


def _with_less(block: Block) -> Iterator[Block]:
    match block:
        case Sequence(parts):
            for index in range(len(parts)):
                yield Sequence(parts[:index] + parts[index + 1 :])
        case Parallel(branches) | Fork(branches) if len(branches) > 2:
            for index in range(len(branches)):
                yield type(block)(branches[:index] + branches[index + 1 :])
        case UserTask() | External() | Receive() | SubProcess() | Call():
            if isinstance(block, UserTask) and block.repeated is not None:
                yield replace(block, repeated=None)
            for index in range(len(block.boundaries)):
                yield replace(block, boundaries=block.boundaries[:index] + block.boundaries[index + 1 :])


def _with_child(block: Block, index: int, child: Block) -> Block:
    match block:
        case Sequence(parts) | Parallel(parts) | Fork(parts):
            return type(block)((*parts[:index], child, *parts[index + 1 :]))
        case Choice(branches) | Inclusive(branches):
            changed = replace(branches[index], block=child)
            return type(block)((*branches[:index], changed, *branches[index + 1 :]))
        case Rework():
            return replace(block, body=child) if index == 0 else replace(block, redo=child)
        case FirstOf():
            pairs = list(block.branches)
            pairs[index] = (pairs[index][0], child)
            return FirstOf(tuple(pairs))
        case SubProcess() | Call() if index == 0:
            return replace(block, body=child)
        case UserTask() | External() | Receive() | SubProcess() | Call():
            at = index - isinstance(block, SubProcess | Call)
            paths = list(block.boundaries)
            paths[at] = replace(paths[at], path=child)
            return replace(block, boundaries=tuple(paths))
    raise TypeError(f"{type(block).__name__} has nothing inside")
