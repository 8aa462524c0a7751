"""What forms give is tried on gateways and multi-instance tasks before anybody is stuck behind them."""

from collections.abc import Mapping

import pytest

from app import engine
from app.definitions.decided import check_decisions
from app.engine import Finding
from tests.definitions.test_provided import CHOICE, TO_E, each
from tests.engine.small_models import EXTERNAL, SHARED, document, scope
from tests.house.tree import ROOT

REQUIRED = '<camunda:validation><camunda:constraint name="required"/></camunda:validation>'
ERROR = [("error", "field-may-be-empty", "X")]
WARNING = [("warning", "field-may-be-empty", "X")]


def field(name: str, kind: str = "long", inside: str = REQUIRED, *options: str, more: str = "") -> str:
    values = "".join(f'<camunda:value id="{option}"/>' for option in options)
    return f'<camunda:formField id="{name}" type="{kind}" {more}>{values}{inside}</camunda:formField>'


def bounded(name: str, **bounds: str) -> str:
    rules = "".join(f'<camunda:constraint name="{rule}" config="{config}"/>' for rule, config in bounds.items())
    inside = f'<camunda:validation><camunda:constraint name="required"/>{rules}</camunda:validation>'
    return field(name, "string" if "minlength" in bounds or "maxlength" in bounds else "long", inside)


def form(*fields: str) -> str:
    return f"<extensionElements><camunda:formData>{''.join(fields)}</camunda:formData></extensionElements>"


def optional(name: str, kind: str = "long", *options: str, more: str = "") -> str:
    return field(name, kind, "", *options, more=more)


def findings(
    flows: str, inside: Mapping[str, str], attributes: Mapping[str, str] | None = None, *, limit: int = 1_000
) -> list[Finding]:
    examined = engine.examine(document(scope(flows, dict(TO_E if attributes is None else attributes), dict(inside))))
    assert examined.model is not None
    assert [one for one in examined.findings if one.severity == "error"] == []
    return list(check_decisions(examined.model, limit=limit))


def found(
    flows: str, inside: Mapping[str, str], attributes: Mapping[str, str] | None = None
) -> list[tuple[str, str, str | None]]:
    return [(one.severity, one.code, one.element_id) for one in findings(flows, inside, attributes)]


def chosen(condition: str, *fields: str) -> list[tuple[str, str, str | None]]:
    """What is said of a gateway with a default flow and one condition, behind a start with these fields."""
    return found(CHOICE.format(condition), {"S": form(*fields)})


class TestAFieldThatMayBeLeftEmpty:
    @pytest.mark.parametrize(
        ("condition", "kind"),
        [
            ("${n > 3}", "long"),
            ("${n + 1 == 3}", "long"),
            ("${n}", "boolean"),
            ("${!n}", "boolean"),
            ("${n >= '2026-01-01'}", "date"),
            ("${contains(n, 'a')}", "string"),
            ("${len(n) == 13}", "string"),
        ],
    )
    def test_is_refused_where_nothing_can_be_decided_without_it(self, condition: str, kind: str) -> None:
        assert chosen(condition, optional("n", kind)) == ERROR
        assert chosen(condition, field("n", kind)) == []

    @pytest.mark.parametrize(
        "condition",
        ["${n == 3}", "${n != 3}", "${n != null && n > 3}", "${!empty n && n > 3}", "${n in [1, 2]}", "${3 == n}"],
    )
    def test_is_no_fault_where_the_condition_is_merely_false(self, condition: str) -> None:
        assert chosen(condition, optional("n")) == []

    def test_is_refused_where_no_way_is_left_without_it(self) -> None:
        flows = "S U\nU X\nX U ${k == 'dikembalikan'}\nX E ${k == 'setuju'}"
        options = ("setuju", "dikembalikan")

        assert found(flows, {"U": form(optional("k", "enum", *options))}, {}) == ERROR
        assert found(flows, {"U": form(field("k", "enum", REQUIRED, *options))}, {}) == []

    def test_names_the_field_and_two_remedies(self) -> None:
        (finding,) = findings(CHOICE.format("${n > 3}"), {"S": form(optional("n"))})

        assert "'n'" in finding.text.id
        assert "'required'" in finding.remedy.id
        assert "n != null" in finding.remedy.en

    @pytest.mark.parametrize("loop", [each(loopCardinality="${n}"), each(loopCardinality="${n + 1}")])
    def test_is_refused_where_it_says_how_often_a_task_is_done(self, loop: str) -> None:
        few = bounded("n", min="1", max="9").replace('<camunda:constraint name="required"/>', "")
        assert found("S U\nU E", {"S": form(few), "U": loop}, {}) == [("error", "field-may-be-empty", "U")]
        assert found("S U\nU E", {"S": form(bounded("n", min="1", max="9")), "U": loop}, {}) == []

    def test_is_refused_where_it_says_when_a_task_is_done(self) -> None:
        loop = each(loopCardinality="3", completionCondition="${nrOfCompletedInstances &gt; n}")

        assert found("S U\nU E", {"S": form(optional("n")), "U": loop}, {}) == [("error", "field-may-be-empty", "U")]

    def test_is_a_warning_where_another_form_or_a_default_may_fill_it(self) -> None:
        flows = CHOICE.format("${n > 3}")

        assert found(flows, {"S": form(field("n")), "U": form(optional("n"))}) == WARNING
        assert found(flows, {"S": form(optional("n", more='defaultValue="3"'))}) == WARNING

    def test_is_a_warning_where_a_called_process_may_fill_it(self) -> None:
        flows = CHOICE.format("${n > 3}").replace("S U", "S K\nK U")

        assert found(flows, {"S": form(optional("n")), "K": SHARED}, {**TO_E, "K": 'calledElement="lain"'}) == WARNING

    def test_is_refused_although_a_worker_answers_since_none_may_give_what_a_form_owns(self) -> None:
        flows = CHOICE.format("${n > 3}").replace("S U", "S W\nW U")

        assert found(flows, {"S": form(optional("n"))}, {**TO_E, "W": EXTERNAL}) == ERROR

    def test_is_a_warning_where_another_gateway_asks_whether_it_is_empty(self) -> None:
        flows = "S U\nU X0\nX0 E ${n == null}\nX0 X\nX U2 ${n > 3}\nX E\nU2 E"

        assert found(flows, {"S": form(optional("n"))}, {**TO_E, "X0": 'default="X0-X"'}) == WARNING

    def test_is_a_warning_where_only_some_values_of_another_field_ask_for_it(self) -> None:
        assert chosen("${segera && n > 3}", field("segera", "boolean"), optional("n")) == WARNING


