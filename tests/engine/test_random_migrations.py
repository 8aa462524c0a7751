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
from tests.engine.bpmn_drawing import draw
from tests.engine.edited_copies import Copy, edited
from tests.engine.engine_player import ThroughBytes, seen
from tests.engine.process_net import Node
from tests.engine.random_play import CROWDING, Manner, Seen, Table, random_manner
from tests.engine.random_processes import RETURNING, Shape, random_process
from tests.engine.token_model import Scope, TokenGame

SEQUENCES = int(os.environ.get("ALUR_RANDOM_SEQUENCES", "160"))
SEED = int(os.environ.get("ALUR_RANDOM_SEED", "0"))
PARTS = 4


class Migrating(ThroughBytes):
    """The engine on the original, and after some commands on the copy; it shows everything by the copy's ids."""

    def __init__(self, original: bytes, copy: Copy, after: int) -> None:
        self.original = original
        self.copy = copy
        self._left = after
        self.passing = {split.row for split in copy.splits.values()}
        self.tokens: tuple[engine.TokenMoved, ...] = ()

    def start(self, xml: bytes, variables: Mapping[str, Any], now: datetime) -> Seen:
        self._target = engine.read(xml)
        return super().start(self.original, variables, now)

    def _keep(self, step: engine.Step, now: datetime) -> Seen:
        shown = super()._keep(step, now)
        tokens = decode(step.state).tokens
        assert not stuck_at(self._process, tokens), "a stand that the process came to is taken for stuck"
        assert not never_together(self._process, tokens), "what is open together is taken to be never together"
        if not self.passing:
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
        self.passing.clear()
        after = seen(migrated.step)
        flows = Counter(translated.flows_taken) + Counter(after.flows_taken)
        return replace(after, flows_taken=flows, visits=Counter(translated.visits) + Counter(after.visits))

    def _cross(self, step: engine.Step, now: datetime) -> None:
        """Keep the rows as a caller does: by what became of each token, and what the step opened and closed."""
        after = {token.token: token.after for token in self.tokens if token.after is not None}
        self._process, self._state = self._target, step.state
        tasks = {token: engine.OpenTask(token, after[token]) for token in self._tasks}
        opened = {task.token: task for task in step.opened}
        assert {one.token: one for one in step.open_tasks} == {
            token: task for token, task in (tasks | opened).items() if token not in step.closed
        }
        assert (step.waits_opened, step.waits_closed) == ((), ())
        dues = {token: (after[token], wait.due_at) for token, wait in self._waits.items()}
        assert dues == {wait.token: (wait.element_id, wait.due_at) for wait in step.waits}, "a timer was moved"
        self._tasks = {task.token: task for task in step.open_tasks}
        self._waits = {wait.token: wait for wait in step.waits}
        assert engine.where(self._process, self._state).state == self._state

    def _translated(self, shown: Seen) -> Seen:
        ids, splits = self.copy.ids, self.copy.splits
        flows: Counter[str] = Counter()
        visits = Counter({ids.get(node, node): count for node, count in shown.visits.items()})
        for flow, count in shown.flows_taken.items():
            split = splits.get(flow)
            if split is None:
                flows[ids.get(flow, flow)] += count
            else:
                flows += Counter({split.first: count, split.second: count})
                visits[split.row] += count
        waits = Counter(
            {replace(wait, element_id=ids.get(wait.element_id, wait.element_id)): n for wait, n in shown.waits.items()}
        )
        tasks = tuple((token, ids.get(element, element)) for token, element in shown.tasks)
        return replace(shown, tasks=tasks, waits=waits, flows_taken=flows, visits=visits)


def passing_by(player: Migrating) -> type[TokenGame]:
    """Return a game in which no token stays in an added row until the player has been migrated."""

    class Game(TokenGame):
        def _stay(self, node: Node, scope: Scope) -> None:
            if node.id in player.passing:
                self._leave(node.id, scope)
            else:
                super()._stay(node, scope)

    return Game


def parting(seed: str, shape: Shape | None = None, manner: Manner | None = None) -> tuple[str | None, Migrating, Table]:
    random = Random(seed)
    process = random_process(random, shape)
    original = draw(process)
    copy = edited(original, random)
    player = Migrating(original.xml, copy, random.randint(1, 8))
    table = Table(player, process, copy.drawing, random, manner or random_manner(random), passing_by(player))
    return table.play(), player, table


def told(seed: str, what: str | None, player: Migrating, table: Table) -> str:
    played = "\n".join(f"  {step}" for step in table.played)
    xmls = f"{player.original.decode()}\n{player.copy.drawing.xml.decode()}"
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
            ("_keep_repeats", lambda self, token, here, there: self.notes[token.id].pop("due", None)),
            ("_race", lambda self, race: [self.notes[token.id].pop("race") for token in race]),
        ],
        ids=["joins forget their flows", "mappings are ignored", "timers are lost", "event gateways are forgotten"],
    )
    def test_a_seeded_fault_is_found(
        self, monkeypatch: pytest.MonkeyPatch, where: str, fault: Callable[..., Any]
    ) -> None:
        monkeypatch.setattr(_Crossing, where, fault)

        assert any(parting(f"fault:{number}")[0] is not None for number in range(300))
