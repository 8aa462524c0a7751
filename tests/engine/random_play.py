"""Random plays of random processes: an engine and the token model side by side, compared after every command.

Everything follows from a seed: `find_difference(player, sequences, seed)` plays that many processes and returns the
first difference, with the process made as small as it goes and the commands that were played. Tokens are matched by
element id and local variables in order of opening; among several open tasks that are alike in these it does not matter
which is completed. In which order tokens move within a command is open: where one throws something that others may
hear, the engine's answer has to be that of the model in some order.
"""

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.engine.blocks import RandomProcess, Variable, smaller
from tests.engine.bpmn_drawing import Drawing, draw
from tests.engine.manners import Manner, random_manner
from tests.engine.players import Player, Seen, described, shown_as
from tests.engine.process_net import Net
from tests.engine.random_processes import random_process
from tests.engine.shapes import Shape
from tests.engine.token_model import TokenGame
from tests.engine.tokens import Token

MONDAY = datetime(2026, 8, 3, 9, 0, tzinfo=UTC)
SHRINKING_COMMANDS = 10_000
ORDERS = 300
CODES = ("E1", "E2", "E9")


@dataclass(frozen=True, slots=True, repr=False)
class Difference:
    """Where an engine and the model part, with all that is needed to see it again."""

    seed: int
    number: int
    what: str
    played: tuple[str, ...]
    xml: str

    def __repr__(self) -> str:
        return f"<difference in sequence {self.number} of seed {self.seed}>"

    def __str__(self) -> str:
        steps = "\n".join(f"  {step}" for step in self.played)
        return f"seed {self.seed}, sequence {self.number}: {self.what}\nplayed:\n{steps}\n{self.xml}"


@dataclass(slots=True)
class Tally:
    """What was played, to see that nothing is missing: flows taken into each kind of node and out of each event."""

    sequences: int = 0
    commands: int = 0
    finished: int = 0
    twice_open: int = 0
    orders: int = 0
    visits: Counter[str] = field(default_factory=Counter)


def find_difference(
    player: Callable[[], Player],
    sequences: int,
    seed: int,
    *,
    shape: Shape | None = None,
    manner: Manner | None = None,
    tally: Tally | None = None,
    make_smaller: bool = True,
) -> Difference | None:
    """Play `sequences` random processes and return the first difference from the model, or None.

    Equal seeds play equal sequences, whatever their number; `make_smaller=False` answers at once. Without a `manner`
    each sequence has its own.
    """
    shape, tally = shape or Shape(), tally or Tally()
    for number in range(sequences):
        random = Random(f"{seed}:{number}")
        process = random_process(random, shape)
        difference = play(player, process, random, shape=shape, manner=manner, tally=tally)
        if difference is None:
            continue
        if make_smaller:
            difference = _smallest(player, process, difference, shape=shape, manner=manner)
        what, played, xml = difference
        return Difference(seed, number, what, played, xml)
    return None


Parting = tuple[str, tuple[str, ...], str]


def play(
    player: Callable[[], Player],
    process: RandomProcess,
    random: Random,
    *,
    shape: Shape,
    manner: Manner | None,
    tally: Tally,
) -> Parting | None:
    """Play one process; a difference is what parted, the commands so far and the XML."""
    drawing = draw(process, plain_ids=shape.plain_ids)
    table = Table(player(), process, drawing, random, manner or random_manner(random))
    what = table.play()
    tally.sequences += 1
    tally.commands += len(table.played)
    tally.finished += table.finished
    tally.twice_open += table.twice_open
    tally.orders += table.orders
    tally.visits += table.visits
    files = "\n".join(xml.decode() for xml in (drawing.xml, *drawing.called.values()))
    return None if what is None else (what, tuple(table.played), files)


def _smallest(
    player: Callable[[], Player], process: RandomProcess, found: Parting, *, shape: Shape, manner: Manner | None
) -> Parting:
    """Cut the process down as long as one of some plays still differs."""
    spent = Tally()
    cut = True
    while cut and spent.commands < SHRINKING_COMMANDS:
        cut = False
        for candidate in smaller(process):
            difference = _any_difference(player, candidate, shape=shape, manner=manner, tally=spent)
            if difference is not None:
                process, found, cut = candidate, difference, True
                break
            if spent.commands >= SHRINKING_COMMANDS:
                break
    return found


def _any_difference(
    player: Callable[[], Player], process: RandomProcess, *, shape: Shape, manner: Manner | None, tally: Tally
) -> Parting | None:
    for again in range(20):
        difference = play(player, process, Random(again), shape=shape, manner=manner, tally=tally)
        if difference is not None:
            return difference
    return None