class TestAComparison:
    @pytest.mark.parametrize(
        ("condition", "fields"),
        [
            ("${k == 'setujui'}", field("k", "enum", REQUIRED, "setuju", "dikembalikan")),
            ("${k != 'Setuju'}", field("k", "enum", REQUIRED, "setuju", "dikembalikan")),
            ("${k in ['ya', 'y']}", field("k", "enum", REQUIRED, "setuju")),
            ("${b == 'true'}", field("b", "boolean")),
            ("${b == 1}", field("b", "boolean")),
            ("${n == '3'}", field("n")),
            ("${n == true}", field("n")),
            ("${n == 5}", bounded("n", min="1", max="4")),
            ("${n == 2.5}", field("n")),
            ("${t == 3}", field("t", "string")),
            ("${t == 'panjang'}", bounded("t", maxlength="3")),
            ("${d == '17-08-2026'}", field("d", "date")),
            ("${n == b}", field("n") + field("b", "boolean")),
        ],
    )
    def test_with_what_a_field_never_holds_is_refused_where_it_decides(self, condition: str, fields: str) -> None:
        assert set(chosen(condition, fields)) == {("error", "never-equal", "X-U2")}

    @pytest.mark.parametrize(
        ("condition", "fields"),
        [
            ("${k == 'setuju'}", field("k", "enum", REQUIRED, "setuju", "dikembalikan")),
            ("${'setuju' == k}", optional("k", "enum", "setuju")),
            ("${k != null}", field("k", "enum", REQUIRED, "setuju")),
            ("${b == false}", field("b", "boolean")),
            ("${n == -3}", field("n")),
            ("${n == 3.0}", field("n")),
            ("${n > 2.5}", field("n")),
            ("${t == '3'}", field("t", "string")),
            ("${t == d}", field("t", "string") + field("d", "date")),
            ("${d == '2026-08-17'}", field("d", "date")),
            ("${d < '2026'}", field("d", "date")),
            ("${n == b}", optional("n") + optional("b", "boolean")),
            ("${text(n) == '3'}", field("n")),
        ],
    )
    def test_with_what_it_may_hold_is_not_spoken_of(self, condition: str, fields: str) -> None:
        assert chosen(condition, fields) == []

    def test_is_a_warning_where_the_condition_asks_for_more(self) -> None:
        options = field("k", "enum", REQUIRED, "setuju", "dikembalikan")

        assert chosen("${k == 'setuju' || k == 'setujui'}", options) == [("warning", "never-equal", "X-U2")]

    def test_names_the_options_or_how_a_boolean_is_written(self) -> None:
        (enum,) = findings(CHOICE.format("${k == 'ya'}"), {"S": form(field("k", "enum", REQUIRED, "setuju"))})
        (truth,) = findings(CHOICE.format("${b == 'true'}"), {"S": form(field("b", "boolean"))})

        assert "'setuju'" in enum.remedy.id
        assert "${b == false}" in truth.remedy.id

    def test_is_not_judged_where_something_else_may_give_the_variable(self) -> None:
        enum = form(field("k", "enum", REQUIRED, "setuju"))
        flows = CHOICE.format("${k == 'lain'}")

        assert found(flows, {"U2": enum}) == []
        assert found(flows, {"U": enum}) == [("error", "never-equal", "X-U2")]
        called = {**TO_E, "K": 'calledElement="lain"'}
        assert found(flows.replace("S U", "S K\nK U"), {"S": enum, "K": SHARED}, called) == []

    @pytest.mark.parametrize(
        ("condition", "fields"),
        [
            ("${n > '3'}", field("n")),
            ("${t >= 3}", field("t", "string")),
            ("${b > false}", field("b", "boolean")),
            ("${n < null}", field("n")),
            ("${n < t}", field("n") + field("t", "string")),
        ],
    )
    def test_of_what_has_no_order_is_refused(self, condition: str, fields: str) -> None:
        assert chosen(condition, fields) == [("error", "not-comparable", "X-U2")]


