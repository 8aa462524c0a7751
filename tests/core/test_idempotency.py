"""The Idempotency-Key: a request that is repeated acts once, and is answered as it was the first time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx2 as httpx
import pytest
import sqlalchemy as sa

from app.audit.models import event
from app.bootstrap import chores_of
from app.core import idempotency
from tests.drawings import one_task
from tests.office import Json, Office, problem, running_office, settings_of

Send = Callable[[Office, str | None], httpx.Response]


def acts(office: Office) -> int:
    """Count what has been done so far."""
    with office.database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(event)).scalar_one())


def prepared(office: Office, name: str) -> Send:
    """Return the request that does one of the acts, on an instance made for it."""
    if name == "start":
        body = {"process_definition_key": "iku", "variables": {"tahun": 2027}}
        return lambda there, key: there.post("process-instances", "staf", body, key=key)
    if name == "deploy":
        files = [("files", ("a.bpmn", one_task("a"), "application/xml"))]
        return lambda there, key: there.post("deployments", "analis", files=files, key=key)
    if name == "message":
        instance = office.advance(office.start("sekretaris", "renja"), 9)
        message = {"name": "pengesahan_bupati", "process_instance_id": instance["id"]}
        return lambda there, key: there.post("messages", "bappeda", message, key=key)
    instance = office.start()
    task, path = instance["open_tasks"][0]["id"], f"process-instances/{instance['id']}"
    if name == "unclaim":
        office.post(f"tasks/{task}/claim", "sekretaris")
    if name == "resume":
        office.post(f"{path}/suspend", "sekretaris")
    paths: dict[str, tuple[str, Json | None]] = {
        "claim": (f"tasks/{task}/claim", None),
        "unclaim": (f"tasks/{task}/unclaim", None),
        "assign": (f"tasks/{task}/assign", {"assignee": "sekretaris"}),
        "complete": (f"tasks/{task}/complete", {"variables": {}}),
        "bulk": ("tasks/bulk", {"action": "complete", "task_ids": [task, "none"]}),
        "cancel": (f"{path}/cancel", {"reason": "Salah tahun."}),
        "suspend": (f"{path}/suspend", None),
        "resume": (f"{path}/resume", None),
    }
    address, sent = paths[name]
    return lambda there, key: there.post(address, "sekretaris", sent, key=key)


EVERY_ACT = [
    *("start", "deploy", "message", "claim", "unclaim", "assign"),
    *("complete", "bulk", "cancel", "suspend", "resume"),
]


class TestARepetition:
    @pytest.mark.parametrize("name", EVERY_ACT)
    def test_acts_once_and_is_answered_the_same_after_a_restart(self, office: Office, name: str) -> None:
        send = prepared(office, name)
        first = send(office, "kunci-1")
        done = acts(office)
        assert first.status_code in (200, 201), first.text

        office.clock.advance(timedelta(hours=5))
        again = send(office, "kunci-1")
        with running_office(office.url, office.clock) as restarted:
            later = send(restarted, "kunci-1")

        for answer in (again, later):
            assert (answer.status_code, answer.content) == (first.status_code, first.content)
            assert answer.headers["content-type"] == first.headers["content-type"]
            assert answer.headers["idempotency-replayed"] == "true"
        assert "idempotency-replayed" not in first.headers
        assert acts(office) == done

    @pytest.mark.parametrize("name", EVERY_ACT)
    def test_at_the_same_moment_acts_once(self, office: Office, name: str) -> None:
        send = prepared(office, name)
        before = acts(office)
        for user in ("staf", "analis", "bappeda", "sekretaris"):
            office.token(user)

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda _: send(office, "kunci-1"), range(4)))

        assert {(answer.status_code, answer.content) for answer in answers} == {
            (answers[0].status_code, answers[0].content)
        }
        assert answers[0].status_code in (200, 201)
        assert acts(office) == before + 1

    def test_of_another_body_is_refused(self, office: Office) -> None:
        (one,), (other,) = (office.start()["open_tasks"] for _ in range(2))
        office.post(f"tasks/{one['id']}/complete", "sekretaris", {"variables": {}}, key="k")
        before = acts(office)

        for answer in (
            office.post(f"tasks/{other['id']}/complete", "sekretaris", {"variables": {}}, key="k"),
            office.post(f"tasks/{one['id']}/complete", "sekretaris", {}, key="k"),
            office.post(f"tasks/{one['id']}/claim", "sekretaris", key="k"),
            office.post("process-instances", "sekretaris", {"process_definition_key": "iku"}, key="k"),
            office.post("tasks/bulk", "sekretaris", {"action": "claim", "task_ids": [other["id"]]}, key="k"),
        ):
            problem(answer, 422, "idempotency-key-reused")
        assert acts(office) == before

    def test_of_a_deployment_with_other_fields_is_another_request(self, office: Office) -> None:
        files = [("files", ("a.bpmn", one_task("a"), "application/xml"))]
        office.post("deployments", "analis", files=files, data={"name": "Satu"}, key="k")

        answer = office.post("deployments", "analis", files=files, data={"name": "Dua"}, key="k")

        problem(answer, 422, "idempotency-key-reused")

    def test_by_another_user_is_another_act(self, office: Office) -> None:
        body = {"process_definition_key": "iku", "variables": {"tahun": 2027}}

        one, other = (office.post("process-instances", user, body, key="k") for user in ("staf", "sekretaris"))

        assert one.json()["id"] != other.json()["id"]

    def test_of_a_refusal_is_tried_again(self, office: Office) -> None:
        instance = office.start()
        (task,) = instance["open_tasks"]
        office.post(f"process-instances/{instance['id']}/suspend", "sekretaris")
        problem(office.post(f"tasks/{task['id']}/complete", "sekretaris", {}, key="k"), 409)
        office.post(f"process-instances/{instance['id']}/resume", "sekretaris")

        assert office.post(f"tasks/{task['id']}/complete", "sekretaris", {}, key="k").status_code == 200

    def test_after_a_day_is_a_new_act(self, office: Office) -> None:
        body = {"process_definition_key": "iku", "variables": {"tahun": 2027}}
        before = datetime.now(UTC)
        first = office.post("process-instances", "staf", body, key="k")
        after = datetime.now(UTC)
        office.database.write(lambda uow: idempotency.sweep(uow, before + timedelta(hours=24)))
        kept = office.post("process-instances", "staf", body, key="k")

        office.database.write(lambda uow: idempotency.sweep(uow, after + timedelta(hours=24, seconds=1)))

        assert kept.content == first.content
        assert office.post("process-instances", "staf", body, key="k").json()["id"] != first.json()["id"]

    @pytest.mark.parametrize("shift", [timedelta(days=-900), timedelta(days=900)])
    def test_is_known_for_a_day_of_real_time_whatever_day_the_office_has(
        self, office: Office, shift: timedelta
    ) -> None:
        body = {"process_definition_key": "iku", "variables": {"tahun": 2027}}
        office.clock.advance(shift)
        first = office.post("process-instances", "staf", body, key="k")
        state = office.app.state
        chores = chores_of(settings_of(office.url), office.database, state.directory, state.catalogue, office.clock)

        (sweep,) = [chore for chore in chores.chores if chore.name == "kept answers"]
        sweep.work()

        assert office.post("process-instances", "staf", body, key="k").content == first.content


class TestAKey:
    @pytest.mark.parametrize("key", ["", "x" * 256])
    def test_has_1_to_255_characters(self, office: Office, key: str) -> None:
        body, done = {"process_definition_key": "iku", "variables": {"tahun": 2027}}, acts(office)

        problem(office.post("process-instances", "staf", body, key=key), 422)

        assert acts(office) == done
        assert office.post("process-instances", "staf", body, key="x" * 255).status_code == 201


class TestSeveralActsOfOneRequest:
    def test_are_each_done_or_refused(self, office: Office) -> None:
        (mine,), (done,) = (office.start()["open_tasks"] for _ in range(2))
        (others,) = office.advance(office.start())["open_tasks"]
        office.complete(done)
        task_ids = [mine["id"], done["id"], others["id"], "none", mine["id"]]

        answer = office.post("tasks/bulk", "sekretaris", {"action": "complete", "task_ids": task_ids})

        results = answer.json()["results"]
        assert [(result["task_id"], result["status"]) for result in results] == [
            (mine["id"], 200),
            (done["id"], 409),
            (others["id"], 403),
            ("none", 404),
        ]
        assert results[0]["result"]["task"]["state"] == "completed"
        assert [result["problem"]["code"] for result in results[1:]] == [
            "task-already-completed",
            "not-your-task",
            "not-found",
        ]

    def test_broken_off_in_the_middle_go_on_where_they_were(self, office: Office) -> None:
        """What a crash between two of them leaves behind: the answer of the first is kept, that of the whole is not."""
        tasks = [office.start()["open_tasks"][0]["id"] for _ in range(2)]
        body = {"action": "complete", "task_ids": tasks}
        whole = office.post("tasks/bulk", "sekretaris", body, key="k").json()["results"]
        forget = sa.delete(idempotency.idempotency).where(idempotency.idempotency.c.key == "k")
        office.database.write(lambda uow: uow.execute(forget).rowcount)
        done = acts(office)

        again = office.post("tasks/bulk", "sekretaris", body, key="k").json()["results"]

        assert again == whole
        assert acts(office) == done

    @pytest.mark.parametrize(
        "body",
        [
            {"action": "complete", "task_ids": []},
            {"action": "complete", "task_ids": ["x"] * 201},
            {"action": "delete", "task_ids": ["x"]},
            {"action": "claim"},
            {"task_ids": ["x"]},
            {"action": "claim", "task_ids": ["x"], "lain": 1},
        ],
    )
    def test_that_mean_nothing_are_refused(self, shared_office: Office, body: Json) -> None:
        problem(shared_office.post("tasks/bulk", "staf", body), 422, "invalid")
