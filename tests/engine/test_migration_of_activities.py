"""Migration of what waits for signals and workers, of multi-instance tasks, of calls, and of caught errors."""

from collections.abc import Mapping

import pytest

from app import engine
from tests.engine.migrating import crossed, dues, migrate, process, refused, told
from tests.engine.running import HOUR, NOON, Running, read
from tests.engine.small_models import ERROR, ESCALATION, EXTERNAL, MESSAGE, SHARED, SIGNAL, document, scope, timer

FOR_EACH = 'camunda:collection="orang" camunda:elementVariable="nama"'


def waits_of(running: Running) -> list[tuple[str, str, str | None]]:
    return [(wait.element_id, wait.kind, wait.name) for wait in running.step.waits]


class TestASignal:
    def waiting(self, event: str = SIGNAL) -> engine.Process:
        return process("S C1\nC1 U1\nU1 E", inside={"C1": event})

    def test_is_waited_for_under_its_new_name(self) -> None:
        renamed = '<signal id="s7" name="tanda baru"/>'
        target = read("S C7\nC7 U1\nU1 E", inside={"C7": SIGNAL.replace("s1", "s7")}, beside=renamed)

        after = crossed(Running(self.waiting()), target, C1="C7")

        assert waits_of(after) == [("C7", "signal", "tanda baru")]
        after.signal("tanda baru")
        assert after.open == "U1"

    @pytest.mark.parametrize("event", [MESSAGE, timer("PT1H")])
    def test_becomes_nothing_else_and_nothing_else_becomes_one(self, event: str) -> None:
        assert refused(Running(self.waiting()), self.waiting(event)) == [("other-kind", "C1")]
        assert refused(Running(self.waiting(event)), self.waiting()) == [("other-kind", "C1")]

    def test_at_a_boundary_event_that_becomes_a_timer_is_not_heard_any_more(self) -> None:
        def guarded(event: str) -> engine.Process:
            return process("S U1\nU1 E\nB1 U5\nU5 E5", {"B1": 'attachedToRef="U1"'}, {"B1": event})

        migrated = migrate(Running(guarded(SIGNAL)), guarded(timer("PT1H")))

        assert told(migrated) == [("disarmed", "B1"), ("armed", "B1")]
        assert migrated.step is not None
        assert dues(migrated.step) == {"B1": NOON + HOUR}


class TestAnExternalTask:
    def waiting(self, topic: str = "arsip") -> engine.Process:
        return process("S W1\nW1 U1\nU1 E", {"W1": EXTERNAL.replace("arsip", topic)})

    def test_keeps_its_token_and_waits_for_workers_of_its_new_topic(self) -> None:
        running = Running(self.waiting())
        before = running.waiting("W1")

        after = crossed(running, self.waiting("surel"))

        assert waits_of(after) == [("W1", "external", "surel")]
        assert after.waiting("W1") == before
        after.finish("W1")
        assert after.open == "U1"

    def test_does_not_become_a_user_task_or_an_event(self) -> None:
        event = '<messageEventDefinition camunda:type="external" camunda:topic="arsip"/>'
        sends = process("S I1\nI1 U1\nU1 E", inside={"I1": event})

        assert refused(Running(self.waiting()), process("S U1\nU1 E"), W1="U1") == [("other-kind", "W1")]
        assert refused(Running(self.waiting()), sends, W1="I1") == [("other-kind", "W1")]


