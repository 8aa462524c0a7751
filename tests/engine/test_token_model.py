"""The textbook cases of the token model, each drawn as a few flows."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from tests.engine.conditions import BadCondition, condition
from tests.engine.process_net import Net, iso_duration
from tests.engine.small_models import MESSAGE, document, scope, timer
from tests.engine.token_model import TokenGame
from tests.engine.tokens import ArmedEvent, EndlessMoves, NoFlowTaken

NOON = datetime(2026, 8, 3, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def game(
    flows: str, attributes: dict[str, str] | None = None, inside: dict[str, str] | None = None, **variables: object
) -> TokenGame:
    return TokenGame(Net(document(scope(flows, attributes, inside))), variables, NOON)


def complete(play: TokenGame, element: str, **variables: object) -> None:
    """Complete the oldest open task of an element."""
    number = next(token.number for token in play.open_tasks() if token.node == element)
    play.complete(number, variables, NOON)


def open_in(play: TokenGame) -> str:
    return " ".join(sorted(play.enabled().elements()))


class TestExclusiveGateway:
    FLOWS = """
        S X
        X U1 ${n > 1}
        X U2 ${n > 0}
        X U3
        U1 E
        U2 E
        U3 E
    """

    @pytest.mark.parametrize(("n", "chosen"), [(2, "U1"), (1, "U2"), (0, "U3")])
    def test_takes_the_first_true_condition_else_the_default(self, n: int, chosen: str) -> None:
        assert open_in(game(self.FLOWS, {"X": 'default="X-U3"'}, n=n)) == chosen

    def test_without_a_way_it_is_an_error(self) -> None:
        with pytest.raises(NoFlowTaken):
            game("S X\nX U1 ${n == 1}\nX U2 ${n == 2}\nU1 E\nU2 E", n=3)

    def test_merges_without_waiting(self) -> None:
        play = game("S A\nA X1\nA X1b\nX1 U\nX1b X2\nX2 U2\nU E\nU2 E")

        assert open_in(play) == "U U2"

    def test_a_loop_with_nobody_in_it_is_an_error(self) -> None:
        with pytest.raises(EndlessMoves):
            game("S X1\nX1 X2\nX2 X1 ${n == 1}\nX2 E ${n == 2}", n=1)


class TestParallelGateway:
    FLOWS = "S X1\nX1 A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 U3\nU3 X2\nX2 X1 ${again}\nX2 E ${!(again)}"

    def test_the_join_waits_for_one_token_on_each_flow(self) -> None:
        play = game(self.FLOWS)
        complete(play, "U2")

        assert open_in(play) == "U1"
        assert play.tokens_on_flows() == Counter({"U2-A2": 1})
        complete(play, "U1")
        assert open_in(play) == "U3"

    def test_the_join_waits_anew_in_every_round(self) -> None:
        play = game(self.FLOWS)
        for element in ("U1", "U2"):
            complete(play, element)
        complete(play, "U3", again=True)
        complete(play, "U1")

        assert open_in(play) == "U2"
        complete(play, "U2")
        complete(play, "U3", again=False)
        assert play.finished

    def test_a_token_too_many_stays_before_the_join(self) -> None:
        play = game("S A0\nA0 X\nA0 X2\nX2 X\nX A2\nA0 U2\nU2 A2\nA2 U3\nU3 E")
        assert play.tokens_on_flows() == Counter({"X-A2": 2})

        complete(play, "U2")

        assert open_in(play) == "U3"
        assert play.tokens_on_flows() == Counter({"X-A2": 1})
        complete(play, "U3")
        assert not play.finished

    def test_flows_taken_are_those_of_the_last_command(self) -> None:
        play = game(self.FLOWS)
        assert play.flows_taken == Counter(["S-X1", "X1-A1", "A1-U1", "A1-U2"])

        complete(play, "U2")

        assert play.flows_taken == Counter(["U2-A2"])


class TestInclusiveGateway:
    FLOWS = """
        S O1
        O1 U1 ${n > 0}
        O1 U2 ${n > 1}
        O1 U3
        U1 O2
        U2 O2
        U3 O2
        O2 U4
        U4 E
    """
    DEFAULT = {"O1": 'default="O1-U3"'}  # noqa: RUF012

    @pytest.mark.parametrize(("n", "opened"), [(0, "U3"), (1, "U1"), (2, "U1 U2")])
    def test_the_split_takes_every_true_condition_else_the_default(self, n: int, opened: str) -> None:
        assert open_in(game(self.FLOWS, self.DEFAULT, n=n)) == opened

    def test_the_join_waits_for_the_tokens_that_are_under_way_only(self) -> None:
        play = game(self.FLOWS, self.DEFAULT, n=2)
        complete(play, "U1")

        assert open_in(play) == "U2"
        complete(play, "U2")
        assert open_in(play) == "U4"

    def test_the_join_goes_on_when_the_token_it_waited_for_ends_elsewhere(self) -> None:
        play = game("S A\nA U1\nA U2\nU1 O\nU2 X\nX O ${on}\nX E1 ${!(on)}\nO U3\nU3 E2")
        complete(play, "U1")
        assert open_in(play) == "U2"

        complete(play, "U2", on=False)

        assert open_in(play) == "U3"

    def test_a_token_that_cannot_come_is_not_waited_for(self) -> None:
        play = game("S A\nA U1\nA U2\nA U9\nU1 O\nU2 O\nO U3\nU3 E1\nU9 E2")
        complete(play, "U1")
        complete(play, "U2")

        assert open_in(play) == "U3 U9"

    def test_a_token_that_could_come_to_a_filled_flow_as_well_is_not_waited_for(self) -> None:
        play = game("S A\nA U1\nA U2\nU1 X0\nX0 O\nU2 X\nX X0 ${n == 1}\nX O ${n == 2}\nO U3\nU3 E")

        complete(play, "U1")

        assert open_in(play) == "U2 U3"

    def test_a_token_behind_the_join_that_may_return_is_not_waited_for(self) -> None:
        play = game("S A\nA U1\nA X1\nX1 O\nU1 X2\nX2 O\nO U3\nU3 X3\nX3 X2 ${again}\nX3 E ${!(again)}")
        assert open_in(play) == "U1"
        complete(play, "U1")

        complete(play, "U3", again=True)

        assert open_in(play) == "U3"

    def test_a_token_that_may_come_by_a_boundary_event_is_waited_for(self) -> None:
        play = game("S A\nA U1\nA U2\nU1 O\nU2 E1\nB O\nO U3\nU3 E2", {"B": 'attachedToRef="U2"'}, {"B": timer("PT1H")})
        complete(play, "U1")
        assert open_in(play) == "U2"

        complete(play, "U2")

        assert open_in(play) == "U3"


class TestSubProcess:
    INNER = scope("S2 A2\nA2 U1\nA2 U2\nU1 E1\nU2 E2")
    OUTER = "S P\nP U3\nU3 E3"

    def test_ends_when_its_last_token_ends(self) -> None:
        play = game(self.OUTER, inside={"P": self.INNER})
        complete(play, "U2")

        assert open_in(play) == "U1"
        complete(play, "U1")
        assert open_in(play) == "U3"

    def test_an_interrupting_boundary_event_ends_all_inside(self) -> None:
        play = game(f"{self.OUTER}\nB U4\nU4 E4", {"B": 'attachedToRef="P"'}, {"P": self.INNER, "B": timer("PT1H")})

        play.wake(NOON + HOUR)

        assert open_in(play) == "U4"
        assert not play.waits()

    def test_a_non_interrupting_path_keeps_the_process_alive_and_not_the_sub_process(self) -> None:
        play = game(
            f"{self.OUTER}\nB U4\nU4 E4",
            {"B": 'attachedToRef="P" cancelActivity="false"'},
            {"P": self.INNER, "B": timer("PT1H")},
        )
        play.wake(NOON + HOUR)
        assert open_in(play) == "U1 U2 U4"

        for element in ("U1", "U2", "U3"):
            complete(play, element)

        assert not play.finished
        complete(play, "U4")
        assert play.finished

    def test_a_terminate_end_event_ends_its_scope_only(self) -> None:
        inner = scope("S2 A2\nA2 U1\nA2 U2\nU1 T1\nU2 E2")
        play = game("S A\nA P\nA U4\nU4 E4\nP U3\nU3 E3", inside={"P": inner})

        complete(play, "U1")

        assert open_in(play) == "U3 U4"
        assert play.cut_short

    def test_a_terminate_end_event_at_the_top_finishes_everything(self) -> None:
        play = game("S A\nA P\nA U4\nU4 T\nP E3", inside={"P": self.INNER})

        complete(play, "U4")

        assert play.finished
        assert not play.waits()

    def test_one_without_a_wait_is_passed_at_once(self) -> None:
        assert open_in(game(self.OUTER, inside={"P": scope("S2 E2")})) == "U3"


class TestBoundaryEvent:
    FLOWS = "S U1\nU1 E1\nB U2\nU2 E2"

    def test_is_armed_while_the_task_is_open(self) -> None:
        play = game(self.FLOWS, {"B": 'attachedToRef="U1"'}, {"B": timer("PT1H")})
        assert play.waits() == Counter([ArmedEvent("B", "timer", None, NOON + HOUR)])

        complete(play, "U1")

        assert not play.waits()
        assert play.finished

    def test_does_nothing_before_it_is_due(self) -> None:
        play = game(self.FLOWS, {"B": 'attachedToRef="U1"'}, {"B": timer("PT1H")})

        play.wake(NOON + HOUR - timedelta(seconds=1))

        assert open_in(play) == "U1"

    def test_takes_the_token_if_it_interrupts(self) -> None:
        play = game(self.FLOWS, {"B": 'attachedToRef="U1"'}, {"B": timer("PT1H")})

        play.wake(NOON + HOUR)

        assert open_in(play) == "U2"

    def test_fires_once_beside_the_task_if_it_does_not_interrupt(self) -> None:
        play = game(self.FLOWS, {"B": 'attachedToRef="U1" cancelActivity="false"'}, {"B": timer("PT1H")})

        play.wake(NOON + HOUR)
        play.wake(NOON + 3 * HOUR)

        assert open_in(play) == "U1 U2"

    def test_hears_every_message_if_it_does_not_interrupt(self) -> None:
        play = game(self.FLOWS, {"B": 'attachedToRef="U1" cancelActivity="false"'}, {"B": MESSAGE})

        play.send("surat", {}, NOON)
        play.send("surat", {}, NOON)

        assert open_in(play) == "U1 U2 U2"

    def test_in_a_loop_it_opens_its_task_once_a_round(self) -> None:
        play = game(
            "S X1\nX1 U1\nU1 X2\nX2 X1 ${again}\nX2 E1 ${!(again)}\nB U2\nU2 E2",
            {"B": 'attachedToRef="U1" cancelActivity="false"'},
            {"B": timer("PT1H")},
        )
        play.wake(NOON + HOUR)
        complete(play, "U1", again=True)
        play.wake(NOON + 2 * HOUR)
        complete(play, "U1", again=False)

        assert play.enabled() == Counter({"U2": 2})


class TestWaits:
    def test_a_message_reaches_all_that_wait_for_it_and_none_that_begin_to(self) -> None:
        play = game(
            "S A\nA C1\nA C2\nC1 C3\nC2 U2\nC3 U3\nU2 E2\nU3 E3", inside=dict.fromkeys(("C1", "C2", "C3"), MESSAGE)
        )

        play.send("surat", {"nomor": 7}, NOON)

        assert open_in(play) == "U2"
        assert play.waits() == Counter([ArmedEvent("C3", "message", "surat", None)])
        assert play.variables == {"nomor": 7}

    def test_a_timer_runs_from_the_moment_it_is_reached(self) -> None:
        play = game("S C1\nC1 C2\nC2 U\nU E", inside={"C1": timer("PT1H"), "C2": timer("PT30M")})

        play.wake(NOON + 2 * HOUR)

        assert play.waits() == Counter([ArmedEvent("C2", "timer", None, NOON + 2.5 * HOUR)])

    def test_what_is_due_earlier_fires_earlier_and_may_withdraw_the_later(self) -> None:
        inner = scope("S2 C\nC E2", inside={"C": timer("PT1H")})
        play = game("S P\nP U1\nU1 E1\nB U2\nU2 E2b", {"B": 'attachedToRef="P"'}, {"P": inner, "B": timer("PT2H")})

        play.wake(NOON + 3 * HOUR)

        assert open_in(play) == "U1"

    def test_of_an_event_based_gateway_the_first_event_takes_all(self) -> None:
        play = game("S V\nV C1\nV C2\nC1 U1\nC2 U2\nU1 E1\nU2 E2", inside={"C1": MESSAGE, "C2": timer("PT1H")})
        assert play.waits() == Counter(
            [ArmedEvent("C1", "message", "surat", None), ArmedEvent("C2", "timer", None, NOON + HOUR)]
        )
        assert play.flows_taken == Counter(["S-V"])

        play.wake(NOON + HOUR)

        assert open_in(play) == "U2"
        assert not play.waits()
        assert play.flows_taken == Counter(["V-C2", "C2-U2"])


class TestCopy:
    def test_moves_on_its_own(self) -> None:
        play = game("S A\nA P\nA U2\nP E1\nU2 E2", inside={"P": scope("S2 U1\nU1 E3")})
        twin = play.copy()

        complete(twin, "U1")

        assert open_in(twin) == "U2"
        assert open_in(play) == "U1 U2"


class TestIsoDuration:
    @pytest.mark.parametrize(
        ("text", "hours"), [("PT90M", 1.5), ("P1D", 24), ("P1DT2H", 26), ("PT3600S", 1), ("P0DT1H30M", 1.5)]
    )
    def test_reads_days_to_seconds(self, text: str, hours: float) -> None:
        assert iso_duration(text) == timedelta(hours=hours)

    @pytest.mark.parametrize("text", ["P1M", "1H", "P1W"])
    def test_refuses_what_has_no_fixed_length(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a duration"):
            iso_duration(text)


class TestCondition:
    @pytest.mark.parametrize(
        ("text", "holds"),
        [
            ("${x == 'a'}", True),
            ("${x != 'a'}", False),
            ("${x eq 'b' or n gt 1}", True),
            ("${x == 'b' || n > 1 && x == 'b'}", False),
            ("${!(x == 'b') and not (n lt 2)}", True),
            ('${y == "é\'"}', True),
            ("${flag && n == 2}", True),
            ("${flag == false}", False),
        ],
    )
    def test_reads_what_the_processes_say(self, text: str, holds: bool) -> None:
        assert condition(text)({"x": "a", "n": 2, "y": "é'", "flag": True}) is holds

    @pytest.mark.parametrize("text", ["x == 1", "${x == }", "${(x}", "${x y}", "${x ~ y}"])
    def test_refuses_the_rest(self, text: str) -> None:
        with pytest.raises(BadCondition):
            condition(text)

    def test_an_unknown_name_is_an_error(self) -> None:
        with pytest.raises(KeyError):
            condition("${z == 1}")({})
