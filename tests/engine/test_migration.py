"""Migration between two models, rule by rule; `test_random_migrations` plays the rest."""

import pytest

from app import engine
from app.engine.state import decode
from tests.engine.migrating import LINE, crossed, dues, migrate, process, refused, told
from tests.engine.running import HOUR, NOON, Running
from tests.engine.small_models import MESSAGE, scope, timer

BLOCK = "S A1\nA1 U1\nA1 U2\nU1 A2\nU2 A2\nA2 U3\nU3 E"


class TestAnOpenTask:
    def test_keeps_its_token_and_goes_on_by_the_new_flows(self) -> None:
        running = Running(process())

        after = crossed(running, process("S U1\nU1 U9\nU9 U2\nU2 E"))

        assert after.step.open_tasks == running.step.open_tasks
        assert (after.step.opened, after.step.closed) == ((), ())
        after.complete("U1")
        assert after.open == "U9"

    def test_keeps_the_variables(self) -> None:
        running = Running(process(), tahun=2027)

        assert crossed(running, process()).step.variables == {"tahun": 2027}

    def test_without_a_counterpart_is_named(self) -> None:
        assert refused(Running(process()), process("S U2\nU2 E")) == [("no-counterpart", "U1")]

    def test_becomes_what_the_mapping_names(self) -> None:
        after = crossed(Running(process()), process("S U7\nU7 U2\nU2 E"), U1="U7")

        assert after.open == "U7"

    def test_cannot_become_another_kind_of_element(self) -> None:
        waiting = process("S C1\nC1 U2\nU2 E", inside={"C1": MESSAGE})

        assert refused(Running(process()), waiting, U1="C1") == [("other-kind", "U1")]

    def test_is_all_that_counts_after_any_number_of_returns(self) -> None:
        loop = "S X1\nX1 U1\nU1 X2\nX2 X1 ${keputusan == 'dikembalikan'}\nX2 U2 ${keputusan == 'setuju'}\nU2 E"
        running = Running(process(loop))
        for _ in range(50):
            running.complete("U1", keputusan="dikembalikan")

        after = crossed(running, process(loop.replace("X1 U1", "X1 U0\nU0 U1")))

        after.complete("U1", keputusan="dikembalikan")
        assert after.open == "U0"

    def test_that_has_no_state_of_the_source_is_refused_as_damage(self) -> None:
        with pytest.raises(engine.StateNotReadable):
            engine.migrate(process(), process(), b"\x02", {}, now=NOON)
        with pytest.raises(engine.StateNotReadable, match="U1"):
            engine.migrate(process("S U9\nU9 E"), process(), Running(process()).step.state, {}, now=NOON)


