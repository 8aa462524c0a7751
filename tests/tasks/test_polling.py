"""Asking again and again: 304 as long as nothing changed, and never for longer."""

from collections.abc import Callable
from datetime import date, timedelta

import httpx2 as httpx
import pytest

from app.core.unit_of_work import UnitOfWork
from app.identity.holdings import RoleGiven, give_role
from app.instances.timers import fire_due
from tests.drawings import two_branches, with_deadline
from tests.office import Json, Office, running_office

POLLED = ["tasks", "tasks?scope=all&sort=name", "tasks/counts", "process-instances", "process-instances?status=active"]


class Follower:
    """Somebody who polls some addresses with the tags of the answers he has."""

    def __init__(self, office: Office, user: str, *paths: str) -> None:
        self.office = office
        self.user = user
        self.tags = {path: self.ask(path).headers["etag"] for path in paths or POLLED}

    def ask(self, path: str, tag: str | None = None) -> httpx.Response:
        return self.office.get(path, self.user, headers={"If-None-Match": tag} if tag else None)

    def changed(self) -> set[str]:
        """Return the addresses that answer anew."""
        found = set()
        for path, tag in self.tags.items():
            answer = self.ask(path, tag)
            assert answer.status_code in (200, 304)
            if answer.status_code == 200:
                found.add(path)
                self.tags[path] = answer.headers["etag"]
            else:
                assert answer.content == b""
                assert answer.headers["etag"] == tag
        return found


class TestATag:
    @pytest.mark.parametrize("path", POLLED)
    def test_is_weak_and_for_its_reader_alone(self, shared_office: Office, path: str) -> None:
        answers = [shared_office.get(path, user) for user in ("staf", "sekretaris", "inspektorat")]

        assert len({answer.headers["etag"] for answer in answers}) == 3
        for answer in answers:
            assert answer.headers["etag"].startswith('W/"')
            assert answer.headers["cache-control"] == "private, no-cache"
            assert answer.headers["vary"] == "Authorization"

    def test_of_another_user_does_not_give_304(self, office: Office) -> None:
        office.start()
        tag = office.get("tasks", "sekretaris").headers["etag"]

        assert office.get("tasks", "staf", headers={"If-None-Match": tag}).status_code == 200

    def test_of_another_query_does_not_give_304(self, office: Office) -> None:
        tag = office.get("tasks?limit=1", "staf").headers["etag"]

        assert office.get("tasks?limit=2", "staf", headers={"If-None-Match": tag}).status_code == 200

    def test_may_be_one_of_several(self, office: Office) -> None:
        tag = office.get("tasks", "staf").headers["etag"]

        assert office.get("tasks", "staf", headers={"If-None-Match": f'"x", {tag}'}).status_code == 304

    def test_of_an_instance_and_of_a_task_is_that_of_their_last_act(self, office: Office) -> None:
        instance = office.start()
        (task,) = instance["open_tasks"]
        follower = Follower(office, "sekretaris", f"process-instances/{instance['id']}", f"tasks/{task['id']}")
        assert follower.changed() == set()

        office.complete(task)

        assert follower.changed() == set(follower.tags)


def act_claim(office: Office, task: Json) -> None:
    office.post(f"tasks/{task['id']}/claim", "sekretaris")


def act_assign(office: Office, task: Json) -> None:
    office.post(f"tasks/{task['id']}/assign", "kepala_dinas", {"assignee": "sekretaris"})


def act_complete(office: Office, task: Json) -> None:
    office.complete(task)


def act_suspend(office: Office, task: Json) -> None:
    office.post(f"process-instances/{office.instance_of(task)}/suspend", "sekretaris")


def act_cancel(office: Office, task: Json) -> None:
    office.post(f"process-instances/{office.instance_of(task)}/cancel", "sekretaris", {"reason": "Salah."})


def act_start(office: Office, _task: Json) -> None:
    office.start()


