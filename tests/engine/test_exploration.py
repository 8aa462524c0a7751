"""Runs that go wrong: found by playing them, named at the element at fault, and never where nothing is wrong."""

import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import engine
from app.core.shipped import shipped
from app.engine.exploration import explore
from app.engine.meeting import met_unjoined
from app.engine.net import net_of, scopes_of, smaller
from tests.engine.bpmn_drawing import draw
from tests.engine.every_run import every_run
from tests.engine.mutations import mutated, relinked
from tests.engine.random_processes import random_process
from tests.engine.shapes import Shape
from tests.engine.small_models import MESSAGE, document, scope, timer

RUNS = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def model_of(
    flows: str, attributes: dict[str, str] | None = None, inside: dict[str, str] | None = None
) -> engine.Model:
    """Read a model of a few lines; flows out of a gateway that decides get conditions by themselves."""
    lines = [line.split() for line in flows.splitlines() if line.strip()]
    written = []
    for source, target, *_ in lines:
        decides = source[0] in "XO" and sum(other[0] == source for other in lines) > 1
        written.append(f"{source} {target}" + (" ${x == 1}" if decides else ""))
    return engine.read(document(scope("\n".join(written), attributes, inside))).model


def said(model: engine.Model) -> list[tuple[str, str, str | None]]:
    findings = engine.check_runs(model)
    for finding in findings:
        assert finding.text.id != finding.text.en
        assert finding.remedy.id != finding.remedy.en
    return [(finding.severity, finding.code, finding.element_id) for finding in findings]


class TestJoins:
    def test_of_branches_of_which_one_was_chosen_are_stuck(self) -> None:
        model = model_of("S X\nX U1\nX U2\nU1 A\nU2 A\nA E")

        (finding,) = engine.check_runs(model)

        assert (finding.severity, finding.code, finding.element_id) == ("error", "stuck-join", "A")
        assert "menunggu cabang yang tidak pernah datang ('U1', 'U2')" in finding.text.id

    def test_are_named_with_the_branch_that_does_not_come(self) -> None:
        model = model_of("S A1\nA1 U1\nA1 X\nX U2\nX E\nU1 A2\nU2 A2\nA2 U3\nU3 E")

        (finding,) = engine.check_runs(model)

        assert finding.element_id == "A2"
        assert "('U2')" in finding.text.id

    def test_only_the_first_that_is_stuck_is_named(self) -> None:
        model = model_of("S A\nA X\nA U9\nX U1\nX U2\nU1 A1\nU2 A1\nA1 A2\nU9 A2\nA2 E")

        assert said(model) == [("error", "stuck-join", "A1")]

    def test_that_a_loop_enters_are_stuck(self) -> None:
        assert said(model_of("S A\nA U\nU X\nX A\nX E")) == [("error", "stuck-join", "A")]

    def test_that_are_inclusive_wait_only_for_what_comes(self) -> None:
        assert said(model_of("S X\nX U1\nX U2\nU1 O\nU2 O\nO E")) == []
        assert said(model_of("S O1\nO1 U1\nO1 U2\nU1 O2\nU2 O2\nO2 E")) == []

    def test_that_are_inclusive_and_wait_for_each_other_are_stuck(self) -> None:
        model = model_of("S A\nA U1\nA U2\nU1 O1\nU2 O2\nO1 U3\nO2 U4\nU3 X1\nU4 X2\nX1 O2\nX1 E\nX2 O1\nX2 E")

        assert {code for _, code, _ in said(model)} == {"stuck-join"}

    def test_behind_a_terminating_end_that_ends_all_are_not_stuck(self) -> None:
        model = model_of("S A1\nA1 U1\nA1 U2\nU1 A2\nU2 X\nX A2\nX T\nA2 E")

        assert said(model) == []

    def test_that_never_let_go_are_found_though_a_terminating_end_ends_all(self) -> None:
        model = model_of("S A\nA U1\nA X\nU1 T\nX U2\nX U3\nU2 A2\nU3 A2\nA2 U4\nU4 E")

        (finding,) = engine.check_runs(model)

        assert (finding.code, finding.element_id) == ("dead-activity", "A2")
        assert "'U4'" in finding.text.id

    def test_in_a_sub_process_are_found(self) -> None:
        body = scope("S1 X\nX U1 ${x}\nX U2 ${!x}\nU1 A\nU2 A\nA E1")

        assert said(model_of("S P\nP E", inside={"P": body})) == [("error", "stuck-join", "A")]

    def test_that_wait_for_an_event_beside_the_main_path_are_stuck(self) -> None:
        model = model_of("S U\nU A\nB A\nA E", {"B": 'attachedToRef="U" cancelActivity="false"'}, {"B": timer("PT1H")})

        assert said(model) == [("error", "stuck-join", "A")]

    def test_that_wait_for_an_interrupting_event_are_stuck(self) -> None:
        model = model_of("S U\nU A\nB A\nA E", {"B": 'attachedToRef="U"'}, {"B": MESSAGE})

        assert said(model) == [("error", "stuck-join", "A")]


