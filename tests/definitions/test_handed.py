"""A process that is called gets its variables from its caller: nobody fills in its start form."""

from collections.abc import Mapping

import pytest

from app.definitions.handed import check_handed
from app.engine import Model
from tests.definitions.test_provided import CHOICE, TO_E, asking, process
from tests.engine.small_models import MESSAGE, SHARED

CALLED = process("anak", CHOICE.format("${n == 1}"), TO_E, {"S": asking("n")})
MIDDLE = process("tengah", "S K\nK U\nU E", {"K": 'calledElement="anak"'}, {"S": asking("n"), "K": SHARED})
ERROR = [("error", "variable-never-set", "K")]
WARNING = [("warning", "variable-from-outside", "K")]


def calling(inside: Mapping[str, str], *, called: str = "anak", id_: str = "induk", flows: str = "") -> Model:
    return process(id_, flows or "S U\nU K\nK E", {"K": f'calledElement="{called}"'}, {**inside, "K": SHARED})


def told(model: Model, *called: Model, sent: tuple[Model, ...] = ()) -> list[tuple[str, str, str | None]]:
    found = check_handed(model, {one.id: one for one in called}, sent)
    return [(one.severity, one.code, one.element_id) for one in found]


class TestWhatOnlyAStartFormGives:
    def test_is_refused_where_the_caller_does_not_give_it(self) -> None:
        assert told(calling({"S": asking("m")}), CALLED) == ERROR

    @pytest.mark.parametrize("node", ["S", "U"])
    def test_is_given_by_a_form_of_the_caller(self, node: str) -> None:
        assert told(calling({"S": asking("m"), node: asking("n")}), CALLED) == []

    def test_is_given_by_a_task_of_what_is_called(self) -> None:
        called = process("anak", CHOICE.format("${n == 1}"), TO_E, {"S": asking("n"), "U": asking("n")})

        assert told(calling({"S": asking("m")}), called) == []

    def test_may_come_with_the_start_or_a_message_of_the_caller(self) -> None:
        assert told(calling({}), CALLED) == WARNING
        waiting = calling({"S": asking("m"), "C": MESSAGE}, flows="S C\nC K\nK E")
        assert told(waiting, CALLED) == WARNING

    def test_is_not_given_by_the_start_form_of_a_process_in_between(self) -> None:
        outer = calling({"S": asking("m")}, called="tengah")

        assert told(outer, MIDDLE, CALLED) == ERROR
        assert told(MIDDLE, CALLED) == []
        assert told(outer, MIDDLE) == []

    def test_may_come_from_a_process_that_calls_the_caller(self) -> None:
        middle = calling({"S": asking("m")}, id_="tengah")
        outer = calling({"S": asking("n")}, called="tengah")

        assert told(middle, CALLED, sent=(middle, outer)) == WARNING
        assert told(middle, CALLED, sent=(middle, calling({"S": asking("m")}, called="tengah"))) == ERROR

    def test_is_not_asked_of_a_decision_that_is_never_handed_over_otherwise(self) -> None:
        called = process("anak", CHOICE.format("${keputusan == 1}"), TO_E, {"S": asking("keputusan")})

        assert told(calling({}), called) == ERROR


class TestWhatACalledProcessWithoutAFormReads:
    CALLED = process("anak", CHOICE.format("${n == 1}"), TO_E, {})

    def test_is_refused_where_nothing_gives_it(self) -> None:
        assert told(calling({"S": asking("m")}), self.CALLED) == ERROR

    def test_is_said_in_its_own_file_where_it_may_come_from_outside(self) -> None:
        assert told(calling({}), self.CALLED) == []
