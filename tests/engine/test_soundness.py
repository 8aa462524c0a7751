"""The rules of the graph: nothing lost, nothing stuck, nothing undecidable, nothing endless."""

import time

import pytest

from app import engine
from tests.engine.refusals import refused
from tests.engine.small_models import ERROR, ESCALATION, EXTERNAL, MESSAGE, SIGNAL, document, scope, timer

OTHER = SIGNAL.replace("s1", "s2")


def accepted(flows: str, attributes: dict[str, str] | None = None, inside: dict[str, str] | None = None) -> bool:
    return bool(engine.read(document(scope(flows, attributes, inside))).model.nodes)


def found(
    flows: str, attributes: dict[str, str] | None = None, inside: dict[str, str] | None = None
) -> list[tuple[str, str | None]]:
    return refused(document(scope(flows, attributes, inside)))


class TestConnections:
    def test_an_unreachable_task_is_refused(self) -> None:
        assert found("S U\nU E\nU2 E2") == [("unreachable", "U2")]

    def test_a_part_that_nothing_leads_to_is_refused_once_where_it_begins(self) -> None:
        assert found("S U\nU E\nU2 X2\nX2 U3 ${a}\nX2 U2 ${b}\nU3 E2") == [("unreachable", "U2")]

    def test_a_way_that_only_goes_round_is_refused(self) -> None:
        assert found("S U\nU X\nX U") == [("no-way-out", "S"), ("no-way-out", "U"), ("no-way-out", "X")]

    def test_a_model_without_an_end_event_is_complete(self) -> None:
        assert accepted("S U")

    @pytest.mark.parametrize("flows", ["U E", "S1 U\nS2 U\nU E"])
    def test_there_is_exactly_one_start(self, flows: str) -> None:
        assert found(flows)[0][0] in ("no-start", "several-starts")

    @pytest.mark.parametrize("inside", ["", scope("U1 E1"), scope("S1 E1\nS2 E1")])
    def test_in_a_sub_process_too(self, inside: str) -> None:
        assert found("S P\nP E", {}, {"P": inside})[0][0] in ("no-start", "several-starts")

    def test_nothing_enters_a_start_and_nothing_leaves_an_end(self) -> None:
        assert ("incoming-refused", "S") in found("S U\nU S\nU E")
        assert ("outgoing-refused", "E") in found("S U\nU E\nE U")

    def test_a_gateway_that_decides_leads_somewhere(self) -> None:
        assert found("S X") == [("dead-end", "X")]
        assert found("S O") == [("dead-end", "O")]

    def test_a_boundary_event_stands_at_an_activity_of_its_scope(self) -> None:
        events = {"B": timer("PT1H")}

        assert found("S N\nN E\nB E", {"B": 'attachedToRef="N"'}, events) == [("not-attached", "B")]
        assert ("not-attached", "B") in found("S U\nU E\nB E", {"B": 'attachedToRef="?"'}, events)
        inner = {"P": scope("S2 U\nU E2"), **events}
        assert ("not-attached", "B") in found("S P\nP E\nB E", {"B": 'attachedToRef="U"'}, inner)
        assert ("not-attached", "B") in found("S P\nP E\nB E", {"B": 'attachedToRef="?"'}, inner)

    def test_a_boundary_event_leads_somewhere(self) -> None:
        body = scope("S U\nU E") + f'<boundaryEvent id="B" attachedToRef="U">{timer("PT1H")}</boundaryEvent>\n'

        assert refused(document(body)) == [("dead-end", "B")]

    def test_ids_names_and_fans_are_bounded(self) -> None:
        assert ("too-long", "U") in found("S U\nU E", {"U": f'name="{"x" * 1001}"'})
        fan = "S A\n" + "\n".join(f"A U{number}\nU{number} E" for number in range(51))
        assert sorted(found(fan)) == [("too-wide", "A"), ("too-wide", "E")]


