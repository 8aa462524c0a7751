"""What several people answer in one task: the last answer stays, so a gateway behind them reads no more than that."""

import pytest

from app import engine
from app.definitions.answers import check_answers
from tests.definitions.test_provided import CHOICE, TO_E
from tests.engine.small_models import document, scope

LOOP = "<multiInstanceLoopCharacteristics><loopCardinality>{}</loopCardinality>{}</multiInstanceLoopCharacteristics>"
FIELD = '<camunda:formField id="{}" type="enum"><camunda:value id="setuju"/><camunda:value id="dikembalikan"/>'
FORM = f"<extensionElements><camunda:formData>{FIELD}</camunda:formField></camunda:formData></extensionElements>"
VOTE = "<completionCondition>${keputusan == 'dikembalikan'}</completionCondition>"


def found(task: str) -> list[tuple[str, str, str | None]]:
    flows = CHOICE.format("${keputusan == 'setuju'}")
    model = engine.read(document(scope(flows, dict(TO_E), {"U": task}))).model
    return [(one.severity, one.code, one.element_id) for one in check_answers(model)]


class TestADecisionOfSeveral:
    @pytest.mark.parametrize("times", ["3", "${n}"])
    def test_is_a_warning_where_nothing_says_which_answer_decides(self, times: str) -> None:
        task = FORM.format("keputusan") + LOOP.format(times, "")

        assert found(task) == [("warning", "last-answer-counts", "U")]

    @pytest.mark.parametrize(
        "task",
        [
            FORM.format("keputusan"),
            FORM.format("keputusan") + LOOP.format("1", ""),
            FORM.format("keputusan") + LOOP.format("3", VOTE),
            FORM.format("catatan") + LOOP.format("3", ""),
        ],
    )
    def test_is_none_where_one_decides_or_ends_the_task_or_no_gateway_asks(self, task: str) -> None:
        assert found(task) == []