class TestAnAct:
    @pytest.mark.parametrize("act", [act_claim, act_assign, act_complete, act_suspend, act_cancel, act_start])
    def test_is_seen_at_once_by_everybody_of_the_unit(
        self, office: Office, act: Callable[[Office, Json], None]
    ) -> None:
        (task,) = office.start()["open_tasks"]
        followers = [Follower(office, user) for user in ("sekretaris", "staf", "inspektorat")]
        assert [follower.changed() for follower in followers] == [set()] * 3

        act(office, task)

        assert [follower.changed() for follower in followers] == [set(POLLED)] * 3
        assert [follower.changed() for follower in followers] == [set()] * 3

    def test_that_is_refused_changes_no_tag(self, office: Office) -> None:
        (task,) = office.start()["open_tasks"]
        follower = Follower(office, "sekretaris")

        office.complete(task, "staf")
        office.complete(task, "kepala_dinas")
        office.complete(task, wrong=1)

        assert follower.changed() == set()

    def test_of_a_timer_is_seen(self, office: Office) -> None:
        office.deploy(satu=with_deadline())
        office.start("staf", "tenggat", variables={})
        follower = Follower(office, "sekretaris", "tasks")
        office.clock.advance(timedelta(hours=3))

        fire_due(office.database, office.app.state.directory, office.app.state.catalogue, office.clock)

        assert follower.changed() == {"tasks"}
        assert len(office.read("tasks", "sekretaris")["items"]) == 1

    def test_of_one_worker_is_seen_through_another(self, office: Office) -> None:
        with running_office(office.url, office.clock) as other:
            follower = Follower(other, "sekretaris")

            office.start()

            assert follower.changed() == set(POLLED)


class TestTime:
    def test_makes_a_task_overdue_without_an_act(self, office: Office) -> None:
        (task,) = office.start()["open_tasks"]
        follower = Follower(office, "sekretaris")
        office.clock.moment = office.clock.moment.fromisoformat(task["due_at"])
        follower.changed()

        office.clock.advance(timedelta(microseconds=1))

        assert follower.changed() == set(POLLED)
        assert office.read("tasks/counts", "sekretaris")["overdue"] == 1
        office.clock.advance(timedelta(minutes=5))
        assert follower.changed() == set()

    def test_of_a_role_that_begins_or_ends_is_seen_at_midnight_of_the_office(self, office: Office) -> None:
        office.start()
        today = office.clock.now().date()
        # Midnight in western Indonesia is five in the afternoon in UTC.
        office.clock.moment = office.clock.moment.replace(hour=16, minute=59)
        office.hire("lama", "sekretaris@disnaker", valid_to=today)
        office.hire("baru", "sekretaris@disnaker", valid_from=today + timedelta(days=1))
        followers = [Follower(office, user, "tasks", "process-instances") for user in ("lama", "baru")]
        assert len(office.read("tasks", "lama")["items"]) == 1
        assert office.read("tasks", "baru")["items"] == []

        office.clock.advance(timedelta(minutes=1))

        assert [follower.changed() for follower in followers] == [{"tasks", "process-instances"}] * 2
        assert office.read("tasks", "lama")["items"] == []
        assert len(office.read("tasks", "baru")["items"]) == 1


class TestPeople:
    def test_who_are_given_a_role_see_its_tasks_at_once(self, office: Office) -> None:
        office.start()
        office.hire("orang_baru")
        follower = Follower(office, "orang_baru")
        assert office.read("tasks", "orang_baru")["items"] == []

        def work(uow: UnitOfWork) -> None:
            given = RoleGiven("sekretaris", "disnaker", date(2024, 1, 1))
            give_role(uow, actor=office.system(uow), username="orang_baru", given=given, now=office.clock.now())

        office.database.write(work)

        assert follower.changed() == set(POLLED)
        assert len(office.read("tasks", "orang_baru")["items"]) == 1
        office.start()
        assert follower.changed() == set(POLLED)

    def test_who_hold_their_role_no_more_still_follow_what_they_started(self, office: Office) -> None:
        last_day = office.clock.now().date()
        office.hire("pensiun", "staf@disnaker", valid_to=last_day)
        office.deploy(satu=two_branches())
        instance = office.start("pensiun", "cabang", variables={})
        office.clock.advance(timedelta(days=1))
        follower = Follower(office, "pensiun", f"process-instances/{instance['id']}", "process-instances")

        office.complete(instance["open_tasks"][1], "sekretaris")

        assert follower.changed() == set(follower.tags)