class Table:
    """One play: the engine and the model, and what was done so far. `game` is the class of the model's game."""

    def __init__(
        self,
        player: Player,
        process: RandomProcess,
        drawing: Drawing,
        random: Random,
        manner: Manner,
        game: type[TokenGame] = TokenGame,
    ) -> None:
        self._player = player
        self._rules = game
        self._process = process
        self._drawing = drawing
        self._random = random
        self._manner = manner
        self._now = MONDAY
        self._net = Net(drawing.xml, drawing.called)
        self._neglected = {node for node in self._net.nodes if random.random() < manner.neglect}
        self._known: set[int] = set()
        self._open: dict[int, str] = {}
        self._modelled: dict[int, str] = {}
        self._game: TokenGame
        self.played: list[str] = []
        self.visits: Counter[str] = Counter()
        self.finished = False
        self.twice_open = False
        self.orders = 0

    def play(self) -> str | None:
        """Play to the end or until the steps are used up; return what differs, if anything does."""
        variables = {variable.name: self._random.choice(variable.values) for variable in self._process.variables}

        def start(order: Random | None) -> TokenGame:
            return self._rules(self._net, variables, self._now, order)

        what = self._command(
            f"start {variables}", start, lambda: self._player.start(self._drawing, variables, self._now)
        )
        for _ in range(self._manner.steps):
            if what is not None or self._game.finished or _has_tie(self._game):
                break
            what = self._step()
        self.finished = self._game.finished
        return what

    def _step(self) -> str | None:
        game = self._game
        self._now += timedelta(seconds=self._random.randint(1, 900))
        tasks = game.open_tasks()
        waits = game.waits()
        due_times = sorted({wait.due_at for wait in waits if wait.due_at is not None})
        acts: list[tuple[float, Callable[[], str | None]]] = []
        if tasks:
            attended = [token for token in tasks if token.node not in self._neglected] or tasks
            acts.append((6, lambda: self._complete(self._random.choice(attended))))
        if messages := sorted({wait.name or "" for wait in waits if wait.kind == "message"}):
            acts.append((2, lambda: self._send(self._random.choice(messages))))
        if signals := sorted({wait.name or "" for wait in waits if wait.kind == "signal"}):
            acts.append((1, lambda: self._signal(self._random.choice(signals))))
        if due_times:
            acts.append((self._manner.waking, lambda: self._wake(due_times)))
        if not acts:
            return "the model is stuck: nothing is open, nothing is waited for, and it has not finished"
        acts.append((self._manner.cancels, self._cancel))
        weights = [weight for weight, _ in acts]
        return self._random.choices([act for _, act in acts], weights)[0]()

    def _complete(self, token: Token) -> str | None:
        mine = [number for number, shown in self._open.items() if shown == shown_as(token.node, token.local)]
        alike = [
            other.number for other in self._game.open_tasks() if (other.node, other.local) == (token.node, token.local)
        ]
        theirs = mine[alike.index(token.number)]
        number, now = token.number, self._now
        variables = self._some_variables()
        if self._net.nodes[token.node].topic is None:
            self._set(token.node, variables)
            return self._play(
                f"complete {token.node} {token.local or ''} {variables}",
                lambda game: game.complete(number, variables, now),
                lambda: self._player.complete(theirs, variables, now),
            )
        if self._random.random() < 0.3:
            code, message = self._random.choice(CODES), self._random.choice((None, "gagal"))
            return self._play(
                f"raise {code} {message!r} at {token.node} {variables}",
                lambda game: game.raise_error(number, code, message, variables, now),
                lambda: self._player.raise_error(theirs, code, message, variables, now),
            )
        self._set(token.node, variables)
        return self._play(
            f"finish {token.node} {variables}",
            lambda game: game.complete(number, variables, now),
            lambda: self._player.finish(theirs, variables, now),
        )

    def _set(self, node: str, variables: dict[str, Any]) -> None:
        setting = self._drawing.sets.get(node)
        if setting is not None:
            variables[setting.name] = self._value(setting)

    def _send(self, message: str) -> str | None:
        variables, now = self._some_variables(), self._now
        return self._play(
            f"send {message!r} {variables}",
            lambda game: game.send(message, variables, now),
            lambda: self._player.send(message, variables, now),
        )

    def _signal(self, name: str) -> str | None:
        variables, now = self._some_variables(), self._now
        return self._play(
            f"signal {name!r} {variables}",
            lambda game: game.signal(name, variables, now),
            lambda: self._player.signal(name, variables, now),
        )

    def _wake(self, due_times: list[datetime]) -> str | None:
        first, last = max(due_times[0], self._now), max(due_times[-1], self._now)
        late = self._random.choice(due_times)
        moments = (first, first, max(late, self._now) + timedelta(seconds=7), last, self._now)
        self._now = now = self._random.choice(moments)
        return self._play("wake", lambda game: game.wake(now), lambda: self._player.wake(now))

    def _cancel(self) -> str | None:
        return self._play("cancel", lambda game: game.cancel(), self._player.cancel)

    def _play(self, name: str, model: Callable[[TokenGame], object], act: Callable[[], Seen]) -> str | None:
        """Let the model and the engine do the same."""
        before = self._game.copy() if self._net.throws else None

        def moved(order: Random | None) -> TokenGame:
            if order is None or before is None:
                game = self._game
            else:
                game = before.copy()
                game.in_order_of = order
            model(game)
            return game

        return self._command(name, moved, act)

    def _command(self, name: str, model: Callable[[Random | None], TokenGame], act: Callable[[], Seen]) -> str | None:
        self.played.append(f"{self._now:%d %b %H:%M:%S}  {name}")
        self._game = model(None)
        try:
            seen = act()
        except Exception as error:
            frames = "".join(traceback.format_exception(error)[-8:])
            return f"{type(error).__name__} at {name!r}: {error}\n{frames}"
        what = _parting(self._game, seen)
        if what is not None and self._net.throws:
            game = next((game for game in self._in_other_orders(model) if _parting(game, seen) is None), None)
            if game is not None:
                self._game, what = game, None
                game.in_order_of = None
        self._count(self._game)
        return what or self._tokens_parting(self._game, seen)

    def _in_other_orders(self, model: Callable[[Random | None], TokenGame]) -> Iterator[TokenGame]:
        for number in range(ORDERS):
            self.orders += 1
            yield model(Random(number))

    def _tokens_parting(self, game: TokenGame, seen: Seen) -> str | None:
        """An open task keeps its number until it is closed, and a number is never given twice."""
        now_open = dict(sorted(seen.tasks))
        if len(now_open) != len(seen.tasks):
            return f"one token number for several open tasks: {seen.tasks}"
        opened = {number: element for number, element in now_open.items() if number not in self._open}
        kept = {number: element for number, element in self._open.items() if number in now_open}
        if again := opened.keys() & self._known:
            return f"token numbers of closed tasks are given again: {sorted(again)}"
        if renamed := [number for number, element in kept.items() if now_open[number] != element]:
            return f"token numbers {renamed} now stand for another task"
        modelled = {token.number: shown_as(token.node, token.local) for token in game.open_tasks()}
        should_keep = Counter(element for number, element in self._modelled.items() if number in modelled)
        if should_keep != Counter(kept.values()):
            return f"tasks that stayed open: the model has {_told(should_keep)}, the engine kept {kept}"
        self._known |= now_open.keys()
        self._open = kept | opened
        self._modelled = modelled
        return None

    def _count(self, game: TokenGame) -> None:
        if any(number > 1 for number in game.enabled().values()):
            self.twice_open = True
        for flow, times in game.flows_taken.items():
            source, target = (
                self._net.nodes[node] for node in (self._net.flows[flow].source, self._net.flows[flow].target)
            )
            self.visits[described(target)] += times
            if source.kind == "boundaryEvent":
                self.visits[described(source)] += times

    def _value(self, variable: Variable) -> Any:
        if variable not in self._process.variables or not variable.name.startswith("ulang_"):
            return self._random.choice(variable.values)
        return variable.values[0 if self._random.random() < self._manner.returns else -1]

    def _some_variables(self) -> dict[str, Any]:
        """Data beside what the gateways read, nested data too."""
        if self._random.random() < 0.6:
            return {}
        value = self._random.choice((1, "teks", None, 2.5, ["a", {"b": [1, 2]}], {"typename": "x", "data": {}}, []))
        return {self._random.choice(("catatan", "berkas", "typename_2")): value}