class TestAJoin:
    def waiting(self) -> Running:
        running = Running(process(BLOCK))
        running.complete("U1")
        return running

    def test_keeps_which_branch_has_come_by_the_id_of_its_flow(self) -> None:
        after = crossed(self.waiting(), process(BLOCK.replace("U2 A2", "U2 U8\nU8 A2")))

        after.complete("U2")
        after.complete("U8")
        assert after.open == "U3"

    def test_knows_a_flow_again_by_the_element_that_it_leaves(self) -> None:
        migrated = migrate(self.waiting(), process(BLOCK.replace("U1", "U7")), U1="U7")

        (moved,) = [token for token in migrated.tokens if token.flow is not None]
        assert (moved.before, moved.after, moved.flow_before, moved.flow) == ("A2", "A2", "U1-A2", "U7-A2")

    def test_is_told_by_the_mapping_where_nothing_else_tells(self) -> None:
        target = process(BLOCK.replace("U1 A2", "U1 U8\nU8 A2"))

        assert refused(self.waiting(), target) == [("flow-unknown", "A2")]
        after = crossed(self.waiting(), target, U1__A2="U8-A2")
        after.complete("U2")
        assert after.open == "U3"

    def test_that_has_all_it_waits_for_goes_on_at_once(self) -> None:
        three = BLOCK.replace("A1 U2", "A1 U2\nA1 U4").replace("U2 A2", "U2 A2\nU4 A2")
        running = Running(process(three))
        running.complete("U1")
        running.complete("U2")

        # The branch of U4 is not joined any more: it ends for itself.
        after = crossed(running, process(BLOCK.replace("A1 U2", "A1 U2\nA1 U4") + "\nU4 E2"))

        assert after.open == "U3 U4"
        assert [task.element_id for task in after.step.opened] == ["U3"]
        assert after.step.visits == {"A2": 1, "U3": 1}

    def test_is_not_left_waiting_for_a_branch_that_was_never_begun(self) -> None:
        three = BLOCK.replace("A1 U2", "A1 U2\nA1 U4").replace("U2 A2", "U2 A2\nU4 A2")

        assert refused(self.waiting(), process(three)) == [("never-ends", "A2")]
        assert refused(Running(process(BLOCK)), process(three)) == [("never-ends", "A2")]

    def test_does_not_take_two_branches_for_one(self) -> None:
        three = BLOCK.replace("A1 U2", "A1 U2\nA1 U4").replace("U2 A2", "U2 A2\nU4 A2")
        running = Running(process(three))
        running.complete("U1")
        running.complete("U2")

        assert refused(running, process(three), U1__A2="U1-A2", U2__A2="U1-A2") == [("flows-merged", "A2")]

    def test_that_never_had_a_chance_is_not_the_migrations_fault(self) -> None:
        starving = "S X1\nX1 U1 ${a == 1}\nX1 U2\nU1 A2\nU2 A2\nA2 E"
        running = Running(process(starving, {"X1": 'default="X1-U2"'}), a=2)

        assert crossed(running, process(starving, {"X1": 'default="X1-U2"'})).open == "U2"

    def test_tells_where_tasks_would_be_open_together_that_follow_each_other(self) -> None:
        running = Running(process(BLOCK.replace("U1 A2\nU2 A2\nA2 U3", "U1 X2\nU2 X2\nX2 U3")))

        migrated = migrate(running, process("S U1\nU1 U2\nU2 U3\nU3 E"))

        assert told(migrated) == [("not-together", "U1")]
        assert migrated.step is not None


class TestASubProcess:
    def nested(self, inside: str = "S1 U1\nU1 E1") -> engine.Process:
        return process("S P1\nP1 U2\nU2 E", inside={"P1": scope(inside)})

    def test_goes_along_with_what_is_open_in_it(self) -> None:
        after = crossed(Running(self.nested()), self.nested("S1 U0\nU0 U1\nU1 U5\nU5 E1"))

        after.complete("U1")
        after.complete("U5")
        assert after.open == "U2"

    def test_that_is_gone_is_named_once(self) -> None:
        assert refused(Running(self.nested()), process()) == [("no-counterpart", "P1")]

    def test_does_not_give_its_tasks_to_another_scope(self) -> None:
        target = process("S P1\nP1 U1\nU1 E", inside={"P1": scope("S1 U7\nU7 E1")})

        assert refused(Running(self.nested()), target) == [("other-scope", "U1")]