class TestDecisions:
    def test_a_condition_on_a_flow_that_leaves_a_task_is_refused(self) -> None:
        assert found("S U\nU E ${x}") == [("condition-ignored", "U-E")]

    @pytest.mark.parametrize("gateway", ["A", "S"])
    def test_a_condition_where_nothing_is_decided_is_refused(self, gateway: str) -> None:
        flows = f"S A\n{gateway} U ${{x}}\nU E" if gateway == "A" else "S U ${x}\nU E"

        assert found(flows) == [("condition-ignored", f"{gateway}-U")]

    @pytest.mark.parametrize("gateway", ["X", "O"])
    def test_a_condition_on_the_only_flow_of_a_gateway_is_refused(self, gateway: str) -> None:
        assert found(f"S {gateway}\n{gateway} E ${{x}}") == [("condition-ignored", f"{gateway}-E")]

    @pytest.mark.parametrize("gateway", ["X", "O"])
    def test_every_flow_of_a_decision_is_decidable(self, gateway: str) -> None:
        flows = f"S {gateway}\n{gateway} E1 ${{x}}\n{gateway} E2"

        assert found(flows) == [("condition-missing", f"{gateway}-E2")]
        assert accepted(flows, {gateway: f'default="{gateway}-E2"'})

    def test_a_condition_on_the_default_flow_is_refused(self) -> None:
        assert found("S X\nX E1 ${x}\nX E2 ${y}", {"X": 'default="X-E2"'}) == [("condition-ignored", "X-E2")]

    def test_the_default_flow_leaves_its_gateway(self) -> None:
        assert found("S X\nX E1 ${x}\nX E2 ${y}", {"X": 'default="S-X"'}) == [("unknown-reference", "X")]

    def test_a_default_flow_where_nothing_is_decided_is_refused(self) -> None:
        assert found("S U\nU E1\nU E2", {"U": 'default="U-E2"'}) == [("default-ignored", "U")]


class TestEventGateways:
    @pytest.mark.parametrize(
        "flows",
        [
            "S V\nV C1\nC1 E",
            "S V\nV C1\nV U\nC1 E\nU E",
            "S V\nV C1\nV C2\nC1 E\nC2 N\nN E\nN C2",
        ],
    )
    def test_lead_to_two_waits_of_their_own(self, flows: str) -> None:
        events = {"C1": timer("PT1H"), "C2": timer("PT2H")}

        assert ("event-gateway-targets", "V") in found(flows, {}, events)

    def test_lead_to_no_wait_with_a_boundary_event(self) -> None:
        """Otherwise the boundary event would take the token away and leave the other branch waiting."""
        flows = "S V\nV R\nV C\nR E\nC E\nB E"
        attributes = {"R": 'messageRef="m1"', "B": 'attachedToRef="R"'}

        assert found(flows, attributes, {"C": timer("PT2H"), "B": timer("PT1H")}) == [("event-gateway-targets", "V")]

    def test_do_not_wait_for_one_message_twice(self) -> None:
        assert found("S V\nV C1\nV C2\nC1 E\nC2 E", {}, {"C1": MESSAGE, "C2": MESSAGE}) == [
            ("event-gateway-messages", "V")
        ]

    def test_may_have_two_timers(self) -> None:
        assert accepted("S V\nV C1\nV C2\nC1 E\nC2 E", {}, {"C1": timer("PT1H"), "C2": timer("PT2H")})


GOES_ON = {"X2": 'default="X2-E"'}


