"""The life of an instance as a whole: started, suspended, resumed, cancelled, and told of what happened outside."""

import pytest

from tests.drawings import END, START, chain, drawing, flow, one_task, task
from tests.office import MONDAY, Json, Office, pointers, problem

OUTSIDERS = ["bappeda", "tim_renja", "analis"]


class TestStarting:
    @pytest.mark.parametrize("user", ["sekretaris", "kasubag_perencanaan", "tim_sakip", "staf"])
    def test_is_for_whoever_holds_a_role_of_the_process(self, office: Office, user: str) -> None:
        instance = office.start(user, "iku")

        assert (instance["started_by"], instance["started_at"]) == (user, MONDAY.isoformat())
        assert (instance["status"], instance["unit"], instance["ended_at"]) == ("active", "disnaker", None)
        assert [task["role"] for task in instance["open_tasks"]] == ["sekretaris"]

    @pytest.mark.parametrize("user", ["kepala_dinas", "kepala_bidang", *OUTSIDERS, "inspektorat", "admin"])
    def test_is_refused_to_everybody_else(self, shared_office: Office, user: str) -> None:
        body = {"process_definition_key": "iku", "unit": "disnaker", "variables": {"tahun": 2027}}

        problem(shared_office.post("process-instances", user, body), 403, "forbidden")

    def test_keeps_its_business_key_and_title(self, office: Office) -> None:
        instance = office.start("staf", "iku", business_key="IKU-2027", title="  IKU 2027 ")

        assert (instance["business_key"], instance["title"]) == ("IKU-2027", "IKU 2027")
        shown = office.read(f"tasks/{instance['open_tasks'][0]['id']}", "sekretaris")
        assert (shown["business_key"], shown["instance_title"]) == ("IKU-2027", "IKU 2027")

    def test_without_a_title_takes_the_name_of_the_process(self, office: Office) -> None:
        assert office.start("staf", "iku", title="  ")["title"] == "Penyusunan Indikator Kinerja Utama (IKU)"

    def test_by_the_id_of_a_version_starts_that_version(self, office: Office) -> None:
        first = office.deploy(a=one_task("a", name="satu")).json()["process_definitions"][0]["id"]
        office.deploy(a=one_task("a", name="dua"))

        instance = office.post("process-instances", "staf", {"process_definition_id": first}).json()

        assert (instance["process_definition_id"], instance["process_definition_version"]) == (first, 1)

    def test_of_a_process_without_a_start_form_takes_any_variables(self, office: Office) -> None:
        office.deploy(a=one_task("a"))
        variables = {"teks": "é", "angka": 1.5, "daftar": [1, {"a": None}], "benar": True}

        instance = office.start("staf", "a", variables=variables)

        shown = office.read(f"process-instances/{instance['id']}/variables", "staf")["variables"]
        assert shown == variables

    def test_is_what_reading_shows(self, office: Office) -> None:
        instance = office.start()

        for user in ("sekretaris", "staf", "kepala_dinas", "inspektorat", "admin"):
            assert office.instance(instance["id"], user) == instance


class TestWhoSees:
    @pytest.mark.parametrize("user", ["kepala_bidang", *OUTSIDERS])
    def test_is_nobody_who_takes_no_part(self, office: Office, user: str) -> None:
        instance = office.start()

        for part in ("", "/variables", "/history", "/diagram", "/audit", "/audit/verify"):
            problem(office.get(f"process-instances/{instance['id']}{part}", user), 404, "not-found")
        assert office.read("process-instances", user)["items"] == []
        for act, body in (("cancel", {"reason": "x"}), ("suspend", None), ("resume", None)):
            problem(office.post(f"process-instances/{instance['id']}/{act}", user, body), 404, "not-found")

    def test_of_a_participant_are_the_summaries_of_others_tasks_alone(self, office: Office) -> None:
        instance = office.start()
        (summary,) = office.instance(instance["id"], "staf")["open_tasks"]

        assert "form" not in summary
        assert "requirements" not in summary
        problem(office.get(f"tasks/{summary['id']}", "staf"), 404)