class TestATimer:
    def guarded(self, duration: str = "PT2H", attributes: str = "", flows: str = "") -> engine.Process:
        return process(
            f"{LINE}\nB1 U5\nU5 E5\n{flows}",
            {"B1": f'attachedToRef="U1" {attributes}'},
            {"B1": timer(duration, "timeCycle" if duration.startswith("R") else "timeDuration")},
        )

    def test_is_due_when_it_was_due(self) -> None:
        running = Running(self.guarded())
        running.now += HOUR

        after = crossed(running, self.guarded("PT9H"))

        assert dues(after.step) == {"B1": NOON + 2 * HOUR}
        assert (after.step.waits_opened, after.step.waits_closed) == ((), ())
        after.wake(HOUR)
        assert after.open == "U5"

    def test_of_a_catch_event_is_due_when_it_was_due(self) -> None:
        waiting = process("S C1\nC1 U1\nU1 E", inside={"C1": timer("PT3H")})
        running = Running(waiting)
        running.now += HOUR

        after = crossed(running, process("S C7\nC7 U1\nU1 E", inside={"C7": timer("PT1H")}), C1="C7")

        assert dues(after.step) == {"C7": NOON + 3 * HOUR}

    def test_that_is_new_is_armed_from_now_on_and_told(self) -> None:
        running = Running(process())
        running.now += HOUR

        migrated = migrate(running, self.guarded())

        assert told(migrated) == [("armed", "B1")]
        assert migrated.step is not None
        assert dues(migrated.step) == {"B1": NOON + 3 * HOUR}
        assert [wait.element_id for wait in migrated.step.waits_opened] == ["B1"]

    @pytest.mark.parametrize(
        ("date", "said"), [("2020-01-01T00:00:00Z", "sudah lewat"), ("2029-01-01T00:00:00Z", "tetap")]
    )
    def test_that_is_new_and_has_a_date_is_told_with_it(self, date: str, said: str) -> None:
        target = process("S U1\nU1 E\nB1 E", {"B1": 'attachedToRef="U1"'}, {"B1": timer(date, "timeDate")})

        (finding,) = migrate(Running(process("S U1\nU1 E")), target).findings

        assert finding.code == "armed"
        assert said in finding.text.id
        assert date in finding.text.id

    def test_that_is_gone_is_disarmed_and_told(self) -> None:
        running = Running(self.guarded())
        (wait,) = running.step.waits

        migrated = migrate(running, process())

        assert told(migrated) == [("disarmed", "B1")]
        assert migrated.step is not None
        assert migrated.step.waits == ()
        assert migrated.step.waits_closed == (wait.token,)
        assert [(token.before, token.after) for token in migrated.tokens] == [("U1", "U1"), ("B1", None)]

    def test_that_has_fired_is_not_new(self) -> None:
        beside = self.guarded(attributes='cancelActivity="false"')
        running = Running(beside)
        running.wake(3 * HOUR)

        after = crossed(running, beside)

        assert after.step.waits == ()
        assert after.open == "U1 U5"

    def test_that_goes_to_another_task_is_disarmed_there_and_waits_for_that_task(self) -> None:
        other = process(f"{LINE}\nB1 U5\nU5 E5", {"B1": 'attachedToRef="U2"'}, {"B1": timer("PT2H")})

        migrated = migrate(Running(self.guarded()), other)

        assert told(migrated) == [("disarmed", "B1")]

    def test_is_not_mapped_to_what_is_not_at_its_task(self) -> None:
        other = process(f"{LINE}\nB7 U5\nU5 E5", {"B7": 'attachedToRef="U2"'}, {"B7": timer("PT2H")})

        assert refused(Running(self.guarded()), other, B1="B7") == [("not-attached", "B1")]

    @pytest.mark.parametrize(("cycle", "left"), [("R5/PT1H", 3), ("R2/PT1H", 1), ("R/PT1H", None)])
    def test_counts_what_it_has_fired_against_the_new_cycle(self, cycle: str, left: int | None) -> None:
        running = Running(self.guarded("R4/PT1H", 'cancelActivity="false"'))
        running.wake(HOUR)
        running.wake(HOUR)

        after = crossed(running, self.guarded(cycle, 'cancelActivity="false"'))

        notes = [token.internal_data for token in decode(after.step.state).tokens if token.element_id == "B1"]
        assert [note.get("left") for note in notes] == [left]
        assert dues(after.step)["B1"] == NOON + 3 * HOUR

    def test_further_ahead_than_a_timer_may_be_is_a_refusal(self) -> None:
        far = process(
            f"{LINE}\nB1 U5\nU5 E5", {"B1": 'attachedToRef="U1"'}, {"B1": timer("2090-01-01T00:00:00Z", "timeDate")}
        )

        assert refused(Running(process()), far) == [("cannot-go-on", "B1")]


class TestAMessage:
    def waiting(self, name: str = "C1") -> engine.Process:
        return process(f"S {name}\n{name} U1\nU1 E", inside={name: MESSAGE})

    def test_is_waited_for_under_its_new_element(self) -> None:
        after = crossed(Running(self.waiting()), self.waiting("C2"), C1="C2")

        assert [(wait.element_id, wait.name) for wait in after.step.waits] == [("C2", "surat")]
        after.send()
        assert after.open == "U1"

    def test_does_not_become_a_timer(self) -> None:
        clock = process("S C1\nC1 U1\nU1 E", inside={"C1": timer("PT1H")})

        assert refused(Running(self.waiting()), clock) == [("other-kind", "C1")]