class TestAMultiInstanceTask:
    def repeated(
        self, attributes: str = "", until: str = "", *, name: str = "U", guarded: bool = False, times: int | str = 3
    ) -> engine.Process:
        count = "" if "collection" in attributes else f"<loopCardinality>{times}</loopCardinality>"
        ends = f"<completionCondition>{until}</completionCondition>" if until else ""
        loop = f"<multiInstanceLoopCharacteristics {attributes}>{count}{ends}</multiInstanceLoopCharacteristics>"
        flows = f"S {name}\n{name} U9\nU9 E" + ("\nB U2\nU2 E2" if guarded else "")
        return process(flows, {"B": f'attachedToRef="{name}"'}, {name: loop, "B": timer("PT1H")})

    @pytest.mark.parametrize("attributes", ["", 'isSequential="true"', FOR_EACH, f'isSequential="true" {FOR_EACH}'])
    def test_goes_on_with_what_is_left_of_it(self, attributes: str) -> None:
        running = Running(self.repeated(attributes), orang=["a", "b", "c"])
        running.complete("U")
        before = running.step

        after = crossed(running, self.repeated(attributes, name="U7", times=8), U="U7")

        assert [(task.token, task.local) for task in after.step.open_tasks] == [
            (task.token, task.local) for task in before.open_tasks
        ]
        assert (after.step.opened, after.step.closed, after.step.visits) == ((), (), {})
        after.complete("U7")
        assert set(after.open.split()) == {"U7"}
        after.complete("U7")
        assert after.open == "U9"

    def test_asks_the_new_completion_condition(self) -> None:
        after = crossed(Running(self.repeated()), self.repeated(until="${nrOfCompletedInstances == 1}"))

        after.complete("U")

        assert after.open == "U9"

    @pytest.mark.parametrize("attributes", ["", 'isSequential="true"'])
    def test_that_is_done_another_number_of_times_there_is_told_to_keep_its_own(self, attributes: str) -> None:
        running = Running(self.repeated(attributes))
        running.complete("U")

        migrated = migrate(running, self.repeated(attributes, times=8))

        assert told(migrated) == [("times-kept", "U")]
        assert all(all(number in text for number in ("3", "1", "8")) for text in migrated.findings[0].text)

    def test_whose_number_is_an_expression_there_is_told_so(self) -> None:
        migrated = migrate(Running(self.repeated(), n=2), self.repeated(times="${n}"))

        assert told(migrated) == [("times-kept", "U")]
        assert all("${n}" in text for text in migrated.findings[0].text)

    @pytest.mark.parametrize("until", ["${nrOfCompletedInstances == 1}", ""])
    def test_that_ends_otherwise_there_is_told_when(self, until: str) -> None:
        here = self.repeated(until="${nrOfCompletedInstances == 2}")

        migrated = migrate(Running(here), self.repeated(until=until))

        assert told(migrated) == [("ends-otherwise", "U")]
        assert all(until in text for text in migrated.findings[0].text)

    def test_that_is_repeated_alike_there_needs_no_word(self) -> None:
        until = "${nrOfCompletedInstances == 2}"

        assert told(migrate(Running(self.repeated(until=until)), self.repeated(until=until))) == []

    def test_leaves_an_instance_as_it_was_there_and_back(self) -> None:
        running = Running(self.repeated(guarded=True))
        running.complete("U")
        before = running.step.state

        there = crossed(running, self.repeated(name="U7", guarded=True), U="U7")

        assert crossed(there, self.repeated(guarded=True), U7="U").step.state == before

    def test_tells_what_became_of_the_whole_and_of_each(self) -> None:
        migrated = migrate(Running(self.repeated()), self.repeated(name="U7"), U="U7")

        assert [(token.before, token.after) for token in migrated.tokens] == [("U", "U7")] * 4

    def test_is_listened_at_once_as_a_whole(self) -> None:
        migrated = migrate(Running(self.repeated()), self.repeated(guarded=True))

        assert told(migrated) == [("armed", "B")]
        assert migrated.step is not None
        assert [wait.element_id for wait in migrated.step.waits] == ["B"]

    @pytest.mark.parametrize(
        ("here", "there"),
        [
            ("", 'isSequential="true"'),
            ('isSequential="true"', ""),
            ("", FOR_EACH),
            (FOR_EACH, FOR_EACH.replace("orang", "anggota")),
            (FOR_EACH, FOR_EACH.replace("nama", "siapa")),
        ],
    )
    def test_repeated_in_another_way_is_refused(self, here: str, there: str) -> None:
        running = Running(self.repeated(here), orang=["a", "b"])

        assert refused(running, self.repeated(there)) == [("other-loop", "U")]

    def test_neither_comes_of_a_task_that_is_done_once_nor_becomes_one(self) -> None:
        once = process("S U\nU U9\nU9 E")

        assert refused(Running(self.repeated()), once) == [("other-loop", "U")]
        assert refused(Running(once), self.repeated()) == [("other-loop", "U")]

    def test_in_a_branch_may_be_migrated_before_the_join(self) -> None:
        loop = (
            "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
        )
        block = "S A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 U3\nU3 E"
        running = Running(process(block, inside={"U1": loop}))
        running.complete("U1")

        migrated = migrate(running, process(block, inside={"U1": loop}))

        assert migrated.findings == ()


def calling(flows: str, called: engine.Process, calls: Mapping[str, str] | None = None) -> engine.Process:
    """A process whose calls (`K…`) all call one other process."""
    names = {word for line in flows.splitlines() for word in line.split()[:2] if word[0] == "K"}
    targets = dict.fromkeys(names, f'calledElement="{called.model.id}"')
    outer = engine.read(document(scope(flows, targets, dict.fromkeys(names, SHARED))))
    return engine.compose(outer, {called.model.id: called})


def called(flows: str, inside: Mapping[str, str] | None = None, process_id: str = "q") -> engine.Process:
    return engine.read(document(scope(flows, inside=dict(inside or {})), process_id=process_id))


