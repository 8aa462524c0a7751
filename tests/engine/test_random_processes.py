"""The engine against an independent token model, on random processes played in random order.

Every command is followed by a comparison of the open tasks with what is local to them, the waits with their names and
due times, the variables, the sequence flows taken, the nodes visited, the signals thrown and whether the instance has
finished; `engine_player` adds what concerns bytes and rows. A failure prints the XML and the commands, made as small as
it goes, with a seed and a number: the same sequence is the last one of `find_difference(player, number + 1, seed)`.

`make test` plays a few hundred sequences each way; the long run:

    ALUR_RANDOM_SEQUENCES=10000 make test PYTEST_ARGS="tests/engine/test_random_processes.py"

`ALUR_RANDOM_SEED` (0 if it is not given) chooses other sequences, so that a nightly run sees new processes.
"""

import os
from collections import Counter
from random import Random

import pytest

from tests.engine.blocks import features, is_sound
from tests.engine.bpmn_drawing import Drawing, draw
from tests.engine.engine_player import InMemory, ThroughBytes
from tests.engine.manners import CROWDING, Manner
from tests.engine.model_player import FAULTS, ModelPlayer, faulty
from tests.engine.process_net import Net
from tests.engine.random_play import MONDAY, Tally, find_difference
from tests.engine.random_processes import random_process
from tests.engine.shapes import RETURNING
from tests.engine.token_model import TokenGame

SEQUENCES = int(os.environ.get("ALUR_RANDOM_SEQUENCES", "400"))
SEED = int(os.environ.get("ALUR_RANDOM_SEED", "0"))
PARTS = 8
WAYS = pytest.mark.parametrize("player", [ThroughBytes, InMemory])

VERY_OFTEN = Manner(steps=1200, returns=0.997, waking=4.0, neglect=0.3)