def _has_tie(game: TokenGame) -> bool:
    """Whether timers of two elements are due at the same moment: which goes first is then open, so the play ends."""
    due = Counter(wait.due_at for wait in game.waits() if wait.due_at is not None)
    return any(elements > 1 for elements in due.values())


def _parting(game: TokenGame, seen: Seen) -> str | None:
    """Say what the engine shows and the model does not, or the other way round."""
    pairs: list[tuple[str, Any, Any]] = [
        (
            "open tasks",
            Counter(shown_as(token.node, token.local) for token in game.open_tasks()),
            Counter(shown for _, shown in seen.tasks),
        ),
        ("waits", game.waits(), seen.waits),
        ("finished", game.finished, seen.finished),
        ("variables", game.variables, dict(seen.variables)),
    ]
    if not game.cut_short:
        pairs.append(("signals", Counter(game.signals), Counter(seen.signals)))
        pairs.append(("flows taken", game.flows_taken, +Counter(seen.flows_taken)))
        pairs.append(("visits", game.visits, +Counter(seen.visits)))
    for name, expected, shown in pairs:
        if expected != shown:
            return f"{name}: the model has {_told(expected)}, the engine shows {_told(shown)}"
    return None


def _told(value: Any) -> str:
    return str(dict(value)) if isinstance(value, Counter) else str(value)
