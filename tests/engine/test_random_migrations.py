"""Random processes, migrated at a random point to an edited copy, against a model that knows the copy alone.

The token model plays the copy from the start, its added rows done by nobody at once; the engine plays the original
until it is migrated. From then on both have everything to do that the copy asks for, and must agree on every open task,
wait, due time, flow and visit, as if the instance had been in the copy all along.

A longer run: ALUR_RANDOM_SEQUENCES=10000 make test PYTEST_ARGS="tests/engine/test_random_migrations.py"
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest

from app import engine
from app.engine.migration import _Crossing
from app.engine.outlook import never_together, stuck_at
from app.engine.state import decode
from tests.engine.bpmn_drawing import Drawing, draw
from tests.engine.edited_copies import Copy, edited
from tests.engine.engine_player import ThroughBytes, process_of, seen
from tests.engine.manners import CROWDING, Manner, random_manner
from tests.engine.players import Seen
from tests.engine.process_net import Node
from tests.engine.random_play import Table
from tests.engine.random_processes import random_process
from tests.engine.shapes import RETURNING, Shape
from tests.engine.token_model import TokenGame
from tests.engine.tokens import Scope

SEQUENCES = int(os.environ.get("ALUR_RANDOM_SEQUENCES", "160"))
SEED = int(os.environ.get("ALUR_RANDOM_SEED", "0"))
PARTS = 4


class Migrating(ThroughBytes):
    """The engine on the original, and after some commands on the copy; it shows everything by the copy's ids."""

    def __init__(self, original: Drawing, copy: Copy, after: int) -> None:
        self.original = original
        self.copy = copy
        self.migrated = False
        self._left = after
        self.tokens: tuple[engine.TokenMoved, ...] = ()

    def start(self, drawing: Drawing, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._target = process_of(drawing)
        return super().start(self.original, variables, now)

    def raise_error(
        self, token: int, code: str, message: str | None, variables: Mapping[str, Any], now: datetime
    ) -> Seen:
        shown = super().raise_error(token, code, message, variables, now)
        # An error that is caught has visited an event; one that is not has made no step that was kept.
        return shown if shown.visits or self.migrated else self._translated(shown)

    def _keep(self, step: engine.Step, now: datetime) -> Seen:
        shown = super()._keep(step, now)
        tokens = decode(step.state).tokens
        assert not stuck_at(self._process, tokens), "a stand that the process came to is taken for stuck"
        assert not never_together(self._process, tokens), "what is open together is taken to be never together"
        if self.migrated:
            return shown
        translated = self._translated(shown)
        self._left -= 1
        if self._left > 0 or step.finished:
            return translated
        migrated = engine.migrate(self._process, self._target, step.state, self.copy.mapping, now=now)
        assert migrated.findings == (), migrated.findings
        assert migrated.step is not None
        self.tokens = migrated.tokens
        self._cross(migrated.step, now)
        self.migrated = True
        after = seen(migrated.step)
        flows = Counter(translated.flows_taken) + Counter(after.flows_taken)
        visits = Counter(translated.visits) + Counter(after.visits)
        return replace(after, flows_taken=flows, visits=visits, signals=translated.signals + after.signals)

    def _cross(self, step: engine.Step, now: datetime) -> None:
        """Keep the rows as a caller does: by what became of each token, and what the step opened and closed."""
        after = {token.token: token.after for token in self.tokens if token.after is not None}
        self._process, self._state = self._target, step.state
        tasks = {token: engine.OpenTask(token, after[token], task.local) for token, task in self._tasks.items()}
        opened = {task.token: task for task in step.opened}
        assert {one.token: one for one in step.open_tasks} == {
            token: task for token, task in (tasks | opened).items() if token not in step.closed
        }
        assert (step.waits_opened, step.waits_closed) == ((), ())
        waits = {token: replace(wait, element_id=after[token]) for token, wait in self._waits.items()}
        assert waits == {wait.token: wait for wait in step.waits}, "a wait was changed"
        self._tasks = {task.token: task for task in step.open_tasks}
        self._waits = {wait.token: wait for wait in step.waits}
        assert engine.where(self._process, self._state).state == self._state

    def _translated(self, shown: Seen) -> Seen:
        new_id, splits = self.copy.new_id, self.copy.splits
        flows: Counter[str] = Counter()
        visits = Counter({new_id(node): count for node, count in shown.visits.items()})
        for flow, count in shown.flows_taken.items():
            split = splits.get(flow)
            if split is None:
                flows[new_id(flow)] += count
            else:
                flows += Counter({split.first: count, split.second: count})
                visits[split.row] += count
        waits = Counter({replace(wait, element_id=new_id(wait.element_id)): n for wait, n in shown.waits.items()})
        tasks = []
        for token, task in shown.tasks:
            id_, space, local = task.partition(" ")
            tasks.append((token, new_id(id_) + space + local))
        return replace(shown, tasks=tuple(tasks), waits=waits, flows_taken=flows, visits=visits)


class PassingGame(TokenGame):
    """A game in which no token stays in one of the `rows` while it is `passing`."""

    rows: frozenset[str]
    passing = True

    def _arrive(self, node: Node, scope: Scope) -> None:
        if self.passing and node.id in self.rows:
            self._leave(node.id, scope)
        else:
            super()._arrive(node, scope)


def passing_by(copy: Copy) -> type[PassingGame]:
    class Game(PassingGame):
        rows = frozenset(split.row for split in copy.splits.values())

    return Game


class MigratingTable(Table):
    """A play in which the model has the added rows done at once up to the command after which the player migrated."""

    def _step(self) -> str | None:
        if isinstance(self._player, Migrating) and isinstance(self._game, PassingGame):
            self._game.passing = not self._player.migrated
        return super()._step()


def parting(seed: str, shape: Shape | None = None, manner: Manner | None = None) -> tuple[str | None, Migrating, Table]:
    random = Random(seed)
    process = random_process(random, shape)
    original = draw(process)
    copy = edited(original, random)
    player = Migrating(original, copy, random.randint(1, 8))
    manner = manner or random_manner(random)
    table = MigratingTable(player, process, copy.drawing, random, manner, passing_by(copy))
    return table.play(), player, table


def told(seed: str, what: str | None, player: Migrating, table: Table) -> str:
    played = "\n".join(f"  {step}" for step in table.played)
    files = (player.original.xml, *player.original.called.values(), player.copy.drawing.xml)
    xmls = "\n".join(xml.decode() for xml in files)
    return f"seed {seed}: {what}\nplayed:\n{played}\nmapping: {player.copy.mapping}\n{xmls}"


class TestAMigratedInstance:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_goes_on_as_if_it_had_been_in_the_copy_all_along(self, part: int) -> None:
        migrated = 0
        for number in range(max(1, SEQUENCES // PARTS)):
            seed = f"{SEED * PARTS + part}:{number}"
            what, player, table = parting(seed)
            assert what is None, told(seed, what, player, table)
            migrated += bool(player.tokens)
        assert migrated > SEQUENCES // PARTS // 3

    def test_does_so_where_several_tokens_wait_at_joins_in_loops(self) -> None:
        for number in range(max(1, SEQUENCES // 4)):
            seed = f"{SEED}:crowding:{number}"
            what, player, table = parting(seed, RETURNING, CROWDING)
            assert what is None, told(seed, what, player, table)


class TestTheProofItself:
    @pytest.mark.parametrize(
        ("where", "fault"),
        [
            ("_flow", lambda self, here, there, flow: there.incoming[0].id if there.incoming else None),
            ("_image", lambda self, id_: id_),
            ("_image", lambda self, id_: self.mapping.get(id_, id_)),
            ("_spec_of", lambda self, token: self.target.spec.task_specs[self.nodes[token.id].id]),
            ("_keep_repeats", lambda self, token, here, there: self.notes[token.id].pop("due", None)),
            ("_race", lambda self, race: [self.notes[token.id].pop("race") for token in race]),
        ],
        ids=[
            "joins forget their flows",
            "mappings are ignored",
            "calls leave what is in them",
            "instances of a task become the task",
            "timers are lost",
            "event gateways are forgotten",
        ],
    )
    def test_a_seeded_fault_is_found(
        self, monkeypatch: pytest.MonkeyPatch, where: str, fault: Callable[..., Any]
    ) -> None:
        monkeypatch.setattr(_Crossing, where, fault)

        assert any(parting(f"fault:{number}")[0] is not None for number in range(300))