class TestACardinality:
    @pytest.mark.parametrize(
        ("written", "fields"),
        [
            ("${n &gt; 3}", field("n")),
            ("${n / 2}", field("n")),
            ("${n}", field("n", "string")),
            ("${n}", field("n", "boolean")),
            ("${n}", field("n", "date")),
            ("${n}", field("n", "enum", REQUIRED, "1", "2")),
            ("${n * 0.5}", field("n")),
            ("${n}", bounded("n", min="1001")),
            ("${n}", bounded("n", max="-1")),
            ("${luar == 3}", field("n")),
        ],
    )
    def test_that_is_never_a_whole_number_within_bounds_is_refused(self, written: str, fields: str) -> None:
        inside = {"S": form(fields), "U": each(loopCardinality=written)}

        assert found("S U\nU E", inside, {}) == [("error", "loop-cardinality", "U")]

    @pytest.mark.parametrize(
        ("written", "fields"),
        [
            ("${n}", bounded("n", min="0", max="1000")),
            ("${n * 1000 - 50000}", bounded("n", min="50", max="51")),
            ("${number(n)}", field("n", "enum", REQUIRED, "1", "2")),
            ("${len(n)}", field("n", "string")),
            ("${len(n) == 7 ? 3 : 2}", field("n", "string")),
            ("${n &lt; 1 ? 1 : n &gt; 9 ? 9 : n}", field("n")),
            ("${n ? 2 : 1}", field("n", "boolean")),
            ("${data.jumlah}", field("n")),
        ],
    )
    def test_that_may_be_one_is_not_spoken_of(self, written: str, fields: str) -> None:
        inside = {"S": form(fields), "U": each(loopCardinality=written)}

        assert found("S U\nU E", inside, {}) == []


class TestTheFormThatStandsLast:
    FLOWS = CHOICE.format("${n > 3}").replace("S U", "S U1\nU1 U")

    def test_before_a_gateway_is_what_it_is_judged_by(self) -> None:
        assert found(self.FLOWS, {"U1": form(optional("n")), "U": form(field("n"))}) == []
        assert found(self.FLOWS, {"U1": form(field("n")), "U": form(optional("n"))}) == WARNING

    def test_may_be_passed_by_on_another_way(self) -> None:
        flows = self.FLOWS.replace("U1 U", "U1 X0\nX0 U ${m == 1}\nX0 X")
        inside = {"S": form(field("m")), "U1": form(optional("n")), "U": form(field("n"))}

        assert found(flows, inside, {**TO_E, "X0": 'default="X0-X"'}) == WARNING

    def test_may_be_in_a_sub_process_or_interrupted(self) -> None:
        inner = {"U": form(field("n"))}
        assert (
            found(
                "S U1\nU1 P\nP X\nX U2 ${n > 3}\nX E\nU2 E",
                {"U1": form(optional("n")), "P": scope("SP U\nU EP", {}, inner)},
            )
            == []
        )

    def test_is_not_known_beside_another_branch(self) -> None:
        flows = "S A\nA U1\nA U3\nU3 U\nU X\nX U2 ${n > 3}\nX A2\nU2 A2\nU1 A2\nA2 E"
        default = {"X": 'default="X-A2"'}

        assert found(flows, {"U1": form(optional("n")), "U3": form(field("n"))}, default) == WARNING
        # What the gateway reads at once is what was just filled in.
        assert found(flows, {"U1": form(optional("n")), "U": form(field("n"))}, default) == []


class TestADateComparedWithAText:
    @pytest.mark.parametrize("written", ["31/12/2026", "31-12-2026", "2026-13-01", "2026-1-5", "Desember", ""])
    def test_that_is_no_date_is_refused(self, written: str) -> None:
        assert chosen(f"${{d < '{written}'}}", field("d", "date")) == [("error", "not-comparable", "X-U2")]
        assert chosen(f"${{'{written}' >= d}}", field("d", "date")) == [("error", "not-comparable", "X-U2")]

    @pytest.mark.parametrize("written", ["2026-12-31", "2026-12", "2026", "2026-02-31"])
    def test_that_is_one_or_begins_one_is_not_spoken_of(self, written: str) -> None:
        assert chosen(f"${{d < '{written}'}}", field("d", "date")) == []


def test_of_very_many_conditions_it_is_said_that_not_all_were_tried() -> None:
    (finding,) = findings(CHOICE.format("${n > 3}"), {"S": form(optional("n"))}, limit=1)

    assert (finding.severity, finding.code) == ("warning", "not-checked-completely")


def test_the_six_sops_hold_what_they_decide_by() -> None:
    models = [engine.examine(path.read_bytes()).model for path in (ROOT / "bpmn").glob("*.bpmn")]

    assert [list(check_decisions(model)) for model in models if model is not None] == [[]] * 6
