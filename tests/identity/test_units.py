"""Two offices of one pemda, and the divisions below them: nobody sees or counts what is another's."""

import pytest

from app.core.unit_of_work import UnitOfWork
from app.identity.commands import NewUnit, set_up_office
from tests.drawings import one_task
from tests.office import Json, Office, pointers, problem

OTHERS = {
    "sekretaris_dua": "sekretaris@dinkes",
    "kasubag_dua": "kasubag_perencanaan@dinkes",
    "kepala_dua": "kepala_dinas@dinkes",
    "tim_dua": "tim_sakip@dinkes",
    "staf_dua": "staf@dinkes",
}


@pytest.fixture
def two(office: Office) -> Office:
    """The office with a second dinas beside it, and a bidang below the first."""
    units = [
        NewUnit("tanjabbar", "Pemerintah Kabupaten", "pemda", None, "Asia/Jakarta"),
        NewUnit("dinkes", "Dinas Kesehatan", "perangkat_daerah", "tanjabbar", "Asia/Jakarta"),
        NewUnit("hubin", "Bidang Hubungan Industrial", "bidang", "disnaker", "Asia/Jakarta"),
    ]

    def work(uow: UnitOfWork) -> None:
        set_up_office(uow, units=units, roles=[])

    office.database.write(work)
    for user, role in OTHERS.items():
        office.hire(user, role)
    office.hire("analis_dua", permissions=("deploy@dinkes",))
    office.hire("staf_bidang", "staf@hubin")
    office.hire("sekretaris_bidang", "sekretaris@hubin")
    return office


class TestAnotherOffice:
    @pytest.mark.parametrize("user", ["sekretaris_dua", "kepala_dua", "staf_dua", "analis_dua"])
    def test_sees_and_counts_nothing(self, two: Office, user: str) -> None:
        instance = two.start("sekretaris", business_key="RAHASIA", title="Rahasia")
        (task,) = instance["open_tasks"]
        empty: Json = {"items": [], "next_cursor": None}

        for scope in ("mine", "claimable", "involved", "all"):
            assert two.read("tasks", user, scope=scope) == empty
        assert two.read("process-instances", user) == empty
        for word in ("rahasia", "iku"):
            assert two.read("process-instances", user, q=word) == empty
            assert two.read("tasks", user, scope="all", q=word) == empty
        assert two.read("tasks", user, scope="all", unit="disnaker") == empty
        counts = {"mine": 0, "claimable": 0, "overdue": 0, "by_process": {}, "capped": False}
        assert two.read("tasks/counts", user) == counts
        for part in ("", "/variables", "/history", "/diagram", "/audit", "/audit/verify"):
            problem(two.get(f"process-instances/{instance['id']}{part}", user), 404)
        for act, body in (("cancel", {"reason": "x"}), ("suspend", None), ("resume", None)):
            problem(two.post(f"process-instances/{instance['id']}/{act}", user, body), 404)
        problem(two.get(f"tasks/{task['id']}", user), 404)
        problem(two.complete(task, user), 404)
        assert two.instance(instance["id"]) == instance

    def test_does_not_see_the_definitions_of_the_first(self, two: Office) -> None:
        own = two.read("process-definitions", "staf")["items"]
        assert len(own) == 6

        assert two.read("process-definitions", "staf_dua")["items"] == []
        problem(two.get(f"process-definitions/{own[0]['id']}", "staf_dua"), 404)
        problem(two.get(f"process-definitions/{own[0]['id']}/xml", "staf_dua"), 404)
        by_key = two.post("process-instances", "staf_dua", {"process_definition_key": "iku"})
        problem(by_key, 422, "unknown-process-definition")
        problem(two.post("process-instances", "staf_dua", {"process_definition_id": own[0]["id"]}), 404)

    def test_starts_nothing_in_the_first(self, two: Office) -> None:
        body = {"process_definition_key": "iku", "unit": "disnaker", "variables": {"tahun": 2027}}

        problem(two.post("process-instances", "sekretaris_dua", body), 404, "not-found")

    def test_has_its_own_process_of_the_same_key(self, two: Office) -> None:
        assert two.deploy("analis_dua", iku=one_task("iku", name="Cara kami")).status_code == 201

        theirs = two.start("staf_dua", "iku", variables={})
        ours = two.start("staf", "iku")

        assert (theirs["unit"], theirs["open_tasks"][0]["name"]) == ("dinkes", "Cara kami")
        assert (ours["unit"], ours["open_tasks"][0]["name"]) == ("disnaker", "Memerintahkan penyusunan IKU")
        assert theirs["process_definition_version"] == ours["process_definition_version"] == 1
        problem(two.get(f"process-instances/{theirs['id']}", "kepala_dinas"), 404)
        problem(two.complete(theirs["open_tasks"][0], "staf"), 404)
        assert two.complete(theirs["open_tasks"][0], "staf_dua").status_code == 200

    def test_does_not_receive_the_messages_of_the_first(self, two: Office) -> None:
        instance = two.advance(two.start("sekretaris", "renja", business_key="R"), 9)

        for body in ({"name": "pengesahan_bupati"}, {"name": "pengesahan_bupati", "business_key": "R"}):
            problem(two.post("messages", "sekretaris_dua", body), 404, "message-not-awaited")
        assert two.instance(instance["id"])["waiting_for"] == instance["waiting_for"]

    def test_is_served_by_who_is_outside_both(self, two: Office) -> None:
        """Bappeda verifies the plans of every office, so it sees those of both."""
        two.deploy("admin", verifikasi=one_task("verifikasi", lane="Bappeda"))
        instances = [
            two.post("process-instances", "bappeda", {"process_definition_key": "verifikasi", "unit": unit}).json()
            for unit in ("disnaker", "dinkes")
        ]

        assert sorted(task["unit"] for task in two.read("tasks", "bappeda")["items"]) == ["dinkes", "disnaker"]
        assert two.complete(instances[1]["open_tasks"][0], "bappeda").status_code == 200

    def test_is_seen_by_the_inspectorate_of_the_pemda(self, two: Office) -> None:
        two.deploy("analis_dua", a=one_task("a"))
        two.start("staf_dua", "a", variables={})
        two.start("staf", "iku")

        units = [item["unit"] for item in two.read("process-instances", "inspektorat")["items"]]

        assert sorted(units) == ["dinkes", "disnaker"]
        narrowed = two.read("process-instances", "inspektorat", unit="dinkes")["items"]
        assert [item["unit"] for item in narrowed] == ["dinkes"]

    def test_cannot_be_deployed_into_from_the_first(self, two: Office) -> None:
        files = [("files", ("a.bpmn", one_task("a"), "application/xml"))]

        answer = two.post("deployments", "analis", files=files, data={"unit": "dinkes"})

        problem(answer, 403, "forbidden")