class TestTokens:
    def test_that_a_loop_out_of_a_branch_piles_up_are_found(self) -> None:
        model = model_of("S X1\nX1 A1\nA1 U1\nA1 U2\nU1 X\nX X1\nX A2\nU2 A2\nA2 E")

        assert ("error", "tokens-pile-up", "A2") in said(model)

    def test_that_never_come_to_an_end_are_found(self) -> None:
        model = model_of("S X\nX U\nU A\nA X\nA U2\nU2 E")

        assert [code for _, code, _ in said(model)] == ["no-completion"]

    def test_of_an_event_that_interrupts_nothing_may_be_many(self) -> None:
        model = model_of(
            "S X\nX U\nU X2\nX2 X\nX2 E\nB U2\nU2 E2",
            {"B": 'attachedToRef="U" cancelActivity="false"'},
            {"B": timer("R/PT1H", "timeCycle")},
        )

        assert said(model) == []

    def test_of_a_branch_that_ends_by_itself_may_be_many(self) -> None:
        assert said(model_of("S X\nX A\nA U1\nA U2\nU1 E1\nU2 X2\nX2 X\nX2 E2")) == []

    def test_that_meet_without_a_join_are_a_warning(self) -> None:
        model = model_of("S A\nA U1\nA U2\nU1 X\nU2 X\nX U3\nU3 E")

        assert said(model) == [("warning", "done-twice", "X")]

    def test_that_meet_at_a_task_are_a_warning(self) -> None:
        assert said(model_of("S A\nA U1\nA U2\nU1 U3\nU2 U3\nU3 E")) == [("warning", "done-twice", "U3")]

    def test_that_meet_the_path_of_an_event_beside_their_task_are_a_warning(self) -> None:
        beside = {"B": 'attachedToRef="U1" cancelActivity="false"'}

        near = model_of("S U1\nU1 X\nB X\nX U2\nU2 E", beside, {"B": timer("PT1H")})
        far = model_of("S U1\nU1 X1\nX1 U3\nX1 E1\nU3 X\nB X\nX U2\nU2 E", beside, {"B": timer("PT1H")})

        assert said(near) == said(far) == [("warning", "done-twice", "X")]

    def test_may_come_to_one_end(self) -> None:
        assert said(model_of("S A\nA U1\nA U2\nU1 E\nU2 E")) == []

    def test_meet_only_once_in_a_loop(self) -> None:
        assert said(model_of("S X\nX A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 X2\nX2 X\nX2 E")) == []


class TestWhatIsSound:
    @pytest.mark.parametrize("path", sorted(shipped("bpmn").glob("*.bpmn")), ids=lambda path: path.stem)
    def test_among_the_six_sops_is_all(self, path: Path) -> None:
        assert said(engine.read(path.read_bytes()).model) == []

    @RUNS
    @given(st.integers(0, 2**32), st.integers(2, 4), st.integers(6, 24))
    def test_at_random_raises_no_alarm(self, seed: int, depth: int, blocks: int) -> None:
        process = random_process(Random(seed), Shape(depth=depth, blocks=blocks))

        assert said(engine.read(draw(process).xml).model) == []