class TestSuspending:
    @pytest.mark.parametrize("user", ["staf", "kepala_dinas", "admin"])
    def test_is_for_its_starter_a_superior_and_an_administrator(self, office: Office, user: str) -> None:
        path = f"process-instances/{office.start('staf')['id']}"

        assert office.post(f"{path}/suspend", user).json()["status"] == "suspended"
        assert office.post(f"{path}/resume", user).json()["status"] == "active"

    @pytest.mark.parametrize("user", ["tim_sakip", "inspektorat"])
    def test_is_refused_to_others_who_see_it(self, office: Office, user: str) -> None:
        path = f"process-instances/{office.start('kasubag_perencanaan')['id']}"

        for act, body in (("suspend", None), ("resume", None), ("cancel", {"reason": "Salah."})):
            problem(office.post(f"{path}/{act}", user, body), 403, "forbidden")

    def test_twice_is_refused(self, office: Office) -> None:
        path = f"process-instances/{office.start()['id']}"
        problem(office.post(f"{path}/resume", "sekretaris"), 409, "instance-not-active")
        office.post(f"{path}/suspend", "sekretaris")

        problem(office.post(f"{path}/suspend", "sekretaris"), 409, "instance-not-active")

    def test_lets_deadlines_run_on(self, office: Office) -> None:
        instance = office.start()

        suspended = office.post(f"process-instances/{instance['id']}/suspend", "sekretaris").json()

        assert suspended["open_tasks"] == instance["open_tasks"]


class TestCancelling:
    def test_ends_it_with_its_tasks_and_waits(self, office: Office) -> None:
        instance = office.advance(office.start("sekretaris", "renja"), 9)
        assert instance["waiting_for"]

        answer = office.post(f"process-instances/{instance['id']}/cancel", "sekretaris", {"reason": " Salah tahun. "})

        after = answer.json()
        assert (after["status"], after["ended_at"]) == ("cancelled", MONDAY.isoformat())
        assert (after["open_tasks"], after["waiting_for"]) == ([], [])
        assert office.read(f"process-instances/{instance['id']}/diagram", "sekretaris")["active"] == []
        (act,) = office.read(f"process-instances/{instance['id']}/audit", "sekretaris", limit=200)["items"][-1:]
        assert (act["type"], act["data"]) == ("process_instance.cancelled", {"reason": "Salah tahun."})
        problem(office.post("messages", "sekretaris", {"name": "pengesahan_bupati"}), 404)

    def test_of_a_suspended_one_is_possible(self, office: Office) -> None:
        path = f"process-instances/{office.start()['id']}"
        office.post(f"{path}/suspend", "sekretaris")

        assert office.post(f"{path}/cancel", "sekretaris", {"reason": "Salah."}).json()["status"] == "cancelled"

    def test_is_once_for_all(self, office: Office) -> None:
        path = f"process-instances/{office.start()['id']}"
        office.post(f"{path}/cancel", "sekretaris", {"reason": "Salah."})

        for act, body in (("cancel", {"reason": "Lagi."}), ("suspend", None), ("resume", None)):
            problem(office.post(f"{path}/{act}", "sekretaris", body), 409, "instance-not-active")

    def test_of_a_completed_one_is_refused(self, office: Office) -> None:
        instance = office.advance(office.start(), 9)
        assert instance["status"] == "completed"

        answer = office.post(f"process-instances/{instance['id']}/cancel", "sekretaris", {"reason": "Salah."})

        problem(answer, 409, "instance-not-active")
        assert office.instance(instance["id"]) == instance


