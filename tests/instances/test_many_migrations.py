"""Migrations that are refused as requests, migrations in bulk, and many of the Renja."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.instances.migration import MOST_MIGRATED
from tests.instances.many_migrations import migrate_many
from tests.instances.migrating import deploy, line, migrate, started
from tests.office import Json, Office, pointers, problem

NOBODY = "0190a5a0-0000-7000-8000-000000000000"


class TestARequestThatCannotBe:
    @pytest.fixture
    def instance(self, office: Office) -> Json:
        return started(office, "a", line("a", "satu", "dua"))

    @pytest.mark.parametrize(
        ("mapping", "wrong"),
        [
            ({"tiada": "satu"}, ["/mapping/tiada"]),
            ({"satu": "tiada"}, ["/mapping/satu"]),
            ({"a/b": "x"}, ["/mapping/a~1b", "/mapping/a~1b"]),
            ({"satu": 5}, ["/mapping/satu"]),
            ([], ["/mapping"]),
        ],
    )
    def test_maps_what_there_is(self, office: Office, instance: Json, mapping: object, wrong: list[str]) -> None:
        target = deploy(office, "a", line("a", "satu"))
        body = {"process_definition_id": target, "dry_run": True, "mapping": mapping}

        answer = office.post(f"process-instances/{instance['id']}/migrate", "analis", body)

        assert pointers(problem(answer, 422, "invalid")) == wrong

    def test_stays_within_its_process(self, office: Office, instance: Json) -> None:
        other = deploy(office, "b", line("b", "satu"))

        answer = office.post(f"process-instances/{instance['id']}/migrate", "analis", {"process_definition_id": other})

        assert pointers(problem(answer, 422, "invalid")) == ["/process_definition_id"]

    def test_names_a_definition_that_holds_for_its_unit(self, office: Office, instance: Json) -> None:
        path = f"process-instances/{instance['id']}/migrate"

        problem(office.post(path, "analis", {"process_definition_id": "a:9:tiada"}), 404, "not-found")

    def test_is_of_an_instance_that_has_not_ended(self, office: Office, instance: Json) -> None:
        target = deploy(office, "a", line("a", "satu", "dua", "tiga"))
        office.post(f"process-instances/{instance['id']}/cancel", "staf", {"reason": "Salah."})

        for dry_run in (True, False):
            body = {"process_definition_id": target, "dry_run": dry_run}
            answer = office.post(f"process-instances/{instance['id']}/migrate", "analis", body)
            problem(answer, 409, "instance-not-active")

    @pytest.mark.parametrize(
        ("user", "status"),
        [("staf", 403), ("kepala_dinas", 403), ("inspektorat", 403), ("bappeda", 404), ("admin", 200), ("analis", 200)],
    )
    def test_is_for_who_deploys_or_administers_there(
        self, office: Office, instance: Json, user: str, status: int
    ) -> None:
        target = deploy(office, "a", line("a", "satu", "dua", "tiga"))
        for dry_run in (True, False):
            body = {"process_definition_id": target, "dry_run": dry_run}
            answer = office.post(f"process-instances/{instance['id']}/migrate", user, body)
            assert answer.status_code == status, answer.text

    def test_is_of_an_instance_that_there_is(self, shared_office: Office) -> None:
        for named in (NOBODY, "bukan-id"):
            answer = shared_office.post(
                f"process-instances/{named}/migrate", "analis", {"process_definition_id": "iku:1:x"}
            )
            problem(answer, 404, "not-found")


class TestManyAtOnce:
    def bulk(self, office: Office, user: str = "analis", **body: object) -> Json:
        answer = office.post("process-instances/migrate", user, body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def test_succeed_or_fail_each_for_itself(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        further = office.advance(office.start("staf", "a", variables={}))
        target = deploy(office, "a", line("a", "dua"))
        ids = [instance["id"], further["id"], NOBODY, "bukan-id"]

        plans = self.bulk(office, process_definition_id=target, process_instance_ids=ids, dry_run=True)["results"]
        done = self.bulk(office, process_definition_id=target, process_instance_ids=ids)["results"]

        assert [(one["process_instance_id"], one["status"]) for one in plans] == [
            (ids[0], 200),
            (ids[1], 200),
            (ids[2], 404),
            (ids[3], 404),
        ]
        assert [one["result"]["allowed"] for one in plans[:2]] == [False, True]
        assert [one["status"] for one in done] == [409, 200, 404, 404]
        assert done[0]["problem"]["code"] == "migration-refused"
        assert office.instance(instance["id"])["process_definition_version"] == 1
        assert office.instance(further["id"])["process_definition_version"] == 2

    def test_are_those_of_a_definition_that_have_not_ended(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        others = [office.start("staf", "a", variables={}) for _ in range(3)]
        office.post(f"process-instances/{others[0]['id']}/cancel", "staf", {"reason": "Salah."})
        target = deploy(office, "a", line("a", "satu", "baru", "dua"))
        old = instance["process_definition_id"]

        done = self.bulk(office, process_definition_id=target, from_process_definition_id=old)

        ids = [instance["id"], others[1]["id"], others[2]["id"]]
        assert [one["process_instance_id"] for one in done["results"]] == ids
        assert done["next_after"] is None
        again = self.bulk(office, process_definition_id=target, from_process_definition_id=old)
        assert again["results"] == []

    def test_go_on_after_the_last_of_an_answer(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        assert MOST_MIGRATED == 200
        monkeypatch.setattr("app.instances.migration.MOST_MIGRATED", 2)
        started(office, "a", line("a", "satu", "dua"))
        ids = [office.start("staf", "a", variables={})["id"] for _ in range(3)]
        old = office.instance(ids[0])["process_definition_id"]
        target = deploy(office, "a", line("a", "dua"))
        body = {"process_definition_id": target, "from_process_definition_id": old, "dry_run": True}

        first = self.bulk(office, **body)
        second = self.bulk(office, **body, after=first["next_after"])

        assert (len(first["results"]), first["next_after"]) == (2, ids[0])
        assert [one["process_instance_id"] for one in second["results"]] == ids[1:]
        assert second["next_after"] is None

    @pytest.mark.parametrize(
        ("body", "wrong"),
        [
            ({}, ["/process_instance_ids"]),
            ({"process_instance_ids": [NOBODY], "from_process_definition_id": "a:1:x"}, ["/process_instance_ids"]),
            ({"process_instance_ids": []}, ["/process_instance_ids"]),
            ({"process_instance_ids": [NOBODY], "after": NOBODY}, ["/after"]),
            ({"process_instance_ids": [NOBODY], "lain": 1}, ["/lain"]),
        ],
    )
    def test_are_named_in_one_way(self, shared_office: Office, body: Json, wrong: list[str]) -> None:
        answer = shared_office.post("process-instances/migrate", "analis", {"process_definition_id": "iku:1:x", **body})

        assert pointers(problem(answer, 422, "invalid")) == wrong

    def test_of_a_definition_are_for_who_may_migrate_anywhere(self, office: Office) -> None:
        old = started(office, "a", line("a", "satu"))["process_definition_id"]
        body = {"process_definition_id": old, "from_process_definition_id": old}

        problem(office.post("process-instances/migrate", "staf", body), 403, "forbidden")
        body["from_process_definition_id"] = "a:9:tiada"
        problem(office.post("process-instances/migrate", "analis", body), 404, "not-found")

    def test_are_done_once_with_their_key(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        target = deploy(office, "a", line("a", "satu", "baru", "dua"))
        body = {"process_definition_id": target, "process_instance_ids": [instance["id"]]}

        first = office.post("process-instances/migrate", "analis", body, key="sekali")
        again = office.post("process-instances/migrate", "analis", body, key="sekali")

        assert first.content == again.content
        assert again.headers["Idempotency-Replayed"] == "true"


class TestTheRenja:
    def test_goes_to_an_edited_version_from_every_row_after_returns_and_ends_as_its_table_says(
        self, office: Office
    ) -> None:
        report = migrate_many(office, 60)

        assert len(report.stood_at) == 14
        assert sum(count for returns, count in report.returned.items() if returns) > 15
        assert report.released >= 1


class TestARace:
    def test_between_a_migration_and_a_completion_loses_neither(self, office: Office) -> None:
        for number in range(6):
            instance = started(office, f"a{number}", line(f"a{number}", "satu", "dua"))
            target = deploy(office, f"a{number}", line(f"a{number}", "satu", "baru", "dua"))

            with ThreadPoolExecutor(2) as threads:
                completing = threads.submit(office.complete, instance["open_tasks"][0])
                migrating = threads.submit(migrate, office, instance, target)
                completed = completing.result()
                migrating.result()

            assert completed.status_code == 200
            after = office.instance(instance["id"])
            assert after["process_definition_id"] == target
            assert after["open_tasks"][0]["element_id"] in ("baru", "dua")
            assert office.read(f"process-instances/{instance['id']}/audit/verify", "staf")["valid"] is True