class TestCyclesThatWaitForNobody:
    def codes(self, flows: str, inside: dict[str, str] | None = None) -> list[tuple[str, str | None]]:
        return found(flows, GOES_ON, inside)

    def test_are_refused_with_a_node_of_the_cycle(self) -> None:
        ((code, at),) = self.codes("S N1\nN1 X\nX N2\nN2 X2\nX2 X ${x}\nX2 E")

        assert code == "endless-cycle"
        assert at in ("X", "N2", "X2")

    def test_are_found_behind_and_before_other_nodes(self) -> None:
        flows = "S N1\nN1 N2\nN2 X\nX X2\nX2 X ${x}\nX2 N3\nN3 N4\nN4 E"

        ((code, at),) = found(flows, {"X2": 'default="X2-N3"'})

        assert (code, at) in (("endless-cycle", "X"), ("endless-cycle", "X2"))

    def test_a_task_that_leads_to_itself_is_one(self) -> None:
        ((code, at),) = found("S N\nN N\nN E")

        assert (code, at) == ("endless-cycle", "N")

    @pytest.mark.parametrize("wait", ["U", "C"])
    def test_a_wait_in_it_makes_it_right(self, wait: str) -> None:
        assert accepted(f"S X\nX {wait}\n{wait} X2\nX2 X ${{x}}\nX2 E", GOES_ON, {"C": timer("PT1H")})

    def test_a_wait_on_one_of_two_ways_does_not(self) -> None:
        flows = "S X\nX X1\nX1 U ${y}\nX1 X3\nU X3\nX3 X2\nX2 X ${x}\nX2 E"

        ((code, at),) = found(flows, {**GOES_ON, "X1": 'default="X1-X3"'})

        assert code == "endless-cycle"
        assert at in ("X", "X1", "X3", "X2")

    def test_a_join_waits_for_the_branch_that_waits(self) -> None:
        assert accepted("S X\nX A1\nA1 U\nA1 A2\nU A2\nA2 X2\nX2 X ${x}\nX2 E", GOES_ON)

    def test_a_join_of_branches_that_do_not_wait_does_not_wait(self) -> None:
        ((code, _),) = self.codes("S X\nX A1\nA1 N\nA1 A2\nN A2\nA2 X2\nX2 X ${x}\nX2 E")

        assert code == "endless-cycle"

    @pytest.mark.parametrize(
        ("inside", "waits"),
        [
            ("S1 U1\nU1 E1", True),
            ("S1 N1\nN1 E1", False),
            ("S1 X1\nX1 U1 ${y}\nX1 E1\nU1 E2", False),
            # An instant end beside a task: the sub-process waits for the task.
            ("S1 A\nA U1\nA N\nN E1\nU1 E2", True),
            ("S1 U1\nS1 E1\nU1 E2", True),
            ("S1 A\nA N\nA E1\nN E2", False),
            ("S1 A\nA X1\nA E2\nX1 U1 ${y}\nX1 E1\nU1 E3", False),
            ("S1 X1\nX1 A ${y}\nX1 U1\nA U2\nA E1\nU1 E1\nU2 E1", True),
            ("S1 A1\nA1 U1\nA1 N\nU1 A2\nN A2\nA2 E1", True),
            ("S1 O\nO U1 ${y}\nO N\nU1 E1\nN E1", False),
            # A terminate end event waits for nobody.
            ("S1 A\nA U1\nA T\nU1 E2", False),
            ("S1 A\nA U1\nA U2\nU2 T\nU1 E2", True),
        ],
    )
    def test_a_sub_process_waits_if_a_token_waits_on_every_way_through_it(self, inside: str, waits: bool) -> None:
        flows = "S X\nX P\nP X2\nX2 X ${x}\nX2 E"
        default = {"X1": 'default="X1-U1"' if "X1 A" in inside else 'default="X1-E1"', "O": 'default="O-N"'}
        within = {"P": scope(inside, default)}

        if waits:
            assert accepted(flows, GOES_ON, within)
        else:
            assert [code for code, _ in self.codes(flows, within)] == ["endless-cycle"]

    def test_a_sub_process_in_a_sub_process_counts_too(self) -> None:
        flows = "S X\nX P\nP X2\nX2 X ${x}\nX2 E"
        waiting = {"P": scope("S1 P1\nP1 E1", {}, {"P1": scope("S3 U\nU E3")})}
        passing = {"P": scope("S1 P1\nP1 E1", {}, {"P1": scope("S3 N\nN E3")})}

        assert accepted(flows, GOES_ON, waiting)
        assert [code for code, _ in self.codes(flows, passing)] == ["endless-cycle"]

    def test_in_a_sub_process_they_are_found(self) -> None:
        inside = {"P": scope("S1 X\nX X2\nX2 X ${x}\nX2 E1", {"X2": 'default="X2-E1"'})}

        ((code, at),) = found("S P\nP E", {}, inside)

        assert (code, at) in (("endless-cycle", "X"), ("endless-cycle", "X2"))

    def test_a_boundary_event_waits_for_its_trigger(self) -> None:
        assert accepted("S X\nX U\nU E\nB X", {"B": 'attachedToRef="U"'}, {"B": timer("PT1H")})

    def test_an_error_or_an_escalation_comes_by_itself(self) -> None:
        for thrown, inside in ((ERROR, "S1 E1"), (ESCALATION, "S1 I\nI U\nU E1")):
            at = "E1" if thrown is ERROR else "I"
            events = {"P": scope(inside, {}, {at: thrown}), "B": thrown}

            ((code, _),) = found("S X\nX P\nP E\nB X", {"B": 'attachedToRef="P"'}, events)

            assert code == "endless-cycle"

    def test_one_behind_a_task_does_not(self) -> None:
        for thrown, inside in ((ERROR, "S1 U\nU E1"), (ESCALATION, "S1 U\nU I\nI E1")):
            at = "E1" if thrown is ERROR else "I"
            events = {"P": scope(inside, {}, {at: thrown}), "B": thrown}

            assert accepted("S X\nX P\nP E\nB X", {"B": 'attachedToRef="P"'}, events)

    def test_an_error_that_a_worker_raises_is_waited_for(self) -> None:
        attributes = {"W": EXTERNAL, "B": 'attachedToRef="W"'}

        assert accepted("S X\nX W\nW E\nB X", attributes, {"B": ERROR})

    def test_what_is_interrupted_does_not_go_on(self) -> None:
        """The escalation ends the sub-process, so the flow behind what throws it is never taken."""
        inside = scope("S1 X\nX I\nI X2\nX2 X ${x}\nX2 E1", {"X2": 'default="X2-E1"'}, {"I": ESCALATION})

        assert accepted("S P\nP E\nB E2", {"B": 'attachedToRef="P"'}, {"P": inside, "B": ESCALATION})

    def test_a_signal_that_leads_to_where_it_is_thrown(self) -> None:
        flows, events = "S U\nU E\nB I\nI E2", {"B": SIGNAL, "I": SIGNAL}

        assert accepted(flows, {"B": 'attachedToRef="U"'}, events)
        ((code, _),) = found(flows, {"B": 'attachedToRef="U" cancelActivity="false"'}, events)
        assert code == "endless-cycle"

    def test_two_loops_that_signal_each_other(self) -> None:
        flows = """
            S A
            A X1
            X1 C1
            C1 I1
            I1 X3
            X3 X1 ${x}
            X3 E
            A X2
            X2 C2
            C2 I2
            I2 X4
            X4 X2 ${x}
            X4 E2
        """
        events = {"C1": SIGNAL, "I1": OTHER, "C2": OTHER, "I2": SIGNAL}
        body = scope(flows, {"X3": 'default="X3-E"', "X4": 'default="X4-E2"'}, events)

        ((code, _),) = refused(document(body, beside='<signal id="s2" name="lain"/>\n'))

        assert code == "endless-cycle"

    def test_a_signal_from_outside_is_waited_for(self) -> None:
        assert accepted("S X\nX C\nC X2\nX2 X ${x}\nX2 E", GOES_ON, {"C": SIGNAL})

    def test_a_date_holds_nothing_up_once_it_has_passed(self) -> None:
        date, waited = timer("2026-08-17", "timeDate"), timer("P1D")
        looping = "S X\nX C\nC X2\nX2 X ${x}\nX2 E"

        ((code, _),) = found(looping, GOES_ON, {"C": date})
        assert code == "endless-cycle"
        assert accepted(looping, GOES_ON, {"C": waited})
        assert accepted(looping.replace("C X2", "C U\nU X2"), GOES_ON, {"C": date})

    @pytest.mark.parametrize("interrupting", ["true", "false"])
    def test_a_date_on_the_border_of_a_task_does_not_either(self, interrupting: str) -> None:
        on_border = {"B": f'attachedToRef="U" cancelActivity="{interrupting}"'}
        flows, date = "S X\nX U\nU E\nB X", timer("2026-08-17", "timeDate")

        ((code, _),) = found(flows, on_border, {"B": date})
        assert code == "endless-cycle"
        assert accepted(flows, on_border, {"B": timer("P1D")})
        assert accepted(flows.replace("B X", "B U2\nU2 X"), on_border, {"B": date})

    def test_a_date_within_a_sub_process_or_behind_an_event_gateway_does_not_either(self) -> None:
        date = timer("2026-08-17", "timeDate")
        inside = {"P": scope("S1 C\nC E1", {}, {"C": date})}
        chosen = "S X\nX V\nV C\nV R\nC X\nR E"

        ((code, _),) = found("S X\nX P\nP X2\nX2 X ${x}\nX2 E", GOES_ON, inside)
        assert code == "endless-cycle"
        inside = {"P": scope("S1 U\nU E1\nB E2", {"B": 'attachedToRef="U"'}, {"B": date})}
        ((code, _),) = found("S X\nX P\nP X2\nX2 X ${x}\nX2 E", GOES_ON, inside)
        assert code == "endless-cycle"
        ((code, _),) = found(chosen, {"R": 'messageRef="m1"'}, {"C": date})
        assert code == "endless-cycle"

    def test_one_node_is_named_and_always_the_same(self) -> None:
        assert self.codes("S X\nX N2\nN2 X2\nX2 X ${x}\nX2 E") == [("endless-cycle", "X")]

    def test_large_models_are_searched_in_time(self) -> None:
        chain = "\n".join(f"N{number} N{number + 1}" for number in range(5000))

        begin = time.process_time()

        assert accepted(f"S N0\n{chain}")
        assert time.process_time() - begin < 5