class TestAMessage:
    @pytest.fixture
    def waiting(self, office: Office) -> list[Json]:
        """Two instances that wait for the Bupati."""
        return [
            office.advance(office.start("sekretaris", "renja", business_key=f"R-{number}"), 9) for number in range(2)
        ]

    def message(self, office: Office, user: str = "sekretaris", **given: object) -> Json:
        answer = office.post("messages", user, {"name": "pengesahan_bupati", **given})
        assert answer.status_code == 200, answer.text
        content: Json = answer.json()
        return content

    def test_without_a_target_is_refused_where_several_instances_wait(
        self, office: Office, waiting: list[Json]
    ) -> None:
        answer = office.post("messages", "sekretaris", {"name": "pengesahan_bupati", "business_key": None})

        assert pointers(problem(answer, 422, "invalid")) == ["/business_key"]
        for one in waiting:
            assert office.instance(one["id"])["waiting_for"] == one["waiting_for"]

    def test_without_a_target_reaches_the_only_instance_that_waits(self, office: Office, waiting: list[Json]) -> None:
        self.message(office, business_key="R-0")

        assert self.message(office) == {"correlated": 1}
        assert [task["activity_no"] for task in office.instance(waiting[1]["id"])["open_tasks"]] == [10]

    def test_that_no_gateway_can_decide_with_is_refused_and_changes_nothing(self, office: Office) -> None:
        drawn = drawing(
            "kabar",
            START
            + task("biasa")
            + END
            + '<bpmn:intermediateCatchEvent id="tunggu"><bpmn:messageEventDefinition messageRef="pesan"/>'
            "</bpmn:intermediateCatchEvent>\n"
            + '<bpmn:exclusiveGateway id="pilih"/>\n'
            + chain("mulai", "tunggu", "pilih")
            + flow("pilih", "biasa", "${jumlah > 3}")
            + flow("pilih", "selesai", "${jumlah le 3}")
            + chain("biasa", "selesai"),
            lanes={"Staf": "mulai tunggu pilih biasa selesai"},
            before='<bpmn:message id="pesan" name="kabar"/>',
        )
        deployed = office.deploy(kabar=drawn)
        assert deployed.status_code == 201, deployed.text
        started = office.start("staf", "kabar", variables={})

        answer = office.post("messages", "staf", {"name": "kabar", "process_instance_id": started["id"]})

        assert problem(answer, 422, "cannot-move")["errors"][0]["element_id"] == "pilih"
        assert office.instance(started["id"], "staf")["waiting_for"] == started["waiting_for"]

    @pytest.mark.parametrize("user", ["sekretaris", "kasubag_perencanaan", "tim_renja", "bappeda"])
    def test_by_business_key_reaches_that_one(self, office: Office, waiting: list[Json], user: str) -> None:
        assert self.message(office, user, business_key="R-1") == {"correlated": 1}
        assert office.instance(waiting[0]["id"])["waiting_for"] == waiting[0]["waiting_for"]

    def test_by_instance_reaches_that_one(self, office: Office, waiting: list[Json]) -> None:
        assert self.message(office, process_instance_id=waiting[0]["id"]) == {"correlated": 1}
        assert office.instance(waiting[1]["id"])["waiting_for"] == waiting[1]["waiting_for"]

    def test_is_in_the_trail(self, office: Office, waiting: list[Json]) -> None:
        self.message(office, business_key="R-0", variables={"nomor": "188"})

        act = office.read(f"process-instances/{waiting[0]['id']}/audit", "bappeda", limit=200)
        last = act["items"][-1]
        assert (last["type"], last["actor"]) == ("message.received", "sekretaris")
        assert last["data"]["variables"] == {"nomor": "188"}

    def test_is_not_kept_for_later(self, office: Office) -> None:
        instance = office.advance(office.start("sekretaris", "renja"), 8)
        problem(office.post("messages", "sekretaris", {"name": "pengesahan_bupati"}), 404, "message-not-awaited")

        assert office.advance(instance)["waiting_for"]

    @pytest.mark.parametrize("user", ["staf", "kepala_dinas", "kepala_bidang", "admin", "inspektorat", "analis"])
    @pytest.mark.usefixtures("waiting")
    def test_by_somebody_who_takes_no_part_reaches_none(self, office: Office, user: str) -> None:
        problem(office.post("messages", user, {"name": "pengesahan_bupati"}), 404, "message-not-awaited")

    @pytest.mark.parametrize(
        "body",
        [
            {"name": "lain"},
            {"name": "pengesahan_bupati", "business_key": "R-9"},
            {"name": "pengesahan_bupati", "process_instance_id": "0190a5a0-0000-7000-8000-000000000000"},
            {"name": "pengesahan_bupati", "process_instance_id": "x"},
        ],
    )
    @pytest.mark.usefixtures("waiting")
    def test_that_nothing_waits_for_is_404(self, office: Office, body: Json) -> None:
        problem(office.post("messages", "sekretaris", body), 404)

    def test_does_not_reach_a_suspended_instance(self, office: Office, waiting: list[Json]) -> None:
        office.post(f"process-instances/{waiting[0]['id']}/suspend", "sekretaris")

        problem(office.post("messages", "sekretaris", {"name": "pengesahan_bupati", "business_key": "R-0"}), 404)
        office.post(f"process-instances/{waiting[0]['id']}/resume", "sekretaris")

        assert self.message(office, business_key="R-0") == {"correlated": 1}