class TestADivision:
    def test_uses_the_definitions_of_its_office(self, two: Office) -> None:
        instance = two.start("staf_bidang", "iku")

        assert instance["unit"] == "hubin"
        assert len(two.read("process-definitions", "staf_bidang")["items"]) == 6

    def test_puts_its_own_definition_before_that_of_its_office(self, two: Office) -> None:
        two.deploy("analis", a=one_task("a", name="Dinas"))
        files = [("files", ("a.bpmn", one_task("a", name="Bidang"), "application/xml"))]
        assert two.post("deployments", "analis", files=files, data={"unit": "hubin"}).status_code == 201

        own = two.start("staf_bidang", "a", variables={})
        above = two.start("staf", "a", variables={})

        assert own["open_tasks"][0]["name"] == "Bidang"
        assert (above["unit"], above["open_tasks"][0]["name"]) == ("disnaker", "Dinas")

    def test_has_its_tasks_done_by_it_and_by_the_office_above(self, two: Office) -> None:
        """A holder serves his unit, what is below it, and what is above it up to the dinas."""
        one, other = (two.start("staf_bidang", "iku")["open_tasks"][0] for _ in range(2))

        assert two.complete(one, "sekretaris_bidang").status_code == 200
        assert two.complete(other, "sekretaris").status_code == 200
        problem(two.complete(other, "sekretaris_dua"), 404)

    def test_helps_in_the_instances_of_its_office(self, two: Office) -> None:
        (task,) = two.start("sekretaris", "iku")["open_tasks"]

        assert two.complete(task, "sekretaris_bidang").status_code == 200

    def test_is_chosen_by_naming_it(self, two: Office) -> None:
        assert two.start("sekretaris", "iku", unit="hubin")["unit"] == "hubin"
        body = {"process_definition_key": "iku", "unit": "bidang_lain", "variables": {"tahun": 2027}}
        assert pointers(problem(two.post("process-instances", "sekretaris", body), 422)) == ["/unit"]


class TestARole:
    def test_held_in_two_offices_serves_both(self, two: Office) -> None:
        two.deploy("admin", a=one_task("a"))
        two.hire("rangkap", "staf@disnaker", "staf@dinkes")
        for user in ("staf", "staf_dua"):
            two.start(user, "a", variables={})

        tasks = two.read("tasks", "rangkap")["items"]

        assert sorted(task["unit"] for task in tasks) == ["dinkes", "disnaker"]
        assert {two.complete(task, "rangkap").status_code for task in tasks} == {200}
        me = two.read("me", "rangkap")
        assert sorted(role["unit"] for role in me["roles"]) == ["dinkes", "disnaker"]
