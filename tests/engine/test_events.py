"""Messages and timers as they are read: what would wait for nothing, or fire otherwise than meant, is refused."""

import pytest

from app import engine
from app.engine import NodeKind
from tests.engine.refusals import refused
from tests.engine.small_models import document, scope, timer


class TestMessages:
    def test_a_receive_task_waits_for_its_message(self) -> None:
        model = engine.read(document(scope("S R\nR E", {"R": 'messageRef="m1"'}))).model

        assert (model.nodes["R"].kind, model.nodes["R"].message) == (NodeKind.RECEIVE, "surat")
        assert model.messages == ("surat",)

    @pytest.mark.parametrize("reference", ["", 'messageRef=""', 'messageRef="m9"', 'messageRef="U"'])
    def test_a_receive_task_without_one_is_refused(self, reference: str) -> None:
        assert refused(document(scope("S R\nR E", {"R": reference}))) == [("message-missing", "R")]

    @pytest.mark.parametrize("name", ["", ' name="  "', ' name="surat-${nomor}"', ' name="#{x}"'])
    def test_a_message_without_a_fixed_name_is_refused(self, name: str) -> None:
        body = scope("S R\nR E", {"R": 'messageRef="m2"'})

        assert refused(document(body, beside=f'<message id="m2"{name}/>\n')) == [("message-without-name", "R")]

    def test_an_event_without_a_trigger_is_refused(self) -> None:
        assert refused(document(scope("S C\nC E"))) == [("event-without-trigger", "C")]
        assert refused(document(scope("S U\nU E\nB E", {"B": 'attachedToRef="U"'}))) == [("event-without-trigger", "B")]


class TestTimers:
    @pytest.mark.parametrize(
        ("definition", "code"),
        [
            (timer("besok"), "timer-refused"),
            (timer("${lama}"), "timer-refused"),
            (timer("P11Y"), "timer-refused"),
            (timer("2026-02-30", "timeDate"), "timer-refused"),
            (timer("R3/PT1H", "timeCycle"), "cycle-not-repeating"),
            ("<timerEventDefinition/>", "timer-missing"),
            (
                "<timerEventDefinition><timeDate>2026-08-17</timeDate><timeDuration>PT1H</timeDuration>"
                "</timerEventDefinition>",
                "timer-missing",
            ),
        ],
    )
    def test_what_would_never_or_not_rightly_fire_is_refused(self, definition: str, code: str) -> None:
        assert refused(document(scope("S C\nC E", {}, {"C": definition}))) == [(code, "C")]

    @pytest.mark.parametrize(("cancel", "repeats"), [("false", True), ("0", True), ("true", False), ("1", False)])
    def test_a_cycle_is_for_boundary_events_that_do_not_interrupt(self, cancel: str, repeats: bool) -> None:
        body = scope(
            "S U\nU E\nB E",
            {"B": f'attachedToRef="U" cancelActivity="{cancel}"'},
            {"B": timer("R3/PT1H", "timeCycle")},
        )

        if repeats:
            assert not engine.read(document(body)).model.nodes["B"].interrupting
        else:
            assert refused(document(body)) == [("cycle-not-repeating", "B")]

    def test_a_moment_without_a_zone_is_the_offices(self) -> None:
        model = engine.read(document(scope("S C\nC E", {}, {"C": timer("2026-08-17T09:00", "timeDate")}))).model

        assert model.nodes["C"].timer is not None
        assert model.nodes["C"].timer._start is not None
        assert model.nodes["C"].timer._start.isoformat() == "2026-08-17T02:00:00+00:00"
