"""Instances brought into another version: the plan, what becomes of tasks and waits, who may, and many at once."""

from datetime import timedelta

from app.instances.timers import fire_due
from tests.drawings import END, START, chain, drawing, one_task, task, two_branches, with_deadline
from tests.instances.migrating import deploy, line, migrate, plan, started
from tests.office import Office, problem


class TestAMigration:
    def test_keeps_what_is_open_and_goes_on_in_the_new_version(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        target = deploy(office, "a", line("a", "satu", "baru", "dua"))
        (before,) = instance["open_tasks"]
        office.clock.advance(timedelta(days=1))

        after = migrate(office, instance, target)

        assert (after["process_definition_id"], after["process_definition_version"]) == (target, 2)
        assert after["open_tasks"] == [before]
        assert after["progress"]["activity_count"] == 3
        assert after == office.instance(instance["id"])
        assert office.advance(after)["open_tasks"][0]["element_id"] == "baru"

    def test_gives_an_open_task_the_row_the_lane_and_the_role_of_the_new_version(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        moved = line("a", "satu", "dua", lanes={"Sekretaris": "satu", "Staf": "dua"}, names={"satu": "Memeriksa"})
        target = deploy(office, "a", moved)

        (after,) = migrate(office, instance, target)["open_tasks"]

        assert (after["name"], after["lane"], after["role"]) == ("Memeriksa", "Sekretaris", "sekretaris")
        assert [one["id"] for one in office.read("tasks", "sekretaris", scope="claimable")["items"]] == [after["id"]]
        problem(office.complete(after, "staf"), 404)
        assert office.complete(after, "sekretaris").status_code == 200

    def test_takes_a_task_from_somebody_who_does_not_hold_its_new_role(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu"))
        target = deploy(office, "a", line("a", "satu", lanes={"Sekretaris": "satu"}))
        (before,) = instance["open_tasks"]
        office.post(f"tasks/{before['id']}/claim", "staf")

        told = plan(office, instance, target)
        (after,) = migrate(office, instance, target)["open_tasks"]

        assert (told["tasks"][0]["assignee_before"], told["tasks"][0]["assignee_after"]) == ("staf", None)
        assert [finding["code"] for finding in told["findings"]] == ["assignee-released"]
        assert after["assignee"] is None
        assert office.read(f"tasks/{after['id']}", "sekretaris")["claimed_at"] is None

    def test_leaves_a_task_with_somebody_who_holds_both_roles(self, office: Office) -> None:
        office.hire("rangkap", "staf@disnaker", "sekretaris@disnaker")
        instance = started(office, "a", line("a", "satu"))
        target = deploy(office, "a", line("a", "satu", lanes={"Sekretaris": "satu"}))
        claimed = office.post(f"tasks/{instance['open_tasks'][0]['id']}/claim", "rangkap").json()

        (after,) = migrate(office, instance, target)["open_tasks"]

        assert after["assignee"] == "rangkap"
        assert office.read(f"tasks/{after['id']}", "rangkap")["claimed_at"] == claimed["claimed_at"]

    def test_gives_a_task_that_loses_its_lane_to_the_starter(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu"))
        target = deploy(office, "a", drawing("a", START + task("satu") + END + chain("mulai", "satu", "selesai")))

        (after,) = migrate(office, instance, target)["open_tasks"]

        assert (after["role"], after["assignee"]) == (None, "staf")
        assert office.complete(after, "staf").json()["process_instance"]["status"] == "completed"

    def test_does_not_move_a_deadline_or_a_timer(self, office: Office) -> None:
        instance = started(office, "tenggat", with_deadline())
        target = deploy(office, "tenggat", with_deadline(duration="PT9H"))
        office.clock.advance(timedelta(hours=1))

        after = migrate(office, instance, target)

        assert after["waiting_for"] == instance["waiting_for"]
        office.clock.advance(timedelta(hours=1))
        state = office.app.state
        assert fire_due(office.database, state.directory, state.catalogue, office.clock) == 1
        assert office.instance(instance["id"])["open_tasks"][0]["element_id"] == "naik"

    def test_arms_a_timer_that_is_new_and_disarms_one_that_is_gone(self, office: Office) -> None:
        instance = started(office, "tenggat", with_deadline())
        other = deploy(office, "tenggat", line("tenggat", "biasa", "naik"))
        again = deploy(office, "tenggat", with_deadline(duration="PT5H"))
        office.clock.advance(timedelta(hours=1))

        disarmed = plan(office, instance, other)
        after = migrate(office, instance, other)
        armed = plan(office, instance, again)
        back = migrate(office, after, again)

        assert [(wait["element_id"], wait["becomes"]) for wait in disarmed["waits"]] == [("waktu", "ended")]
        assert after["waiting_for"] == []
        (wait,) = armed["waits"]
        assert (wait["element_id"], wait["element_id_after"], wait["becomes"]) == (None, "waktu", "begun")
        assert wait["due_at"] == "2026-08-03T09:00:00+00:00"
        assert [one["due_at"] for one in back["waiting_for"]] == [wait["due_at"]]

    def test_opens_at_once_what_a_join_need_not_wait_for_any_more(self, office: Office) -> None:
        instance = started(office, "cabang", two_branches())
        answer = office.complete(instance["open_tasks"][0])
        assert answer.status_code == 200
        single = (
            START
            + '<bpmn:parallelGateway id="pisah"/>\n<bpmn:parallelGateway id="gabung"/>\n'
            + task("satu")
            + task("dua")
            + task("akhir")
            + END
            + '<bpmn:endEvent id="selesai_dua"/>\n'
            + chain("mulai", "pisah", "satu", "gabung", "akhir", "selesai")
            + chain("pisah", "dua", "selesai_dua")
        )
        lanes = {"Staf": "satu akhir", "Sekretaris": "dua"}
        target = deploy(office, "cabang", drawing("cabang", single, lanes=lanes))

        told = plan(office, instance, target)
        after = migrate(office, instance, target)

        assert [row["element_id"] for row in told["tasks_opened"]] == ["akhir"]
        assert told["joins"] == [
            {
                "element_id_before": "gabung",
                "element_id_after": "gabung",
                "flow_before": "satu_gabung",
                "flow_after": "satu_gabung",
            }
        ]
        assert sorted(one["element_id"] for one in after["open_tasks"]) == ["akhir", "dua"]
        assert after == office.instance(instance["id"])

    def test_keeps_the_counts_of_what_still_exists(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        instance = office.advance(instance)
        target = deploy(office, "a", line("a", "pertama", "dua"))

        migrate(office, instance, target, satu="pertama")

        shown = office.read(f"process-instances/{instance['id']}/diagram", "staf")
        assert shown["visits"] == {"mulai": 1, "pertama": 1, "dua": 1}
        assert shown["flows_taken"] == {}
        assert shown["xml_url"].endswith(f"{target}/xml")

    def test_is_an_act_in_the_trail_with_both_versions_and_the_mapping(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        target = deploy(office, "a", line("a", "pertama", "dua"))

        migrate(office, instance, target, satu="pertama")

        path = f"process-instances/{instance['id']}/audit"
        act = office.read(path, "inspektorat")["items"][-1]
        assert (act["type"], act["actor"]) == ("process_instance.migrated", "analis")
        data = act["data"]
        assert data["before"] == {"process_definition_id": instance["process_definition_id"], "version": 1}
        assert data["after"] == {"process_definition_id": target, "version": 2}
        assert data["mapping"] == {"satu": "pertama"}
        assert [(one["element_id"], one["element_id_after"]) for one in data["tasks"]] == [("satu", "pertama")]
        assert office.read(f"{path}/verify", "inspektorat")["valid"] is True

    def test_goes_back_to_an_older_version_as_well(self, office: Office) -> None:
        first = deploy(office, "a", line("a", "satu", "dua"))
        deploy(office, "a", line("a", "satu", "baru", "dua"))
        instance = office.start("staf", "a", variables={})

        after = migrate(office, instance, first)

        assert after["process_definition_version"] == 1
        assert office.advance(after)["open_tasks"][0]["element_id"] == "dua"

    def test_leaves_a_stopped_instance_stopped(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        office.post(f"process-instances/{instance['id']}/suspend", "staf")
        target = deploy(office, "a", line("a", "satu", "baru", "dua"))

        after = migrate(office, instance, target)

        assert after["status"] == "suspended"
        problem(office.complete(after["open_tasks"][0]), 409, "instance-not-active")
        assert office.post(f"process-instances/{instance['id']}/resume", "staf").json()["status"] == "active"

    def test_is_done_once_with_its_key(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        target = deploy(office, "a", line("a", "satu", "baru", "dua"))
        path, body = f"process-instances/{instance['id']}/migrate", {"process_definition_id": target}

        first = office.post(path, "analis", body, key="sekali")
        again = office.post(path, "analis", body, key="sekali")

        assert (first.status_code, again.status_code) == (200, 200)
        assert first.content == again.content
        assert len(office.read(f"process-instances/{instance['id']}/audit", "staf")["items"]) == 2


class TestAPlan:
    def test_does_nothing(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        target = deploy(office, "a", line("a", "satu", "baru", "dua"))

        told = plan(office, instance, target)

        assert told["allowed"]
        assert office.instance(instance["id"]) == instance
        assert len(office.read(f"process-instances/{instance['id']}/audit", "staf")["items"]) == 1

    def test_tells_which_rows_and_variables_come_and_go(self, office: Office) -> None:
        form = '<camunda:formField id="{}" label="x" type="string"/>'
        extension = "<bpmn:extensionElements><camunda:formData>{}</camunda:formData></bpmn:extensionElements>"

        def version(field: str, row: str, name: str) -> bytes:
            start = f'<bpmn:startEvent id="mulai">{extension.format(form.format(field))}</bpmn:startEvent>'
            body = start + task("satu") + task(row, name) + END + chain("mulai", "satu", row, "selesai")
            return drawing("a", body, lanes={"Staf": f"satu {row}"})

        deploy(office, "a", version("lama", "dua", "Memeriksa berkas"))
        instance = office.start("staf", "a", variables={"lama": "x"})
        target = deploy(office, "a", version("baru", "tiga", "Mengirim surat pengantar"))

        told = plan(office, instance, target)

        assert (told["variables_lost"], told["variables_missing"]) == (["lama"], ["baru"])
        assert [row["element_id"] for row in told["rows_added"]] == ["tiga"]
        assert [row["element_id"] for row in told["rows_removed"]] == ["dua"]

    def test_is_told_as_a_text_in_both_languages(self, office: Office) -> None:
        instance = started(office, "tenggat", with_deadline())
        office.post(f"tasks/{instance['open_tasks'][0]['id']}/claim", "staf")
        moved = line("tenggat", "biasa", "naik", lanes={"Sekretaris": "biasa naik"}, names={"biasa": "Meneliti"})

        told = plan(office, instance, deploy(office, "tenggat", moved))

        assert told["text"].splitlines() == [
            "Berkas 'Proses tenggat': dari versi 1 ke versi 2.",
            "Dapat dipindahkan.",
            "Tugas yang terbuka:",
            "- tugas 'biasa' (Staf) menjadi tugas 'Meneliti' (Sekretaris Dinas)",
            "Yang ditunggu:",
            "- waktu pada 'waktu': tidak ditunggu lagi",
            "Perlu diketahui:",
            *(f"- {finding['message']}" for finding in told["findings"]),
        ]
        assert {finding["code"] for finding in told["findings"]} == {"assignee-released", "disarmed"}
        assert (
            told["text_en"].splitlines()[3]
            == "- the task 'biasa' (Staf) becomes the task 'Meneliti' (Sekretaris Dinas)"
        )
        assert len(told["text_en"].splitlines()) == len(told["text"].splitlines())

    def test_tells_an_analyst_which_cases_there_are_and_none_of_their_values(self, office: Office) -> None:
        source = deploy(office, "a", line("a", "satu", "dua"))
        secret = "1505-rahasia"
        started = [office.start("staf", "a", variables={"nik": secret}, business_key=f"A-{n}") for n in (1, 2)]
        body = {"from_process_definition_id": source, "dry_run": True}
        body["process_definition_id"] = deploy(office, "a", line("a", "satu", "baru"))

        answer = office.post("process-instances/migrate", "analis", body)

        plans = [one["result"] for one in answer.json()["results"]]
        assert [one["business_key"] for one in plans] == ["A-1", "A-2"]
        assert [one["tasks"][0]["before"]["element_id"] for one in plans] == ["satu", "satu"]
        assert secret not in answer.text
        problem(office.get(f"process-instances/{started[0]['id']}/variables", "analis"), 404)

    def test_says_that_a_repeated_task_keeps_the_number_that_it_was_begun_with(self, office: Office) -> None:
        def version(times: int) -> bytes:
            loop = (
                "<bpmn:multiInstanceLoopCharacteristics>"
                f"<bpmn:loopCardinality>{times}</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>"
            )
            body = START + task("rekap", "Merekap", loop) + END + chain("mulai", "rekap", "selesai")
            return drawing("a", body, lanes={"Staf": "rekap"})

        instance = started(office, "a", version(2))
        target = deploy(office, "a", version(5))

        told = plan(office, instance, target)

        (finding,) = told["findings"]
        assert (told["allowed"], finding["severity"], finding["code"]) == (True, "warning", "times-kept")
        assert f"- {finding['message']}" in told["text"].splitlines()
        assert f"- {finding['message_en']}" in told["text_en"].splitlines()
        assert len(migrate(office, instance, target)["open_tasks"]) == 2

    def test_of_what_cannot_be_names_the_element_and_the_remedy_in_both_languages(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu", "dua"))
        target = deploy(office, "a", line("a", "dua"))

        told = plan(office, instance, target)
        answer = office.post(f"process-instances/{instance['id']}/migrate", "analis", {"process_definition_id": target})

        (finding,) = told["findings"]
        assert told["allowed"] is False
        assert (finding["severity"], finding["code"], finding["element_id"]) == ("error", "no-counterpart", "satu")
        assert "mapping" in finding["remedy"]
        assert "mapping" in finding["remedy_en"]
        assert f"- {finding['message']} {finding['remedy']}" in told["text"].splitlines()
        assert "- tugas 'satu' (Staf) tidak ada padanannya" in told["text"].splitlines()
        assert told["tasks"][0]["after"] is None
        content = problem(answer, 409, "migration-refused")
        assert content["errors"] == [finding]
        assert office.instance(instance["id"]) == instance

    def test_does_not_take_another_row_for_the_same_because_it_has_its_number_now(self, office: Office) -> None:
        """A diagram drawn anew from its table numbers its elements anew."""
        names = {"r1": "Menyusun rancangan awal dokumen", "r2": "Memeriksa kelengkapan berkas usulan"}
        instance = started(office, "a", line("a", "r1", "r2", names=names))
        instance = office.advance(instance)
        redrawn = {"r1": names["r1"], "r2": "Mengumpulkan data dari semua bidang", "r3": names["r2"]}
        target = deploy(office, "a", line("a", "r1", "r2", "r3", names=redrawn))

        told = plan(office, instance, target)
        followed = plan(office, instance, target, **told["suggested_mapping"])

        assert [(one["code"], one["element_id"]) for one in told["findings"]] == [("row-elsewhere", "r2")]
        assert told["suggested_mapping"] == {"r2": "r3"}
        assert followed["allowed"]
        assert followed["tasks"][0]["after"]["name"] == names["r2"]
        assert plan(office, instance, target, r2="r2")["allowed"]

    def test_to_the_version_that_it_has_is_refused(self, office: Office) -> None:
        instance = started(office, "a", line("a", "satu"))

        told = plan(office, instance, instance["process_definition_id"])

        assert [finding["code"] for finding in told["findings"]] == ["same-version"]

    def test_to_a_version_that_is_not_in_force_yet_is_refused_until_its_day(self, office: Office) -> None:
        instance = started(office, "a", one_task("a"))
        target = deploy(office, "a", one_task("a", name="Nanti", properties={"tanggal_efektif": "2026-08-05"}))

        told = plan(office, instance, target)
        office.clock.advance(timedelta(days=2))

        assert [finding["code"] for finding in told["findings"]] == ["not-yet-in-force"]
        assert "2026-08-05" in told["findings"][0]["message"]
        assert migrate(office, instance, target)["open_tasks"][0]["name"] == "Nanti"