class TestACall:
    OUTER = "S K1\nK1 U9\nU9 E"

    def test_goes_along_with_what_is_open_in_it(self) -> None:
        running = Running(calling(self.OUTER, called("S U1\nU1 U2\nU2 E")))

        after = crossed(running, calling(self.OUTER, called("S U1\nU1 U5\nU5 E")))

        assert after.step.open_tasks == running.step.open_tasks
        for element in ("K1/U1", "K1/U5", "U9"):
            assert after.open == element
            after.complete(element)

    def test_takes_what_is_in_it_along_to_its_new_id(self) -> None:
        block = called("S A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 U3\nU3 E")
        running = Running(calling(self.OUTER, block))
        running.complete("K1/U1")

        after = crossed(running, calling("S K7\nK7 U9\nU9 E", block), K1="K7")

        assert after.open == "K7/U2"
        after.complete("K7/U2")
        assert after.open == "K7/U3"

    def test_takes_the_calls_in_it_along(self) -> None:
        inner = called("S U1\nU1 E", process_id="r")
        middle = engine.compose(
            engine.read(document(scope("S K2\nK2 E", {"K2": 'calledElement="r"'}, {"K2": SHARED}), process_id="q")),
            {"r": inner},
        )

        after = crossed(Running(calling(self.OUTER, middle)), calling("S K7\nK7 U9\nU9 E", middle), K1="K7")

        assert after.open == "K7/K2/U1"

    def test_may_have_elements_of_other_ids_in_it(self) -> None:
        running = Running(calling(self.OUTER, called("S U1\nU1 E")))
        target = calling(self.OUTER, called("S U7\nU7 E"))

        assert refused(running, target) == [("no-counterpart", "K1/U1")]
        after = engine.migrate(running.process, target, running.step.state, {"K1/U1": "K1/U7"}, now=running.now)
        assert after.findings == ()

    def test_may_call_another_process_that_has_what_is_open(self) -> None:
        running = Running(calling(self.OUTER, called("S U1\nU1 E")))

        assert crossed(running, calling(self.OUTER, called("S U1\nU1 E", process_id="r"))).open == "K1/U1"

    def test_that_is_gone_is_named_once(self) -> None:
        running = Running(calling(self.OUTER, called("S U1\nU1 E")))

        assert refused(running, process("S U9\nU9 E")) == [("no-counterpart", "K1")]

    def test_does_not_become_a_sub_process(self) -> None:
        embedded = process("S P1\nP1 U9\nU9 E", inside={"P1": scope("S1 U1\nU1 E1")})

        assert refused(Running(calling(self.OUTER, called("S U1\nU1 E"))), embedded, K1="P1") == [("other-kind", "K1")]

    def test_into_a_process_that_was_not_composed_is_not_migrated(self) -> None:
        whole = calling(self.OUTER, called("S U1\nU1 E"))
        alone = engine.read(document(scope(self.OUTER, {"K1": 'calledElement="q"'}, {"K1": SHARED})))

        with pytest.raises(engine.NotComposed):
            migrate(Running(process("S U9\nU9 E")), alone)
        assert crossed(Running(whole), whole).open == "K1/U1"


class TestACaughtError:
    def guarded(self, *events: str, body: str = "S1 W1\nW1 E1") -> engine.Process:
        names = [f"B{number}" for number in range(len(events))]
        paths = "".join(f"\n{name} U{name}\nU{name} E{name}" for name in names)
        return process(
            f"S P1\nP1 U9\nU9 E{paths}",
            dict.fromkeys(names, 'attachedToRef="P1"'),
            {"P1": scope(body, {"W1": EXTERNAL}, {"T1": ERROR}), **dict(zip(names, events, strict=True))},
        )

    def test_is_caught_by_what_the_target_has_and_nothing_is_armed_for_it(self) -> None:
        running = Running(self.guarded())

        migrated = migrate(running, self.guarded(ERROR, ESCALATION))
        after = crossed(running, self.guarded(ERROR, ESCALATION))

        assert migrated.findings == ()
        assert waits_of(after) == [("W1", "external", "arsip")]
        after.raise_error("W1", "E1")
        assert after.open == "UB0"

    def test_that_nothing_catches_any_more_is_no_wait_that_is_lost(self) -> None:
        migrated = migrate(Running(self.guarded(ERROR)), self.guarded())

        assert migrated.findings == ()

    def test_that_ends_its_sub_process_lets_the_instance_end(self) -> None:
        """A branch that throws never comes to the join, and need not."""
        body = "S1 A1\nA1 U1\nA1 U2\nU1 T1\nU2 U3\nU3 E1"
        running = Running(self.guarded(ERROR, body=body))

        assert crossed(running, self.guarded(ERROR, body=body.replace("U2 U3\nU3 E1", "U2 E1"))).open == "U1 U2"