class TestAgainstBruteForce:
    @RUNS
    @given(st.integers(0, 2**32))
    def test_the_same_models_are_sound(self, seed: int) -> None:
        random = Random(seed)
        shape = Shape(depth=random.choice((1, 2, 2, 3)), blocks=random.choice((3, 4, 5, 6)), terminate_events=False)
        base = engine.read(draw(random_process(random, shape)).xml).model
        changed = (mutated(base, random) for _ in range(4))
        for model in (base, *(one for one in changed if one is not None)):
            for inside in scopes_of(model):
                expected = every_run(model, inside, limit=1000)
                outcome = explore(smaller(net_of(model, inside)))
                if expected.known and outcome.complete:
                    assert bool(outcome.stuck or outcome.piled or outcome.trapped) == bool(expected.faults)

    def test_faults_are_among_what_is_compared(self) -> None:
        kinds = set()
        for seed in range(40):
            random = Random(seed)
            base = engine.read(draw(random_process(random, Shape(depth=2, blocks=4))).xml).model
            model = mutated(base, random)
            if model is not None:
                kinds |= every_run(model, None).faults or {"sound"}
        assert {"sound", "stuck"} <= kinds


class TestPlantedFaults:
    def test_every_parallel_join_made_exclusive_is_seen(self) -> None:
        seen = 0
        for seed in range(60):
            process = random_process(Random(seed), Shape(depth=2, blocks=8, empty_parallel_branches=False))
            model = engine.read(draw(process).xml).model
            joins = [n for n in model.nodes.values() if n.kind is engine.NodeKind.PARALLEL and len(n.incoming) > 1]
            for join in joins:
                nodes = {**model.nodes, join.id: replace(join, kind=engine.NodeKind.EXCLUSIVE)}
                if len(join.outgoing) == 1 and model.nodes[join.outgoing[0].target].outgoing:
                    assert said(relinked(model, nodes, dict(model.flows)))
                    seen += 1
        assert seen > 20


class TestBounds:
    def test_what_was_not_checked_completely_is_said(self) -> None:
        flows = "S A1\n" + "".join(f"A1 U{n}\nU{n} X{n}\nX{n} A2\nX{n} V{n}\nV{n} A2\n" for n in range(12)) + "A2 E"
        flows = flows.replace("V", "U9")

        findings = engine.check_runs(model_of(flows), limit=20)

        assert ("warning", "not-checked-completely", "p") in [(f.severity, f.code, f.element_id) for f in findings]

    @pytest.mark.parametrize(("branches", "length"), [(10, 6), (30, 10), (50, 15)])
    @pytest.mark.parametrize("gateway", ["A", "O"])
    def test_wide_and_long_is_quick(self, gateway: str, branches: int, length: int) -> None:
        flows = [f"S {gateway}1", f"{gateway}2 E"]
        for branch in range(branches):
            steps = [f"{gateway}1", *(f"U{branch}.{step}" for step in range(length)), f"{gateway}2"]
            flows += [f"{here} {there}" for here, there in pairwise(steps)]
        model = model_of("\n".join(flows))

        began = time.process_time()
        assert said(model) == []
        assert time.process_time() - began < 1

    @pytest.mark.parametrize("gateway", ["A", "O", "X"])
    def test_blocks_within_blocks_are_checked_completely(self, gateway: str) -> None:
        flows = [f"S {gateway}", f"{gateway}9 E"]
        for n in range(40):
            flows += [f"{gateway} {gateway}1.{n}", f"{gateway}2.{n} {gateway}9"]
            flows += [f"{gateway}1.{n} U{n}.{k}\nU{n}.{k} {gateway}2.{n}" for k in range(40)]
        model = model_of("\n".join(flows))

        assert met_unjoined(model, None) == ([], True)

    def test_a_meeting_deep_in_wide_blocks_is_found(self) -> None:
        flows = ["S A", "A9 E", "A1.7 U1", "U1 A3", "A3 U2", "A3 U3", "U2 X", "U3 X", "X U4", "U4 E2"]
        for n in range(40):
            flows += [f"A A1.{n}", f"A2.{n} A9"]
            flows += [f"A1.{n} U{n}.{k}\nU{n}.{k} A2.{n}" for k in range(40)]

        assert met_unjoined(model_of("\n".join(flows)), None) == (["X"], True)

    def test_cross_links_between_many_branches_are_quick(self) -> None:
        flows = ["S A0", "A9 E"]
        for n in range(20):
            flows += [f"A0 U{n}", f"U{n} A1.{n}", f"A1.{n} A2.{n}", f"A1.{n} A2.{(n + 1) % 20}", f"A2.{n} A9"]

        began = time.process_time()
        assert said(model_of("\n".join(flows))) == []
        assert time.process_time() - began < 1
