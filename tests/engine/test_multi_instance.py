"""Multi-instance user tasks: done several times, side by side or one after the other, until they are complete."""

from typing import Any

import pytest

from app import engine
from app.engine.execution import Execution
from tests.engine.refusals import findings, refused
from tests.engine.running import HOUR, NOON, Running, read
from tests.engine.small_models import document, scope, timer

FOR_EACH = 'camunda:collection="orang" camunda:elementVariable="nama"'


def marker(attributes: str = "", inside: str = "") -> str:
    return f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"


def times(text: str, *, until: str | None = None, sequential: bool = False) -> str:
    complete = "" if until is None else f"<completionCondition>{until}</completionCondition>"
    attributes = 'isSequential="true"' if sequential else ""
    return marker(attributes, f"<loopCardinality>{text}</loopCardinality>{complete}")


def running(loop: str, **variables: Any) -> Running:
    flows = "S U\nU U9\nU9 E\nB U2\nU2 E2"
    process = read(flows, {"B": 'attachedToRef="U"'}, {"U": loop, "B": timer("PT1H")})
    return Running(process, **variables)


def locals_of(run: Running) -> list[dict[str, Any]]:
    return [dict(task.local) for task in run.step.open_tasks]


class TestSideBySide:
    def test_all_are_open_at_once_each_with_its_item(self) -> None:
        run = running(marker(FOR_EACH), orang=["siti", {"nama": "budi"}])

        assert run.open == "U U"
        assert locals_of(run) == [
            {"loopCounter": 0, "nama": "siti"},
            {"loopCounter": 1, "nama": {"nama": "budi"}},
        ]
        assert run.step.visits == {"S": 1, "U": 1}
        assert [wait.element_id for wait in run.step.waits] == ["B"]

    def test_the_task_is_complete_with_its_last_instance(self) -> None:
        run = running(times("2"))

        run.complete("U", a=1)
        assert run.open == "U"
        step = run.complete("U", b=2)

        assert (run.open, step.variables, step.waits) == ("U9", {"a": 1, "b": 2}, ())

    @pytest.mark.parametrize(
        ("until", "completed"),
        [
            ("${nrOfCompletedInstances >= 2}", 2),
            ("${nrOfActiveInstances == 1}", 3),
            ("${nrOfCompletedInstances / nrOfInstances > 0.5}", 3),
            ("${loopCounter == 0}", 1),
            ("${keputusan == 'cukup'}", 1),
            ("${false}", 4),
        ],
    )
    def test_or_when_its_condition_holds_and_the_rest_is_withdrawn(self, until: str, completed: int) -> None:
        run = running(times("4", until=until.replace(">", "&gt;")))

        for _ in range(completed):
            assert run.open.startswith("U ") or run.open == "U"
            step = run.complete("U", keputusan="cukup")

        assert run.open == "U9"
        assert len(step.closed) == 5 - completed

    def test_a_boundary_event_is_of_the_whole(self) -> None:
        run = running(times("3"))
        run.complete("U")

        run.wake(HOUR)

        assert run.open == "U2"

    def test_what_is_not_of_the_task_is_no_task(self) -> None:
        run = running(times("2"))

        whole = min(token for token in range(1, 9) if token not in {task.token for task in run.step.open_tasks})
        for token in range(whole, 9):
            if token not in {task.token for task in run.step.open_tasks}:
                with pytest.raises(engine.TokenNotOpen):
                    engine.complete(run.process, run.step.state, token, {}, now=NOON)

    def test_a_thousand_are_not_too_many(self) -> None:
        run = running(times("1000", until="${nrOfCompletedInstances == 2}"))
        assert len(run.step.open_tasks) == 1000

        run.complete("U")
        run.complete("U")

        assert run.open == "U9"


class TestOneAfterTheOther:
    def test_one_is_open_at_a_time(self) -> None:
        run = running(marker(f'isSequential="true" {FOR_EACH}'), orang=["a", "b"])

        assert locals_of(run) == [{"loopCounter": 0, "nama": "a"}]
        run.complete("U")
        assert locals_of(run) == [{"loopCounter": 1, "nama": "b"}]
        assert run.complete("U").visits == {"U9": 1}

    def test_items_are_looked_up_when_their_turn_comes_as_in_camunda(self) -> None:
        run = running(marker(f'isSequential="true" {FOR_EACH}'), orang=["a", "b"])

        run.complete("U", orang=["a", "lain", "tidak"])
        assert locals_of(run) == [{"loopCounter": 1, "nama": "lain"}]
        run.complete("U")

        assert run.open == "U9"

    def test_a_list_that_has_become_too_short_is_refused_with_the_element(self) -> None:
        run = running(marker(f'isSequential="true" {FOR_EACH}'), orang=["a", "b"])

        with pytest.raises(engine.CannotRepeat) as caught:
            run.complete("U", orang=[])

        assert caught.value.element_id == "U"
        assert run.complete("U").visits == {}

    def test_one_counts_as_active(self) -> None:
        run = running(times("3", until="${nrOfActiveInstances == 1 &amp;&amp; loopCounter == 1}", sequential=True))

        run.complete("U")
        assert run.open == "U"
        run.complete("U")

        assert run.open == "U9"