class TestAnEventGateway:
    def first_of(self, *events: str, gateway: str = "V1") -> engine.Process:
        """A gateway before events: those with an odd number wait for a message, the others for a timer."""
        flows = [f"S {gateway}"]
        inside = {}
        for event in events:
            flows += [f"{gateway} {event}", f"{event} U{event[1:]}", f"U{event[1:]} E{event[1:]}"]
            inside[event] = MESSAGE if int(event[1:]) % 2 else timer(f"PT{event[1:]}H")
        return process("\n".join(flows), inside=inside)

    def test_keeps_its_events_as_one_choice(self) -> None:
        running = Running(self.first_of("C1", "C2"))

        after = crossed(running, self.first_of("C5", "C2", gateway="V7"), C1="C5")

        assert dues(after.step) == {"C5": None, "C2": NOON + 2 * HOUR}
        after.send()
        assert after.open == "U5"
        assert after.step.waits == ()
        assert after.step.flows_taken["V7-C5"] == 1

    def test_waits_for_a_new_event_from_now_on(self) -> None:
        running = Running(self.first_of("C1", "C2"))
        running.now += HOUR

        migrated = migrate(running, self.first_of("C1", "C2", "C4"))

        assert told(migrated) == [("awaited-too", "C4")]
        assert migrated.step is not None
        assert dues(migrated.step) == {"C1": None, "C2": NOON + 2 * HOUR, "C4": NOON + 5 * HOUR}
        step = engine.send(self.first_of("C1", "C2", "C4"), migrated.step.state, "surat", {}, now=running.now)
        assert step.waits == ()

    def test_that_loses_an_event_names_it(self) -> None:
        running = Running(self.first_of("C1", "C2", "C4"))

        assert refused(running, self.first_of("C1", "C4")) == [("no-counterpart", "C2")]

    def test_may_come_where_one_event_was_waited_for(self) -> None:
        alone = process("S C2\nC2 U2\nU2 E", inside={"C2": timer("PT2H")})
        running = Running(alone)
        running.now += HOUR

        after = crossed(running, self.first_of("C1", "C2"))

        after.wake(HOUR)
        assert (after.open, after.step.waits) == ("U2", ())

    def test_is_not_dissolved_while_it_waits(self) -> None:
        beside = process("S A1\nA1 C1\nA1 C2\nC1 U1\nU1 E1\nC2 U2\nU2 E2", inside={"C1": MESSAGE, "C2": timer("PT2H")})

        assert refused(Running(self.first_of("C1", "C2")), beside) == [
            ("no-event-gateway", "C1"),
            ("no-event-gateway", "C2"),
        ]


class TestAMigrationThatIsRefused:
    def test_names_everything_at_once(self) -> None:
        running = Running(process(BLOCK))

        assert refused(running, process("S U3\nU3 E")) == [("no-counterpart", "U1"), ("no-counterpart", "U2")]

    def test_still_tells_what_has_a_counterpart(self) -> None:
        migrated = migrate(Running(process(BLOCK)), process("S U2\nU2 E"))

        assert [(token.before, token.after) for token in migrated.tokens] == [("U1", None), ("U2", "U2")]


class TestTheWayThereAndBack:
    def test_leaves_an_instance_as_it_was(self) -> None:
        loop = process(BLOCK + "\nB1 U5\nU5 E5", {"B1": 'attachedToRef="U2"'}, {"B1": timer("PT2H")})
        other = process(
            BLOCK.replace("U2 A2", "U2 U8\nU8 A2") + "\nB1 U5\nU5 E5",
            {"B1": 'attachedToRef="U2"'},
            {"B1": timer("PT5H")},
        )
        running = Running(loop)
        running.complete("U1")
        before = running.step.state

        there = crossed(running, other)
        back = crossed(there, loop)

        assert back.step.state == before