class TestTheEngineMovesTokensAsTheModelDoes:
    @WAYS
    @pytest.mark.parametrize("part", range(PARTS))
    def test_in_random_processes(self, player: type[ThroughBytes | InMemory], part: int) -> None:
        difference = find_difference(player, max(1, SEQUENCES // PARTS), SEED * PARTS + part)

        assert difference is None, str(difference)

    @WAYS
    def test_where_several_tokens_come_to_one_place(self, player: type[ThroughBytes | InMemory]) -> None:
        difference = find_difference(player, max(1, SEQUENCES // 4), SEED, shape=RETURNING, manner=CROWDING)

        assert difference is None, str(difference)

    @WAYS
    def test_in_loops_with_more_returns_than_a_task_tree_bears(self, player: type[ThroughBytes | InMemory]) -> None:
        difference = find_difference(player, max(8, SEQUENCES // 100), SEED, shape=RETURNING, manner=VERY_OFTEN)

        assert difference is None, str(difference)


class TestTheProofItself:
    def test_the_model_agrees_with_itself(self) -> None:
        assert find_difference(ModelPlayer, 200, 1) is None

    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
    def test_a_seeded_fault_is_found(self, fault: type[TokenGame]) -> None:
        assert find_difference(faulty(fault), 1500, 1, make_smaller=False) is not None

    def test_a_difference_is_made_small_and_tells_how_to_see_it_again(self) -> None:
        fault = FAULTS[0]

        difference = find_difference(faulty(fault), 1500, 1)

        assert difference is not None
        whole = find_difference(faulty(fault), 1500, 1, make_smaller=False)
        assert whole is not None
        assert len(difference.xml) < len(whole.xml) / 2
        assert f"seed 1, sequence {whole.number}" in str(difference)
        assert "start {" in str(difference)
        assert str(difference) == str(find_difference(faulty(fault), 1500, 1))


class TestRandomProcesses:
    def test_every_block_and_every_nesting_that_matters_comes_up(self) -> None:
        counts: Counter[str] = Counter()
        for number in range(500):
            counts.update(features(random_process(Random(number)).body).keys())

        kinds = {
            "UserTask", "External", "Receive", "SubProcess", "Call", "Choice", "Inclusive", "Parallel", "Fork",
            "Rework", "CatchTimer", "CatchMessage", "CatchSignal", "ThrowSignal", "ThrowEscalation", "ThrowHanded",
            "FirstOf", "End", "EndSignal", "EndError", "EndEscalation", "EndHanded", "Terminate", "Sequential",
            "SideBySide", "Nothing", "NonInterruptingCycle", "InterruptingError",
        } | {
            f"{how}{what}"
            for how in ("Interrupting", "NonInterrupting")
            for what in ("Timer", "Message", "Signal", "Escalation")
        }  # fmt: skip
        blocks = ("Parallel", "Inclusive", "Rework", "SubProcess", "Call")
        nestings = {f"{outer} > {inner}" for outer in blocks for inner in blocks}
        assert {name: counts[name] for name in kinds | nestings if counts[name] < 10} == {}

    def test_are_drawn_with_and_without_gateways(self) -> None:
        counts: Counter[str] = Counter()
        for number in range(600):
            for node in net_of(draw(random_process(Random(number)))).nodes.values():
                ways = f"{min(len(node.incoming), 2)} in, {min(len(node.outgoing), 2)} out"
                counts[f"{node.kind}: {ways}"] += 1

        joining_and_splitting = {
            f"{kind}Gateway: 2 in, 2 out" for kind in ("exclusive", "parallel", "inclusive", "eventBased")
        }
        splitting = {
            "startEvent: 0 in, 2 out", "userTask: 1 in, 2 out", "subProcess: 1 in, 2 out", "boundaryEvent: 0 in, 2 out",
        }  # fmt: skip
        merging = {f"{kind}: 2 in, 1 out" for kind in ("userTask", "intermediateCatchEvent")}
        assert {name for name in joining_and_splitting | splitting | merging if counts[name] < 2} == set()

    def test_plays_visit_every_kind_of_node_and_event(self) -> None:
        tally = Tally()

        find_difference(ModelPlayer, 700, 1, tally=tally)

        assert len(tally.visits) == 38
        assert {name: visits for name, visits in tally.visits.items() if visits < 3} == {}
        assert tally.finished > 650
        assert tally.twice_open >= 5

    def test_plays_of_loops_return_more_often_than_a_task_tree_bears(self) -> None:
        tally = Tally()

        find_difference(ModelPlayer, 8, 1, shape=RETURNING, manner=VERY_OFTEN, tally=tally)

        assert tally.commands > 3000
        assert tally.visits["exclusiveGateway"] > 3000

    def test_whatever_is_reached_can_still_finish(self) -> None:
        for number in range(150):
            random = Random(number)
            process = random_process(random)
            drawing = draw(process)
            variables = {variable.name: random.choice(variable.values) for variable in process.variables}
            game = TokenGame(net_of(drawing), variables, MONDAY)
            for _ in range(12):
                assert can_finish(game.copy(), drawing, random), drawing.xml.decode()
                if game.finished:
                    break
                advance(game, drawing, random)

    def test_equal_seeds_give_equal_files(self) -> None:
        files = [draw(random_process(Random(number % 50))).xml for number in range(100)]

        assert files[:50] == files[50:]
        assert len(set(files)) > 40

    def test_they_are_sound_by_construction(self) -> None:
        assert all(is_sound(random_process(Random(number)).body) for number in range(300))


def net_of(drawing: Drawing) -> Net:
    return Net(drawing.xml, drawing.called)


def advance(game: TokenGame, drawing: Drawing, random: Random, *, onwards: bool = False) -> None:
    """Do one thing that is possible; `onwards` decides for no further return, and does what is open first."""
    tasks = game.open_tasks()
    waits = sorted((w for w in game.waits() if w.kind != "external"), key=lambda wait: wait.element_id)
    if tasks and (not waits or random.random() < (0.95 if onwards else 0.7)):
        token = random.choice(tasks)
        setting = drawing.sets.get(token.node)
        values = setting.values if setting is not None else ()
        value = values[-1] if onwards and values else random.choice(values or (None,))
        game.complete(token.number, {setting.name: value} if setting is not None else {}, MONDAY)
        return
    wait = random.choice(waits)
    match wait.kind:
        case "timer":
            assert wait.due_at is not None
            game.wake(wait.due_at)
        case "message":
            game.send(wait.name or "", {}, MONDAY)
        case _:
            game.signal(wait.name or "", {}, MONDAY)


def can_finish(game: TokenGame, drawing: Drawing, random: Random) -> bool:
    for _ in range(400):
        if game.finished:
            return not game.tokens_on_flows()
        if not game.open_tasks() and not game.waits():
            return False
        advance(game, drawing, random, onwards=True)
    return False