class TestHowOften:
    @pytest.mark.parametrize("loop", [times("0"), times("${n}"), marker(FOR_EACH)])
    def test_no_time_at_all_goes_on_at_once(self, loop: str) -> None:
        run = running(loop, n=0, orang=[])

        assert run.open == "U9"
        assert run.step.visits == {"S": 1, "U": 1, "U9": 1}

    def test_an_expression_says_it_when_the_task_is_reached(self) -> None:
        assert running(times("${n + 1}"), n=2).open == "U U U"

    @pytest.mark.parametrize("written", ["orang", "${orang}", "#{ orang }"])
    def test_a_collection_is_named_either_way(self, written: str) -> None:
        run = running(marker(f'camunda:collection="{written}"'), orang=[1])

        assert locals_of(run) == [{"loopCounter": 0}]

    @pytest.mark.parametrize("n", [-1, 1001, 1.5, "2", True, None, [2]])
    def test_a_number_that_is_none_is_refused_with_the_element(self, n: object) -> None:
        with pytest.raises(engine.CannotRepeat) as caught:
            running(times("${n}"), n=n)

        assert caught.value.element_id == "U"

    @pytest.mark.parametrize(
        "given", [{}, {"orang": "siti"}, {"orang": {"a": 1}}, {"orang": None}, {"orang": [0] * 1001}]
    )
    def test_a_collection_that_is_none_is_refused_with_the_element(self, given: dict[str, Any]) -> None:
        with pytest.raises(engine.CannotRepeat) as caught:
            running(marker(FOR_EACH), **given)

        assert caught.value.element_id == "U"

    @pytest.mark.parametrize("until", ["${tidak_ada}", "${nrOfInstances}", "${'x' &lt; 1}"])
    def test_a_condition_that_cannot_be_decided_is_refused_and_the_state_holds(self, until: str) -> None:
        run = running(times("2", until=until))

        with pytest.raises(engine.CannotRepeat) as caught:
            run.complete("U")

        assert caught.value.element_id == "U"
        assert len(engine.where(run.process, run.step.state).open_tasks) == 2

    def test_the_counts_are_no_variables_of_the_instance(self) -> None:
        run = running(times("2", until="${nrOfCompletedInstances == 9}"), nrOfInstances="milik sendiri")

        assert run.complete("U").variables == {"nrOfInstances": "milik sendiri"}


class TestSavedAndRestored:
    def test_locals_and_counts_are_kept(self) -> None:
        run = running(marker(FOR_EACH, "<completionCondition>${nrOfCompletedInstances == 2}</completionCondition>"),
                      orang=["a", "b", "c"])  # fmt: skip
        run.complete("U")

        again = Execution.load(run.process, run.step.state, NOON).step()

        assert again.state == run.step.state
        assert [task.local["nama"] for task in again.open_tasks] == ["b", "c"]
        run.step = again
        run.complete("U")
        assert run.open == "U9"

    def test_a_rework_loop_goes_through_it_again(self) -> None:
        process = read("S X1\nX1 U1\nU1 U\nU X2\nX2 X1 ${lagi}\nX2 E", {"X2": 'default="X2-E"'}, {"U": times("2")})
        run = Running(process, lagi=True)
        for _ in range(200):
            run.complete("U1")
            run.complete("U")
            run.complete("U")

        assert run.open == "U1"
        assert len(run.step.state) < 200


class TestReading:
    @pytest.mark.parametrize(
        ("loop", "code"),
        [
            (marker(), "loop-unclear"),
            (marker(FOR_EACH, "<loopCardinality>2</loopCardinality>"), "loop-unclear"),
            (times("1001"), "loop-cardinality"),
            (times("-1"), "loop-cardinality"),
            (times("1.5"), "loop-cardinality"),
            (times("${1 / 0}"), "loop-cardinality"),
            (times("dua kali"), "expression-refused"),
            (times("2", until=""), "expression-refused"),
            (times("2").replace("<loopCardinality>", '<loopCardinality language="groovy">'), "condition-language"),
            (marker('camunda:collection="${orang.isi}"'), "loop-collection"),
            (marker('camunda:collection="a b"'), "loop-collection"),
            (marker('camunda:collection="orang" camunda:elementVariable="loopCounter"'), "element-variable"),
            (marker('camunda:collection="orang" camunda:elementVariable="${x}"'), "element-variable"),
            (marker('camunda:collection="orang" camunda:elementVariable="empty"'), "element-variable"),
            (marker('camunda:elementVariable="x"', "<loopCardinality>2</loopCardinality>"), "element-variable"),
            (marker(FOR_EACH, "<loopDataInputRef>x</loopDataInputRef>"), "unsupported-element"),
            (marker(FOR_EACH, '<inputDataItem id="i"/>'), "unsupported-element"),
            (marker(f'{FOR_EACH} behavior="One"'), "unsupported-element"),
            (marker(f'{FOR_EACH} camunda:class="x"'), "unsupported-attribute"),
        ],
    )  # fmt: skip
    def test_what_does_not_say_how_often_is_refused(self, loop: str, code: str) -> None:
        assert refused(document(scope("S U\nU E", {}, {"U": loop}))) == [(code, "U")]

    def test_only_a_user_task_may_be_one(self) -> None:
        (finding,) = findings(document(scope("S P\nP E", {}, {"P": scope("S2 E2") + times("2")})))

        assert (finding.code, finding.element_id) == ("unsupported-element", "P")
        assert "multi-instance" in finding.remedy.en

    def test_one_that_may_be_done_no_time_does_not_make_a_cycle_wait(self) -> None:
        flows, end = "S X\nX U\nU X2\nX2 X ${x}\nX2 E", {"X2": 'default="X2-E"'}

        assert refused(document(scope(flows, end, {"U": marker(FOR_EACH)})))[0][0] == "endless-cycle"
        assert engine.read(document(scope(flows, end, {"U": times("2")}))).model.id == "p"
