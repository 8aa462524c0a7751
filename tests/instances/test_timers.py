"""Timers: they fire when their time has come, once, and the trail says that nobody did it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.unit_of_work import UnitOfWork
from app.definitions.catalogue import Catalogue
from app.instances import unattended
from app.instances.aggregate import lock_whole
from app.instances.timers import fire_due
from tests.drawings import with_dead_end, with_deadline
from tests.office import Json, Office, problem, running_office


def fire(office: Office) -> int:
    """Let due timers fire, as the server does every second."""
    state = office.app.state
    return fire_due(office.database, state.directory, state.catalogue, office.clock)


@pytest.fixture
def instance(office: Office) -> Json:
    """An instance whose first task has two hours."""
    assert office.deploy(tenggat=with_deadline()).status_code == 201
    return office.start("staf", "tenggat", variables={})


class TestATimer:
    def test_is_shown_with_the_time_it_is_due(self, instance: Json) -> None:
        (waiting,) = instance["waiting_for"]

        assert (waiting["element_id"], waiting["kind"], waiting["due_at"]) == (
            "waktu",
            "timer",
            "2026-08-03T05:00:00+00:00",
        )

    def test_does_not_fire_before_its_time(self, office: Office, instance: Json) -> None:
        office.clock.advance(timedelta(hours=2, microseconds=-1))

        assert fire(office) == 0
        assert office.instance(instance["id"]) == instance

    def test_fires_when_its_time_has_come(self, office: Office, instance: Json) -> None:
        (task,) = instance["open_tasks"]
        office.clock.advance(timedelta(hours=2))

        assert fire(office) == 1

        after = office.instance(instance["id"])
        assert [(one["element_id"], one["role"]) for one in after["open_tasks"]] == [("naik", "sekretaris")]
        assert after["waiting_for"] == []
        assert office.read(f"tasks/{task['id']}", "staf")["state"] == "cancelled"
        problem(office.complete(task), 409, "task-not-open")
        assert office.advance(after)["status"] == "completed"

    def test_fires_once(self, office: Office, instance: Json) -> None:
        office.clock.advance(timedelta(days=3))

        with running_office(office.url, office.clock) as other, ThreadPoolExecutor(4) as threads:
            fired = list(threads.map(fire, [office, other, office, other]))

        assert sum(fired) == 1
        assert fire(office) == 0
        acts = office.read(f"process-instances/{instance['id']}/audit", "staf")["items"]
        assert [(act["type"], act["actor"]) for act in acts] == [
            ("process_instance.started", "staf"),
            ("timer.fired", "system"),
        ]
        assert office.read(f"process-instances/{instance['id']}/audit/verify", "staf")["valid"] is True

    def test_is_gone_with_its_task(self, office: Office, instance: Json) -> None:
        after = office.advance(instance)
        office.clock.advance(timedelta(days=3))

        assert after["waiting_for"] == []
        assert fire(office) == 0
        assert office.instance(instance["id"]) == after

    def test_waits_while_its_instance_is_suspended(self, office: Office, instance: Json) -> None:
        path = f"process-instances/{instance['id']}"
        office.post(f"{path}/suspend", "staf")
        office.clock.advance(timedelta(hours=3))

        suspended = fire(office)
        office.post(f"{path}/resume", "staf")

        assert (suspended, fire(office)) == (0, 1)

    def test_of_a_cancelled_instance_never_fires(self, office: Office, instance: Json) -> None:
        office.post(f"process-instances/{instance['id']}/cancel", "staf", {"reason": "Salah."})
        office.clock.advance(timedelta(days=3))

        assert fire(office) == 0

    def test_of_many_instances_fire_each(self, office: Office, instance: Json) -> None:
        others = [office.start("staf", "tenggat", variables={}) for _ in range(4)]
        office.clock.advance(timedelta(hours=2))

        assert fire(office) == 5
        for one in (instance, *others):
            assert office.instance(one["id"])["open_tasks"][0]["element_id"] == "naik"

    def test_that_were_missed_fire_in_the_order_in_which_they_were_due(self, office: Office, instance: Json) -> None:
        first = instance["id"]
        others = []
        for minutes in (30, 10):
            office.clock.advance(timedelta(minutes=minutes))
            others.append(office.start("staf", "tenggat", variables={})["id"])
        office.clock.advance(timedelta(days=3))

        assert fire(office) == 3

        acts = office.read("audit", "inspektorat", type="timer.fired", sort="position")["items"]
        assert [act["process_instance_id"] for act in acts] == [first, *others]

    def test_in_the_hands_of_another_is_passed_over(self, office: Office, instance: Json) -> None:
        """On PostgreSQL a worker goes on with the next; on SQLite there is one writer at a time."""
        other = office.start("staf", "tenggat", variables={})
        office.clock.advance(timedelta(hours=2))
        held, go_on = threading.Event(), threading.Event()

        def hold(uow: UnitOfWork) -> None:
            lock_whole(uow, UUID(instance["id"]))
            held.set()
            assert office.database.is_sqlite or go_on.wait(30)

        with ThreadPoolExecutor(1) as threads:
            holding = threads.submit(office.database.write, hold)
            assert held.wait(30)
            fired = fire(office)
            go_on.set()
            holding.result()

        assert office.instance(other["id"])["open_tasks"][0]["element_id"] == "naik"
        assert fired + fire(office) == 2

    def test_that_fails_unforeseen_makes_an_incident_and_holds_up_no_other(
        self, office: Office, instance: Json, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.clock.advance(timedelta(minutes=1))
        other = office.start("staf", "tenggat", variables={})
        office.clock.advance(timedelta(hours=2))
        waken = unattended.wake

        def wake(uow: UnitOfWork, catalogue: Catalogue, **given: Any) -> bool:
            if given["instance_id"] == UUID(instance["id"]):
                raise RuntimeError("unforeseen")
            return waken(uow, catalogue, **given)

        monkeypatch.setattr("app.instances.timers.wake", wake)

        assert fire(office) == 1

        assert office.instance(other["id"])["open_tasks"][0]["element_id"] == "naik"
        assert office.instance(instance["id"])["status"] == "incident"
        monkeypatch.undo()
        assert office.post(f"process-instances/{instance['id']}/retry", "kepala_dinas").is_success
        assert office.instance(instance["id"])["open_tasks"][0]["element_id"] == "naik"

    def test_waits_where_it_is_the_database_that_fails(
        self, office: Office, instance: Json, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        office.clock.advance(timedelta(hours=2))

        def wake(*_: Any, **__: Any) -> bool:
            raise sa.exc.OperationalError("", None, Exception("gone"))

        monkeypatch.setattr("app.instances.timers.wake", wake)
        with pytest.raises(sa.exc.OperationalError):
            fire(office)
        monkeypatch.undo()

        assert office.instance(instance["id"]) == instance
        assert fire(office) == 1


class TestARace:
    def test_between_a_timer_and_a_completion_has_one_winner(self, office: Office) -> None:
        office.deploy(tenggat=with_deadline())
        for _ in range(10):
            instance = office.start("staf", "tenggat", variables={})
            (task,) = instance["open_tasks"]
            office.clock.advance(timedelta(hours=2))

            with ThreadPoolExecutor(2) as threads:
                fired = threads.submit(fire, office)
                answer = threads.submit(office.complete, task).result()

            after = office.instance(instance["id"])
            if fired.result():
                problem(answer, 409, "task-not-open")
                assert [one["element_id"] for one in after["open_tasks"]] == ["naik"]
            else:
                assert answer.status_code == 200
                assert after["status"] == "completed"


class TestATimerThatLeadsNowhere:
    @pytest.fixture
    def stuck(self, office: Office) -> Json:
        """An instance whose timer comes to a gateway that no flow leads out of."""
        assert office.deploy(buntu=with_dead_end()).status_code == 201
        instance = office.start("staf", "buntu", variables={"tingkat": 3})
        office.clock.advance(timedelta(hours=1))
        assert fire(office) == 0
        return instance

    def test_makes_an_incident_that_says_why_and_keeps_everything_else(self, office: Office, stuck: Json) -> None:
        after = office.instance(stuck["id"])

        assert after["status"] == "incident"
        assert [task["id"] for task in after["open_tasks"]] == [task["id"] for task in stuck["open_tasks"]]
        last = office.read(f"process-instances/{stuck['id']}/audit", "staf")["items"][-1]
        assert (last["type"], last["actor"]) == ("incident.raised", "system")
        assert "pilih" in str(last["data"])
        assert office.read(f"process-instances/{stuck['id']}/audit/verify", "staf")["valid"] is True

    def test_is_not_tried_every_second(self, office: Office, stuck: Json) -> None:
        for _ in range(3):
            fire(office)

        assert len(office.read(f"process-instances/{stuck['id']}/audit", "staf")["items"]) == 2

    def test_may_be_ended_by_cancelling_the_instance(self, office: Office, stuck: Json) -> None:
        answer = office.post(f"process-instances/{stuck['id']}/cancel", "staf", {"reason": "Buntu."})
        assert answer.json()["status"] == "cancelled"
