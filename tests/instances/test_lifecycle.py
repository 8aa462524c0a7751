"""The life of an instance as a whole: started, suspended, resumed and cancelled."""

from datetime import timedelta

import pytest

from tests.drawings import START, one_task
from tests.office import MONDAY, Office, pointers, problem

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
        for title in ("  ", "\u200b\u3164"):
            assert office.start("staf", "iku", title=title)["title"] == "Penyusunan Indikator Kinerja Utama (IKU)"

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

    @pytest.mark.parametrize("name", ["_x", "", "\u200b", "keputusan", "alasan", "true", "x" * 256])
    def test_of_a_process_without_a_start_form_names_its_variables_well(self, office: Office, name: str) -> None:
        office.deploy(a=one_task("a"))

        answer = office.post("process-instances", "staf", {"process_definition_key": "a", "variables": {name: 1}})

        assert pointers(problem(answer, 422, "invalid")) == [f"/variables/{name}"]

    def test_keeps_what_is_left_empty_in_the_start_form_as_null(self, office: Office) -> None:
        fields = "".join(f'<camunda:formField id="{name}" type="string"/>' for name in ("catatan", "perihal"))
        form = f"<bpmn:extensionElements><camunda:formData>{fields}</camunda:formData></bpmn:extensionElements>"
        data = one_task("bertanya").replace(
            START.encode(), f'<bpmn:startEvent id="mulai">{form}</bpmn:startEvent>'.encode()
        )
        assert office.deploy(bertanya=data).status_code == 201

        started = office.start("staf", "bertanya", variables={"perihal": "izin"})

        shown = office.read(f"process-instances/{started['id']}/variables", "staf")["variables"]
        assert shown == {"catatan": None, "perihal": "izin"}

    def test_by_the_id_of_a_version_that_is_not_in_force_yet_is_refused_with_its_day(self, office: Office) -> None:
        tomorrow = (MONDAY + timedelta(days=1)).date().isoformat()
        deployed = office.deploy(a=one_task("a", properties={"tanggal_efektif": tomorrow}))
        body = {"process_definition_id": deployed.json()["process_definitions"][0]["id"]}

        early = office.post("process-instances", "staf", body)
        # Five in the afternoon in UTC is midnight where the office is.
        office.clock.moment = MONDAY.replace(hour=17)

        content = problem(early, 422, "not-yet-in-force")
        assert tomorrow in content["detail"]
        assert pointers(content) == ["/process_definition_id"]
        assert office.post("process-instances", "staf", body).status_code == 201

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

    @pytest.mark.parametrize("reason", ["", " ", "\u200b", "\u2800\u3164", "\u00ad\ufe0f"])
    def test_needs_a_reason_that_can_be_seen(self, office: Office, reason: str) -> None:
        instance = office.start()

        answer = office.post(f"process-instances/{instance['id']}/cancel", "sekretaris", {"reason": reason})

        assert pointers(problem(answer, 422, "invalid")) == ["/reason"]
        assert office.instance(instance["id"]) == instance

    def test_of_a_suspended_one_is_possible(self, office: Office) -> None:
        path = f"process-instances/{office.start()['id']}"
        office.post(f"{path}/suspend", "sekretaris")

        assert office.post(f"{path}/cancel", "sekretaris", {"reason": "Salah."}).json()["status"] == "cancelled"

    def test_is_once_for_all(self, office: Office) -> None:
        path = f"process-instances/{office.start()['id']}"
        office.post(f"{path}/cancel", "sekretaris", {"reason": "Salah."})

        for act, body in (("cancel", {"reason": "Lagi."}), ("suspend", None), ("resume", None)):
            content = problem(office.post(f"{path}/{act}", "sekretaris", body), 409, "instance-not-active")
            assert "was cancelled" in content["detail"]

    def test_of_a_completed_one_is_refused(self, office: Office) -> None:
        instance = office.advance(office.start(), 9)
        assert instance["status"] == "completed"

        answer = office.post(f"process-instances/{instance['id']}/cancel", "sekretaris", {"reason": "Salah."})

        problem(answer, 409, "instance-not-active")
        assert office.instance(instance["id"]) == instance
